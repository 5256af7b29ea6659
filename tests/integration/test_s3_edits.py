"""Edits other than `create` and `delete` when a write's answer is lost or another writer is faster: one effect."""

import hashlib
import json

import pytest

from faulty_proxy import lose_answer, reset

pytest_plugins = ["s3_fixtures"]

DOCUMENT = '{"keys": [{"id": "key_a", "secret": "a", "n": 1E-400}, {"id": "key_b", "secret": "b"}]}'
LINES = '{"id": "key_c", "secret": "c"}\n{"secret": "d"}\n'
# Each with what must have become of the first record, or the document.
EDITS = {
    "update": (["update", "key_a", "--name", "New"], lambda keys: keys[0]["name"] == "New"),
    "disable": (["disable", "key_a"], lambda keys: keys[0]["enabled"] is False),
    "enable": (["enable", "key_a"], lambda keys: keys[0]["enabled"] is True),
    "rotate": (["rotate", "key_a", "--grace", "1h"], lambda keys: len(keys[0]["previous"]) == 1),
    "import": (["import", "-"], lambda keys: len(keys) == 4),
    "hash": (["migrate", "--hash-secrets"], lambda keys: not any("secret" in key for key in keys)),
}


def edit(world, place, arguments, *options, env=None):
    stdin = LINES if arguments[0] == "import" else ""
    return world.run(*arguments, "--json", "--no-refresh", *options, stdin=stdin, env=place.env(**(env or {})))


@pytest.fixture(params=EDITS)
def edited(request, world, faulty):
    faulty.write(DOCUMENT)
    return EDITS[request.param]


def puts(proxy):
    return [request for request in proxy.requests if request.method == "PUT"]


def test_an_edit_whose_answer_is_lost_is_done_and_done_once(world, faulty, proxy, edited):
    arguments, is_done = edited
    proxy.fault(lose_answer, method="PUT")
    finished = edit(world, faulty, arguments)
    assert finished.code == 0, finished
    assert is_done(faulty.records())
    assert len(puts(proxy)) == 1
    if arguments[0] == "rotate":
        digest = hashlib.sha256(finished.json()["secret"].encode()).hexdigest()
        record = faulty.records()[0]
        assert record.get("secret") == finished.json()["secret"] or record["secret_sha256"] == digest


def test_an_edit_that_never_arrives_is_sent_again(world, faulty, proxy, edited):
    arguments, is_done = edited
    proxy.fault(reset, method="PUT")
    assert edit(world, faulty, arguments).code == 0
    assert is_done(faulty.records())


def test_an_edit_with_an_unknown_outcome_ends_with_3_and_says_how_to_find_out(world, faulty, proxy, edited):
    arguments, _ = edited
    proxy.fault(reset, method="PUT", times=1000)
    finished = edit(world, faulty, arguments, "--timeout", "1s")
    assert finished.code == 3
    assert "cannot be told" in finished.stderr and len(finished.stderr.splitlines()) >= 2
    if arguments[0] == "rotate":
        assert finished.json()["secret"].startswith("sec_") and "verify" in finished.stderr
    else:
        assert finished.stdout == ""


def test_a_reencryption_whose_answer_is_lost_is_done_once(world, faulty, proxy):
    faulty.write(DOCUMENT)
    proxy.fault(lose_answer, method="PUT")
    finished = edit(world, faulty, ["migrate", "--reencrypt"], env={"STORAGE_SECRET": "today"})
    assert finished.code == 0 and finished.json()["migrated"] == 2
    assert faulty.read().startswith(b"HEARE_ENCRYPTED_V1:")
    assert len(puts(proxy)) == 1


def test_edits_at_once_lose_nothing(world, place):
    place.write(DOCUMENT)
    commands = [["update", "key_a", "--name", "New"], ["disable", "key_b"], ["rotate", "key_a", "--grace", "1h"],
                ["update", "key_a", "--owner", "o"], ["create", "--name", "x"], ["update", "key_b", "--scope", "s"]]
    running = [world.popen(*command, "--json", "--no-refresh", stdout=-1, stderr=-1, env=place.env())
               for command in commands]
    for process in running:
        process.communicate(timeout=120)
        assert process.returncode == 0
    a, b, made = place.records()
    assert (a["name"], a["owner"], len(a["previous"]), made["name"]) == ("New", "o", 1, "x")
    assert (b["enabled"], b["scopes"]) == (False, ["s"])
    assert "1E-400" in place.read().decode() and json.loads(place.read())
