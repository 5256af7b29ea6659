"""A service behind a real nginx, Caddy and HAProxy, each with its file of docs/proxies: only good keys get through, and
what the service is told of them cannot be forged."""

import json
import re
import socket
from contextlib import contextmanager
from urllib.parse import unquote_to_bytes

import pytest
import yaml

from harness import Connection, World, wait_until
from proxies import CONFIGURATIONS, Proxy, RecordingService, require

HOSTILE_NAME = "a\r\nX-Evil: 1\n\"quoted\" \\ 'and' Brüder ✓ 🔑\t%0d%0a"
KEYS = [
    {"id": "key_plain", "secret": "sec_plain_1", "name": "Plain"},
    {"id": "key_reader", "secret": "sec_reader1", "name": "Reader", "owner": "team a", "scopes": ["reports:*", "x"]},
    {"id": "key_hostile", "secret": "sec_hostile", "name": HOSTILE_NAME, "owner": HOSTILE_NAME},
    {"id": "key_long", "secret": "sec_long_12", "name": "ü" * 256, "owner": "ö" * 256, "scopes": ["s" * 128] * 64},
    {"id": "key_expired", "secret": "sec_expired", "name": "Expired", "expires_at": "2020-01-01"},
    {"id": "key_disabled", "secret": "sec_disable", "name": "Disabled", "enabled": False},
]
IDENTITY = ("X-Auth-Key-Id", "X-Auth-Key-Name", "X-Auth-Owner", "X-Auth-Scopes")
CHALLENGE = 'Bearer realm="heare-auth"'
INVALID_TOKEN = f'{CHALLENGE}, error="invalid_token"'


class Guarded:
    """Asks the proxy, and tells what has reached the service behind it."""

    def __init__(self, proxy, service, auth):
        self.proxy, self.service, self.auth = proxy, service, auth

    def ask(self, path="/", headers=(), method="GET", body=b""):
        """The answer, and the request as the service saw it, or None."""
        before = len(self.service.seen)
        with Connection(self.proxy.port, 30) as connection:
            answer = connection.request(method, path, body, headers)
        seen = self.service.seen[before:]
        assert len(seen) <= 1
        assert (answer.status == 200) == bool(seen), answer
        return answer, seen[0] if seen else None

    def ask_with(self, secret, *arguments, **options):
        return self.ask(*arguments, headers=[("Authorization", f"Bearer {secret}")], **options)


