"""Does a store that hangs cost a verification anything? p50 and p99 of verifications, quiet and hanging in turns.

usage: HEARE_AUTH_BINARY=… hanging_store.py      (./dev bench calls it)

The service polls its document every 100 ms through a proxy that, in every second round, never answers. One client on one
connection measures each verification; the table compares medians over the rounds.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "integration"))

from faulty_proxy import FaultyProxy, hang  # noqa: E402
from harness import World  # noqa: E402
from s3_place import Place  # noqa: E402
from s3_servers import s3_server  # noqa: E402

ROUNDS = 5
REQUESTS = 10_000
SECRET = "sec_of_the_only_key"
DOCUMENT = json.dumps({"keys": [{"id": "key_1", "secret": SECRET, "name": "N"}]})


def measure(connection):
    """The p50 and p99 of one round, in microseconds."""
    body = json.dumps({"api_key": SECRET}).encode()
    times = []
    for _ in range(REQUESTS):
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


def main():
    quiet, hanging = [], []
    with tempfile.TemporaryDirectory() as folder, s3_server("moto") as moto:
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
    rows = {"quiet": quiet, "store hangs": hanging}
    medians = {name: [statistics.median(column) for column in zip(*rounds)] for name, rounds in rows.items()}
    print("| | p50 µs | p99 µs | p99 to quiet |\n| --- | --- | --- | --- |")
    for name, (p50, p99) in medians.items():
        print(f"| {name} | {p50:.0f} | {p99:.0f} | {p99 / medians['quiet'][1]:.2f} |")


if __name__ == "__main__":
    main()
