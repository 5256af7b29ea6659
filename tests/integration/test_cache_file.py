"""--cache-file: a restart survives a store that is down or broken; --max-stale: but not for ever."""

import json
import os
import stat
import time

import pytest

from faulty_proxy import answer, hang, reset
from harness import wait_until
from s3_place import Place

pytest_plugins = ["s3_fixtures"]

SECRET = "sec_of_the_first_key"
SECOND = "sec_of_the_second_key"
POLL = ["--refresh-interval", "50ms"]


def document(*secrets):
    return json.dumps({"keys": [{"id": f"key_{secret}", "secret": secret, "name": "N"} for secret in secrets]})


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache.json"


def meta_of(cache):
    """The note beside it, which is written last."""
    return cache.parent / f"{cache.name}.meta"


@pytest.fixture
def cached(world, faulty, proxy, cache):
    """The document with one key, and a cache of it that an earlier run has left."""
    faulty.write(document(SECRET))
    first = world.serve("--cache-file", cache, env=faulty.env())
    wait_until(meta_of(cache).exists, "the cache")
    assert first.stop() == 0
    return cache


def must_serve_from(cache, world, faulty, *options):
    """A service that starts on the cache, says why, and comes back to its store."""
    service = world.serve("--cache-file", cache, *(options or POLL), env=faulty.env())
    assert service.verify(SECRET).status == 200
    assert service.wait_event("refresh_failed")["level"] == "error"
    return service


def must_come_back(service, faulty):
    faulty.write(document(SECOND))
    assert service.refresh().json()["keys_loaded"] == 1
    assert service.verify(SECOND).status == 200
    assert service.verify(SECRET).status == 403


# --- what it holds ---

@pytest.mark.parametrize("env", [{}, {"STORAGE_SECRET": "a passphrase"}], ids=["plain", "encrypted"])
def test_it_holds_the_bytes_of_the_store(world, faulty, cache, env):
    world.create("--name", "X", env=faulty.env(**env))
    world.serve("--cache-file", cache, env=faulty.env(**env))
    wait_until(meta_of(cache).exists, "the cache")
    assert cache.read_bytes() == faulty.read()
    meta = meta_of(cache).read_text()
    etag = faulty.client.head_object(Bucket=faulty.bucket, Key=faulty.key)["ETag"]
    assert f"s3://{faulty.bucket}/keys.json" in meta and etag.strip('"') in meta


