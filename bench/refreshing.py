"""Does a refresh cost a verification anything? p50 and p99 of verifications, quiet and while a million keys are refreshed
in a loop, in turns.

usage: HEARE_AUTH_BINARY=… refreshing.py [--keys N] [--rounds N]      (./dev bench calls it)

One client on one connection measures each verification, on a processor that it shares with the load; the table has the
medians over the rounds. None may fail.
"""

import argparse
import json
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path

from loading import record, write_document

from harness import World

REQUESTS = 20_000


def measure(connection, body, stop=None):
    """Until so many requests are done, and `stop` is set if there is one: all times in microseconds, sorted."""
    times = []
    while len(times) < REQUESTS or (stop is not None and not stop.is_set()):
        begin = time.perf_counter_ns()
        answer = connection.request("POST", "/verify", body)
        times.append((time.perf_counter_ns() - begin) / 1000)
        assert answer.status == 200, answer
    return sorted(times)


def refresh(service, path, versions, count, done):
    """Puts the versions into place in turns, and has each loaded."""
    for number in range(count):
        aside = path.with_suffix(".new")
        os.link(versions[number % len(versions)], aside)
        aside.rename(path)
        with service.connect(timeout=600) as connection:
            assert connection.request("POST", "/refresh").status == 200
    done.set()


def figures(times):
    return times[len(times) // 2], times[len(times) * 99 // 100], times[-1]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--keys", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--refreshes", type=int, default=5)
    options = options.parse_args()
    rows = {"quiet": [], "while refreshing": []}
    loads = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        versions = [folder / "one.json", folder / "two.json"]
        write_document(versions[0], options.keys)
        write_document(versions[1], options.keys + 1)
        path = folder / "keys.json"
        os.link(versions[0], path)
        world = World(folder / "world")
        service = world.serve("--store", f"file://{path}", "--refresh-interval", "0")
        body = json.dumps({"api_key": json.loads(record(options.keys // 2))["secret"]}).encode()
        with service.connect() as connection:
            measure(connection, body)  # warms both sides up
            for _ in range(options.rounds):
                rows["quiet"].append(figures(measure(connection, body)))
                done = threading.Event()
                refreshing = threading.Thread(target=refresh, args=(service, path, versions, options.refreshes, done))
                refreshing.start()
                rows["while refreshing"].append(figures(measure(connection, body, done)))
                refreshing.join()
        loads = len(service.events("refresh_success"))
        world.close()
    medians = {name: [statistics.median(column) for column in zip(*rounds)] for name, rounds in rows.items()}
    print(f"{options.keys:,} keys, {loads} refreshes\n")
    print("| | p50 µs | p99 µs | p99 to quiet | longest µs |\n| --- | --- | --- | --- | --- |")
    for name, (p50, p99, longest) in medians.items():
        print(f"| {name} | {p50:.0f} | {p99:.0f} | {p99 / medians['quiet'][1]:.2f} | {longest:.0f} |")


if __name__ == "__main__":
    main()
