"""What people read, as a whole: each command's output against tests/golden, ids, secrets and times masked.

HEARE_UPDATE_GOLDEN=1 writes the files anew; read the difference before committing it.
"""

import os
import re

import pytest

from harness import REPOSITORY, masked

GOLDEN = REPOSITORY / "tests/golden"
COMMANDS = ("serve", "create", "list", "show", "delete", "refresh", "doctor", "health")
DOCUMENT = """{"keys": [
  {"id": "key_0001xVceXj6hR4dZO53", "secret": "sec_a", "name": "My Service", "secret_type": "shared_secret",
   "created_at": "2026-01-20T10:30:00.123456Z", "updated_at": null, "expires_at": null,
   "metadata": {"env": "prod", "n": 1.50}},
  {"id": "key_two", "secret": "sec_b", "name": "Brüder ✓ 🔑", "expires_at": "2020-01-01", "owner": "team a"},
  {"id": "key_three", "secret_sha256": "0000000000000000000000000000000000000000000000000000000000000000",
   "name": "Off\\u001b[31m\\n", "enabled": false, "scopes": ["a:*", "b"], "x_custom": [1]},
  {"id": "key_four", "secret": "sec_d"}
]}
"""


def named(command, options):
    """create and --json: create-json."""
    return "-".join((command, *(option.lstrip("-") for option in options)))


def check(name, finished, world, service=None):
    text = f"exit code {finished.code}\n--- standard output\n{finished.stdout}--- standard error\n{finished.stderr}"
    text = masked(text).replace(str(world.home), "<home>").replace(str(REPOSITORY), "<repository>")
    text = re.sub(r"heare-auth \d+\.\d+\.\d+\S*", "heare-auth <version>", text)
    if service:
        text = text.replace(str(service.port), "<port>")
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("HEARE_UPDATE_GOLDEN"):
        path.write_text(text)
    assert path.exists(), f"{path} is not there; HEARE_UPDATE_GOLDEN=1 makes it"
    assert text == path.read_text()


@pytest.fixture
def filled(world):
    world.put_document(DOCUMENT)
    return world


@pytest.fixture
def port(filled):
    service = filled.serve()
    return service, {"PORT": service.port}


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help(world, command):
    check(f"help-{command or 'all'}", world.run(*command.split(), "--help"), world)


def test_version(world):
    check("version", world.run("--version"), world)


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["plain", "json"])
def test_create(filled, port, options):
    service, env = port
    arguments = ("create", "--name", "New", "--metadata", '{"a": [1, {}]}', "--expires-at", "2999-01-01")
    check(named("create", options), filled.run(*arguments, *options, env=env), filled, service)


@pytest.mark.parametrize("options", [(), ("--detailed",), ("--json",)], ids=["plain", "detailed", "json"])
def test_list(filled, options):
    check(named("list", options), filled.run("list", *options), filled)


@pytest.mark.parametrize("options", [(), ("--detailed",), ("--json",)], ids=["plain", "detailed", "json"])
def test_list_without_keys(world, options):
    check(named("list-empty", options), world.run("list", *options), world)


@pytest.mark.parametrize("key_id", ["key_0001xVceXj6hR4dZO53", "key_two", "key_three", "key_four", "key_nobody"])
@pytest.mark.parametrize("options", [(), ("--json",)], ids=["plain", "json"])
def test_show(filled, key_id, options):
    shown = key_id.replace("key_0001xVceXj6hR4dZO53", "key_one")
    check(named(f"show-{shown}", options), filled.run("show", key_id, *options), filled)


@pytest.mark.parametrize("options", [("--yes",), ("--yes", "--json")], ids=["plain", "json"])
def test_delete(filled, port, options):
    service, env = port
    check(named("delete", options), filled.run("delete", "key_two", *options, env=env), filled, service)


@pytest.mark.parametrize(("answer", "stdin"), [("no", "n\n"), ("yes", "y\n")])
def test_delete_asks(filled, port, answer, stdin):
    service, env = port
    check(f"delete-answered-{answer}", filled.run("delete", "key_two", stdin=stdin, env=env), filled, service)


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["plain", "json"])
def test_refresh(filled, port, options):
    service, env = port
    check(named("refresh", options), filled.run("refresh", *options, env=env), filled, service)


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["plain", "json"])
def test_health(filled, port, options):
    service, env = port
    check(named("health", options), filled.run("health", *options, env=env), filled, service)


def test_health_without_a_service(world):
    check("health-without-a-service", world.run("health", "--url", "http://127.0.0.1:1/health"), world)


def test_create_without_a_service(filled):
    finished = filled.run("create", "--name", "New", "--refresh-url", "http://127.0.0.1:1/refresh")
    check("create-without-a-service", finished, filled)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("nothing", ()),
        ("unknown-command", ("craete",)),
        ("unknown-option", ("list", "--nonsense")),
        ("missing-name", ("create",)),
        ("missing-id", ("show",)),
        ("bad-expiry", ("create", "--name", "x", "--expires-at", "tomorow")),
        ("bad-metadata", ("create", "--name", "x", "--metadata", "[]")),
        ("bad-port", ("serve", "--port", "http")),
        ("bad-store", ("list", "--store", "ftp://x")),
    ],
)
def test_wrong_usage(world, name, arguments):
    check(f"usage-{name}", world.run(*arguments), world)
