"""Options, precedence and exit codes of the commands."""

import pytest

TOML = ".heare-auth.toml"


def test_version_and_help_end_with_0(world):
    assert world.ok("--version").stdout.startswith("heare-auth ")
    for command in ("", "serve", "create", "list", "show", "update", "enable", "disable", "rotate", "delete", "verify",
                    "inspect", "import", "export", "migrate", "refresh", "doctor", "health"):
        finished = world.ok(*command.split(), "--help")
        assert finished.stdout.strip() and finished.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "command"),
        (("craete",), "unknown command 'craete', did you mean 'create'?"),
        (("serv",), "did you mean 'serve'?"),
        (("list", "--nonsense"), "--nonsense"),
        (("create",), "--name"),
        (("create", "--name"), "--name"),
        (("create", "--name", "x", "--metadata", "[]"), "--metadata"),
        (("create", "--name", "x", "--metadata", "{"), "--metadata"),
        (("create", "--name", "x", "--expires-at", "tomorow"), "--expires-at"),
        (("create", "--name", "x", "--secret-storage", "rot13"), "--secret-storage"),
        (("create", "--name", "x" * 257), "--name"),
        (("create", "--name", "x", "--scope", "a b"), "--scope"),
        (("create", "--name", "x", "--scope", "a" * 129), "--scope"),
        (("create", "--name", "x", *["--scope=a"] * 65), "--scope"),
        (("create", "--name", "x", "--owner", "x" * 257), "--owner"),
        (("update", "key_a"), "--name"),
        (("update", "key_a", "--expires-at", "tomorow"), "--expires-at"),
        (("rotate", "key_a", "--grace", "soon"), "--grace"),
        (("rotate", "key_a", "--secret-storage", "rot13"), "--secret-storage"),
        (("migrate",), "--hash-secrets"),
        (("migrate", "--reencrypt"), "--reencrypt"),
        (("import",), "FILE"),
        (("verify", "sec_0123456789"), "standard input"),
        (("list", "sec_0123456789"), "options"),
        (("show",), "KEY_ID"),
        (("delete",), "KEY_ID"),
        (("update", "--name", "x"), "KEY_ID"),
        (("enable",), "KEY_ID"),
        (("disable",), "KEY_ID"),
        (("rotate",), "KEY_ID"),
        (("show", "a", "b"), "b"),
        (("list", "--store", "ftp://x"), "--store"),
        (("list", "--sort", "size"), "--sort: not name, created, expires or id (size)"),
        (("list", "--expiring-within", "soon"), "--expiring-within"),
    ],
)
def test_wrong_usage_is_named_and_ends_with_2(world, arguments, named):
    finished = world.run(*arguments)
    assert finished.code == 2, finished
    assert finished.stdout == ""
    assert named in finished.stderr
    assert not world.document.exists()


@pytest.mark.parametrize(
    "command", [["show"], ["delete", "--yes"], ["update", "--name", "x"], ["enable"], ["disable"], ["rotate"]]
)
def test_a_key_that_is_not_there_ends_with_1(world, command):
    finished = world.run(*command, "key_nobody")
    assert finished.code == 1
    assert finished.stderr.startswith("Error: ") and "key_nobody" in finished.stderr


def test_refresh_fails_where_nothing_listens(world):
    finished = world.run("refresh", "--url", "http://127.0.0.1:1/refresh")
    assert finished.code == 1
    assert finished.stderr.startswith("Error: ")


def test_health_is_the_service_s_health(world, service):
    assert world.run("health", "--url", f"{service.url}/health").code == 0
    assert world.run("health", env={"PORT": service.port}).code == 0
    assert world.run("health", "--url", "http://127.0.0.1:1/health").code == 1


def test_delete_asks_and_does_what_it_is_told(world):
    key_id = world.create("--name", "Doomed")["id"]
    question = f"Delete API key '{key_id}' (Doomed)? [y/N]:"
    for answer in ("n\n", "\n"):
        finished = world.run("delete", "--no-refresh", key_id, stdin=answer)
        assert finished.code == 0
        assert question in finished.stderr
        assert "Cancelled." in finished.stdout + finished.stderr
    assert world.ok("list", "--json").json()["total"] == 1
    finished = world.ok("delete", "--no-refresh", key_id, stdin="y\n")
    assert "✓ Deleted successfully." in finished.stdout
    assert world.ok("list", "--json").json()["total"] == 0


def test_json_is_one_document_and_nothing_else(world, service):
    env = {"PORT": service.port}
    made = world.ok("create", "--name", "J", "--metadata", '{"a": 1.50}', "--json", env=env).json()
    assert made["secret"].startswith("sec_") and made["refresh"] == {"keys_loaded": 1}
    assert "secret_sha256" not in made
    shown = world.ok("show", made["id"], "--json").json()
    assert "secret" not in shown and "secret_sha256" not in shown and shown["name"] == "J"
    listed = world.ok("list", "--json").json()
    assert list(listed) == ["keys", "total"] and listed["keys"][0]["id"] == made["id"]
    assert world.ok("refresh", "--json", env=env).json()["keys_loaded"] == 1
    assert world.ok("delete", "--yes", "--json", made["id"], env=env).json() == {
        "deleted": made["id"],
        "refresh": {"keys_loaded": 0},
    }
    assert world.ok("create", "--name", "J", "--json", "--no-refresh").json()["refresh"] is None


