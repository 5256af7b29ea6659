"""clients/python: against the service, against one that comes and goes, and against what only looks like one."""

import ast
import contextlib
import json
import socket
import ssl
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest

from faulty_proxy import hang
from harness import REPOSITORY, free_port, is_ready, wait_until
from s3_servers import openssl

pytest_plugins = ["s3_fixtures"]

CLIENT = REPOSITORY / "clients/python"
sys.path[:0] = [str(CLIENT), str(CLIENT / "examples")]

from heare_auth import Client, Unavailable, Verification  # noqa: E402

DOCUMENT = json.dumps({"keys": [
    {"id": "key_full", "secret": "sec_full", "name": "Ünï", "metadata": {"a": [1]}, "owner": "team a",
     "scopes": ["reports:*", "users:read"]},
    {"id": "key_bare", "secret": "sec_bare"},
    {"id": "key_old", "secret": "sec_old", "name": "Old", "expires_at": "2020-01-01"},
    {"id": "key_off", "secret": "sec_off", "name": "Off", "enabled": False},
]})
GOOD = '{"valid":true,"key_id":"key_1","name":"N","metadata":{}}'
REFUSED = '{"valid":false,"error":"Invalid API key"}'


class Time:
    """A clock that only sleeping moves, or a test."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def options(self):
        return {"clock": lambda: self.now, "sleep": self.sleep}


class Peer:
    """Answers as it is told, the last answer for ever, and counts connections and requests."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.connections = 0
        self.requests = []
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def setup(self):
                super().setup()
                peer.connections += 1

            def do_POST(self):
                peer.requests.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
                status, body = peer.answers.pop(0) if len(peer.answers) > 1 else peer.answers[0]
                if status is None:
                    self.close_connection = True
                    return
                self.send_response_only(status)
                self.send_header("Content-Length", str(len(body)))
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def service(world):
    world.put_document(DOCUMENT)
    return world.serve()


@contextlib.contextmanager
def service_at(world, port):
    """One that takes the place of another."""
    process = world.popen("serve", "--port", port, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: process.poll() is not None or is_ready(port), "the service")
        assert process.poll() is None
        yield
    finally:
        process.kill()
        process.wait()


# --- what the service says ---


def test_a_good_key_comes_with_all_that_it_has(service):
    with Client(service.url) as client:
        assert client.verify("sec_full") == Verification(
            True, "key_full", "Ünï", {"a": [1]}, ("reports:*", "users:read"), "team a"
        )
        assert client.verify("sec_bare") == Verification(True, "key_bare")


@pytest.mark.parametrize(
    ("secret", "reason"),
    [("sec_nobody", "not_found"), ("", "not_found"), ("sec_old", "expired"), ("sec_off", "disabled"),
     ("\ud800", "not_found"), ("é" * 20_000, "not_found")],
)
def test_a_refused_key_is_a_result_and_counts_as_false(service, secret, reason):
    with Client(service.url, cache_seconds=60) as client:
        result = client.verify(secret)
        assert (bool(result), result.valid, result.reason, result.key_id) == (False, False, reason, None)
        assert client.verify_batch([secret]) == [Verification(False, reason=None if len(secret) < 99 else reason)]


def test_a_batch_of_any_size_is_answered_in_order(service):
    secrets = [f"sec_{number}" for number in range(250)]
    secrets[7:7] = ["sec_full"]
    secrets[180:180] = ["sec_bare", "sec_full", "x" * 70_000]
    with Client(service.url) as client:
        results = client.verify_batch(secrets)
        assert [result.key_id for result in results if result] == ["key_full", "key_bare", "key_full"]
        assert [bool(result) for result in results] == [secret in ("sec_full", "sec_bare") for secret in secrets]
        assert client.verify_batch([]) == []
        # Each a request of its own: together they are longer than the service takes.
        assert len(client.verify_batch(["y" * 40_000, "z" * 40_000])) == 2


