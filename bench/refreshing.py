"""Does a refresh cost a verification anything? p50 and p99 of verifications, quiet and while a million keys are refreshed
in a loop, in turns.

usage: HEARE_AUTH_BINARY=… refreshing.py [--keys N] [--rounds N]      (./dev bench calls it)

One client on one connection measures each verification; the table has the medians over the rounds. None may fail.
"""

import argparse
import contextlib
import itertools
import json
import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from loading import record, write_document

from harness import World

REQUESTS = 20_000


def measure(connection, body, meanwhile=None):
    """Until so many requests are done, and what happens meanwhile is over: all times in microseconds, sorted."""
    times = []
    while len(times) < REQUESTS or (meanwhile is not None and not meanwhile.done()):
        begin = time.perf_counter_ns()
        answer = connection.request("POST", "/verify", body)
        times.append((time.perf_counter_ns() - begin) / 1000)
        assert answer.status == 200, answer
    return sorted(times)


def refresh(service, path, versions, count):
    """Puts the next versions into place, one after the other, and has each loaded."""
    for _ in range(count):
        aside = path.with_suffix(".new")
        os.link(next(versions), aside)
        aside.rename(path)
        with service.connect(timeout=600) as connection:
            assert connection.request("POST", "/refresh").status == 200


def figures(times):
    return times[len(times) // 2], times[len(times) * 99 // 100], times[-1]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--keys", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--refreshes", type=int, default=5)
    options = options.parse_args()
    rows = {"quiet": [], "while refreshing": []}
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(World(Path(folder) / "world")) as world:
        path = Path(folder) / "keys.json"
        files = [path.with_name("other.json"), path.with_name("one.json")]
        for number, file in enumerate(files):
            write_document(file, options.keys + number)
        os.link(files[-1], path)
        versions = itertools.cycle(files)
        service = world.serve("--store", f"file://{path}", "--refresh-interval", "0")
        body = json.dumps({"api_key": json.loads(record(options.keys // 2))["secret"]}).encode()
        with service.connect() as connection, ThreadPoolExecutor(1) as background:
            measure(connection, body)  # warms both sides up
            for _ in range(options.rounds):
                rows["quiet"].append(figures(measure(connection, body)))
                refreshing = background.submit(refresh, service, path, versions, options.refreshes)
                rows["while refreshing"].append(figures(measure(connection, body, refreshing)))
                refreshing.result()
        loads = len(service.events("refresh_success"))
    medians = {name: [statistics.median(column) for column in zip(*rounds)] for name, rounds in rows.items()}
    print(f"{options.keys:,} keys, {loads} refreshes\n")
    print("| | p50 µs | p99 µs | p99 to quiet | longest µs |\n| --- | --- | --- | --- | --- |")
    for name, (p50, p99, longest) in medians.items():
        print(f"| {name} | {p50:.0f} | {p99:.0f} | {p99 / medians['quiet'][1]:.2f} | {longest:.0f} |")


if __name__ == "__main__":
    main()
