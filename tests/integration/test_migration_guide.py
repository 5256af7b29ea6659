"""docs/migration.md, carried out: a thousand keys in the Python service's format, and at each step every key asked for
on both sides. The Python service is played by python_service.py, which reads documents as that one does."""

import hashlib
import json
import random
import string
from datetime import datetime, timedelta, timezone

import pytest

from harness import REPOSITORY, Connection, wait_until
from python_service import HEADER, REFUSED, Documents, PythonService
from runnable import Shell, blocks
from s3_place import CREDENTIALS, NO_METADATA, Place
from s3_servers import s3_server

GUIDE = (REPOSITORY / "docs/migration.md").read_text()
COUNT = 1000
EXPIRIES = [
    None, None, None, "2020-01-01T00:00:00Z", "2999-01-01T00:00:00.123456Z", "2999-12-31", "2020-12-31",
    "2021-06-01T12:00:00+02:00", "2999-06-01T12:00:00-05:00", "2020-01-01 00:00:00",
]
NAMES = ["Service", "Ünïcode ✓ 🔑", 'with "quotes" and \\', "two\nlines", ""]
METADATA = [{}, {"env": "prod"}, {"nested": {"a": [1, 2, {"b": None}], "t": True}, "f": 1.5}, {"ключ": "значение"}]


def a_thousand_keys():
    """As its command line has made them over the years, with what was edited by hand."""
    choose = random.Random(7)
    characters = string.ascii_letters + string.digits
    made = datetime(2024, 1, 1, tzinfo=timezone.utc)
    keys = []
    for number in range(COUNT):
        record = {
            "id": "key_0" + "".join(choose.choices(characters, k=18)),
            "secret": "sec_0" + "".join(choose.choices(characters, k=59)),
            "name": f"{choose.choice(NAMES)} {number}".strip(),
            "secret_type": "shared_secret",
            "created_at": (made + timedelta(hours=number)).isoformat().replace("+00:00", "Z"),
            "updated_at": None,
            "expires_at": choose.choice(EXPIRIES),
            "metadata": choose.choice(METADATA),
        }
        if number % 50 == 0:
            # Of an early version.
            del record["updated_at"], record["metadata"]
        keys.append(record)
    # By hand: a copy of a record, of which the last one counts, and an expiry that is none.
    keys[500]["secret"] = keys[499]["secret"]
    keys[600]["expires_at"] = "tomorrow"
    return keys


def step(number):
    """The blocks of a step of the guide."""
    text = GUIDE[GUIDE.index(f"\n## {number}. ") :].split("\n## ")[1]
    found = blocks(f"## {text}")
    assert found, f"step {number}"
    return found


def answers(url, secrets):
    """What a service says of each, on one connection."""
    with Connection(int(url.rpartition(":")[2]), 30) as connection:
        return [connection.request("POST", "/verify", json.dumps({"api_key": secret}).encode()) for secret in secrets]


def hashed_record(record):
    rest = {name: value for name, value in record.items() if name != "secret"}
    return {**rest, "secret_sha256": hashlib.sha256(record["secret"].encode()).hexdigest()}


def must_be_the_same(records, expected):
    """One after the other: of a thousand at once, pytest would look for the difference for minutes."""
    assert len(records) == len(expected)
    for record, wanted in zip(records, expected):
        assert record == wanted


class Move:
    """Both sides, and what each must say of every key that there is."""

    def __init__(self, shell, documents, python):
        self.shell = shell
        self.documents = documents
        self.python = python
        self.records = documents.load()["keys"]
        self.secrets = [record["secret"] for record in self.records] + ["sec_of_nobody"]

    def run(self, number):
        return [self.shell.run(block) for block in step(number)]

    def verdicts(self):
        return [self.python.verdict(secret) for secret in self.secrets]

    def must_agree(self, port, verdicts):
        """The service on this port says of every key what the Python service says, or said."""
        for secret, verdict, answer in zip(self.secrets, verdicts, answers(self.shell.url(port), self.secrets)):
            expected = (200, verdict) if verdict else (403, REFUSED)
            assert (answer.status, answer.json()) == expected, secret

    def both_must_agree(self, port):
        """Both know every key that is in the document now."""
        self.python.refresh()
        verdicts = self.verdicts()
        assert sum(verdict is not None for verdict in verdicts) > COUNT / 2
        for verdict, answer in zip(verdicts, answers(self.shell.url("8080"), self.secrets)):
            assert (answer.status, answer.json()) == ((200, verdict) if verdict else (403, {"detail": REFUSED}))
        self.must_agree(port, verdicts)
        return verdicts

    def new_key(self):
        """The one that the shell has made last is plain in the document, as the others are."""
        record = self.documents.load()["keys"][-1]
        assert record["secret"] == self.shell.secret
        self.secrets.append(record["secret"])
        return record

    def wait_known(self, port, secret):
        wait_until(lambda: answers(self.shell.url(port), [secret])[0].status == 200, f"{port} knows the new key")


