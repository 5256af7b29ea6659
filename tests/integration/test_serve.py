"""The service from outside: what it answers, when it loads anew, and how it refuses to start."""

import contextlib
import json
import os
import re
import resource
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import (
    PATIENCE_SECONDS, SANITIZED, Connection, free_port, is_ready, memory_bytes, request_bytes, wait_until,
)  # fmt: skip

KEY = {"id": "key_a", "secret": "sec_a", "name": "A"}
GOOD = '{"valid":true,"key_id":"key_a","name":"A","metadata":{}}'
WRONG = '{"valid":false,"error":"Invalid API key"}'


def document(*records):
    return json.dumps({"keys": list(records)})


# --- starting ---------------------------------------------------------------------------------------------------------


def test_an_absent_document_means_no_keys_and_a_warning(service):
    assert service.wait_event("startup")["keys_loaded"] == 0
    assert service.wait_event("document_absent")["level"] == "warning"


def test_startup_tells_where_it_listens_and_what_it_serves(world, service):
    line = service.wait_event("startup")
    assert line["listen"].endswith(f"127.0.0.1:{service.port}")
    assert line["store"] == f"file://{world.document}"


def test_a_second_service_on_the_port_does_not_start(world, service):
    finished = world.run("serve", "--port", service.port)
    assert finished.code == 1
    message = finished.stderr + finished.stdout
    assert f"127.0.0.1:{service.port}" in message
    assert "in use" in message
    assert service.get("/health").status == 200


def test_a_host_that_is_not_ours_is_named(world, service):
    finished = world.run("serve", "--host", "203.0.113.1", "--port", service.port)
    assert finished.code == 1
    assert "203.0.113.1" in finished.stderr + finished.stdout


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--port", "http"),
        ("--port", "65536"),
        ("--port", "-1"),
        ("--threads", "0"),
        ("--threads", "many"),
        ("--refresh-interval", "soon"),
        ("--refresh-interval", "-1s"),
        ("--drain-delay", "1 fortnight"),
        ("--log-level", "loud"),
        ("--max-connections", "0"),
    ],
)
def test_a_bad_value_is_named_with_its_option(world, option, value):
    finished = world.run("serve", f"{option}={value}")
    assert finished.code == 2
    assert option in finished.stderr
    assert finished.stdout == ""


def test_check_config_tells_and_starts_nothing(world):
    assert world.run("serve", "--check-config").code == 0
    assert world.run("serve", "--check-config", "--port", "x").code == 2
    assert not world.document.exists()


def test_options_come_from_the_environment_and_a_flag_wins(world):
    service = world.serve(env={"PORT": "1", "HEARE_AUTH_THREADS": "2", "HEARE_AUTH_REFRESH_INTERVAL": "0"})
    assert service.get("/health").status == 200
    assert world.run("serve", env={"HEARE_AUTH_THREADS": "none"}).code == 2


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "answer"),
    [
        ("GET", "/health", "", 200, '{"status":"ok"}'),
        ("GET", "/ready", "", 200, '{"status":"ready"}'),
        ("POST", "/verify", '{"api_key": "sec_a"}', 200, GOOD),
        ("POST", "/verify", '{"api_key": "sec_b"}', 403, WRONG),
        ("POST", "/verify", '{"api_\\u006bey": "sec_a"}', 200, GOOD),
        ("POST", "/verify", '{"api_key": "x", "api_key": "sec_a"}', 200, GOOD),
        ("POST", "/verify", "{}", 400, '{"error":"Missing api_key field"}'),
        ("POST", "/verify", '{"api_key": 5}', 400, '{"error":"Missing api_key field"}'),
        ("POST", "/verify", '["sec_a"]', 400, '{"error":"Missing api_key field"}'),
        ("POST", "/verify", "", 400, '{"error":"Invalid JSON"}'),
        ("POST", "/verify", '{"api_key": "sec_a"', 400, '{"error":"Invalid JSON"}'),
        ("POST", "/verify", '[{"api_key": "sec_a"}', 400, '{"error":"Invalid JSON"}'),
        ("POST", "/verify", "[" * 502 + "]" * 502, 400, '{"error":"Invalid JSON"}'),
        ("POST", "http://elsewhere/verify", '{"api_key": "sec_b"}', 403, WRONG),
        ("POST", "/verify?x=y", '{"api_key": "sec_b"}', 403, WRONG),
        ("GET", "/", "", 404, '{"error":"Not found"}'),
        ("GET", "/health/", "", 404, '{"error":"Not found"}'),
        ("GET", "//health", "", 404, '{"error":"Not found"}'),
        ("POST", "/health", "", 405, '{"error":"Method not allowed"}'),
        ("GET", "/verify", "", 405, '{"error":"Method not allowed"}'),
        ("BREW", "/verify", "", 405, '{"error":"Method not allowed"}'),
    ],
)
def test_an_answer_is_exactly_what_the_contract_says(world, method, path, body, status, answer):
    world.put_document(document(KEY))
    service = world.serve()
    got = service.request(method, path, body.encode())
    assert (got.status, got.body.decode()) == (status, answer)
    assert got.headers["content-type"] == "application/json"
    assert got.headers["date"].endswith(" GMT")
    assert "server" not in got.headers
    assert ("allow" in got.headers) == (status == 405)


