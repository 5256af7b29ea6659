"""Man page and completions as the build has written them: real man, bash, zsh and fish take them."""

import re
import shutil
import subprocess

import pytest

import missing
from harness import BINARY, REPOSITORY
from screen import Screen
from test_golden import COMMANDS

SHARE = BINARY.parent / "share"
MAN = SHARE / "man/man1/heare-auth.1"
BASH = SHARE / "bash-completion/completions/heare-auth"
FISH = SHARE / "fish/vendor_completions.d/heare-auth.fish"
LOCALE = {"LC_ALL": "C.UTF-8", "MANWIDTH": "100", "MAN_KEEP_FORMATTING": "", "MANPAGER": "cat"}


def zsh_folder():
    (path,) = (SHARE / "zsh").glob("*/_heare-auth")
    return path.parent


def tool(name):
    return name if shutil.which(name) else missing.skip(f"{name} is not here: `./dev deps test` installs it")


# --- Man page


@pytest.fixture(scope="module")
def manual():
    """The page as it is read, each run of white space one space."""
    finished = subprocess.run(
        [tool("man"), "--warnings", "-E", "UTF-8", "-l", MAN], env={"PATH": "/usr/bin:/bin", **LOCALE},
        capture_output=True, text=True, check=True,
    )
    assert finished.stderr == ""
    return re.sub(r"\s+", " ", finished.stdout)


