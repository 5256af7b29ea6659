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


def test_its_links_lead_somewhere():
    for document in REPOSITORY.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text()):
            if not target.startswith(("http://", "https://")):
                assert (document.parent / target).exists(), f"{document.name} → {target}"
