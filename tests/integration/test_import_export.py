"""Keys come from elsewhere and go elsewhere: import and export, as the program does them."""

import base64
import hashlib
import json
import os
import pty

import pytest

from harness import OWN_DOCUMENTS, SANITIZED

# Under sanitizers a service needs longer for more than a command waits for its refresh.
MANY = 10_000 if SANITIZED else 100_000


def sha256(text):
    return hashlib.sha256(text.encode())


def lines(records):
    return "".join(json.dumps(record) + "\n" for record in records)


def run_import(world, text, *options, env=None):
    return world.run("import", "-", "--json", "--no-refresh", *options, stdin=text, env=env)


def verdict(world, secret, **options):
    """What `verify` answers offline, and its exit code."""
    finished = world.run("verify", "--json", stdin=secret, **options)
    return finished.code, finished.json()


# --- import -----------------------------------------------------------------------------------------------------------


def test_keys_of_unkey_verify_after_import(world):
    # Unkey keeps base64(SHA-256(key)) of the whole key; its migrations also take hexadecimal (sha256_hex).
    keys = {"my-secret-key": "ExH4/ICn6ijXjddyPwnETBdUzTUWDKjnEzrj1/Y2oZo=", "my-other-secret-key": None}
    assert base64.b64encode(sha256("my-secret-key").digest()).decode() == keys["my-secret-key"]
    keys["my-other-secret-key"] = sha256("my-other-secret-key").hexdigest()
    text = lines({"name": secret, "secret_sha256": digest, "owner": "user_123"} for secret, digest in keys.items())
    assert run_import(world, text).json() == {"imported": 2, "refresh": None}
    service = world.serve()
    for secret in keys:
        answer = service.verify(secret).json()
        assert (answer["valid"], answer["name"], answer["owner"]) == (True, secret, "user_123")


def test_keys_of_prefixed_api_key_verify_after_import(world):
    # Its hash is that of the long token alone, in hexadecimal: what follows the last underscore is the secret.
    token = "mycompany_BRTRKFsL_51FwqftsmMDHHbJAMEXXHCgG"
    long_token_hash = "d70d981d87b449c107327c2a2afbf00d4b58070d6ba571aac35d7ea3e7c79f37"
    record = {"id": "BRTRKFsL", "secret_sha256": long_token_hash, "name": "mycompany"}
    assert run_import(world, lines([record])).json()["imported"] == 1
    service = world.serve()
    assert service.verify(token.rpartition("_")[2]).json()["key_id"] == "BRTRKFsL"
    assert service.verify(token).status == 403


def test_any_string_is_a_secret_and_every_field_is_kept(world):
    records = [
        {"id": "a", "secret": "pässwörd ✓", "x_custom": {"big": 123456789012345678901234567890}},
        {"id": "b", "secret": " ", "scopes": ["a:*"], "owner": "o", "enabled": True, "metadata": {"n": [1.5]}},
        {"id": "c", "secret": "line\nbreak", "previous": [
            {"secret_sha256": sha256("old").hexdigest(), "expires_at": "2999-01-01"}]},
        {"secret": "no id", "updated_at": "2020-01-01T00:00:00Z"},
    ]
    assert run_import(world, lines(records)).code == 0
    stored = json.loads(world.document.read_text())["keys"]
    for record, kept in zip(records, stored, strict=True):
        expected = {**record, "secret_sha256": sha256(record["secret"]).hexdigest()}
        del expected["secret"]
        assert {**kept, "id": record.get("id")} == {"id": None, **expected}
    service = world.serve()
    for secret in ("pässwörd ✓", " ", "line\nbreak", "old", "no id"):
        assert service.verify(secret).status == 200, secret


def test_a_key_document_is_imported_as_lines_are(world):
    document = (OWN_DOCUMENTS / "plain.json").read_text()
    expected = json.loads((OWN_DOCUMENTS / "expected.json").read_text())
    assert run_import(world, document).json()["imported"] == expected["records"]
    for secret in expected["good"].values():
        assert verdict(world, secret)[0] == 0


def test_an_encrypted_document_is_imported_with_its_secret(world):
    expected = json.loads((OWN_DOCUMENTS / "expected.json").read_text())
    env = {"STORAGE_SECRET": expected["storage_secret"]}
    finished = world.ok("import", str(OWN_DOCUMENTS / "encrypted.bin"), "--json", "--no-refresh", env=env)
    assert finished.json()["imported"] == expected["records"]
    assert world.document.read_bytes().startswith(b"HEARE_ENCRYPTED_V1:")


def many_records():
    return [{"id": f"key_{n}", "secret": f"sec_{n:060}", "name": f"Service {n}", "metadata": {"n": n}}
            for n in range(MANY)]