def test_a_batch_goes_out_in_parts_that_the_service_takes():
    with Peer((200, "{}")) as peer, Client(peer.url) as client:
        for count, parts in ((100, [100]), (101, [100, 1]), (250, [100, 100, 50])):
            peer.requests.clear()
            peer.answers = [(200, json.dumps({"results": [json.loads(REFUSED)] * part})) for part in parts]
            assert len(client.verify_batch(map(str, range(count)))) == count
            assert [len(body["api_keys"]) for _, body in peer.requests] == parts
        peer.answers = [(200, json.dumps({"results": [json.loads(GOOD)]}))]
        assert [result.key_id for result in client.verify_batch(["twice", "twice"])] == ["key_1", "key_1"]
        assert peer.requests[-1] == ("/verify/batch", {"api_keys": ["twice"]})


@pytest.mark.parametrize("key", [None, b"sec_full", 7])
def test_what_is_no_text_is_a_mistake_of_the_caller(key):
    client = Client("http://localhost:1")
    with pytest.raises(TypeError):
        client.verify(key)
    with pytest.raises(TypeError):
        client.verify_batch([key])
    with pytest.raises(TypeError):
        client.verify_batch("sec_full")


SCOPES = [
    ("reports:*", "reports:read"), ("reports:*", "reports:read:all"), ("reports:*", "reports"),
    ("reports:*", "reports:"), ("reports:*", "reports:*"), ("*", "a"), ("*", "a,b"), ("*", "ä"), ("rep*", "reports"),
    ("a", "a"), ("a", "A"),
    (":*", ":a"), ("a:*:*", "a:*:b"), ("a", "b"),
]


def test_its_scopes_are_those_of_the_service(world):
    world.put_document(json.dumps({"keys": [
        {"id": f"key_{number}", "secret": f"sec_{number}", "scopes": [held]} for number, (held, _) in enumerate(SCOPES)
    ]}))
    service = world.serve()
    with Client(service.url) as client:
        for number, (held, required) in enumerate(SCOPES):
            answer = service.get(f"/auth?scope={quote(required)}", [("X-API-Key", f"sec_{number}")])
            assert client.verify(f"sec_{number}").may(required) == (answer.status == 200), (held, required)
        assert not Verification(False, scopes=("*",)).may("a")


# --- a service that comes and goes ---


def test_connections_are_kept_and_used_again():
    with Peer((200, GOOD)) as peer, Client(peer.url) as client:
        for _ in range(5):
            assert client.verify("sec_x")
        assert (peer.connections, len(peer.requests)) == (1, 5)


def test_a_restart_between_two_calls_is_not_noticed(world, service):
    time = Time()
    with Client(service.url, **time.options()) as client:
        with ThreadPoolExecutor(4) as threads:
            assert all(threads.map(client.verify, ["sec_full"] * 40))
        service.stop()
        with service_at(world, service.port):
            assert client.verify("sec_full")
    assert time.slept == []


def test_a_dead_connection_is_replaced_once_and_without_a_pause():
    time = Time()
    with Peer((200, GOOD), (None, ""), (200, GOOD)) as peer, Client(peer.url, **time.options()) as client:
        assert client.verify("sec_x") and client.verify("sec_x")
        assert (peer.connections, len(peer.requests), time.slept) == (2, 3, [])


def test_after_two_minutes_a_connection_is_not_tried_any_more():
    time = Time()
    with Peer((200, GOOD)) as peer, Client(peer.url, **time.options()) as client:
        client.verify("sec_x")
        time.now += 121
        client.verify("sec_x")
        assert peer.connections == 2


def test_no_more_connections_are_kept_than_was_said():
    barrier = threading.Barrier(4)
    with Peer((200, GOOD)) as peer, Client(peer.url, connections=2) as client, ThreadPoolExecutor(4) as threads:
        for _ in range(5):
            assert all(threads.map(lambda _: barrier.wait() >= 0 and client.verify("sec_x"), range(4)))
            assert len(client._pool._kept) <= 2