def test_the_page_has_its_sections(manual):
    sections = ("NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "COMMON OPTIONS", "ENVIRONMENT", "FILES", "EXIT STATUS")
    places = [manual.find(f" {section} ") for section in sections]
    assert -1 not in places and places == sorted(places)
    assert "heare-auth - A self-hosted API key service" in manual


@pytest.mark.parametrize("command", COMMANDS)
def test_the_page_tells_what_the_help_of_a_command_tells(world, manual, command):
    help_text = world.ok(command, "--help").stdout
    assert f"heare-auth {command} " in manual
    assert re.sub(r"\s+", " ", help_text.split("\n\n")[0]).strip() in manual
    for name in re.findall(r"--[a-z][a-z-]+", help_text):
        assert f"{name} " in manual
    for variable in re.findall(r"\(([A-Z][A-Z0-9_]+)[,)]", help_text):
        assert f"{variable} Stands for" in manual


def test_what_is_made_twice_is_the_same(world):
    assert world.ok("generate", "man").stdout == MAN.read_text()
    assert world.ok("generate", "bash").stdout == BASH.read_text()


def test_it_is_made_without_a_configuration(world):
    (world.home / ".heare-auth.toml").write_text("broken")
    assert world.ok("generate", "fish").stdout == FISH.read_text()


def test_generate_says_what_it_makes(world):
    for arguments in ((), ("powershell",), ("man", "bash")):
        finished = world.run("generate", *arguments)
        assert (finished.code, finished.stdout) == (2, "")
        assert "generate: give man, bash, zsh or fish" in finished.stderr


def test_what_is_installed_is_where_it_is_looked_for(tmp_path):
    subprocess.run(
        [tool("cmake"), "--install", BINARY.parent, "--prefix", tmp_path], stdout=subprocess.DEVNULL, check=True,
    )
    for path in (BINARY, MAN, BASH, FISH):
        installed = tmp_path / "bin/heare-auth" if path == BINARY else tmp_path / path.relative_to(BINARY.parent)
        assert installed.stat().st_size == path.stat().st_size
    assert (tmp_path / "bin/heare-auth").stat().st_mode & 0o111 == 0o111


# --- Completions


PROMPT = "ask> "


def start_bash(environment, folder):
    screen = Screen([tool("bash"), "--norc", "--noprofile", "-i"], environment, columns=300, cwd=folder)
    screen.type(f"PS1='{PROMPT}'; bind 'set show-all-if-ambiguous on'; . {BASH}; echo rea''dy\n")
    return screen


def start_zsh(environment, folder):
    screen = Screen([tool("zsh"), "-f", "-i"], environment, columns=300, cwd=folder)
    screen.type(f"PS1='{PROMPT}'; fpath=({zsh_folder()} $fpath); autoload -Uz compinit; compinit -u -D; echo rea''dy\n")
    return screen


@pytest.fixture(scope="module", params=[start_bash, start_zsh], ids=["bash", "zsh"])
def shell(request, tmp_path_factory):
    """An interactive shell with the completions, in a folder with one file."""
    folder = tmp_path_factory.mktemp("completions")
    (folder / "lines of keys.jsonl").touch()
    environment = {"PATH": f"{BINARY.parent}:/usr/bin:/bin", "HOME": str(folder), "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    with request.param(environment, folder) as screen:
        screen.wait_for(rf"\bready\s[^']*{PROMPT}")
        yield screen


def completed(shell, typed, expected):
    """Types `typed` and Tab, waits until `expected` is there, and takes the line back; what was shown. At the prompt,
    not before: zsh takes a Tab among other input for a Tab."""
    beginning = len(shell.text)
    shell.type(f"{typed}\t")
    shell.wait_for(expected, beginning)
    shell.type("\x15")
    # Only once the shell has done all before: nothing of it must be taken for an answer to the next question.
    shell.type(f"echo do''ne{beginning}\n")
    end = shell.wait_for(rf"\r\ndone{beginning}\r\n[^']*{PROMPT}", beginning)
    return shell.text[beginning : end.start()]


UNIQUE = [
    ("heare-auth cre", r"heare-auth create "),
    ("heare-auth --vers", r"--version "),
    ("heare-auth list --expiring", r"--expiring-within"),
    ("heare-auth list --sort cr", r"--sort created "),
    ("heare-auth list --sort=na", r"--sort=name "),
    ("heare-auth create --secret-storage ha", r"--secret-storage hashed "),
    ("heare-auth create --name list --secret-storage=pl", r"--secret-storage=plain "),
    ("heare-auth serve --log-level w", r"--log-level warning "),
    ("heare-auth import --no-ref", r"--no-refresh "),
    ("heare-auth import lin", r"lines\\ of\\ keys\.jsonl "),
    ("heare-auth serve --cache-file lin", r"lines\\ of\\ keys\.jsonl "),
]


@pytest.mark.parametrize(("typed", "expected"), UNIQUE, ids=[typed for typed, _ in UNIQUE])
def test_tab_completes(shell, typed, expected):
    completed(shell, typed, expected)


def test_tab_shows_every_command(shell):
    text = completed(shell, "heare-auth ", r"verify")
    assert not [command for command in COMMANDS if command not in text]


def test_tab_shows_the_options_of_that_command(shell):
    text = completed(shell, "heare-auth list --s", r"--storage-secret-file")
    assert "--sort" in text and "--secret-storage" not in text


def test_tab_shows_every_value(shell):
    text = completed(shell, "heare-auth list --sort ", r"name")
    assert all(value in text for value in ("name", "created", "expires", "id"))


# --- fish


def test_fish_completes(world):
    def fish(line):
        """What fish would offer for `line`."""
        script = f"source {FISH}; complete -C '{line}'"
        finished = subprocess.run(
            [tool("fish"), "--no-config", "-c", script], env=world.environment({"PATH": "/usr/bin:/bin"}),
            capture_output=True, text=True, check=True, cwd=REPOSITORY / "tests/data",
        )
        return [offer.split("\t")[0] for offer in finished.stdout.splitlines()]

    assert fish("heare-auth cre") == ["create"]
    assert set(COMMANDS) == set(fish("heare-auth "))
    assert fish("heare-auth list --expiring") == ["--expiring-within"]
    assert sorted(fish("heare-auth list --sort ")) == ["created", "expires", "id", "name"]
    assert fish("heare-auth serve --log-level=w") == ["--log-level=warning"]
    assert fish("heare-auth create --name list --so") == []
    assert fish("heare-auth import pl") == ["plain.json"]
    assert fish("heare-auth serve --cache-file pl") == ["plain.json"]
    assert fish("heare-auth list pl") == []
