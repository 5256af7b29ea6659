"""/openapi.json tells all that the service does: each answer is one of its, and each of its is an answer."""

import json
import signal
import socket

import pytest
from openapi_spec_validator import validate

from description import METHODS, Description
from harness import request_bytes, wait_until

KEYS = [
    {"id": "key_plain", "secret": "sec_plain_1", "name": "", "metadata": {"a": [1.5, None]}},
    {"id": "key_reader", "secret": "sec_reader1", "name": "A Reader %", "owner": "töam", "scopes": ["reports:*", "b"]},
    {"id": "key_disabled", "secret": "sec_disable", "enabled": False},
    {"id": "key_expired", "secret": "sec_expired", "expires_at": "2020-01-01"},
]
KEY = ("X-API-Key", "sec_reader1")
ELSEWHERE = ("X-Forwarded-For", "203.0.113.7")
REST = "/auth/{rest}"


def real(path):
    """The path that is asked for, of one in the description."""
    return path.replace("{rest}", "a/b?scope=other")


@pytest.fixture
def service(world):
    world.put_document(json.dumps({"keys": KEYS}))
    return world.serve("--refresh-interval", "0")


@pytest.fixture
def description(service):
    return Description(service.get("/openapi.json").body)


class Caller:
    """Asks a service, and checks each answer."""

    def __init__(self, service, description):
        self.service = service
        self.description = description

    def ask(self, method, path, status, body=b"", headers=(), query=""):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        answer = self.service.request(method, real(path) + query, body, headers)
        assert answer.status == status, f"{method} {path}: {answer}"
        self.description.check(method, path, answer)
        return answer

    def each(self, path, status, **options):
        """By every method that the path takes."""
        for method in self.description.methods(path):
            self.ask(method, path, status, **options)

    def send(self, method, path, data):
        with self.service.connect() as connection:
            connection.send(data)
            answer = connection.read_answer(head_only=method == "HEAD")
        self.description.check(method, path, answer)


# --- the description itself -------------------------------------------------------------------------------------------


def test_it_is_valid_openapi(description):
    validate(description.document)


def test_it_has_the_version_of_the_program(world, description):
    assert world.ok("--version").stdout.split()[-1] == description.document["info"]["version"]


def test_its_examples_keep_to_its_schemas(description):
    examples = list(description.examples())
    assert len(examples) > 30
    for _, value, schema in examples:
        description.validate(value, schema)


def open_objects(value):
    """Every schema below that lets members in which it does not name."""
    if isinstance(value, list):
        return [found for item in value for found in open_objects(item)]
    if not isinstance(value, dict):
        return []
    here = [value] if value.get("type") == "object" and "additionalProperties" not in value else []
    return here + [found for item in value.values() for found in open_objects(item)]


def test_an_object_is_open_only_where_anything_may_come(description):
    """In request bodies, metadata, and the description itself."""
    paths, components = description.document["paths"], description.document["components"]
    expected = [
        paths["/verify"]["post"]["requestBody"]["content"]["application/json"]["schema"],
        paths["/verify/batch"]["post"]["requestBody"]["content"]["application/json"]["schema"],
        components["responses"]["Description"]["content"]["application/json"]["schema"],
        components["schemas"]["Accepted"]["properties"]["metadata"],
    ]
    assert open_objects(description.document) == expected


# --- the answers ------------------------------------------------------------------------------------------------------


def test_a_path_takes_the_methods_that_are_described_and_no_other(service, description):
    for path in description.document["paths"]:
        described = description.methods(path)
        for method in (*METHODS, "BREW"):
            answer = service.request(method, real(path))
            if method in described:
                description.check(method, path, answer)
            elif path not in ("/auth", REST):
                assert set(answer.headers["allow"].split(", ")) == described
                if method != "HEAD":
                    description.check_general("MethodNotAllowed", answer)
    description.check_general("NotFound", service.get("/health/"))


def answers_about_keys(caller):
    for secret in ("sec_plain_1", "sec_reader1"):
        caller.ask("POST", "/verify", 200, {"api_key": secret})
    for secret, reason in (("sec_nobody", "not_found"), ("sec_disable", "disabled"), ("sec_expired", "expired")):
        answer = caller.ask("POST", "/verify", 403, {"api_key": secret})
        assert answer.headers["x-auth-reason"] == reason
    for body in (b"", b"{", b"{}", b'{"api_key": 1}'):
        caller.ask("POST", "/verify", 400, body)
    caller.ask("POST", "/verify/batch", 200, {"api_keys": [key["secret"] for key in KEYS]})
    for body in (b"", b"{}", {"api_keys": [1]}, {"api_keys": ["a"] * 101}):
        caller.ask("POST", "/verify/batch", 400, body)