def test_head_is_get_without_a_body(service):
    answer = service.request("HEAD", "/health")
    assert (answer.status, answer.headers["content-length"]) == (200, "15")


def test_expect_100_continue_is_honoured(service):
    body = b'{"api_key": "sec_nobody"}'
    whole = request_bytes("POST", "/verify", body, [("Expect", "100-continue")])
    with service.connect() as connection:
        connection.send(whole[: -len(body)])
        assert connection.read_answer().status == 100
        connection.send(body)
        assert connection.read_answer().status == 403


def test_pipelined_requests_are_answered_in_order(world):
    world.put_document(document(KEY))
    service = world.serve()
    bodies = [b'{"api_key": "sec_a"}', b"x", b'{"api_key": "sec_b"}', b"{}"] * 5
    with service.connect() as connection:
        connection.send(b"".join(request_bytes("POST", "/verify", body) for body in bodies))
        assert [connection.read_answer().status for _ in bodies] == [200, 400, 403, 400] * 5


def test_a_connection_is_kept_unless_the_client_says_otherwise(service):
    with service.connect() as connection:
        for _ in range(3):
            assert connection.request("GET", "/health").status == 200
        assert connection.request("GET", "/health", headers=[("Connection", "close")]).status == 200
        assert connection.is_closed()


def test_a_header_block_of_32_kib_fits_and_one_byte_more_does_not(service):
    empty = request_bytes("GET", "/health", headers=[("X-Long", "")])
    fits = service.get("/health", [("X-Long", "x" * (32 * 1024 - len(empty)))])
    assert fits.status == 200
    with service.connect() as connection:
        answer = connection.request("GET", "/health", headers=[("X-Long", "x" * (32 * 1024 - len(empty) + 1))])
        assert answer.status == 431 and list(answer.json()) == ["error"]
        assert connection.is_closed()


def test_a_body_of_64_kib_fits_and_one_byte_more_does_not(service):
    body = b'{"api_key": "sec_nobody"}'
    assert service.post("/verify", body.ljust(64 * 1024)).status == 403
    with service.connect() as connection:
        answer = connection.request("POST", "/verify", body.ljust(64 * 1024 + 1))
        assert answer.status == 413 and list(answer.json()) == ["error"]
        assert connection.is_closed()


# --- loading anew -----------------------------------------------------------------------------------------------------


def test_refresh_tells_how_many_keys_there_are(world, service):
    world.create()
    answer = service.refresh()
    assert answer.status == 200
    assert list(answer.json()) == ["success", "keys_loaded", "timestamp"]
    assert (answer.json()["success"], answer.json()["keys_loaded"]) == (True, 1)


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("X-Forwarded-For", "203.0.113.9", 403),
        ("X-Forwarded-For", "127.0.0.1, 203.0.113.9", 403),
        ("X-Forwarded-For", "localhost", 403),
        ("X-Forwarded-For", "unknown", 403),
        ("X-Real-IP", "10.0.0.1", 403),
        ("Forwarded", "for=203.0.113.9", 403),
        ("Forwarded", "proto=https", 403),
        ("Forwarded", 'for="_hidden"', 403),
        ("X-Forwarded-For", "127.0.0.1", 200),
        ("X-Forwarded-For", "::1, [::1]:80, ::ffff:127.0.0.1, 127.9.9.9:1", 200),
        ("Forwarded", 'for="[::1]:4711";by=203.0.113.9, for=127.0.0.1', 200),
        ("X-Real-IP", "", 200),
    ],
)
def test_refresh_is_for_this_machine_alone(service, header, value, status):
    answer = service.refresh([(header, value)])
    assert answer.status == status
    if status == 403:
        assert answer.body == b'{"error":"Refresh endpoint only accessible from localhost"}'


