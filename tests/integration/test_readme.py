"""The README keeps its word: its commands work as they stand, and it knows every option."""

import re
import subprocess

import pytest

from harness import BINARY, REPOSITORY, SECRET

README = REPOSITORY / "README.md"
COMMANDS = (
    "serve", "create", "list", "show", "update", "enable", "disable", "rotate", "delete", "verify", "inspect", "import",
    "export", "migrate", "refresh", "doctor", "health",
)


def readme():
    return README.read_text()


def shell_commands(text):
    """Every command of the README's code blocks, continued lines joined, without prompts and comments."""
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            yield re.sub(r"^\$ ", "", line).strip()


def the_command(beginning, containing):
    found = [line for line in shell_commands(readme()) if line.startswith(beginning) and containing in line]
    assert found, f"no command of README.md begins with {beginning} and has {containing}"
    return found[0]


def run(command, world, service):
    """Runs a command of the README, against this world's service instead of the one on the default port."""
    command = re.sub(r"(\./)?build/release/heare-auth|^heare-auth", '"$HEARE_AUTH"', command)
    command = command.replace(":8080", f":{service.port}")
    env = world.environment({"HEARE_AUTH": BINARY, "PORT": service.port})
    return subprocess.run(["bash", "-c", command], env=env, capture_output=True, text=True, check=True, timeout=60)


def test_the_first_key_is_made_and_verified_as_it_says(world, service):
    made = run(the_command("build/release/heare-auth create", "--metadata"), world, service)
    assert "✓ Service refreshed - 1 keys loaded" in made.stdout
    secret = SECRET.search(made.stdout).group()
    command = re.sub(r"sec_[^\"'\s]*", secret, the_command("curl", "/verify"))
    assert secret in command
    assert '"valid":true' in run(command, world, service).stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_and_variable_of_a_command_is_in_it(world, command):
    help_text = world.ok(command, "--help").stdout
    names = set(re.findall(r"--[a-z][a-z-]+|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", help_text)) - {"KEY_ID"}
    assert not {name for name in names if name not in readme()}


# --- links, of every document -----------------------------------------------------------------------------------------

DOCUMENTS = sorted(
    path for path in REPOSITORY.rglob("*.md")
    if not {"build", ".git", "node_modules"} & set(path.relative_to(REPOSITORY).parts)
)


def without_code(text):
    """Markdown without its code blocks and pieces of code, where nothing is a link or a heading."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", lambda match: match.group().replace("](", "] ("), text)


def anchors(document):
    """As GitHub names them: of the heading's text letters, digits, `-` and `_` in lower case, spaces as `-`, and `-1`
    and so on where there was one of that name."""
    seen = {}
    for heading in re.findall(r"^#{1,6} +(.*?)#*$", without_code(document.read_text()), re.MULTILINE):
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        name = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        count = seen[name] = seen.get(name, -1) + 1
        yield f"{name}-{count}" if count else name


def links(document):
    text = without_code(document.read_text())
    yield from re.findall(r"\]\(<?([^)>\s]+)>?[^)]*\)", text)
    yield from re.findall(r"^\[[^]]+\]:\s*(\S+)", text, re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_its_links_lead_somewhere(document):
    for target in links(document):
        if re.match(r"[a-z]+:", target):
            assert target.startswith(("https://", "http://localhost")), f"{document.name} → {target}"
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        assert file.exists(), f"{document.name} → {target}"
        assert file.is_relative_to(REPOSITORY), f"{document.name} → {target}: outside of the project"
        if anchor and file.suffix == ".md":
            assert anchor in set(anchors(file)), f"{document.name} → {target}: there is no such heading"


def test_a_link_that_leads_nowhere_would_be_seen(tmp_path):
    document = tmp_path / "a.md"
    document.write_text("# A `code` *heading*!\n## Twice\n## Twice\n[x](b.md#y) `[no](c)`\n```\n# no\n[no](d)\n```\n")
    assert list(anchors(document)) == ["a-code-heading", "twice", "twice-1"]
    assert list(links(document)) == ["b.md#y"]