def test_an_edit_as_json_is_the_record_as_it_now_is(world, service):
    env = {"PORT": service.port}
    made = world.create("--name", "J", "--owner", "o", "--scope", "a", "--scope", "b:*")
    assert (made["owner"], made["scopes"]) == ("o", ["a", "b:*"])
    updated = world.ok("update", made["id"], "--name", "K", "--json", env=env).json()
    disabled = world.ok("disable", made["id"], "--json", env=env).json()
    enabled = world.ok("enable", made["id"], "--json", env=env).json()
    assert [edited["name"] for edited in (updated, disabled, enabled)] == ["K"] * 3
    assert (disabled["enabled"], enabled["enabled"]) == (False, True)
    expected = {**made, "name": "K", "enabled": True, "updated_at": enabled["updated_at"], "refresh": {"keys_loaded": 1}}
    assert enabled == {name: value for name, value in expected.items() if name != "secret"}
    rotated = world.ok("rotate", made["id"], "--json", env=env).json()
    assert rotated["secret"] != made["secret"] and rotated["refresh"] == {"keys_loaded": 1}
    for printed in (updated, disabled, enabled):
        assert "secret" not in printed and printed["refresh"] == {"keys_loaded": 1}
        assert printed["updated_at"] > made["created_at"]


# --- where a setting comes from ---------------------------------------------------------------------------------------


def store_of(world, *arguments, env=None):
    """The store that a command uses: where a key lands."""
    before = set(world.home.rglob("*.json"))
    world.ok("create", "--name", "x", "--no-refresh", *arguments, env=env)
    (new,) = set(world.home.rglob("*.json")) - before
    return new.name


def test_flag_wins_over_environment_over_file_over_default(world):
    url = lambda name: f"file://{world.home}/{name}.json"
    (world.home / TOML).write_text(f'[default]\nstore = "{url("toml")}"\n')
    environment = {"HEARE_AUTH_STORE": url("environment")}
    assert store_of(world, "--store", url("flag"), env=environment) == "flag.json"
    assert store_of(world, env=environment) == "environment.json"
    assert store_of(world) == "toml.json"
    (world.home / TOML).unlink()
    assert store_of(world) == "keys.json" and world.document.exists()


def test_the_embedded_store_follows_xdg_data_home(world):
    assert store_of(world, env={"XDG_DATA_HOME": world.home / "data"}) == "keys.json"
    assert (world.home / "data/heare-auth/keys.json").exists()


def test_an_empty_variable_counts_as_unset(world):
    assert store_of(world, env={"HEARE_AUTH_STORE": "", "XDG_DATA_HOME": "", "S3_BUCKET": ""}) == "keys.json"
    assert world.document.exists()


def test_an_unknown_name_in_the_file_is_an_error(world):
    (world.home / TOML).write_text('[default]\ns3_bukket = "x"\n')
    finished = world.run("list")
    assert finished.code in (1, 2)
    assert "s3_bukket" in finished.stderr


def test_the_refresh_url_comes_from_flag_environment_file_and_port(world, service):
    url = f"{service.url}/refresh"
    world.ok("create", "--name", "x", "--refresh-url", url)
    world.ok("create", "--name", "x", env={"REFRESH_URL": url})
    world.ok("create", "--name", "x", env={"PORT": service.port})
    (world.home / TOML).write_text(f'[default]\nrefresh_url = "{url}"\n')
    world.ok("create", "--name", "x")
    world.ok("create", "--name", "x", "--no-refresh")
    assert service.stop() == 0
    assert [line["keys_loaded"] for line in service.events("refresh_success")] == [1, 2, 3, 4]


def test_a_secret_and_a_secret_file_from_one_source_are_an_error(world):
    (world.home / "secret").write_text("x\n")
    both = {"STORAGE_SECRET": "x", "STORAGE_SECRET_FILE": world.home / "secret"}
    finished = world.run("list", env=both)
    assert finished.code in (1, 2) and "STORAGE_SECRET_FILE" in finished.stderr
    (world.home / "empty").write_text("")
    finished = world.run("list", "--storage-secret-file", world.home / "empty")
    assert finished.code in (1, 2) and "empty" in finished.stderr


def test_one_newline_at_the_end_of_a_secret_file_is_not_part(world):
    (world.home / "secret").write_text("passphrase\n")
    made = world.create("--name", "x", "--storage-secret-file", world.home / "secret")
    listed = world.ok("list", "--json", env={"STORAGE_SECRET": "passphrase"}).json()
    assert [key["id"] for key in listed["keys"]] == [made["id"]]


def test_metadata_keeps_its_numbers_and_texts(world):
    metadata = '{"big": 123456789012345678901234567890, "f": 1.50, "e": 1E-400, "u": "\\u00e9 ✓"}'
    made = world.ok("create", "--name", "x", "--metadata", metadata, "--no-refresh", "--json")
    text = world.document.read_text()
    for part in ("123456789012345678901234567890", "1.50", "1E-400"):
        assert part in text and part in made.stdout
