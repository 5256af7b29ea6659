"""/auth and /verify/batch over real connections: what a proxy may send, and what it gets."""

import json

import pytest

from harness import memory_bytes, request_bytes, wait_until

KEYS = [
    {"id": "key_plain", "secret": "sec_plain_1", "name": "Plain", "metadata": {"a": 1}},
    {"id": "key_reader", "secret": "sec_reader1", "name": "A Reader", "owner": "team", "scopes": ["reports:*"]},
    {"id": "key_disabled", "secret": "sec_disable", "enabled": False},
]
KEY = ("X-API-Key", "sec_reader1")
MEBIBYTE = 1024 * 1024


@pytest.fixture
def service(world):
    world.put_document(json.dumps({"keys": KEYS}))
    return world.serve("--threads", "1")


def head_of(fields, method="POST", path="/auth/x"):
    lines = [f"{method} {path} HTTP/1.1", "Host: a", ": ".join(KEY), *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def chunked(body, size=50_000):
    parts = [body[begin : begin + size] for begin in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def test_a_good_key_is_200_with_four_headers_and_nothing_else(service):
    answer = service.get("/auth?scope=reports:read", [("Authorization", "Bearer sec_reader1")])
    assert (answer.status, answer.body) == (200, b"")
    assert {name: value for name, value in answer.headers.items() if name != "date"} == {
        "content-length": "0",
        "x-auth-key-id": "key_reader",
        "x-auth-key-name": "A%20Reader",
        "x-auth-owner": "team",
        "x-auth-scopes": "reports:*",
    }


def test_refusals_say_why(service):
    def refusal(path="/auth", headers=()):
        answer = service.get(path, headers)
        return answer.status, answer.headers["x-auth-reason"], answer.json()["error"], answer.headers["www-authenticate"]

    realm = 'Bearer realm="heare-auth"'
    invalid = f'{realm}, error="invalid_token"'
    assert refusal() == (401, "missing", "Missing API key", realm)
    assert refusal(headers=[("X-API-Key", "sec_nobody_1")]) == (401, "not_found", "Invalid API key", invalid)
    assert refusal(headers=[("X-API-Key", "sec_disable")]) == (401, "disabled", "Invalid API key", invalid)
    assert refusal(headers=[KEY, KEY]) == (401, "malformed", "Invalid API key", invalid)
    scopes = f'{realm}, error="insufficient_scope", scope="reports:a b"'
    assert refusal("/auth?scope=reports%3Aa+b", [KEY]) == (403, "scope", "Insufficient scope", scopes)
    service.wait_event("verification_failed", 5)
    assert [(line["reason"], line["secret_prefix"]) for line in service.events("verification_failed")] == [
        ("missing", "***"), ("not_found", "sec_"), ("disabled", "sec_"), ("malformed", "***"), ("scope", "sec_")
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "PURGE", "x-y"])
def test_any_method_asks(service, method):
    with service.connect() as connection:
        for path, status in (("/auth", 200), ("/auth/", 200), ("/auth/a?scope=nobody:has", 200)):
            assert connection.request(method, path, headers=[KEY]).status == status
        answer = connection.request(method, "/auth")
        assert (answer.status, bool(answer.body)) == (401, method != "HEAD")


def test_a_body_of_a_mebibyte_is_ignored_and_the_connection_goes_on(service):
    body = b"x" * MEBIBYTE
    with service.connect() as connection:
        assert connection.request("POST", "/auth", body, [KEY]).status == 200
        connection.send(head_of(["Transfer-Encoding: chunked"]) + chunked(body))
        assert connection.read_answer().status == 200
        connection.send(head_of([f"Content-Length: {MEBIBYTE}", "Expect: 100-continue"]))
        assert connection.read_answer().status == 100
        connection.send(body)
        assert connection.read_answer().status == 200
        assert connection.request("GET", "/health").status == 200


@pytest.mark.parametrize(
    "fields, body",
    [
        ([f"Content-Length: {MEBIBYTE + 1}"], b""),
        ([f"Content-Length: {MEBIBYTE + 1}"], b"x" * (MEBIBYTE + 1)),
        (["Content-Length: 99999999999", "Expect: 100-continue"], b""),
        (["Transfer-Encoding: chunked"], b"100001\r\n"),
        (["Transfer-Encoding: chunked"], chunked(b"x" * (MEBIBYTE + 1))),
    ],
    ids=["sized, not sent", "sized, sent", "sized, waits", "chunked, not sent", "chunked, sent"],
)
def test_a_longer_body_is_not_waited_for(service, fields, body):
    with service.connect() as connection:
        connection.send(head_of(fields) + body)
        answer = connection.read_answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert connection.is_closed()


def test_an_expectation_that_nobody_can_meet_is_no_reason_to_fail(service):
    with service.connect() as connection:
        connection.send(head_of(["Expect: a-wonder", "Content-Length: 1"]) + b"x")
        assert connection.read_answer().status == 200
        assert connection.request("GET", "/health").status == 200


def test_bodies_under_way_take_no_memory(service):
    before = memory_bytes(service.process.pid)
    connections = [service.connect() for _ in range(100)]
    for connection in connections:
        connection.send(head_of([f"Content-Length: {MEBIBYTE}"]) + b"x" * (MEBIBYTE - 1))
    for connection in connections:
        connection.send(b"x")
        assert connection.read_answer().status == 200
        connection.socket.close()
    # 100 MiB have come in; kept, they would show.
    assert memory_bytes(service.process.pid) - before < 20 * 1024 * 1024


def test_keys_that_are_too_old_are_503(world):
    world.put_document(json.dumps({"keys": KEYS}))
    service = world.serve("--max-stale", "1ms", "--refresh-interval", "0", ready=False)
    service.wait_event("startup")
    wait_until(lambda: service.get("/auth", [KEY]).status == 503, "keys are too old")
    assert service.get("/auth").json() == {"error": "Keys too old"}
    assert service.post("/verify/batch", b"{}").status == 503


def test_a_batch_is_what_verify_would_answer_and_each_key_is_logged(service):
    secrets = ["sec_plain_1", "sec_nobody_1", "sec_reader1", "sec_disable", "sec_plain_1"]
    expected = [service.verify(secret).json() for secret in secrets]
    service.wait_event("verification_failed", 2)
    answer = service.post("/verify/batch", json.dumps({"api_keys": secrets}).encode())
    assert (answer.status, answer.json()) == (200, {"results": expected})
    service.wait_event("verification_success", 6)
    service.wait_event("verification_failed", 4)


def test_a_batch_has_a_hundred_keys_at_most(service):
    def batch(keys):
        return service.post("/verify/batch", json.dumps({"api_keys": keys}).encode())

    assert len(batch(["sec_plain_1"] * 100).json()["results"]) == 100
    for keys, error in ((["a"] * 101, "Too many api_keys (limit 100)"), ([1], "Missing api_keys field")):
        answer = batch(keys)
        assert (answer.status, answer.json()) == (400, {"error": error})


def test_pipelined_questions_are_answered_in_order(service):
    with service.connect() as connection:
        connection.send(
            request_bytes("POST", "/auth", b"a body", [KEY]) + head_of(["Transfer-Encoding: chunked"]) + chunked(b"xyz")
            + request_bytes("GET", "/auth") + request_bytes("GET", "/health")
        )
        assert [connection.read_answer().status for _ in range(4)] == [200, 200, 401, 200]
