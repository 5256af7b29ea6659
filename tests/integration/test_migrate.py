"""`migrate` on documents of the Python service: every key that verified still does, and nothing else has changed."""

import json
import re


def verdicts(world, document, **options):
    """What each record's own secret is answered, by a service."""
    service = world.serve(**options)
    secrets = [record["secret"] for record in json.loads(document)["keys"] if "secret" in record]
    answers = [(secret, service.verify(secret).body) for secret in [*secrets, "sec_hashed"]]
    service.stop()
    return answers


def test_hashed_every_key_verifies_as_before_and_nothing_else_has_changed(world, folder):
    before = (folder / "plain.json").read_text()
    world.put_document(before)
    expected = verdicts(world, before)
    plain = len(re.findall(r'"secret":', before))
    assert world.ok("migrate", "--hash-secrets", "--json", "--no-refresh").json() == {
        "migrated": plain, "refresh": None}
    after = world.document.read_text()
    assert verdicts(world, before) == expected

    document = json.loads(after)
    assert document["secret_storage"] == "hashed" and not any("secret" in key for key in document["keys"])
    # With the digests taken out, what is left is the text as it was.
    restored = re.sub(r'(?<=[{\s])"secret_storage": "hashed",\s*', "", after, count=1)
    blank = lambda text: re.sub(r'"secret(_sha256)?": "(\\.|[^"\\])*"', '"secret": ""', text)
    assert blank(restored) == blank(before)
    for record in json.loads(before)["keys"]:
        assert f'"{record.get("secret")}"' not in after


def test_hashed_again_nothing_changes(world, folder):
    world.put_document((folder / "plain.json").read_bytes())
    world.ok("migrate", "--hash-secrets", "--no-refresh")
    after = world.document.read_bytes()
    assert world.ok("migrate", "--hash-secrets", "--json", "--no-refresh").json()["migrated"] == 0
    assert world.document.read_bytes() == after


def test_new_records_are_hashed_from_then_on(world, folder):
    world.put_document((folder / "plain.json").read_bytes())
    world.ok("migrate", "--hash-secrets", "--no-refresh")
    made = world.create()
    assert made["secret"] not in world.document.read_text()


def test_reencrypted_the_new_secret_alone_reads_it(world, folder):
    old = json.loads((folder / "expected.json").read_text())["storage_secret"]
    world.put_document((folder / "encrypted.bin").read_bytes())
    records = world.ok("list", "--json", env={"STORAGE_SECRET": old}).json()
    both = {"STORAGE_SECRET": "the new one", "STORAGE_SECRET_PREVIOUS": old}
    migrated = world.ok("migrate", "--reencrypt", "--json", "--no-refresh", env=both).json()
    assert migrated == {"migrated": records["total"], "refresh": None}
    assert world.ok("list", "--json", env={"STORAGE_SECRET": "the new one"}).json() == records
    assert world.run("list", env={"STORAGE_SECRET": old}).code == 1
    after = world.document.read_bytes()
    assert world.ok("migrate", "--reencrypt", "--json", "--no-refresh", env=both).json()["migrated"] == 0
    assert world.document.read_bytes() == after


def test_no_edit_turns_an_encrypted_document_into_a_plain_one(world):
    made = world.create(env={"STORAGE_SECRET": "old"})
    before = world.document.read_bytes()
    only_previous = {"STORAGE_SECRET_PREVIOUS": "old"}
    assert world.ok("list", "--json", env=only_previous).json()["total"] == 1
    for command in (["create", "--name", "x"], ["disable", made["id"]], ["rotate", made["id"]],
                    ["delete", "--yes", made["id"]], ["migrate", "--hash-secrets"]):
        finished = world.run(*command, "--no-refresh", env=only_previous)
        # Hashed already, there is nothing to write.
        assert finished.code == (0 if command[0] == "migrate" else 1), finished
        assert command[0] == "migrate" or ("set STORAGE_SECRET," in finished.stderr and finished.stdout == "")
        assert world.document.read_bytes() == before


def test_a_plain_document_is_encrypted(world, folder):
    before = (folder / "plain.json").read_text()
    world.put_document(before)
    expected = verdicts(world, before)
    env = {"STORAGE_SECRET": "today"}
    world.ok("migrate", "--reencrypt", "--no-refresh", env=env)
    assert world.document.read_bytes().startswith(b"HEARE_ENCRYPTED_V1:")
    assert verdicts(world, before, env=env) == expected
    assert world.ok("export", env=env).stdout.count("\n") == len(json.loads(before)["keys"])


def test_both_at_once_are_one_write(world, folder):
    before = (folder / "plain.json").read_text()
    world.put_document(before)
    env = {"STORAGE_SECRET": "today"}
    migrated = world.ok("migrate", "--hash-secrets", "--reencrypt", "--json", "--no-refresh", env=env).json()["migrated"]
    assert migrated == len(json.loads(before)["keys"])
    assert world.ok("migrate", "--hash-secrets", "--reencrypt", "--json", "--no-refresh", env=env).json()["migrated"] == 0
    assert '"secret":' not in world.ok("export", env=env).stdout


def test_where_there_is_no_document_none_is_made_and_nobody_believes_that_it_is_done(world):
    failed = world.run("migrate", "--hash-secrets", "--reencrypt", "--no-refresh", env={"STORAGE_SECRET": "today"})
    assert failed.code == 1 and "there is no document" in failed.stderr
    assert not world.document.exists()


def test_a_running_service_is_told_and_goes_on(world):
    world.put_document('{"keys": [{"id": "key_a", "secret": "s"}]}')
    service = world.serve("--refresh-interval", "0")
    assert world.ok("migrate", "--hash-secrets", "--json", env={"PORT": service.port}).json() == {
        "migrated": 1, "refresh": {"keys_loaded": 1}}
    assert service.verify("s").status == 200