@pytest.fixture(scope="module")
def minio():
    with s3_server("minio") as server:
        yield server


@pytest.fixture(params=[None, "a storage secret ✓"], ids=["plain", "encrypted"])
def move(request, world, minio):
    place = Place(minio)
    documents = Documents(place, request.param)
    documents.save({"keys": a_thousand_keys()})
    env = {
        **CREDENTIALS, **NO_METADATA, "AWS_ENDPOINT_URL_S3": minio.endpoint, "HEARE_AUTH_REFRESH_INTERVAL": "100ms",
    }
    if request.param:
        env["STORAGE_SECRET"] = request.param
    with Shell(world, env) as shell:
        shell.replace("my-keys", place.bucket)
        with PythonService(documents, shell.ports["8080"]) as python:
            yield Move(shell, documents, python)


def test_every_key_stays_good_at_every_step(move):
    shell, place = move.shell, move.documents.place
    before = place.read()

    # 1. Nothing is changed, and everything is found.
    listed = move.run(1)[0]
    assert f"Total: {COUNT} keys" in listed
    assert place.read() == before

    # 2. Both side by side: what either command line makes, both services know.
    side_by_side, compared, made = step(2)
    shell.run(side_by_side)
    move.both_must_agree("8081")
    expired = next(record for record in move.records if record["expires_at"] == "2020-12-31")
    for record, status in ((move.records[0], "200"), (expired, "403")):
        shell.secret = record["secret"]
        assert shell.run(compared).split() == [status, status]
    assert f"✓ Service refreshed - {COUNT} keys loaded" in shell.run(made)
    move.wait_known("8081", move.new_key()["secret"])
    document = move.documents.load()
    must_be_the_same(document["keys"][:-1], move.records)
    document["keys"].append({**move.records[0], "id": "key_python", "secret": "sec_of_pythons_command_line"})
    move.documents.save(document)
    move.secrets.append("sec_of_pythons_command_line")
    move.wait_known("8081", "sec_of_pythons_command_line")
    move.both_must_agree("8081")

    # 3. The new one answers others than this machine, and the old one goes on.
    move.run(3)
    move.both_must_agree("8081")

    # 4. What the new command line makes and deletes is still good on the way back.
    assert f"Total: {COUNT + 3} keys" in move.run(4)[0]
    record = move.new_key()
    verdicts = move.both_must_agree("8081")
    assert verdicts[-1]["key_id"] == record["id"]
    assert place.read().startswith(HEADER) == (move.documents.fernet is not None)

    # 5. The same verdicts, from a document that the Python service cannot read any more.
    move.run(5)
    hashed = move.documents.load()
    must_be_the_same(hashed["keys"], [hashed_record(one) for one in [*document["keys"], record]])
    move.must_agree("8081", verdicts)
    with pytest.raises(KeyError):
        move.python.refresh()

    # 6. On the old port.
    move.python.__exit__()
    move.run(6)
    move.must_agree("8080", verdicts)


def test_what_is_different_is_as_the_guide_says(world):
    service = world.serve()
    assert "127.0.0.1" in service.wait_event("startup")["listen"]
    assert service.verify("sec_of_nobody").body == b'{"valid":false,"error":"Invalid API key"}'
    missing = service.post("/verify", b"{}")
    assert (missing.status, missing.body) == (400, b'{"error":"Missing api_key field"}')
    assert service.refresh([("X-Forwarded-For", "192.0.2.1")]).status == 403
    differences = GUIDE[GUIDE.index("## What is different") : GUIDE.index("## 1. ")]
    for said in ("127.0.0.1", '{"valid":false,"error":"Invalid API key"}', '400 `{"error":"Missing api_key field"}`',
                 "`POST /refresh` from elsewhere"):
        assert said in differences
