"""A service that starts on a store that fails: it waits for what may pass, and ends at once for what won't."""

import json

import pytest

from faulty_proxy import answer, hang, reset
from harness import free_port, wait_until
from s3_place import Place
from s3_servers import s3_server

pytest_plugins = ["s3_fixtures"]

SECRET = "sec_of_the_first_key"
DOCUMENT = json.dumps({"keys": [{"id": "key_1", "secret": SECRET, "name": "N"}]})


def must_end(service, *reasons):
    """Exit 1, with the reason on standard error and in the log."""
    assert service.wait(60) == 1
    assert service.events("startup") == []
    event = service.events("startup_failed")[0]
    assert event["level"] == "error"
    for reason in reasons:
        assert reason in event["error"], event
        assert reason in service.stderr()


REFUSALS = {
    "no such bucket": (404, "NoSuchBucket", "create the bucket"),
    "access denied": (403, "AccessDenied", "s3:GetObject"),
    "unknown access key": (403, "InvalidAccessKeyId", "the environment"),
    "wrong secret access key": (403, "SignatureDoesNotMatch", "the environment"),
    "expired credentials": (400, "ExpiredToken", "have expired"),
}


@pytest.mark.parametrize("status, code, reason", REFUSALS.values(), ids=REFUSALS)
def test_what_will_not_pass_ends_it_at_once(world, faulty, proxy, status, code, reason):
    proxy.fault(answer(status, code), times=None)
    service = world.serve(env=faulty.env(), ready=False)
    must_end(service, code, reason, f"s3://{faulty.bucket}/keys.json")
    assert proxy.count() == 1


BROKEN = {
    "empty": b"", "not JSON": b"keys: []", "no keys": b'{"kees": []}',
    "a record without id": b'{"keys": [{"secret": "s"}]}',
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_document_ends_it_at_once(world, faulty, proxy, content):
    faulty.write(content)
    must_end(world.serve(env=faulty.env(), ready=False), f"s3://{faulty.bucket}/keys.json")
    assert proxy.count() == 1


@pytest.mark.parametrize("env, reason", [
    ({}, "Data is encrypted but no STORAGE_SECRET provided"),
    ({"STORAGE_SECRET": "wrong"}, "Failed to decrypt data - invalid STORAGE_SECRET"),
])
def test_a_wrong_storage_secret_ends_it_at_once(world, faulty, proxy, env, reason):
    world.create("--name", "X", env=faulty.env(STORAGE_SECRET="right"))
    before = proxy.count()
    must_end(world.serve(env=faulty.env(**env), ready=False), reason)
    assert proxy.count() == before + 1


def test_no_such_bucket_of_a_real_store_ends_it(world, place):
    env = {**place.env(), "S3_BUCKET": "no-such-bucket-here"}
    must_end(world.serve(env=env, ready=False), "NoSuchBucket", "create the bucket")


@pytest.mark.parametrize("name", ["minio", "versitygw"])
def test_wrong_credentials_at_a_real_store_end_it(world, name):
    with s3_server(name) as server:
        place = Place(server)
        unknown = {**place.env(), "AWS_ACCESS_KEY_ID": "AKIDNOBODY"}
        must_end(world.serve(env=unknown, ready=False), "the access key from the environment")
        wrong = {**place.env(), "AWS_SECRET_ACCESS_KEY": "not-the-secret-key"}
        must_end(world.serve(env=wrong, ready=False), "SignatureDoesNotMatch", "the environment")


@pytest.mark.parametrize("act", [reset, answer(503, "SlowDown")], ids=["reset", "SlowDown"])
def test_what_passes_delays_the_start(world, faulty, proxy, act):
    faulty.write(DOCUMENT)
    # One more than one load tries.
    proxy.fault(act, times=4)
    service = world.serve(env=faulty.env())
    assert service.verify(SECRET).status == 200
    assert proxy.count() == 5
    assert service.wait_event("startup")["keys_loaded"] == 1


def first_answer(service, path):
    """Of a service that was only just started."""
    def ask():
        try:
            return service.get(path)
        except ConnectionRefusedError:
            return None
    return wait_until(ask, path)


def test_until_it_has_loaded_it_calls_no_key_invalid(world, faulty, proxy):
    faulty.write(DOCUMENT)
    proxy.fault(hang)
    service = world.serve(env=faulty.env(), ready=False)
    loading = first_answer(service, "/ready")
    assert (loading.status, loading.json()) == (503, {"status": "loading"})
    assert service.get("/health").status == 200
    refused = service.verify(SECRET)
    assert (refused.status, refused.json()) == (503, {"error": "Keys not loaded"})
    proxy.release()
    service.wait_ready()
    assert service.verify(SECRET).status == 200


def test_a_store_that_is_down_or_hangs_is_given_half_a_minute(world, faulty, proxy):
    """The one slow test: both services wait at the same time."""
    proxy.fault(hang, times=None)
    is_down = {**faulty.env(), "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{free_port()}"}
    services = [world.serve(env=env, ready=False) for env in (is_down, faulty.env())]
    for service in services:
        assert first_answer(service, "/ready").json() == {"status": "loading"}
    for service in services:
        must_end(service, f"reading s3://{faulty.bucket}/keys.json")
    # Both have tried more than once: the one in loads that end at once, the other within its one load.
    assert len(services[0].events("refresh_failed")) > 2
    assert proxy.count() == 3