@pytest.fixture(scope="module", params=["nginx", "caddy", "haproxy"])
def guarded(request, tmp_path_factory):
    require(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    world = World(folder)
    world.put_document(json.dumps({"keys": KEYS}))
    auth = world.serve()
    (folder / "proxy").mkdir()
    with RecordingService() as service, Proxy(request.param, folder / "proxy", auth.port, service.port) as proxy:
        yield Guarded(proxy, service, auth)
    world.close()


def identity_of(seen):
    return [seen.values(name) for name in IDENTITY]


def test_a_good_key_passes_with_whose_it_is(guarded):
    answer, seen = guarded.ask_with("sec_reader1", "/a/b?c=d&scope=nobody:has")
    assert (answer.status, answer.body) == (200, b"hello")
    assert (seen.method, seen.path) == ("GET", "/a/b?c=d&scope=nobody:has")
    assert identity_of(seen) == [["key_reader"], ["Reader"], ["team%20a"], ["reports:* x"]]
    _, seen = guarded.ask(headers=[("X-API-Key", "sec_plain_1")])
    assert identity_of(seen) == [["key_plain"], ["Plain"], ["-"], ["-"]]


def test_the_key_itself_goes_no_further(guarded):
    for headers in ([("Authorization", "Bearer sec_plain_1")], [("X-API-Key", "sec_plain_1")]):
        _, seen = guarded.ask(headers=headers)
        assert "sec_plain_1" not in repr(seen)


def test_what_a_client_says_of_itself_never_arrives(guarded):
    forged = [(name, "admin") for name in IDENTITY]
    forged += [(name.lower(), "admin") for name in IDENTITY]
    forged += [(name.replace("-", "_"), "admin") for name in IDENTITY]
    forged += [("X-Auth_Key-Id", "admin"), ("x_Auth-Scopes", "admin")]
    for secret in ("sec_plain_1", "sec_reader1"):
        answer, seen = guarded.ask(headers=[("X-API-Key", secret), *forged])
        assert answer.status == 200
        assert "admin" not in repr(seen)
        assert all(len(values) == 1 for values in identity_of(seen))


@pytest.mark.parametrize(
    "headers, challenge",
    [
        ([], CHALLENGE),
        ([("Authorization", "Basic c2VjX3BsYWluXzE6")], CHALLENGE),
        ([("Authorization", "Bearer sec_nobody_has")], INVALID_TOKEN),
        ([("X-API-Key", "sec_expired")], INVALID_TOKEN),
        ([("Authorization", "Bearer sec_disable")], INVALID_TOKEN),
        ([("X-API-Key", "sec_plain_1"), ("Authorization", "Bearer sec_plain_1")], INVALID_TOKEN),
        ([("X-API-Key", "sec_plain_1"), ("X-API-Key", "sec_plain_1")], INVALID_TOKEN),
    ],
    ids=["none", "another scheme", "unknown", "expired", "disabled", "in both headers", "in two lines"],
)
def test_without_a_good_key_it_is_401_with_a_challenge(guarded, headers, challenge):
    for path in ("/", "/reports/a"):
        answer, _ = guarded.ask(path, headers)
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == challenge


def test_a_missing_scope_is_403_with_a_challenge(guarded):
    answer, _ = guarded.ask_with("sec_plain_1", "/reports/a")
    assert answer.status == 403
    assert answer.headers["www-authenticate"] == f'{CHALLENGE}, error="insufficient_scope", scope="reports:read"'
    assert guarded.ask_with("sec_reader1", "/reports/a")[0].status == 200


def test_a_client_cannot_ask_for_less(guarded):
    headers = [("X-API-Key", "sec_plain_1"), ("X-Auth-Required-Scope", ""), ("X_Auth_Required_Scope", "")]
    assert guarded.ask("/reports/a?scope=", headers)[0].status == 403
    assert guarded.ask("/reports/a", [("X-API-Key", "sec_plain_1"), ("X-Auth-Scopes", "*")])[0].status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/reports", "/reports/", "/reports/a", "//reports/a", "///reports//a", "/./reports/a", "/x/../reports/a",
        "/x/%2e%2e/reports/a", "/x/..%2freports/a", "/x/.%2E%2Freports/a", "/%2e/reports/a", "/%2freports/a",
        "/reports%2fa", "/%72eports/a", "/reports/b/../a", "/x/..//reports/a", "http://localhost/x/../reports/a",
    ],
)
def test_no_spelling_of_a_path_goes_by_the_scope_that_it_needs(guarded, path):
    answer, _ = guarded.ask_with("sec_plain_1", path)
    assert answer.status in (400, 403)


@pytest.mark.parametrize(
    "path", ["/", "/reportsx", "/x/reports/a", "/.well-known/a", "/a.b/..c/d../...", "/a?b=/../reports/"]
)
def test_a_path_that_needs_no_scope_passes_as_it_is(guarded, path):
    answer, seen = guarded.ask_with("sec_plain_1", path)
    assert (answer.status, seen.path) == (200, path)


@pytest.mark.parametrize(
    "lines",
    [
        ["close, X-Auth-Key-Id, X-Auth-Key-Name, X-Auth-Owner, X-Auth-Scopes"],
        ["x-auth-key-id,x-auth-key-name", "close", "\tX-AUTH-OWNER ,\tx-auth-scopes"],
        ["X-Auth-Key-Id", "X_Auth_Key_Id, X-Auth-Scopes", "keep-alive, X-Auth-Owner"],
        ["X-Auth-Required-Scope", "x-auth-required-scope, close"],
        ["Host, X-Forwarded-For, Content-Length"],
    ],
)
def test_what_connection_names_takes_no_identity_away(guarded, lines):
    headers = [("Connection", line) for line in lines]
    answer, seen = guarded.ask("/reports/a", [("X-API-Key", "sec_reader1"), *headers])
    assert answer.status == 200
    assert identity_of(seen) == [["key_reader"], ["Reader"], ["team%20a"], ["reports:* x"]]
    # Nor may a proxy further on be told to.
    assert "auth" not in " ".join(seen.values("Connection")).lower()
    assert guarded.ask("/reports/a", [("X-API-Key", "sec_plain_1"), *headers])[0].status == 403


@pytest.mark.parametrize("name", ["X-API-Key", "Authorization"])
def test_a_key_that_connection_names_is_none_or_goes_no_further(guarded, name):
    value = "Bearer sec_reader1" if name == "Authorization" else "sec_reader1"
    answer, seen = guarded.ask("/", [("Connection", name), (name, value)])
    assert answer.status in (200, 401)
    assert "sec_reader1" not in repr(seen)
    if seen:
        assert identity_of(seen)[0] == ["key_reader"]