def test_very_many_lines_are_one_write(world):
    first = world.create("--name", "First")
    service = world.serve("--refresh-interval", "0")
    inode = world.document.stat().st_ino
    finished = world.run("import", "-", "--json", stdin=lines(many_records()), env={"PORT": service.port})
    assert finished.json() == {"imported": MANY, "refresh": {"keys_loaded": MANY + 1}}
    assert world.document.stat().st_ino != inode
    assert len(service.events("refresh_success")) == 1
    assert service.verify(first["secret"]).status == 200
    assert service.verify(f"sec_{MANY - 1:060}").json()["key_id"] == f"key_{MANY - 1}"


def test_a_bad_line_among_many_is_named_and_nothing_is_written(world):
    world.create()
    before = world.document.read_bytes()
    text = lines(many_records()).splitlines(keepends=True)
    text[MANY // 2] = '{"id": "bad", "secret": ["hush-hush"]}\n'
    finished = run_import(world, "".join(text))
    assert finished.code == 1 and finished.stdout == ""
    assert f"line {MANY // 2 + 1}: secret" in finished.stderr and "hush" not in finished.stderr
    assert world.document.read_bytes() == before


def test_a_secret_or_id_that_is_there_already_is_refused_by_the_name_of_its_key(world):
    made = world.create("--name", "Mine")
    before = world.document.read_bytes()
    for record in ({"secret": made["secret"]}, {"secret_sha256": sha256(made["secret"]).hexdigest()}):
        finished = run_import(world, lines([{"secret": "new"}, record]))
        assert finished.code == 1
        assert "line 2" in finished.stderr and made["id"] in finished.stderr and "Mine" in finished.stderr
        assert made["secret"] not in finished.stderr
    finished = run_import(world, lines([{"id": made["id"], "secret": "new"}]))
    assert finished.code == 1 and made["id"] in finished.stderr
    assert world.document.read_bytes() == before


def test_the_same_lines_are_not_imported_twice(world):
    text = lines([{"id": "a", "secret": "1"}, {"secret": "2"}])
    assert run_import(world, text).code == 0
    assert run_import(world, text).code == 1
    assert world.ok("list", "--json").json()["total"] == 2


def test_a_document_that_a_python_service_may_share_gets_plain_secrets_or_nothing(world):
    document = '{"keys": [{"id": "key_a", "secret": "s"}]}'
    world.put_document(document)
    digest = lines([{"id": "b", "secret_sha256": sha256("b").hexdigest()}])
    finished = run_import(world, digest)
    assert finished.code == 1
    assert "line 1" in finished.stderr and "Python service" in finished.stderr and "migrate" in finished.stderr
    assert world.document.read_text() == document
    assert run_import(world, lines([{"id": "c", "secret": "c"}])).code == 0
    assert json.loads(world.document.read_text())["keys"][1] == {"id": "c", "secret": "c"}
    assert run_import(world, digest, "--secret-storage", "hashed").code == 0
    assert verdict(world, "b")[0] == 0


# --- export -----------------------------------------------------------------------------------------------------------


def test_exported_lines_are_the_records(world, folder):
    world.put_document((folder / "plain.json").read_bytes())
    exported = world.ok("export")
    assert exported.stderr == ""
    records = json.loads((folder / "plain.json").read_text())["keys"]
    # As texts: NaN is not equal to itself.
    assert [json.dumps(json.loads(line)) for line in exported.stdout.splitlines()] == [json.dumps(r) for r in records]
    assert json.dumps(world.ok("export", "--json").json()) == json.dumps({"keys": records})


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["lines", "document"])
def test_a_redacted_export_imported_elsewhere_verifies_as_before(world, folder, options):
    document = (folder / "plain.json").read_text()
    world.put_document(document)
    exported = world.ok("export", "--redact", *options).stdout
    secrets = [record["secret"] for record in json.loads(document)["keys"] if "secret" in record]
    assert secrets and not any(json.dumps(secret) in exported for secret in secrets)
    assert "123456789012345678901234567890" in exported

    elsewhere = {"HEARE_AUTH_STORE": f"file://{world.home}/elsewhere.json"}
    finished = run_import(world, exported, env=elsewhere)
    assert finished.code == 0, finished
    for secret in [*secrets, "sec_hashed", "no such secret"]:
        assert verdict(world, secret, env=elsewhere) == verdict(world, secret), secret
    imported = (world.home / "elsewhere.json").read_text()
    assert "123456789012345678901234567890" in imported
    assert [record["id"] for record in json.loads(imported)["keys"]] == [
        record["id"] for record in json.loads(document)["keys"]]


DOUBTFUL = [
    {"metadata": "x"}, {"enabled": "no"}, {"enabled": None}, {"name": 5}, {"secret_type": 5},
    {"created_at": 1700000000}, {"updated_at": []}, {"expires_at": 17}, {"expires_at": "next week"},
    {"scopes": ["a b"]}, {"scopes": {}}, {"owner": {}}, {"keys": [1]}, {"keys": [{"id": "x", "secret": "y"}]},
    {"previous": [
        {"secret_sha256": "zz"}, {"secret_sha256": sha256("before").hexdigest(), "expires_at": "2999-01-01"}
    ]},
]