def test_a_service_that_is_away_is_an_exception_after_the_deadline():
    time = Time()
    client = Client(f"http://127.0.0.1:{free_port()}", deadline=5, **time.options())
    with pytest.raises(Unavailable) as raised:
        client.verify("sec_of_somebody")
    assert "refused" in str(raised.value) and "sec_of_somebody" not in str(raised.value)
    assert 3 < time.now < 5 and len(set(time.slept)) > 3 and max(time.slept) <= 1
    with pytest.raises(Unavailable):
        client.verify_batch(["sec_of_somebody"])


def test_a_service_that_hangs_is_waited_for_no_longer_than_was_said():
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        client = Client(f"http://127.0.0.1:{hanging.getsockname()[1]}", timeout=0.05, deadline=0.2)
        with pytest.raises(Unavailable, match="timed out"):
            client.verify("sec_x")


def test_while_it_loads_the_key_is_not_invalid_but_waited_for(world, faulty, proxy):
    faulty.write(DOCUMENT)
    proxy.fault(hang, times=None)
    service = world.serve(env=faulty.env(), ready=False)
    wait_until(lambda: service.ended() or proxy.count() > 0, "the load")
    away = Time()
    with pytest.raises(Unavailable, match="503.*Keys not loaded"):
        Client(service.url, **away.options()).verify("sec_full")

    def loaded(_):
        proxy.clear()
        proxy.release()
        service.wait_ready()

    assert Client(service.url, deadline=600, sleep=loaded).verify("sec_full").key_id == "key_full"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status):
    time = Time()
    with Peer((status, "later"), (None, ""), (403, REFUSED)) as peer, Client(peer.url, **time.options()) as client:
        assert client.verify("sec_x").valid is False
        assert len(peer.requests) == 3 and len(time.slept) in (1, 2)


STRANGE = [
    (403, "<html>Forbidden</html>"), (403, '{"error":"Forbidden"}'), (403, GOOD), (200, REFUSED), (200, "[]"),
    (200, "<html>Sign in</html>"), (200, '{"valid":true}'), (200, '{"valid":1,"key_id":"k"}'), (401, REFUSED),
    (200, '{"valid":"true","key_id":"k"}'), (302, ""), (404, '{"error":"Not found"}'),
    (400, '{"error":"Invalid JSON"}'),
]


@pytest.mark.parametrize(("status", "body"), STRANGE)
def test_what_only_looks_like_an_answer_tells_nothing_of_a_key(status, body):
    with Peer((status, body)) as peer, Client(peer.url) as client:
        with pytest.raises(Unavailable, match=f"status {status}"):
            client.verify("sec_x")
        assert len(peer.requests) == 1


@pytest.mark.parametrize(
    "body", ["{}", "no", '{"results":[]}', f'{{"results":[{GOOD},{GOOD}]}}', '{"results":[{}]}', '{"results":{}}', GOOD]
)
def test_a_batch_with_other_answers_than_asked_for_tells_nothing(body):
    with Peer((200, body)) as peer, Client(peer.url) as client, pytest.raises(Unavailable):
        client.verify_batch(["sec_x"])


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://host", "http://", "http://u:p@host", "http://host/?a=b", ""])
def test_an_address_that_cannot_be_one_is_refused_at_once(url):
    with pytest.raises(ValueError):
        Client(url)


def test_it_finds_a_service_below_a_path():
    with Peer((200, GOOD)) as peer, Client(f"{peer.url}/keys/") as client:
        client.verify("sec_x")
        assert peer.requests[0][0] == "/keys/verify"


def test_over_https_only_the_right_certificate_will_do(tmp_path):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key.pem",
            "-out", "cert.pem", "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
            folder=tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with Peer((200, GOOD)) as peer:
        peer.server.socket = tls.wrap_socket(peer.server.socket, server_side=True)
        url = peer.url.replace("http:", "https:")
        time = Time()
        with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
            Client(url, **time.options()).verify("sec_x")
        assert time.slept == []
        trusted = ssl.create_default_context(cafile=tmp_path / "cert.pem")
        with Client(url, ssl_context=trusted) as client:
            assert client.verify("sec_x") and client.verify("sec_x")
        assert len(peer.requests) == 2


