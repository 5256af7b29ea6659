"""Documents that were not made by this program load with the verdicts that they must, and are left as they are."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

import missing


class Case(NamedTuple):
    folder: Path
    expected: dict
    good: dict  # name → secret
    refused: dict


def own_case():
    folder = missing.documents("own")
    expected = json.loads((folder / "expected.json").read_text())
    return Case(folder, expected, expected["good"], expected["refused"])


def vectors_case():
    """The Python service's document: expected.json has names only, the secrets are in the document."""
    folder = missing.documents("vectors")
    expected = json.loads((folder / "expected.json").read_text())
    secrets = {key["name"]: key["secret"] for key in json.loads((folder / "plain.json").read_text())["keys"]}
    pick = lambda names: {name: secrets[name] for name in names}
    return Case(folder, expected, pick(expected["good"]), pick(expected["refused"]))


@pytest.fixture(params=[own_case, vectors_case], ids=["own", "vectors"])
def case(request):
    return request.param()


@pytest.fixture(params=["plain.json", "encrypted.bin"])
def loaded(request, case, world):
    """The world with the document in it, and the environment that opens it."""
    world.put_document((case.folder / request.param).read_bytes())
    return world, {"STORAGE_SECRET": case.expected["storage_secret"]}


def test_it_loads_with_its_count_and_verdicts(case, loaded):
    world, env = loaded
    service = world.serve(env=env)
    assert service.wait_event("startup")["keys_loaded"] == case.expected["distinct_secrets"]
    for name, secret in case.good.items():
        answer = service.verify(secret)
        assert answer.status == 200, (name, answer)
        assert answer.json()["name"] == name
    for name, secret in case.refused.items():
        answer = service.verify(secret)
        assert (answer.status, answer.body) == (403, b'{"valid":false,"error":"Invalid API key"}'), name
        assert answer.headers["x-auth-reason"] in ("expired", "disabled")


def test_it_lists_with_every_record(case, loaded):
    world, env = loaded
    listed = world.ok("list", "--json", env=env).json()
    assert listed["total"] == len(listed["keys"]) == case.expected["records"]
    assert {key.get("name", "") for key in listed["keys"]} >= {*case.good, *case.refused}
    assert not any("secret" in key or "secret_sha256" in key for key in listed["keys"])


def test_create_and_delete_leave_it_byte_for_byte(case, world):
    before = (case.folder / "plain.json").read_bytes()
    world.put_document(before)
    made = world.create("--name", "Passing through", "--metadata", '{"n": 1.50}')
    between = world.document.read_bytes()
    assert between != before and made["id"].encode() in between
    world.ok("delete", "--yes", "--no-refresh", made["id"])
    assert world.document.read_bytes() == before
    assert b"123456789012345678901234567890" in before and b"1E-400" in before


def test_an_encrypted_one_stays_encrypted_through_an_edit(case, world):
    env = {"STORAGE_SECRET": case.expected["storage_secret"]}
    world.put_document((case.folder / "encrypted.bin").read_bytes())
    made = world.create("--name", "Passing through", env=env)
    assert world.document.read_bytes().startswith(b"HEARE_ENCRYPTED_V1:")
    world.ok("delete", "--yes", "--no-refresh", made["id"], env=env)
    assert world.document.read_bytes().startswith(b"HEARE_ENCRYPTED_V1:")
    assert world.ok("list", "--json", env=env).json()["total"] == case.expected["records"]


def test_a_new_record_is_plain_beside_plain_ones_and_hashed_beside_hashed_ones(world):
    world.put_document('{"keys": [{"id": "key_a", "secret": "sec_a"}]}')
    plain = world.create()
    assert plain["secret"] in world.document.read_text()
    hashed = world.create("--name", "x", "--secret-storage", "hashed")
    assert hashed["secret"] not in world.document.read_text()
    world.put_document(json.dumps({"keys": [{"id": "key_a", "secret_sha256": "0" * 64}]}))
    assert world.create()["secret"] not in world.document.read_text()


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ('{"keys": [{"id": "a", "secret": "s"}, {"id": "b"}]}', "2"),
        ('{"keys": [{"secret": "s"}]}', "1"),
        ('{"keys": [{"id": "a", "secret": "s", "secret_sha256": "' + "0" * 64 + '"}]}', "1"),
        ('{"keys": [{"id": "a", "secret_sha256": "' + "A" * 64 + '"}]}', "1"),
        ('{"keys": {}}', "keys"),
        ("{}", "keys"),
        ("[]", ""),
        ("", ""),
        ('{"keys": []} x', ""),
        ('\ufeff{"keys": []}', ""),
    ],
)
def test_a_refused_document_stops_a_start_and_not_a_running_service(world, document, named):
    key = world.create()
    service = world.serve()
    world.put_document(document)
    answer = service.refresh()
    assert answer.status == 500
    assert answer.json()["error"].startswith("Failed to refresh keys: ")
    assert named in answer.json()["error"]
    assert service.verify(key["secret"]).status == 200
    second = world.serve(ready=False)
    assert second.wait() == 1
    failure = second.events("startup_failed")[0]
    assert failure["level"] == "error" and named in failure["error"]