@pytest.mark.parametrize("options", [(), ("--redact",), ("--redact", "--json")], ids=["lines", "redacted", "document"])
@pytest.mark.parametrize("first", range(len(DOUBTFUL)), ids=lambda number: json.dumps(DOUBTFUL[number])[:20])
def test_whatever_serves_well_comes_through_export_and_import(world, first, options):
    # Each comes first once: by its first line an import tells lines from a document.
    fields = DOUBTFUL[first:] + DOUBTFUL[:first]
    records = [{"id": f"key_{i}", "secret": f"secret {i}", **more} for i, more in enumerate(fields)]
    world.put_document(json.dumps({"keys": records}))
    elsewhere = {"HEARE_AUTH_STORE": f"file://{world.home}/elsewhere.json"}
    finished = run_import(world, world.ok("export", *options).stdout, env=elsewhere)
    assert finished.code == 0, finished
    assert finished.json()["imported"] == len(records)
    assert finished.stderr.count("Warning") >= 10
    services = [world.serve(), world.serve(env=elsewhere)]
    for secret in [*(record["secret"] for record in records), "before", "y"]:
        here, there = [service.verify(secret) for service in services]
        assert (here.status, here.body) == (there.status, there.body), secret


@pytest.mark.parametrize(("options", "warned"), [((), True), (("--redact",), False)])
def test_an_export_of_secrets_warns_on_a_terminal(world, options, warned):
    world.put_document('{"keys": [{"id": "key_a", "secret": "s"}]}')
    screen, its_end = pty.openpty()
    process = world.popen("export", *options, stdout=its_end, stderr=-1)
    stderr = process.communicate(timeout=60)[1].decode()
    os.close(its_end)
    shown = os.read(screen, 65536).decode()
    os.close(screen)
    assert process.returncode == 0 and "key_a" in shown
    assert ("--redact" in stderr) == warned


# --- verify, inspect --------------------------------------------------------------------------------------------------


def test_verify_answers_as_the_service_would(world, folder):
    document = (folder / "plain.json").read_text()
    world.put_document(document)
    service = world.serve()
    secrets = [record.get("secret", "sec_hashed") for record in json.loads(document)["keys"]]
    for secret in [*secrets, "no such secret"]:
        code, answer = verdict(world, secret)
        theirs = service.verify(secret)
        assert answer == theirs.json() and code == (0 if theirs.status == 200 else 1), secret


def test_one_newline_at_the_end_is_no_part_of_a_secret(world):
    run_import(world, lines([{"id": "a", "secret": "s"}, {"id": "b", "secret": "s\n"}]))
    assert verdict(world, "s")[1]["key_id"] == "a"
    assert verdict(world, "s\n")[1]["key_id"] == "a"
    assert verdict(world, "s\n\n")[1]["key_id"] == "b"


def test_verify_that_cannot_tell_ends_with_4(world):
    assert world.run("verify", "--bucket", "b", "--endpoint-url", "http://127.0.0.1:1", stdin="s", env={
        "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}).code == 4
    world.put_document("{}")
    assert world.run("verify", stdin="s").code == 4
    world.put_document("HEARE_ENCRYPTED_V1:x")
    assert world.run("verify", stdin="s").code == 4
    (world.home / ".heare-auth.toml").mkdir()
    assert world.run("verify", stdin="s").code == 4


def test_inspect_needs_no_store_and_knows_a_secret_from_a_lookalike(world):
    made = world.create()
    world.document.unlink()
    told = world.ok("inspect", "--json", stdin=made["secret"] + "\n").json()
    assert told == {"prefix": "sec", "created_at": told["created_at"], "checksum": "ok"}
    assert told["created_at"][:19] == made["created_at"][:19]
    wrong = made["secret"][:-1] + ("0" if made["secret"][-1] != "0" else "1")
    assert world.ok("inspect", "--json", stdin=wrong).json()["checksum"] == "absent"
    assert world.ok("inspect", "--json", stdin=made["id"]).json()["prefix"] == "key"
    assert world.run("inspect", stdin="hush").code == 1


def test_a_secret_that_is_typed_does_not_show(world):
    made = world.create()
    master, slave = pty.openpty()
    process = world.popen("verify", stdin=slave, stdout=-1, stderr=slave)
    asked = b""
    while b"API key: " not in asked:
        asked += os.read(master, 1024)
    os.write(master, made["secret"].encode() + b"\n")
    stdout = process.communicate(timeout=60)[0].decode()
    os.close(slave)
    shown = os.read(master, 65536)
    os.close(master)
    assert process.returncode == 0 and made["id"] in stdout
    assert made["secret"].encode() not in shown
