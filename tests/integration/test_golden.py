"""What people read, as a whole: each command's output against tests/golden, ids, secrets and times masked.

HEARE_UPDATE_GOLDEN=1 writes the files anew; read the difference before committing it.
"""

import os
import re

import pytest

from harness import REPOSITORY, masked

GOLDEN = REPOSITORY / "tests/golden"
COMMANDS = (
    "serve", "create", "list", "show", "update", "enable", "disable", "rotate", "delete", "verify", "inspect", "import",
    "export", "migrate", "refresh", "doctor", "health",
)
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
LINES = """{"id": "key_five", "secret": "sec_e", "name": "Five", "scopes": ["a"]}
{"id": "key_six", "secret_sha256": "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", "expires_at": "soon"}
"""
BOTH = pytest.mark.parametrize("options", [(), ("--json",)], ids=["plain", "json"])


def named(command, options):
    """create and --json: create-json."""
    return "-".join((command, *(option.lstrip("-") for option in options)))


def check(name, finished, world, service=None):
    text = f"exit code {finished.code}\n--- standard output\n{finished.stdout}--- standard error\n{finished.stderr}"
    text = masked(text).replace(str(world.home), "<home>").replace(str(REPOSITORY), "<repository>")
    text = re.sub(r"heare-auth \d+\.\d+\.\d+\S*", "heare-auth <version>", text)
    text = re.sub(r"after \d+ ms", "after <n> ms", text)
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


@BOTH
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
@BOTH
def test_show(filled, key_id, options):
    shown = key_id.replace("key_0001xVceXj6hR4dZO53", "key_one")
    check(named(f"show-{shown}", options), filled.run("show", key_id, *options), filled)


@BOTH
def test_create_with_owner_and_scopes(filled, options):
    arguments = ("create", "--name", "New", "--owner", "team a", "--scope", "a:*", "--scope", "b", "--no-refresh")
    check(named("create-owner", options), filled.run(*arguments, *options), filled)


@BOTH
@pytest.mark.parametrize("command", ["enable", "disable"])
def test_enable_and_disable(filled, port, command, options):
    service, env = port
    check(named(command, options), filled.run(command, "key_three", *options, env=env), filled, service)


@BOTH
def test_update(filled, port, options):
    service, env = port
    arguments = ("update", "key_two", "--name", "Brothers", "--metadata", '{"n": 1.50}', "--expires-at", "2999-01-01",
                 "--owner", "", "--scope", "a:*", "--scope", "b")
    check(named("update", options), filled.run(*arguments, *options, env=env), filled, service)


def test_update_of_a_key_that_is_not_there(filled):
    check("update-key_nobody", filled.run("update", "key_nobody", "--name", "x"), filled)


@BOTH
@pytest.mark.parametrize("key_id", ["key_0001xVceXj6hR4dZO53", "key_two", "key_three"])
def test_rotate(filled, port, key_id, options):
    """With a plain secret and grace, of a key that has expired, of one that is disabled."""
    service, env = port
    shown = key_id.replace("key_0001xVceXj6hR4dZO53", "key_one")
    check(named(f"rotate-{shown}", options), filled.run("rotate", key_id, "--grace", "24h", *options, env=env), filled,
          service)


@BOTH
def test_rotate_without_grace_or_service(filled, options):
    finished = filled.run("rotate", "key_four", "--refresh-url", "http://127.0.0.1:1/refresh", *options)
    check(named("rotate-without-a-service", options), finished, filled)


@BOTH
def test_show_after_a_rotation(filled, options):
    filled.ok("rotate", "key_four", "--grace", "24h", "--no-refresh")
    check(named("show-rotated", options), filled.run("show", "key_four", *options), filled)


@BOTH
@pytest.mark.parametrize(
    ("name", "secret"),
    [("good", "sec_a\n"), ("expired", "sec_b"), ("not-found", "sec_nobody"), ("nothing", "")],
)
def test_verify(filled, name, secret, options):
    check(named(f"verify-{name}", options), filled.run("verify", *options, stdin=secret), filled)


@BOTH
def test_verify_that_cannot_tell(world, options):
    world.put_document("{}")
    check(named("verify-broken", options), world.run("verify", *options, stdin="sec_a"), world)


@BOTH
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("id", "key_0001xVceXj6hR4dZO53\n"),
        ("secret", "sec_0001xVnMwh3GM64hoH3T7gw0KOQsAvgDZq9rQ9BS8my7CMqAtKeid04g3gld"),
        ("other", "mycompany_BRTRKFsL_51FwqftsmMDHHbJAMEXXHCgG"),
    ],
)
def test_inspect(world, name, text, options):
    check(named(f"inspect-{name}", options), world.run("inspect", *options, stdin=text), world)


@BOTH
def test_import(world, options):
    env = {"PORT": world.serve().port}
    check(named("import", options), world.run("import", "-", *options, stdin=LINES, env=env), world)


@BOTH
@pytest.mark.parametrize(
    ("name", "text"),
    [("bad-line", '{"secret": "x"}\n{"secret": "x'), ("there", '{"id": "x", "secret": "sec_a"}\n')],
)
def test_import_that_is_refused(filled, name, text, options):
    check(named(f"import-{name}", options), filled.run("import", "-", *options, stdin=text), filled)


@BOTH
def test_import_of_a_digest_beside_plain_secrets(world, options):
    world.put_document('{"keys": [{"id": "key_a", "secret": "sec_a"}]}')
    check(named("import-digest", options), world.run("import", "-", *options, stdin=LINES), world)


@BOTH
@pytest.mark.parametrize("redact", [(), ("--redact",)], ids=["whole", "redacted"])
def test_export(filled, redact, options):
    check(named("export", redact + options), filled.run("export", *redact, *options), filled)


@BOTH
def test_export_of_nothing(world, options):
    check(named("export-empty", options), world.run("export", *options), world)


@BOTH
def test_migrate(filled, port, options):
    service, env = port
    check(named("migrate", options), filled.run("migrate", "--hash-secrets", *options, env=env), filled, service)


@pytest.mark.parametrize("options", [("--yes",), ("--yes", "--json")], ids=["plain", "json"])
def test_delete(filled, port, options):
    service, env = port
    check(named("delete", options), filled.run("delete", "key_two", *options, env=env), filled, service)


@pytest.mark.parametrize(("answer", "stdin"), [("no", "n\n"), ("yes", "y\n")])
def test_delete_asks(filled, port, answer, stdin):
    service, env = port
    check(f"delete-answered-{answer}", filled.run("delete", "key_two", stdin=stdin, env=env), filled, service)


@BOTH
def test_refresh(filled, port, options):
    service, env = port
    check(named("refresh", options), filled.run("refresh", *options, env=env), filled, service)


@BOTH
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
        ("bad-scope", ("create", "--name", "x", "--scope", "a b")),
        ("bad-grace", ("rotate", "key_two", "--grace", "tomorrow")),
        ("nothing-to-update", ("update", "key_two")),
        ("nothing-to-migrate", ("migrate",)),
        ("no-secret-to-reencrypt", ("migrate", "--reencrypt")),
        ("nothing-to-import", ("import",)),
        ("verify-argument", ("verify", "sec_of_somebody")),
        ("inspect-argument", ("inspect", "sec_of_somebody")),
        ("bad-store", ("list", "--store", "ftp://x")),
    ],
)
def test_wrong_usage(world, name, arguments):
    check(f"usage-{name}", world.run(*arguments), world)
