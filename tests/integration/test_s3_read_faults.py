"""What a running service does when its store fails: the old keys stay, it says so, and it comes back."""

import json
from datetime import timedelta

import pytest

from faulty_proxy import answer, clock_ahead, hang, replace_body, reset, reset_mid_body, trickle, truncate

pytest_plugins = ["s3_fixtures"]

SECRET = "sec_of_the_first_key"
SECOND = "sec_of_the_second_key"


def document(*secrets):
    return json.dumps({"keys": [{"id": f"key_{secret}", "secret": secret, "name": "N"} for secret in secrets]})


@pytest.fixture
def serving(world, faulty):
    """A service with one key, which reads only when it is asked to."""
    faulty.write(document(SECRET))
    return world.serve("--refresh-interval", "0", env=faulty.env(STORAGE_SECRET="a passphrase"))


def encrypted_with_another_secret(world, place):
    """What the program itself stores with another storage secret."""
    place.remove()
    world.create("--name", "X", env=place.env(STORAGE_SECRET="another passphrase"))


def refuse_refresh(service, reason):
    """/refresh must fail and say why, and the keys loaded before stay."""
    refused = service.refresh()
    assert refused.status == 500, refused
    assert refused.json()["error"].startswith("Failed to refresh keys: ")
    assert reason in refused.json()["error"], refused
    event = service.wait_event("refresh_failed")
    assert reason in event["error"] and event["level"] == "error"
    assert service.verify(SECRET).status == 200
    assert service.get("/ready").status == 200


def must_come_back(service, place):
    place.write(document(SECRET, SECOND))
    assert service.refresh().json()["keys_loaded"] == 2
    assert service.verify(SECOND).status == 200


# --- the document is broken ---

BROKEN = {
    "empty": (b"", "JSON"),
    "not JSON": (b"<html>a login page</html>", "JSON"),
    "half": (document(SECRET)[:40].encode(), "JSON"),
    "no keys": (b'{"kees": []}', "keys"),
    "a record without a secret": (b'{"keys": [{"id": "key_1", "secret": "s"}, {"id": "key_2"}]}', "2"),
    "a damaged token": (b"HEARE_ENCRYPTED_V1:gAAAAABnothing", "invalid STORAGE_SECRET"),
}


@pytest.mark.parametrize("content, reason", BROKEN.values(), ids=BROKEN)
def test_a_broken_document_leaves_the_old_keys(faulty, serving, content, reason):
    faulty.write(content)
    refuse_refresh(serving, reason)
    must_come_back(serving, faulty)


def test_a_document_of_another_storage_secret_leaves_the_old_keys(world, faulty, serving):
    encrypted_with_another_secret(world, faulty)
    refuse_refresh(serving, "Failed to decrypt data - invalid STORAGE_SECRET")
    must_come_back(serving, faulty)


def test_a_document_that_vanishes_leaves_the_old_keys(faulty, serving):
    faulty.remove()
    refuse_refresh(serving, "vanished")
    must_come_back(serving, faulty)


# --- the store or the wire is ---

@pytest.mark.parametrize("act", [reset_mid_body, truncate], ids=["reset", "truncated"])
def test_half_a_document_is_never_taken(faulty, proxy, serving, act):
    faulty.write(document(SECOND, SECRET))
    proxy.fault(act, method="GET", times=None)
    before = proxy.count("GET")
    refuse_refresh(serving, f"reading s3://{faulty.bucket}/keys.json")
    # Three tries, and nothing of any of them is in service.
    assert proxy.count("GET") == before + 3
    assert serving.verify(SECOND).status == 403
    proxy.clear()
    must_come_back(serving, faulty)


@pytest.mark.parametrize("act", [
    reset, reset_mid_body, truncate, answer(500, "InternalError"), answer(503, "SlowDown"),
], ids=["reset", "reset mid-body", "truncated", "500", "SlowDown"])
def test_what_passes_is_not_noticed(faulty, proxy, serving, act):
    faulty.write(document(SECRET, SECOND))
    proxy.fault(act, method="GET")
    assert serving.refresh().json()["keys_loaded"] == 2
    assert serving.events("refresh_failed") == []


