"""The end of a service: nobody who was heard goes without an answer."""

import json
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness import request_bytes, wait_until

# README promises ten, after which Docker kills; one of them is for whoever waits for the end.
PROMISED_SECONDS = 9
# Less than requests that are not answered yet are waited for.
NOT_HELD_UP_SECONDS = 5


def unread_bytes(port):
    """What lies in the kernel for the service's end of its connections: 0 once all has been read."""
    wanted = f":{port:04X}"
    unread = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(wanted) and fields[3] == "01":
            unread += int(fields[4].split(":")[1], 16)
    return unread


def verify_bytes(secret):
    return request_bytes("POST", "/verify", json.dumps({"api_key": secret}).encode())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_exit_code_0(service, number):
    service.signal(number)
    assert service.wait() == 0
    assert service.log()[-1]["event"] == "shutdown"


@pytest.mark.parametrize("sent_before", [1, 20, 60, -1])
def test_a_request_of_which_a_byte_was_read_is_answered(world, service, sent_before):
    key = world.create()
    service.refresh()
    data = verify_bytes(key["secret"])
    with service.connect() as connection:
        connection.send(data[:sent_before])
        wait_until(lambda: unread_bytes(service.port) == 0, "the service has read what there is")
        service.signal(signal.SIGTERM)
        # Stopping has begun once nobody else is let in, or is told to go.
        wait_until(lambda: is_stopping(service), "the service is stopping")
        connection.send(data[sent_before:])
        answer = connection.read_answer()
        assert answer is not None and answer.status == 200
        assert answer.headers["connection"].lower() == "close"
        assert connection.is_closed()
    assert service.wait() == 0


def is_stopping(service):
    try:
        with service.connect() as connection:
            connection.send(request_bytes("GET", "/ready"))
            answer = connection.read_answer()
            return answer is None or answer.status == 503
    except OSError:
        return True


def test_stopping_is_told_while_new_clients_are_let_in(world):
    service = world.serve("--drain-delay", "2s")
    service.signal(signal.SIGTERM)
    answer = wait_until(
        lambda: answer if (answer := service.get("/ready")).status == 503 else None, "/ready tells that it is stopping"
    )
    assert answer.body == b'{"status":"stopping"}'
    assert answer.headers["connection"].lower() == "close"
    assert service.verify("sec_nobody").status == 403
    assert service.wait() == 0


def test_sigterm_under_load_answers_all_that_it_took(world, service):
    secret = world.create()["secret"]
    service.refresh()
    data = verify_bytes(secret)
    answered = []
    enough = threading.Event()

    def client():
        """Asks over one connection until it is told to close, then over the next, until nobody listens."""
        while True:
            try:
                with service.connect() as connection:
                    while True:
                        connection.send(data)
                        answer = connection.read_answer()
                        if answer is None:
                            break
                        assert answer.status == 200
                        answered.append(1)
                        if len(answered) > 500:
                            enough.set()
                        if answer.headers.get("connection", "").lower() == "close":
                            break
            except ConnectionRefusedError:
                return
            except (ConnectionResetError, BrokenPipeError):
                pass  # it had not been let in

    with ThreadPoolExecutor(6) as pool:
        clients = [pool.submit(client) for _ in range(6)]
        assert enough.wait(30)
        begin = time.monotonic()
        service.signal(signal.SIGTERM)
        assert service.wait() == 0
        taken = time.monotonic() - begin
        for done in clients:
            done.result(30)
    # Every verification that was carried out is in the log, and every one in the log has reached its client.
    assert len(service.events("verification_success")) == len(answered)
    assert taken < PROMISED_SECONDS


def test_idle_connections_do_not_hold_it_up(service):
    connections = [service.connect() for _ in range(20)]
    assert connections[0].request("GET", "/health").status == 200
    begin = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - begin < NOT_HELD_UP_SECONDS
    for connection in connections:
        assert connection.is_closed()
        connection.socket.close()


def test_a_client_that_stalls_holds_it_up_for_six_seconds_at_most(service):
    with service.connect() as connection:
        connection.send(b"POST /verify HTTP/1.1\r\nHost: x\r\nContent-Le")
        wait_until(lambda: unread_bytes(service.port) == 0, "the service has read what there is")
        begin = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - begin < PROMISED_SECONDS


def test_a_second_signal_ends_it_at_once(service):
    with service.connect() as connection:
        connection.send(b"POST /verify HTTP/1.1\r\nHost: x\r\nContent-Le")
        wait_until(lambda: unread_bytes(service.port) == 0, "the service has read what there is")
        service.signal(signal.SIGTERM)
        wait_until(lambda: is_stopping(service), "the service is stopping")
        begin = time.monotonic()
        service.signal(signal.SIGTERM)
        # As a shell tells of a process that a signal has ended.
        assert service.wait() == 128 + signal.SIGTERM
        assert time.monotonic() - begin < 3
    assert service.events("shutdown") == []