def test_the_service_is_told_where_a_client_is(guarded):
    headers = [("X-API-Key", "sec_plain_1"), ("X-Forwarded-For", "203.0.113.9")]
    _, seen = guarded.ask(headers=headers)
    assert ", ".join(seen.values("X-Forwarded-For")).endswith("127.0.0.1")


def test_a_body_of_a_mebibyte_arrives_whole(guarded):
    body = bytes(range(256)) * 4096
    for method in ("POST", "PUT"):
        answer, seen = guarded.ask_with("sec_reader1", "/reports/a", method=method, body=body)
        assert answer.status == 200
        assert (seen.method, seen.body == body) == (method, True)
    answer, _ = guarded.ask_with("sec_nobody", method="POST", body=body)
    assert answer.status == 401


def test_a_hostile_name_cannot_break_a_header(guarded):
    answer, seen = guarded.ask_with("sec_hostile")
    assert answer.status == 200
    assert not seen.values("X-Evil")
    for name in ("X-Auth-Key-Name", "X-Auth-Owner"):
        [value] = seen.values(name)
        assert unquote_to_bytes(value) == HOSTILE_NAME.encode()


def test_the_longest_names_and_scopes_arrive_cut(guarded):
    answer, seen = guarded.ask_with("sec_long_12")
    assert answer.status == 200
    assert identity_of(seen) == [
        ["key_long"], ["%C3%BC" * 170], ["%C3%B6" * 170], [" ".join(["s" * 128] * 7)]
    ]


def test_each_request_is_logged_as_one_verification(guarded):
    def lines():
        return [line for line in guarded.auth.log() if line["event"].startswith("verification_")]

    # Lines come in batches: those of the tests before are there once this one is.
    guarded.ask(headers=[("User-Agent", "before")])
    wait_until(lambda: any(line["user_agent"] == "before" for line in lines()), "the line before")
    before = len(lines())
    guarded.ask("/reports/a", [("X-API-Key", "sec_reader1"), ("User-Agent", "the client's own")])
    guarded.ask("/reports/a", [("X-API-Key", "sec_plain_1"), ("User-Agent", "the client's own")])
    new = wait_until(lambda: lines()[before + 1 :] and lines()[before:], "two lines")
    assert [(line["event"], line["user_agent"]) for line in new] == [
        ("verification_success", "the client's own"), ("verification_failed", "the client's own")
    ]
    assert new[1]["reason"] == "scope"


def test_nothing_gets_through_while_heare_auth_is_away(tmp_path, guarded):
    (tmp_path / "proxy").mkdir()
    with Proxy(guarded.proxy.name, tmp_path / "proxy", 1, guarded.service.port) as proxy:
        lonely = Guarded(proxy, guarded.service, None)
        answer, _ = lonely.ask_with("sec_reader1")
        assert answer.status >= 500


@contextmanager
def haproxy_asking(folder, auth_port, service):
    """HAProxy with something else in the place of heare-auth."""
    require("haproxy")
    with Proxy("haproxy", folder, auth_port, service.port) as proxy:
        yield Guarded(proxy, service, None)


def test_haproxy_lets_nothing_through_where_its_action_fails(tmp_path):
    # It passes over an action that fails: this one looks for headers that are not there.
    with RecordingService() as bare, RecordingService() as service:
        with haproxy_asking(tmp_path, bare.port, service) as guarded:
            forged = [(name, "admin") for name in IDENTITY]
            answer, _ = guarded.ask_with("sec_reader1")
            assert answer.status == 503
            assert guarded.ask("/reports/a", forged)[0].status == 503
        assert len(bare.seen) == 2


def test_haproxy_waits_for_heare_auth_five_seconds_in_all(tmp_path):
    action = (CONFIGURATIONS / "haproxy-auth.lua").read_text()
    timeout_ms = int(re.search(r"^local timeout_ms = (\d+)$", action, re.M)[1])
    with socket.create_server(("127.0.0.1", 0)) as hanging, RecordingService() as service:
        with haproxy_asking(tmp_path, hanging.getsockname()[1], service) as guarded:
            assert guarded.ask_with("sec_reader1")[0].status == 503
        hanging.setblocking(False)
        tries = 0
        while True:
            try:
                hanging.accept()[0].close()
            except BlockingIOError:
                break
            tries += 1
    assert tries * timeout_ms == 5000


@pytest.mark.parametrize("name", ["traefik.yaml", "traefik-dynamic.yaml", "envoy.yaml"])
def test_the_files_that_no_program_here_reads_are_yaml_at_least(name):
    assert isinstance(yaml.safe_load((CONFIGURATIONS / name).read_text()), dict)
