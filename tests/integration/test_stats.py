"""What heare-stats is told, by a receiver that records it."""

import base64
import socket

import pytest
from harness import free_port, wait_until
from stats_receiver import Receiver

PERIOD_SECONDS = 10
SECRET = "stats s3cret/ä"


@pytest.fixture
def receiver():
    made = Receiver(SECRET)
    yield made
    made.close()


def test_sums_over_three_periods_equal_the_requests_with_the_receiver_down_in_one(world, receiver):
    good = world.create("--name", "good")["secret"]
    service = world.serve("--threads", 2, env=receiver.variables())

    def some_requests():
        for _ in range(50):
            assert service.verify(good).status == 200
            assert service.verify("sec_nobody_has_this").status == 403
        assert service.get("/auth").status == 401
        assert service.get("/health").status == 200
        assert service.refresh().status == 200
        assert service.refresh([("X-Forwarded-For", "192.0.2.1")]).status == 403

    some_requests()
    wait_until(lambda: receiver.reports, "the first period's report", PERIOD_SECONDS + 30)
    receiver.status = 503
    some_requests()
    wait_until(lambda: receiver.refused, "the second period's report", PERIOD_SECONDS + 30)
    receiver.status = 200
    some_requests()
    wait_until(lambda: len(receiver.reports) > 1, "the third period's report", PERIOD_SECONDS + 30)
    some_requests()
    assert service.stop() == 0

    sums = receiver.sums()
    assert {name: count for name, count in sums.items() if "health" not in name} == {
        "heare-auth.verify.requests": 404,
        "heare-auth.verify.success": 200,
        "heare-auth.verify.failed": 204,
        "heare-auth.refresh.requests": 8,
        "heare-auth.refresh.success": 4,
        "heare-auth.refresh.rejected": 4,
        "heare-auth.startup.success": 1,
        "heare-auth.shutdown": 1,
    }
    assert sums["heare-auth.health.requests"] == 4
    assert receiver.reports[-1]["gauges"] == {"heare-auth.keys.count": 1}

    first = receiver.reports[0]["timers"]
    assert set(first) == {f"heare-auth.{name}.duration" for name in ("verify", "refresh", "startup")}
    assert len(first["heare-auth.verify.duration"]) == 101
    assert len(first["heare-auth.refresh.duration"]) == len(first["heare-auth.startup.duration"]) == 1
    assert all(0 < each < 30_000 for durations in first.values() for each in durations)
    assert sum(report.keys() - {"counters", "gauges", "timers"} != set() for report in receiver.reports) == 0

    password = base64.b64encode(f"{SECRET}:".encode()).decode()
    for path, headers in receiver.requests:
        assert path == "/http"
        assert headers["Authorization"] == f"Basic {password}"
        assert headers["Content-Type"] == "application/json"
    assert [line["error"] for line in service.events("stats_failed")] == [
        f"POST http://127.0.0.1:{receiver.port}/http: answered 503"
    ]
    assert SECRET not in service.stdout_path.read_text() + service.stderr()


def test_a_failed_start_is_reported_before_the_exit(world, receiver):
    world.put_document("no json")
    failed = world.run("serve", "--port", free_port(), env=receiver.variables())
    assert failed.code == 1
    assert receiver.sums() == {"heare-auth.startup.failed": 1}


def test_a_port_that_is_taken_is_a_failed_start_too(world, service, receiver):
    failed = world.run("serve", "--port", service.port, env=receiver.variables())
    assert failed.code == 1
    assert receiver.sums() == {"heare-auth.startup.failed": 1}


def test_a_receiver_that_hangs_changes_nothing_for_requests_and_the_end(world):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        service = world.serve(env={"PROTOCOL": "http", "DEST_HOST": "127.0.0.1", "DEST_PORT": silent.getsockname()[1]})
        accepted, _ = silent.accept()  # the first period's report, which gets no answer
        with accepted:
            wait_until(lambda: accepted.recv(65536, socket.MSG_PEEK), "the report")
            accepted.recv(65536)
            for _ in range(100):
                assert service.verify("sec_nobody_has_this").status == 403
            # All of them while the report was still under way.
            accepted.setblocking(False)
            with pytest.raises(BlockingIOError):
                accepted.recv(1)
            assert service.stop() == 0
            assert service.events("shutdown")


def test_what_is_no_port_is_refused_by_name(world):
    refused = world.run("serve", env={"PROTOCOL": "http", "DEST_HOST": "127.0.0.1", "DEST_PORT": "eighty"})
    assert refused.code == 2
    assert "DEST_PORT: not a number from 1 to 65535 (eighty)" in refused.stderr