def test_clients_cannot_take_what_the_service_needs_to_load_keys(world):
    """Revocation goes on, however few descriptors there are and however many clients."""
    secret = world.create()["secret"]
    port = free_port()
    few = 200
    process = world.popen(
        "serve", "--port", port, "--threads", 2, "--refresh-interval", "20ms", stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (few, few)),
    )  # fmt: skip
    try:
        wait_until(lambda: is_ready(port), "the service is ready")
        with contextlib.ExitStack() as clients:
            verifying = clients.enter_context(Connection(port, PATIENCE_SECONDS))
            body = json.dumps({"api_key": secret}).encode()
            assert verifying.request("POST", "/verify", body).status == 200
            for _ in range(2 * few):
                clients.enter_context(Connection(port, PATIENCE_SECONDS))
            world.put_document('{"keys": []}')
            wait_until(lambda: verifying.request("POST", "/verify", body).status == 403, "the key is refused")
    finally:
        process.terminate()
        told = process.communicate(timeout=PATIENCE_SECONDS)[1].decode()
    assert re.search(r"--max-connections: \d+ instead of 10000, as this process may open 200 files", told), told


@pytest.mark.skipif(SANITIZED, reason="sanitizers take all address space there is")
def test_a_document_for_which_there_is_no_memory_leaves_the_old_keys(world):
    world.put_document(document(KEY))
    service = world.serve("--refresh-interval", "0", "--threads", 1)
    pid = service.process.pid
    unlimited = resource.prlimit(pid, resource.RLIMIT_AS)
    limit = memory_bytes(pid, "VmSize") + 30_000_000
    resource.prlimit(pid, resource.RLIMIT_AS, (limit, unlimited[1]))
    records = ",".join('{"id": "key_%d", "secret": "sec_%d", "name": "%s"}' % (n, n, "n" * 200) for n in range(200_000))
    world.put_document('{"keys": [%s]}' % records)
    refused = service.refresh()
    assert refused.status == 500 and "not enough memory" in refused.json()["error"]
    assert service.verify("sec_a").status == 200
    resource.prlimit(pid, resource.RLIMIT_AS, unlimited)
    assert service.refresh().json()["keys_loaded"] == 200_000
    assert service.stop() == 0


def test_sighup_loads_anew(world):
    service = world.serve("--refresh-interval", "0")
    world.put_document(document(KEY))
    service.signal(signal.SIGHUP)
    wait_for_verdict(service, "sec_a", 200)


def test_a_changed_file_is_picked_up_by_the_poll(world):
    service = world.serve("--refresh-interval", "100ms")
    world.put_document(document(KEY))
    wait_for_verdict(service, "sec_a", 200)
    world.put_document(document())
    wait_for_verdict(service, "sec_a", 403)


def wait_for_verdict(service, secret, status):
    wait_until(lambda: service.verify(secret).status == status, f"{secret} answers {status}")


def test_a_document_that_vanishes_leaves_the_keys_in_service(world):
    world.put_document(document(KEY))
    service = world.serve("--refresh-interval", "50ms")
    world.document.unlink()
    service.wait_event("refresh_failed")
    answer = service.refresh()
    assert answer.status == 500
    assert answer.json()["error"].startswith("Failed to refresh keys: ")
    assert service.verify("sec_a").status == 200
    world.put_document(document(KEY, {"id": "key_b", "secret": "sec_b"}))
    assert service.refresh().json()["keys_loaded"] == 2


def test_refreshes_at_once_each_get_an_answer_that_is_no_older_than_they_are(world, service):
    def create_and_refresh(number):
        world.create("--name", f"key {number}")
        before = json.loads(world.document.read_bytes())["keys"]
        return service.refresh().json()["keys_loaded"], len(before)

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(create_and_refresh, range(24)))
    assert all(loaded >= stored for loaded, stored in outcomes), outcomes


def test_verification_goes_on_while_nobody_reads_the_log(world):
    """A full pipe for standard output: the service must not wait for its reader."""
    port = free_port()
    reading, writing = os.pipe()
    process = world.popen("serve", "--port", port, stdout=writing, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_ready(port), "the service is ready")
        with Connection(port, 30) as connection:
            body = b'{"api_key": "sec_nobody"}'
            for _ in range(3000):
                assert connection.request("POST", "/verify", body, [("User-Agent", "x" * 200)]).status == 403
    finally:
        process.kill()
        process.wait()
        os.close(reading)
        os.close(writing)
