"""Two replicas behind a real nginx, with its file of docs/proxies: each is restarted under load, and no client notices."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import PATIENCE_SECONDS, Connection, free_port, is_ready, wait_until
from proxies import ReplicasProxy, require

CLIENTS = 8
RESTARTS_OF_EACH = 3
REQUESTS_BETWEEN = 200


class Replica:
    """A service on the same port after each restart."""

    def __init__(self, world):
        self.world = world
        self.port = free_port()
        self.start()

    def start(self):
        self.process = self.world.popen("serve", "--port", self.port, stdout=open(self.world.temporary / "log", "ab"))
        wait_until(lambda: is_ready(self.port), "the replica is ready")

    def restart(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE_SECONDS) == 0
        self.start()

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def replicas(world):
    world.replicas = []
    yield world.replicas
    for replica in world.replicas:
        replica.kill()


def test_a_rolling_restart_under_load_fails_no_request(world, replicas, tmp_path):
    require("nginx")
    body = b'{"api_key": "%s"}' % world.create()["secret"].encode()
    replicas.extend(Replica(world) for _ in range(2))
    folder = tmp_path / "proxy"
    folder.mkdir()
    statuses = []
    stop = threading.Event()

    def client(port):
        while not stop.is_set():
            with Connection(port, PATIENCE_SECONDS) as connection:
                kept = True
                while kept and not stop.is_set():
                    answer = connection.request("POST", "/verify", body)
                    statuses.append(answer.status)
                    # nginx ends a connection after a thousand requests.
                    kept = answer.headers.get("connection", "").lower() != "close"

    def some_requests():
        seen = len(statuses)
        wait_until(lambda: len(statuses) >= seen + REQUESTS_BETWEEN or any(each.done() for each in clients), "requests")

    with ReplicasProxy(folder, [replica.port for replica in replicas]) as proxy, ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(client, proxy.port) for _ in range(CLIENTS)]
        try:
            for _ in range(RESTARTS_OF_EACH):
                for replica in replicas:
                    some_requests()
                    replica.restart()
            some_requests()
        finally:
            stop.set()
        for each in clients:
            each.result()
    assert set(statuses) == {200}
    assert len(statuses) > REQUESTS_BETWEEN * 2 * RESTARTS_OF_EACH
