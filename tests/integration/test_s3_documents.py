"""A document in S3: the commands on it, whoever wrote it, and whoever reads what we write."""

import base64
import hashlib
import json
from typing import NamedTuple

import pytest
from cryptography.fernet import Fernet

from s3_place import Place
from test_documents import own_case, vectors_case

pytest_plugins = ["s3_fixtures"]

ODD_KEYS = [
    "with spaces/and more.json", "a+b=c.json", "100%/%20.json", "/leading//double/", "schlüssel-鍵-🔑.json",
    "a/./b/../c.json", "?x=1&y=2#z", "!'()*,;:@$~",
]


def test_a_key_lives_from_create_to_delete(world, place):
    env = place.env()
    made = world.create("--name", "Mine", "--metadata", '{"env": "prod"}', env=env)
    listed = world.ok("list", "--json", env=env).json()
    assert [key["id"] for key in listed["keys"]] == [made["id"]] == place.ids()
    service = world.serve(env=env)
    assert service.verify(made["secret"]).json() == {
        "valid": True, "key_id": made["id"], "name": "Mine", "metadata": {"env": "prod"},
    }
    # Deleting tells the service.
    world.ok("delete", "--yes", made["id"], env={**env, "REFRESH_URL": f"{service.url}/refresh"})
    assert service.verify(made["secret"]).status == 403
    assert place.records() == []
    assert service.wait_event("startup")["store"] == f"s3://{place.bucket}/keys.json"


def test_an_absent_document_is_one_without_keys(world, place):
    assert "No API keys found." in world.ok("list", env=place.env()).stdout
    service = world.serve(env=place.env())
    assert service.wait_event("document_absent")["store"] == f"s3://{place.bucket}/keys.json"
    assert service.verify("sec_whatever").status == 403
    # Reading writes nothing.
    assert place.read() is None


@pytest.mark.parametrize("key", ODD_KEYS)
def test_any_key_names_its_own_object(world, moto, key):
    place = Place(moto, key)
    env = place.env()
    made = [world.create("--name", name, env=env)["id"] for name in ("first", "second")]
    assert place.ids() == made
    assert [entry["Key"] for entry in place.client.list_objects_v2(Bucket=place.bucket)["Contents"]] == [key]


@pytest.mark.parametrize("options", ["flags", "url", "file"])
def test_a_store_is_named_by_flags_a_url_or_the_file(world, place, options):
    env = place.env()
    for name in ("S3_BUCKET", "S3_KEY", "AWS_REGION", "AWS_ENDPOINT_URL_S3"):
        del env[name]
    key = "by name.json"
    arguments = {
        "flags": ["--bucket", place.bucket, "--key", key, "--region", "us-east-1", "--endpoint-url", place.endpoint],
        "url": ["--store", f"s3://{place.bucket}/{key}", "--endpoint-url", place.endpoint],
        "file": [],
    }[options]
    if options == "file":
        (world.home / ".heare-auth.toml").write_text(
            f'[default]\ns3_bucket = "{place.bucket}"\ns3_key = "{key}"\nendpoint_url = "{place.endpoint}"\n')
    made = world.create("--name", "X", *arguments, env=env)
    place.key = key
    assert place.ids() == [made["id"]]


class Seen(NamedTuple):
    content_type: str
    body: bytes


def stored(place):
    answer = place.client.get_object(Bucket=place.bucket, Key=place.key)
    return Seen(answer["ContentType"], answer["Body"].read())


def fernet_of(storage_secret):
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(storage_secret.encode()).digest()))


def test_pythons_json_reads_what_is_written(world, place):
    made = world.create("--name", 'Ünï "quoted" 🔑', env=place.env())
    seen = stored(place)
    assert seen.content_type == "application/json"
    document = json.loads(seen.body)
    assert document["secret_storage"] == "hashed"
    assert document["keys"][0]["name"] == 'Ünï "quoted" 🔑'
    assert document["keys"][0]["secret_sha256"] == hashlib.sha256(made["secret"].encode()).hexdigest()


def test_pythons_fernet_opens_what_is_written(world, place):
    env = place.env(STORAGE_SECRET="a passphrase ✓")
    made = [world.create("--name", name, env=env)["id"] for name in ("first", "second")]
    seen = stored(place)
    assert seen.content_type == "application/octet-stream"
    header, token = seen.body[:19], seen.body[19:]
    assert header == b"HEARE_ENCRYPTED_V1:"
    assert [key["id"] for key in json.loads(fernet_of("a passphrase ✓").decrypt(token))["keys"]] == made


def test_what_pythons_fernet_sealed_is_read_and_edited(world, place):
    env = place.env(STORAGE_SECRET="from Python")
    record = {"id": "key_python", "secret": "sec_of_python", "name": "Python"}
    place.write(b"HEARE_ENCRYPTED_V1:" + fernet_of("from Python").encrypt(json.dumps({"keys": [record]}).encode()))
    made = world.create("--name", "Ours", env=env)
    keys = json.loads(fernet_of("from Python").decrypt(stored(place).body[19:]))["keys"]
    assert keys[0] == record
    # The Python service cannot load a record without `secret`.
    assert keys[1]["secret"] == made["secret"]


@pytest.mark.parametrize("case_of", [own_case, vectors_case], ids=["own", "vectors"])
@pytest.mark.parametrize("form", ["plain.json", "encrypted.bin"])
def test_a_document_of_others_loads_and_is_edited_in_place(world, place, case_of, form):
    case = case_of()
    before = (case.folder / form).read_bytes()
    place.write(before)
    env = place.env(STORAGE_SECRET=case.expected["storage_secret"])
    service = world.serve(env=env)
    assert service.wait_event("startup")["keys_loaded"] == case.expected["distinct_secrets"]
    for name, secret in case.good.items():
        assert service.verify(secret).json()["name"] == name
    for secret in case.refused.values():
        assert service.verify(secret).status == 403

    if form == "plain.json":
        # With a storage secret the next write would encrypt it.
        del env["STORAGE_SECRET"]
    made = world.create("--name", "New", env=env)
    world.ok("delete", "--yes", "--no-refresh", made["id"], env=env)
    after = stored(place).body
    if form == "plain.json":
        assert after == before
    else:
        open_it = fernet_of(case.expected["storage_secret"]).decrypt
        assert open_it(after[19:]) == open_it(before[19:])
