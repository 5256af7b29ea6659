"""How a service follows its document: what a poll costs, who shares a load, and how soon a revoked key is dead."""

import json
import signal
import time

import pytest

from faulty_proxy import hold_answer
from harness import metric, request_bytes, wait_until

pytest_plugins = ["s3_fixtures"]

SECRET = "sec_of_the_first_key"


def document(*secrets):
    return json.dumps({"keys": [{"id": f"key_{secret}", "secret": secret, "name": "N"} for secret in secrets]})


def outcomes(proxy):
    return [(request.method, request.outcome) for request in proxy.seen()]


def test_an_unchanged_document_costs_304s_only(world, faulty, proxy):
    faulty.write(document(SECRET))
    service = world.serve("--refresh-interval", "50ms", env=faulty.env())
    proxy.wait_count(6, "GET", 304)
    assert service.stop() == 0
    assert outcomes(proxy) == [("GET", 200)] + [("GET", 304)] * (proxy.count() - 1)
    # No poll that brought nothing is in the log.
    assert service.events("refresh_success") == []


def test_a_change_costs_one_read(world, faulty, proxy):
    faulty.write(document(SECRET))
    service = world.serve("--refresh-interval", "50ms", env=faulty.env())
    proxy.wait_count(1, "GET", 304)
    faulty.write(document(SECRET, "sec_second"))
    wait_until(lambda: service.verify("sec_second").status == 200, "the second key")
    proxy.wait_count(proxy.count("GET", 304) + 2, "GET", 304)
    assert proxy.count("GET", 200) == 2
    assert service.wait_event("refresh_success")["keys_loaded"] == 2


def test_a_document_that_appears_is_found(world, faulty, proxy):
    """A 404 costs no more than a 304, and there is no tag to ask with."""
    service = world.serve("--refresh-interval", "50ms", env=faulty.env())
    proxy.wait_count(3, "GET", 404)
    faulty.write(document(SECRET))
    wait_until(lambda: service.verify(SECRET).status == 200, "the first key")
    assert service.events("refresh_failed") == []


def test_a_hangup_signal_refreshes(world, faulty):
    faulty.write(document(SECRET))
    service = world.serve("--refresh-interval", "0", env=faulty.env())
    faulty.write(document("sec_second"))
    service.signal(signal.SIGHUP)
    service.wait_event("refresh_success")
    assert service.verify(SECRET).status == 403
    assert service.verify("sec_second").status == 200


@pytest.fixture
def held(world, faulty, proxy):
    """A service whose second load has read the document, and waits for the answer: /refresh asked for it."""
    faulty.write(document(SECRET))
    # One thread: what it has answered came before what it is asked next.
    service = world.serve("--refresh-interval", "0", "--threads", "1", env=faulty.env())
    proxy.fault(hold_answer, method="GET")
    first = service.connect()
    first.send(request_bytes("POST", "/refresh"))
    wait_until(proxy.holds.is_set, "the store's answer")
    yield service, first
    first.socket.close()


def ask_many(service, count):
    """Connections on which /refresh has been asked for, surely: it came with a request that was answered before it."""
    connections = [service.connect() for _ in range(count)]
    for connection in connections:
        connection.send(request_bytes("GET", "/health") + request_bytes("POST", "/refresh"))
    for connection in connections:
        assert connection.read_answer().status == 200
    assert service.get("/health").status == 200
    return connections


def test_refreshes_that_arrive_together_share_one_load(faulty, proxy, held):
    service, first = held
    waiting = ask_many(service, 20)
    proxy.release()
    for connection in (first, *waiting):
        assert connection.read_answer().json()["keys_loaded"] == 1
    # The start, the load that was slow, and one for all who came meanwhile.
    assert proxy.count("GET") == 3


def test_who_asks_while_a_load_runs_gets_the_next(faulty, held, proxy):
    """The running one read the document before the change that the caller knows of."""
    service, first = held
    faulty.write(document(SECRET, "sec_second"))
    (second,) = ask_many(service, 1)
    proxy.release()
    assert first.read_answer().json()["keys_loaded"] == 1
    assert second.read_answer().json()["keys_loaded"] == 2
    assert service.verify("sec_second").status == 200


def loads(service):
    return metric(service.port, "heare_auth_refresh_duration_seconds_count")


def test_a_revoked_key_is_dead_at_a_replica_within_its_interval_and_a_second(world, place):
    env = place.env()
    made = world.create(env=env)
    here, replica = (world.serve("--refresh-interval", "1s", env=env) for _ in range(2))
    for service in (here, replica):
        assert service.verify(made["secret"]).status == 200
    world.ok("delete", "--yes", made["id"], env={**env, "REFRESH_URL": f"{here.url}/refresh"})
    deleted = time.monotonic()
    loads_before = loads(replica)
    # Where the command refreshed, at once.
    assert here.verify(made["secret"]).status == 403
    wait_until(lambda: replica.verify(made["secret"]).status == 403, "the replica refuses", seconds=2)
    assert time.monotonic() - deleted <= 2
    # One that had begun before, the one that found out, and one since.
    assert loads(replica) <= loads_before + 3