# --- the cache ---


def test_a_good_key_counts_for_the_time_of_the_cache_and_no_longer(world, service):
    time = Time()
    with Client(service.url, cache_seconds=2, **time.options()) as client:
        assert client.verify("sec_full").key_id == "key_full"
        world.ok("delete", "--yes", "key_full", env={"PORT": service.port})
        time.now = 1.9
        assert client.verify("sec_full").key_id == "key_full" and client.verify_batch(["sec_full"])[0].valid
        time.now = 2.0
        assert client.verify("sec_full").reason == "not_found"


def test_without_a_cache_the_service_decides(world, service):
    with Client(service.url) as client:
        assert client.verify("sec_full")
        world.ok("delete", "--yes", "key_full", env={"PORT": service.port})
        assert not client.verify("sec_full")


def test_a_refused_key_works_as_soon_as_it_is_there():
    time = Time()
    with Peer((403, REFUSED), (200, GOOD)) as peer, Client(peer.url, cache_seconds=9, **time.options()) as client:
        assert not client.verify("sec_x")
        assert client.verify("sec_x") and client.verify("sec_x")
        assert len(peer.requests) == 2


def test_the_cache_has_a_bound_and_holds_no_keys():
    with Peer((200, GOOD)) as peer, Client(peer.url, cache_seconds=60, cache_entries=3) as client:
        for secret in ("sec_1", "sec_2", "sec_3", "sec_1", "sec_4"):
            client.verify(secret)
        assert len(peer.requests) == 4
        entries = client._cache._entries
        assert len(entries) == 3 and not any(b"sec_" in digest for digest in entries) and "sec_" not in repr(entries)
        # The one that was asked for longest ago is gone.
        client.verify("sec_1")
        assert len(peer.requests) == 4
        client.verify("sec_2")
        assert len(peer.requests) == 5
        client.close()
        client.verify("sec_1")
        assert len(peer.requests) == 6


def test_whoever_changes_what_it_got_changes_nothing_for_others(service):
    with Client(service.url, cache_seconds=60) as client:
        for _ in range(3):
            client.verify("sec_full").metadata["a"].append(2)
            client.verify_batch(["sec_full"])[0].metadata.clear()
        assert client.verify("sec_full").metadata == {"a": [1]}


# --- threads, processes, Pythons ---


def test_threads_share_a_client_and_get_their_own_answers(service):
    expected = {"sec_full": "key_full", "sec_bare": "key_bare", "sec_nobody": None}
    with Client(service.url, cache_seconds=0.001, cache_entries=1) as client, ThreadPoolExecutor(8) as threads:
        asked = list(expected) * 100
        assert [result.key_id for result in threads.map(client.verify, asked)] == [expected[key] for key in asked]
        batches = threads.map(client.verify_batch, [list(expected)] * 50)
        assert all([result.key_id for result in batch] == list(expected.values()) for batch in batches)


def test_after_a_fork_each_process_has_connections_of_its_own(service):
    program = """
import os, sys
from heare_auth import Client
client = Client(sys.argv[1])
assert client.verify("sec_full")
child = os.fork()
good = all(client.verify("sec_full").key_id == "key_full" and not client.verify("sec_no") for _ in range(200))
if child == 0:
    os._exit(0 if good else 1)
assert good and os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-B", "-c", program, service.url], cwd=CLIENT, check=True, timeout=60)


@pytest.mark.parametrize("path", ["heare_auth.py", "examples/fastapi_dependency.py", "examples/flask_decorator.py"])
def test_it_is_written_for_python_3_9_and_names_every_type(path):
    tree = ast.parse((CLIENT / path).read_text(), feature_version=(3, 9))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        arguments = [*function.args.args, *function.args.kwonlyargs]
        assert function.returns is not None, function.name
        assert all(argument.annotation for argument in arguments if argument.arg != "self"), function.name
    imported = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
                for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))}
    if path == "heare_auth.py":
        assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