@pytest.mark.parametrize("status, code, reason", [
    (403, "AccessDenied", "s3:GetObject"), (404, "NoSuchBucket", "NoSuchBucket"),
    (403, "SignatureDoesNotMatch", "secret access key"), (400, "AuthorizationHeaderMalformed", "Malformed"),
])
def test_a_refusal_leaves_the_old_keys_and_is_not_repeated(faulty, proxy, serving, status, code, reason):
    proxy.fault(answer(status, code), method="GET", times=None)
    before = proxy.count("GET")
    refuse_refresh(serving, reason)
    assert proxy.count("GET") == before + 1
    proxy.clear()
    must_come_back(serving, faulty)


def test_a_404_that_is_not_the_stores_own_is_no_absence(faulty, proxy, serving):
    """Of a load balancer, say: no code, and no reason to forget a key."""
    proxy.fault(answer(404), method="GET", times=None)
    refuse_refresh(serving, "404")
    assert serving.verify(SECRET).status == 200


def test_request_ids_are_told(faulty, proxy, serving):
    ids = [("x-amz-request-id", "REQUEST4711"), ("x-amz-id-2", "host+id/0815=")]
    proxy.fault(answer(403, "AccessDenied", ids, message="Access Denied"), method="GET", times=None)
    refuse_refresh(serving, "REQUEST4711")
    assert "host+id/0815=" in serving.events("refresh_failed")[0]["error"]


@pytest.mark.parametrize("act", [hang, trickle], ids=["hangs", "1 byte/s"])
def test_verifications_go_on_while_the_store_hangs(world, faulty, proxy, act):
    faulty.write(document(SECRET))
    service = world.serve("--refresh-interval", "100ms", env=faulty.env())
    faulty.write(document(SECRET, SECOND))
    proxy.fault(act, method="GET", times=None)
    stuck = lambda: [request for request in proxy.seen("GET") if request.outcome is None]
    before = proxy.count("GET", 200)
    proxy.wait_count(proxy.count("GET") + 1, "GET")
    with service.connect() as connection:
        for _ in range(500):
            for secret, status in ((SECRET, 200), (SECOND, 403)):
                body = json.dumps({"api_key": secret}).encode()
                assert connection.request("POST", "/verify", body).status == status
    # All that time nothing was read.
    assert stuck() and proxy.count("GET", 200) == before
    assert service.stop() == 0


# --- clocks and regions ---

@pytest.mark.parametrize("minutes", [20, -20])
def test_a_clock_that_is_off_is_learnt_once(faulty, proxy, serving, minutes):
    proxy.fault(clock_ahead(timedelta(minutes=minutes)), times=None)
    faulty.write(document(SECRET, SECOND))
    before = proxy.count()
    assert serving.refresh().json()["keys_loaded"] == 2
    refused, served = proxy.seen()[before:]
    assert (refused.outcome, served.outcome) == (403, 200)
    # What was learnt holds from now on.
    assert serving.refresh().status == 200
    assert [request.outcome for request in proxy.seen()[before + 2 :]] == [304]
    assert serving.events("refresh_failed") == []


def test_a_clock_that_cannot_be_learnt_is_named(faulty, proxy, serving):
    """The answer is signed again once, no more."""
    proxy.fault(answer(403, "RequestTimeTooSkewed"), method="GET", times=None)
    before = proxy.count("GET")
    refuse_refresh(serving, "clock")
    assert proxy.count("GET") == before + 2


@pytest.mark.parametrize("status, code", [(400, "AuthorizationHeaderMalformed"), (301, "PermanentRedirect")])
def test_a_region_that_the_store_names_is_signed_for(faulty, proxy, serving, status, code):
    def signed_for_another(request):
        return "/eu-central-1/s3/" not in request.headers["Authorization"]

    named = answer(status, code, [("x-amz-bucket-region", "eu-central-1")], more="<Region>eu-central-1</Region>")
    proxy.fault(named, times=None, when=signed_for_another)
    faulty.write(document(SECRET, SECOND))
    before = proxy.count()
    assert serving.refresh().json()["keys_loaded"] == 2
    assert [request.outcome for request in proxy.seen()[before:]] == [status, 200]
    assert serving.refresh().status == 200
    assert [request.outcome for request in proxy.seen()[before + 2 :]] == [304]


def test_a_body_that_is_longer_than_memory_would_like_is_read_as_it_comes(faulty, proxy, serving):
    """No Content-Length is trusted: the size comes from what arrives."""
    long = json.dumps({"keys": [{"id": "key_1", "secret": SECRET, "name": "x" * 3_000_000}]}).encode()
    proxy.fault(replace_body(long), method="GET")
    faulty.write(document(SECOND))
    assert serving.refresh().json()["keys_loaded"] == 1
    assert serving.verify(SECRET).status == 200