def answers_to_proxies(caller):
    for path in ("/auth", REST):
        for secret in ("sec_plain_1", "sec_reader1"):
            caller.each(path, 200, headers=[("Authorization", f"Bearer {secret}")])
        caller.each(path, 401)
        caller.each(path, 401, headers=[KEY, KEY])
        for secret in ("sec_nobody", "sec_disable", "sec_expired"):
            caller.each(path, 401, headers=[("X-API-Key", secret)])
        for scopes in ("c d", '"'):
            caller.each(path, 403, headers=[KEY, ("X-Auth-Required-Scope", scopes)])
    caller.each("/auth", 403, headers=[KEY], query="?scope=c&scope=%00")


def answers_to_operators(caller, world):
    for path in ("/health", "/ready", "/metrics", "/openapi.json", "/docs"):
        caller.each(path, 200)
    caller.ask("POST", "/refresh", 200)
    caller.ask("POST", "/refresh", 403, headers=[ELSEWHERE])
    caller.each("/metrics", 403, headers=[ELSEWHERE])
    good = world.document.read_bytes()
    world.put_document("{")
    caller.ask("POST", "/refresh", 500)
    world.put_document(good)


def refusals(caller):
    """What any operation may be answered with: each says itself which."""
    requests = {
        400: lambda method, path: request_bytes(method, path, headers=[("Host", "b")]),
        413: lambda method, path: request_bytes(method, path, headers=[("Transfer-Encoding", "chunked")]).replace(
            b"Content-Length: 0\r\n", b"") + b"FFFFF\r\n",
        417: lambda method, path: request_bytes(method, path, headers=[("Expect", "more")]),
        431: lambda method, path: request_bytes(method, path, headers=[("X", "x" * 40_000)]),
    }
    for method, path in caller.description.operations():
        for status in requests.keys() & caller.description.responses(method, path).keys():
            caller.send(method, path, requests[status](method, real(path)))


def services_without_keys(world):
    """One whose keys are too old, and one that has none yet."""
    stale = world.serve("--max-stale", "1ms", "--refresh-interval", "0", ready=False)
    wait_until(lambda: listens(stale) and stale.get("/ready").json() == {"status": "stale"}, "its keys are too old")
    yield stale
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        endpoint = f"http://127.0.0.1:{hanging.getsockname()[1]}"
        credentials = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
        store = ("--store", "s3://bucket/keys.json", "--endpoint-url", endpoint)
        loading = world.serve(*store, env=credentials, ready=False)
        wait_until(lambda: listens(loading), "it listens")
        yield loading
        loading.kill()


def listens(service):
    try:
        return service.get("/health").status == 200
    except ConnectionRefusedError:
        return False


def answers_without_keys(caller):
    caller.ask("POST", "/verify", 503, {"api_key": "sec_plain_1"})
    caller.ask("POST", "/verify/batch", 503, {"api_keys": []})
    for path in ("/auth", REST, "/ready"):
        caller.each(path, 503)


def test_every_answer_is_described_and_every_described_answer_is_given(world, service, description):
    # These get their answer, 408, after ten seconds; all else is asked meanwhile.
    slow = {operation: service.connect() for operation in description.operations()}
    for (method, path), connection in slow.items():
        connection.send(f"{method} {real(path)} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{{".encode())

    caller = Caller(service, description)
    answers_about_keys(caller)
    answers_to_proxies(caller)
    refusals(caller)
    answers_to_operators(caller, world)
    for without_keys in services_without_keys(world):
        answers_without_keys(Caller(without_keys, description))
    stopping = world.serve("--drain-delay", "60s")
    stopping.signal(signal.SIGTERM)
    wait_until(lambda: stopping.get("/ready").status == 503, "it is being stopped")
    Caller(stopping, description).each("/ready", 503)

    for (method, path), connection in slow.items():
        with connection:
            answer = connection.read_answer(head_only=method == "HEAD")
        assert answer.status == 408
        description.check(method, path, answer)
    assert description.seen == description.all_statuses()
