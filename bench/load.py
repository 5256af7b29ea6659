"""What the benchmarks of the service share: starting a server on a processor of its own, loading it with wrk,
and telling what that cost the server."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "integration"))

from harness import wait_until  # noqa: E402

# One processor for the server, one for the load: neither waits for the other's time slice.
SERVER_CPU, LOAD_CPU = 0, 1
# So many keep both processors at work and neither waiting: with twice as many wrk is the bottleneck, every server is
# awake all the time whatever it needs, and all rows are alike.
CONNECTIONS = 32

# Formatted once: what wrk does for each request is to pick the next.
SCRIPT = """
local requests = {{}}
function init()
  for key in io.lines("{keys}") do
    requests[#requests + 1] = wrk.format("{method}", "{path}", {{ {fields} }}, {body})
  end
end
local last = 0
function request()
  last = last % #requests + 1
  return requests[last]
end
"""


class Load(NamedTuple):
    """Requests of one kind; `{key}` in the fields and the body stands for each of the keys in turn."""

    keys: list
    method: str
    path: str
    fields: dict
    body: str = ""
    accepted: bool = True

    def write(self, folder):
        """A script for wrk."""

        def lua(text):
            return " .. key .. ".join(f"'{part}'" for part in text.split("{key}")) if text else "nil"

        keys, script = folder / "load.keys", folder / "load.lua"
        keys.write_text("".join(key + "\n" for key in self.keys))
        fields = ", ".join(f'["{name}"] = {lua(value)}' for name, value in self.fields.items())
        script.write_text(
            SCRIPT.format(keys=keys, method=self.method, path=self.path, fields=fields, body=lua(self.body))
        )
        return script


class Measured(NamedTuple):
    cpu_us: float  # user and system time of the server for each request
    rate: float  # requests in a second
    p50_us: float
    p99_us: float
    requests: int


def pinned(cpu, command):
    """On that processor, or on all where it is None."""
    return [*(["taskset", "-c", str(cpu)] if cpu is not None else []), *map(str, command)]


def tree(pid):
    """A process and all below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from tree(int(child))


def cpu_ns(pid):
    """The time that a process and its children have run so far, all their threads together."""
    return sum(
        int((task / "schedstat").read_text().split()[0])
        for process in tree(pid)
        for task in Path(f"/proc/{process}/task").iterdir()
    )


def in_us(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def requests_in(output):
    return int(re.search(r"^ +(\d+) requests in", output, re.MULTILINE)[1])


def refused_in(output):
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    return int(refused[1]) if refused else 0


def measure(pid, port, load, seconds, folder, cpu=LOAD_CPU, connections=CONNECTIONS):
    """Loads the server `pid` for that long; fails where an answer is not of the kind that was expected."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", load.write(folder)]
    before = cpu_ns(pid)
    done = subprocess.run(
        pinned(cpu, [*command, f"http://127.0.0.1:{port}"]), check=True, capture_output=True, text=True
    ).stdout
    spent = cpu_ns(pid) - before

    def figure(pattern):
        return re.search(pattern, done, re.MULTILINE)[1]

    requests = requests_in(done)
    assert refused_in(done) == (0 if load.accepted else requests), done
    assert "Socket errors" not in done, done
    return Measured(
        cpu_us=spent / 1e3 / requests,
        rate=float(figure(r"^Requests/sec: +([\d.]+)")),
        p50_us=in_us(figure(r"^ +50% +(\S+)")),
        p99_us=in_us(figure(r"^ +99% +(\S+)")),
        requests=requests,
    )


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """A program of which each run is one process tree, on the server's processor; stopped by its process id."""

    def __init__(self, command, port, folder, env=None, cpu=SERVER_CPU, log=None):
        self.port = port
        self.log = log
        with open(log or os.devnull, "wb") as output:
            self.process = subprocess.Popen(
                pinned(cpu, command),
                stdout=output,
                stderr=subprocess.DEVNULL,
                stdin=subprocess.DEVNULL,
                env=env,
                cwd=folder,
            )
        try:
            wait_until(self.is_ready, f"{command[0]} is ready on {port}")
        except BaseException:
            self.process.kill()
            raise

    def is_ready(self):
        assert self.process.poll() is None, f"{self.process.args} ended"
        return is_open(self.port)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