@pytest.mark.parametrize("before", [None, 0o666])
def test_nobody_else_may_read_it(world, faulty, cache, before):
    faulty.write(document(SECRET))
    if before is not None:
        cache.write_text("what was there")
        cache.chmod(before)
    world.serve("--cache-file", cache, env=faulty.env())
    wait_until(meta_of(cache).exists, "the cache")
    assert cache.read_bytes() == faulty.read()
    for path in (cache, meta_of(cache)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_change_is_in_it(world, faulty, cached):
    world.serve("--cache-file", cached, *POLL, env=faulty.env())
    faulty.write(document(SECRET, SECOND))
    wait_until(lambda: cached.read_bytes() == faulty.read(), "the new document")


def test_a_broken_document_is_never_in_it(world, faulty, cached):
    good = faulty.read()
    service = world.serve("--cache-file", cached, *POLL, env=faulty.env())
    faulty.write("no document")
    service.wait_event("refresh_failed", 2)
    assert cached.read_bytes() == good


def test_each_confirmation_sets_its_time(world, faulty, proxy, cached):
    service = world.serve("--cache-file", cached, *POLL, env=faulty.env())
    for _ in range(2):
        os.utime(cached, (1_000_000_000, 1_000_000_000))
        began = time.time()
        wait_until(lambda: cached.stat().st_mtime > 1_000_000_001, "a new time")
        assert cached.stat().st_mtime >= began - 1
    # By 304s alone.
    assert proxy.count("GET", 200) <= 2
    assert service.events("refresh_failed") == []


# --- when it serves ---

FAULTS = {
    "reset": reset,
    "SlowDown": answer(503, "SlowDown"),
    "no such bucket": answer(404, "NoSuchBucket"),
    "denied": answer(403, "AccessDenied"),
    "wrong credentials": answer(403, "SignatureDoesNotMatch"),
    "absent": answer(404, "NoSuchKey"),
}


@pytest.mark.parametrize("act", FAULTS.values(), ids=FAULTS)
def test_it_serves_where_the_store_fails_at_the_start(world, faulty, proxy, cached, act):
    proxy.fault(act, times=None)
    service = must_serve_from(cached, world, faulty)
    assert service.refresh().status == 500
    assert service.get("/ready").status == 200
    assert service.verify(SECRET).status == 200
    proxy.clear()
    must_come_back(service, faulty)


def test_the_store_is_tried_again_by_itself(world, faulty, proxy, cached):
    """Also where polling is off: what the cache holds is known to be old."""
    proxy.fault(answer(403, "AccessDenied"))
    service = must_serve_from(cached, world, faulty, "--refresh-interval", "0")
    faulty.write(document(SECOND))
    wait_until(lambda: service.verify(SECOND).status == 200, "the store's own keys")


@pytest.mark.parametrize("content", [b"", b"no JSON", b'{"keys": [{}]}'], ids=["empty", "not JSON", "a bad record"])
def test_it_serves_where_the_document_is_broken_at_the_start(world, faulty, cached, content):
    faulty.write(content)
    must_come_back(must_serve_from(cached, world, faulty), faulty)


def test_it_serves_where_the_document_is_of_another_storage_secret(world, faulty, cached):
    faulty.remove()
    world.create("--name", "X", env=faulty.env(STORAGE_SECRET="nobody told"))
    must_come_back(must_serve_from(cached, world, faulty), faulty)


def test_it_serves_while_the_store_hangs(world, faulty, proxy, cached):
    proxy.fault(hang, times=None)
    before = proxy.count()
    service = world.serve("--cache-file", cached, *POLL, env=faulty.env())
    assert service.verify(SECRET).status == 200
    # The first request still hangs: no time-out of it was waited for.
    assert [request.outcome for request in proxy.seen()[before:]] == [None]
    assert service.wait_event("cache_served")["keys_loaded"] == 1
    proxy.clear()
    proxy.release()
    # Whoever reads the log learns that the keys are those of the store again.
    assert service.wait_event("refresh_success")["keys_loaded"] == 1
    must_come_back(service, faulty)


def test_a_start_on_the_cache_is_logged_as_a_start(world, faulty, proxy, cached):
    proxy.fault(answer(403, "AccessDenied"), times=None)
    service = must_serve_from(cached, world, faulty)
    assert service.wait_event("startup")["keys_loaded"] == 1
    assert service.events("startup_failed") == []


# --- when it does not ---

def must_end(service, reason):
    assert service.wait() == 1
    assert reason in service.events("startup_failed")[0]["error"]
    assert reason in service.stderr()


def test_a_cache_of_another_store_is_ignored_with_a_warning(world, moto, proxy, cached):
    other = Place(moto)
    other.endpoint = proxy.endpoint
    proxy.fault(answer(403, "AccessDenied"), times=None)
    service = world.serve("--cache-file", cached, env=other.env(), ready=False)
    must_end(service, "AccessDenied")
    warned = service.wait_event("cache_ignored")
    assert warned["level"] == "warning"
    assert other.bucket in warned["error"] and str(cached) in warned["error"]


def test_a_cache_of_a_bucket_of_that_name_on_another_server_is_ignored(world, faulty, proxy, cached):
    faulty.endpoint = faulty.endpoint.replace("127.0.0.1", "localhost")
    proxy.fault(answer(403, "AccessDenied"), times=None)
    service = world.serve("--cache-file", cached, env=faulty.env(), ready=False)
    must_end(service, "AccessDenied")
    assert faulty.endpoint in service.wait_event("cache_ignored")["error"]


def test_a_second_service_that_cannot_start_leaves_the_cache_of_the_first_alone(world, faulty, cached):
    first = world.serve("--cache-file", cached, *POLL, env=faulty.env())
    stranger = cached.parent / f"{cached.name}.tmp-0123456789abcdef"
    stranger.write_text("what the first one is writing")
    second = world.run("serve", "--cache-file", cached, "--port", first.port, env=faulty.env())
    assert second.code == 1
    assert stranger.exists()


def test_a_cache_of_another_store_is_replaced(world, moto, cached):
    other = Place(moto)
    other.write(document(SECOND))
    service = world.serve("--cache-file", cached, env=other.env())
    assert service.verify(SECRET).status == 403
    assert service.verify(SECOND).status == 200
    wait_until(lambda: meta_of(cached).exists() and other.bucket in meta_of(cached).read_text(), "the new note")
    assert cached.read_bytes() == other.read()


@pytest.mark.parametrize("content", [b"", b"no JSON", b"HEARE_ENCRYPTED_V1:nothing"])
def test_a_broken_cache_helps_nobody_and_harms_nobody(world, faulty, proxy, cached, content):
    cached.write_bytes(content)
    proxy.fault(answer(403, "AccessDenied"), times=None)
    must_end(world.serve("--cache-file", cached, env=faulty.env(), ready=False), "AccessDenied")
    proxy.clear()
    service = world.serve("--cache-file", cached, env=faulty.env())
    assert service.verify(SECRET).status == 200
    wait_until(lambda: cached.read_bytes() == faulty.read(), "a good cache")


def test_a_cache_without_its_meta_is_of_no_store(world, faulty, proxy, cached):
    meta_of(cached).unlink()
    proxy.fault(answer(403, "AccessDenied"), times=None)
    must_end(world.serve("--cache-file", cached, env=faulty.env(), ready=False), "AccessDenied")


# --- until it is too old ---

def is_stale(service):
    ready, verified = service.get("/ready"), service.verify(SECRET)
    if ready.status == 200 or verified.status == 200:
        return False
    assert (ready.status, ready.json()) == (503, {"status": "stale"})
    assert (verified.status, verified.json()) == (503, {"error": "Keys too old"})
    return True


def test_keys_that_the_store_has_not_confirmed_for_too_long_are_too_old(world, faulty, proxy):
    faulty.write(document(SECRET))
    service = world.serve("--max-stale", "1s", *POLL, env=faulty.env())
    proxy.fault(answer(403, "AccessDenied"), times=None)
    wait_until(lambda: is_stale(service), "stale keys")
    proxy.clear()
    wait_until(service.is_ready, "keys that are confirmed")
    assert service.verify(SECRET).status == 200


def test_confirmations_keep_them_fresh(world, faulty, proxy):
    faulty.write(document(SECRET))
    service = world.serve("--max-stale", "1s", *POLL, env=faulty.env())
    # Each after 50 ms: together half as long again as they may be old.
    while proxy.count("GET", 304) < 30:
        assert service.verify(SECRET).status == 200
    assert proxy.count("GET", 200) == 1


def test_the_age_of_the_cache_counts(world, faulty, proxy, cached):
    an_hour_ago = time.time() - 3600
    os.utime(cached, (an_hour_ago, an_hour_ago))
    proxy.fault(answer(403, "AccessDenied"), times=None)
    service = world.serve("--cache-file", cached, "--max-stale", "30m", *POLL, env=faulty.env(), ready=False)
    service.wait_event("startup")
    assert is_stale(service)
    proxy.clear()
    assert service.refresh().status == 200
    assert service.is_ready()
    assert service.verify(SECRET).status == 200
