"""What a verification costs: CPU for each request of heare-auth, of the bare limit, and of the peers that people know.

usage: HEARE_AUTH_BINARY=… HEARE_AUTH_LIMIT_SERVER=… verifications.py [--seconds N] [--rounds N] [--only PATTERN]
(./dev bench calls it)

All rows are measured in turns, in each round once, on loopback: the server on one processor, wrk with 32 connections on
the other. The table has the medians over the rounds.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path

import peers
from load import CONNECTIONS, LOAD_CPU, SERVER_CPU, Load, Server, measure

from harness import BINARY, World, free_port
from stats_receiver import Receiver

LIMIT_SERVER = os.environ.get("HEARE_AUTH_LIMIT_SERVER", BINARY.parent / "bench/limit_server")
KEYS = 1000
LOADS_IN_A_ROUND = 2


def make_keys():
    """As many as a large team has, and a document of them."""
    return [
        {
            "id": f"key_{number:019}",
            "secret": f"sec_{number:060}",
            "name": f"Service {number:06}",
            "metadata": {"n": number},
        }
        for number in range(1000, 1000 + KEYS)
    ]


class HeareAuth(Server):
    """The service with its log in a file, of which every line must be there in the end."""

    def __init__(self, port, folder, keys, threads=1, cpu=SERVER_CPU, variables=None):
        world = World(Path(tempfile.mkdtemp(dir=folder)))
        world.put_document(json.dumps({"keys": keys}))
        command = [BINARY, "serve", "--port", port, "--threads", threads]
        super().__init__(command, port, world.home, world.environment(variables), cpu, world.home / "log")

    def is_ready(self):
        return super().is_ready() and b'"startup"' in self.log.read_bytes()

    def check_lines(self, answered):
        """Requests that wrk has left under way at the end of a load were answered too."""
        count = subprocess.run(
            ["grep", "-c", '"event":"verification_', self.log], capture_output=True, text=True, check=False
        ).stdout
        assert answered <= int(count) <= answered + LOADS_IN_A_ROUND * 2 * CONNECTIONS, f"{count} lines for {answered}"


class Watched(HeareAuth):
    """The same, scraped once a second, and with a receiver of heare-stats."""

    def __init__(self, *arguments):
        self.receiver = Receiver()
        self.ended = threading.Event()
        self.scrapes = 0
        super().__init__(*arguments, variables=self.receiver.variables())
        self.scraper = threading.Thread(target=self.scrape)
        self.scraper.start()

    def scrape(self):
        while not self.ended.wait(1):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
                self.scrapes += len(answer.read()) > 0

    def stop(self):
        self.ended.set()
        self.scraper.join()
        super().stop()
        self.receiver.close()
        assert self.scrapes and len(self.receiver.reports) > 1, "nobody has watched"

    def check_lines(self, answered):
        super().check_lines(answered)
        told = self.receiver.sums()["heare-auth.verify.requests"]
        assert answered <= told <= answered + LOADS_IN_A_ROUND * CONNECTIONS, f"{told} told for {answered}"


class Row:
    def __init__(self, name, start, load, load_cpu=LOAD_CPU, seconds_min=0, connections=CONNECTIONS):
        self.name, self.start, self.load, self.load_cpu = name, start, load, load_cpu
        self.seconds_min, self.connections = seconds_min, connections
        self.rounds = []

    def run(self, seconds, folder):
        server = self.start(free_port())
        try:
            # The first warms both sides up.
            loads = [measure(server.process.pid, server.port, self.load, length, folder, self.load_cpu, self.connections)
                     for length in (1, max(seconds, self.seconds_min))]
        finally:
            server.stop()
        if isinstance(server, HeareAuth):
            server.check_lines(sum(load.requests for load in loads))
        self.rounds.append(loads[-1])

    def median(self, figure):
        return statistics.median(getattr(measured, figure) for measured in self.rounds)


def rows(folder):
    keys = make_keys()

    def verify(secrets, accepted=True):
        fields = {"Content-Type": "application/json", "X-API-Key": "{key}"}
        return Load(secrets, "POST", "/verify", fields, '{"api_key": "{key}"}', accepted)

    def service(**options):
        return lambda port: HeareAuth(port, folder, keys, **options)

    def watched(port):
        return Watched(port, folder, keys)

    secrets = [key["secret"] for key in keys]
    passes = verify(secrets)
    auth = Load(secrets, "GET", "/auth", {"X-API-Key": "{key}"})
    return [
        Row("limit: no parsing, constant answer", lambda port: peers.limit(port, folder, LIMIT_SERVER), passes),
        Row("**heare-auth: /verify, log to a file**", service(), passes),
        Row("heare-auth: /verify, wrong key", service(), verify([secret[::-1] for secret in secrets], False)),
        Row("heare-auth: /auth, log to a file", service(), auth),
        # Long enough for a report.
        Row("heare-auth: /verify, watched", watched, passes, seconds_min=12),
        Row("heare-auth: /auth, watched", watched, auth, seconds_min=12),
        Row("nginx, constant answer", lambda port: peers.nginx_constant(port, folder, keys), passes),
        Row("nginx, map and JSON log", lambda port: peers.nginx_map(port, folder, keys), passes),
        Row("HAProxy, map, no log", lambda port: peers.haproxy_map(port, folder, keys), passes),
        Row("heare-auth, 1 thread, load on both CPUs", service(cpu=None), passes, None),
        # Twice the connections, so that each thread has as many as the one has.
        Row("heare-auth, 2 threads, load on both CPUs", service(cpu=None, threads=2), passes, None,
            connections=2 * CONNECTIONS),
    ]


def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()[0]


def machine():
    cpu = re.search(r"model name\s*: (.*)|$", Path("/proc/cpuinfo").read_text())[1] or platform.machine()
    versions = ", ".join(
        [
            first_line(peers.NGINX_PROGRAM, "-v").replace("nginx version: ", ""),
            first_line(peers.HAPROXY_PROGRAM, "-v").split(" 20")[0],
            first_line("wrk", "-v").split(" [")[0],
        ]
    )
    return f"{cpu}, {os.cpu_count()} CPUs; Linux {platform.release()}; {versions}"


def table(measured):
    print("| | to the limit | CPU µs a request | requests/s | p50 µs | p99 µs |\n| --- | --- | --- | --- | --- | --- |")
    base = measured[0].median("cpu_us")
    for row in measured:
        cpu, rate, p50, p99 = (row.median(figure) for figure in ("cpu_us", "rate", "p50_us", "p99_us"))
        print(f"| {row.name} | {cpu / base:.2f} | {cpu:.2f} | {rate:,.0f} | {p50:.0f} | {p99:.0f} |")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=4)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", default="")
    options = options.parse_args()
    known = machine()
    with tempfile.TemporaryDirectory() as folder:
        # The limit, which the others are compared with, always.
        first, *others = rows(Path(folder))
        every = [first, *(row for row in others if re.search(options.only, row.name))]
        for number in range(options.rounds):
            for row in every:
                print(f"round {number + 1} of {options.rounds}: {row.name}", file=sys.stderr)
                row.run(options.seconds, Path(folder))
        print(known + "\n")
        table(every)


if __name__ == "__main__":
    main()
