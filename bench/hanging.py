"""Does a peer that hangs cost a verification anything? p50 and p99 of verifications, quiet and hanging in turns.

usage: HEARE_AUTH_BINARY=… hanging.py      (./dev bench calls it)

The store: the service polls its document every 100 ms through a proxy that, in every second round, never answers. The
receiver of heare-stats: it takes connections, reads nothing, and the service gives a report up after some seconds. One
client on one connection measures each verification; the tables compare medians over the rounds.
"""

import json
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "integration"))

from faulty_proxy import FaultyProxy, hang  # noqa: E402
from process import resident_mb  # noqa: E402
from harness import World  # noqa: E402
from s3_place import Place  # noqa: E402
from s3_servers import s3_server  # noqa: E402

ROUNDS = 5
REQUESTS = 10_000
REPORT_PERIOD_SECONDS = 10
SECRET = "sec_of_the_only_key"
DOCUMENT = json.dumps({"keys": [{"id": "key_1", "secret": SECRET, "name": "N"}]})


def measure(connection, requests=REQUESTS):
    """The p50 and p99 of one round, in microseconds."""
    body = json.dumps({"api_key": SECRET}).encode()
    times = []
    for _ in range(requests):
        begin = time.perf_counter_ns()
        answer = connection.request("POST", "/verify", body)
        times.append((time.perf_counter_ns() - begin) / 1000)
        assert answer.status == 200
    times.sort()
    return times[len(times) // 2], times[len(times) * 99 // 100]


def hanging_round(proxy, connection):
    proxy.fault(hang, method="GET", times=None)
    # Until a poll has met the fault, the store answers still.
    proxy.wait_count(proxy.count("GET") + 1, "GET")
    measured = measure(connection)
    proxy.release()
    return measured


def against_a_store(folder, quiet, hanging):
    with s3_server("moto") as moto:
        for _ in range(ROUNDS):
            with FaultyProxy(moto.port) as proxy:
                place = Place(moto)
                place.endpoint = proxy.endpoint
                place.write(DOCUMENT)
                world = World(Path(tempfile.mkdtemp(dir=folder)))
                service = world.serve("--refresh-interval", "100ms", env=place.env())
                with service.connect() as connection:
                    measure(connection)  # warms both sides up
                    quiet.append(measure(connection))
                    hanging.append(hanging_round(proxy, connection))
                world.close()


def against_a_receiver(folder, quiet, hanging):
    """Also gives the service's resident memory in MB, before the first report and after the last."""
    world = World(Path(tempfile.mkdtemp(dir=folder)))
    world.put_document(DOCUMENT)
    with socket.socket() as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.listen()
        receiver.settimeout(2 * REPORT_PERIOD_SECONDS)
        stats = {"PROTOCOL": "http", "DEST_HOST": "127.0.0.1", "DEST_PORT": receiver.getsockname()[1]}
        service = world.serve(env=stats)
        resident = []
        with service.connect() as connection:
            measure(connection)
            resident.append(resident_mb(service.process.pid))
            for _ in range(ROUNDS):
                # Quiet is what comes before a report and after the one before was given up.
                quiet.append(measure(connection))
                report, _ = receiver.accept()
                with report:
                    hanging.append(measure(connection))
            resident.append(resident_mb(service.process.pid))
    world.close()
    return resident


def table(title, quiet, hanging):
    rows = {"quiet": quiet, title: hanging}
    medians = {name: [statistics.median(column) for column in zip(*rounds)] for name, rounds in rows.items()}
    print("| | p50 µs | p99 µs | p99 to quiet |\n| --- | --- | --- | --- |")
    for name, (p50, p99) in medians.items():
        print(f"| {name} | {p50:.0f} | {p99:.0f} | {p99 / medians['quiet'][1]:.2f} |")
    print()


def main():
    with tempfile.TemporaryDirectory() as folder:
        quiet, hanging = [], []
        against_a_store(folder, quiet, hanging)
        table("store hangs", quiet, hanging)
        quiet, hanging = [], []
        before, after = against_a_receiver(folder, quiet, hanging)
        table("receiver of heare-stats hangs", quiet, hanging)
        print(f"Resident: {before:.1f} MB before the first report, {after:.1f} MB after {ROUNDS} that got no answer.")


if __name__ == "__main__":
    main()
