"""What loading and editing a large document cost, held against Python's json on the same file in the same run.

usage: HEARE_AUTH_BINARY=… loading.py [--keys N] [--rounds N] [--only loads|edits|commands] [--ten-million | --s3]

Everything is measured in turns, in each round once; the tables have medians over the rounds. Python stands for what the
Python service and its command line do: json.load and two dicts; json.load, append and json.dump(indent=2). Times are
wall-clock times of whole processes: from their start to GET /ready, or to their end.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "integration"))

from harness import BINARY, World, wait_until  # noqa: E402
from s3_place import Place  # noqa: E402
from s3_servers import s3_server  # noqa: E402

PYTHON = "/usr/bin/python3"
STORAGE_SECRET = {"STORAGE_SECRET": "benchmark"}
# Commands are short: many runs in each round.
COMMAND_RUNS = 15
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

PYTHON_LOADS = """
import json, resource, sys, time
with open(sys.argv[1]) as file:
    keys = json.load(file)["keys"]
by_secret = {key["secret"]: key for key in keys}
by_id = {key["id"]: key for key in keys}
print(time.monotonic(), flush=True)
with open("/proc/self/status") as status:
    print(status.read())
"""
PYTHON_EDITS = """
import json, sys
with open(sys.argv[1]) as file:
    document = json.load(file)
document["keys"].append({**document["keys"][-1], "id": "key_new", "secret": "sec_new"})
with open(sys.argv[1] + ".new", "w") as file:
    json.dump(document, file, indent=2)
"""


def record(number):
    """As json.dumps(indent=2) lays it out. Id of 23, secret of 64, name of 14 characters; metadata of 60 without white
    space."""
    return f"""
    {{
      "id": "key_{number:019}",
      "secret": "sec_{number:060}",
      "name": "Name {number:09}",
      "secret_type": "shared_secret",
      "created_at": "2026-01-20T10:30:00.123456Z",
      "updated_at": null,
      "expires_at": null,
      "metadata": {{
        "env": "prod",
        "team": "billing",
        "number": "{number:017}"
      }}
    }}"""


def write_document(path, count):
    sample = json.loads(record(1))
    assert [len(sample[name]) for name in ("id", "secret", "name")] == [23, 64, 14]
    assert len(json.dumps(sample["metadata"], separators=(",", ":"))) == 60
    with path.open("w") as file:
        file.write('{\n  "keys": [')
        for number in range(count):
            file.write(("," if number else "") + record(number))
        file.write("\n  ]\n}")


class Measured(NamedTuple):
    seconds: float
    cpu_seconds: float
    resident_mb: float = 0
    peak_mb: float = 0


def memory_mb(status):
    """Resident now, and at most."""
    return [int(re.search(rf"{name}:\s*(\d+)", status)[1]) / 1000 for name in ("VmRSS", "VmHWM")]


def finish(process):
    """Waits for the end of a process; the CPU time that it has taken."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, process.args
    return usage.ru_utime + usage.ru_stime


def run(command, world, env=None):
    """A command as a whole process."""
    begin = time.monotonic()
    process = subprocess.Popen(command, env=world.environment(env), cwd=world.home, stdout=subprocess.DEVNULL)
    cpu = finish(process)
    return Measured(time.monotonic() - begin, cpu)


def python_loads(path):
    begin = time.monotonic()
    process = subprocess.Popen([PYTHON, "-c", PYTHON_LOADS, path], stdout=subprocess.PIPE, text=True)
    end, _, status = process.stdout.read().partition("\n")
    return Measured(float(end) - begin, finish(process), *memory_mb(status))


def cpu_so_far(pid):
    """Of all threads, ended ones too."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def in_file(path):
    return ["--store", f"file://{path}"]


def loads(world, store, env=None):
    """A service's first load and a refresh, each with what is resident then and was at most meanwhile. `store`: the
    options that name it."""
    begin = time.monotonic()
    service = world.serve(*store, "--refresh-interval", "0", env=env, ready=False)
    pid = service.process.pid
    wait_until(service.is_ready, "the service is ready", seconds=600)
    seconds, cpu = time.monotonic() - begin, cpu_so_far(pid)
    status = Path(f"/proc/{pid}/status")
    first = Measured(seconds, cpu, *memory_mb(status.read_text()))

    run([BINARY, "create", *store, "--name", "New", "--no-refresh"], world, env)
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak is counted anew
    cpu, begin = cpu_so_far(pid), time.monotonic()
    with service.connect(timeout=600) as connection:
        assert connection.request("POST", "/refresh").status == 200
    seconds = time.monotonic() - begin
    refresh = Measured(seconds, cpu_so_far(pid) - cpu, *memory_mb(status.read_text()))
    service.stop()
    return first, refresh


def note(text):
    print(text, file=sys.stderr, flush=True)


def median(rounds):
    return Measured(*map(statistics.median, zip(*rounds)))


def load_rounds(options, folder):
    """A new world and a new file each time: every round reads what no edit has touched."""
    world = World(folder / "loads")
    plain, sealed = folder / "keys.json", folder / "sealed.json"
    write_document(plain, options.keys)
    shutil.copy(plain, sealed)
    run([BINARY, "create", "--store", f"file://{sealed}", "--name", "New", "--no-refresh"], world, STORAGE_SECRET)
    python, first, refresh, first_sealed, refresh_sealed = [], [], [], [], []
    for number in range(options.rounds):
        note(f"loads, round {number + 1} of {options.rounds}")
        python.append(python_loads(plain))
        for into, path, env in (((first, refresh), plain, {}), ((first_sealed, refresh_sealed), sealed, STORAGE_SECRET)):
            for rounds, measured in zip(into, loads(world, in_file(path), env)):
                rounds.append(measured)
    size = plain.stat().st_size / 1e6
    print(f"\nLoading {options.keys:,} keys, {size:.0f} MB as json.dumps(indent=2) writes them\n")
    print("| | faster | s | CPU s | resident MB | peak MB |\n| --- | --- | --- | --- | --- | --- |")
    rows = {
        "Python: json.load and two dicts": python,
        "**heare-auth: process start to ready**": first,
        "heare-auth: refresh": refresh,
        "heare-auth, encrypted: process start to ready": first_sealed,
        "heare-auth, encrypted: refresh": refresh_sealed,
    }
    base = median(python).seconds
    for name, rounds in rows.items():
        row = median(rounds)
        print(
            f"| {name} | {base / row.seconds:.1f} × | {row.seconds:.2f} | {row.cpu_seconds:.2f} "
            f"| {row.resident_mb:.0f} | {row.peak_mb:.0f} |"
        )


def compare(title, kinds, rounds, runs):
    """A table of commands, each a function that runs it once; the first is what the others are held against."""
    measured = {name: [] for name in kinds}
    for number in range(rounds):
        note(f"{title}: round {number + 1} of {rounds}")
        for _ in range(runs):
            for name, kind in kinds.items():
                measured[name].append(kind())
    print(f"\n{title}\n\n| | time to the first | ms | CPU ms |\n| --- | --- | --- | --- |")
    base = median(next(iter(measured.values()))).seconds
    for name, row in ((name, median(each)) for name, each in measured.items()):
        print(f"| {name} | {row.seconds / base:.2f} | {row.seconds * 1e3:.1f} | {row.cpu_seconds * 1e3:.1f} |")


def edit_rounds(options, folder):
    world = World(folder / "edits")
    plain, sealed = folder / "edited.json", folder / "edited-sealed.json"
    write_document(plain, options.keys)
    shutil.copy(plain, sealed)
    create = [BINARY, "create", "--name", "New", "--no-refresh", "--store"]
    kinds = {
        "Python: json.load, append, json.dump(indent=2)": lambda: run([PYTHON, "-c", PYTHON_EDITS, plain], world),
        "**heare-auth create**": lambda: run([*create, f"file://{plain}"], world),
        "heare-auth create, encrypted": lambda: run([*create, f"file://{sealed}"], world, STORAGE_SECRET),
    }
    compare(f"An edit among {options.keys:,} keys", kinds, options.rounds, 1)


def command_rounds(options, folder):
    world = World(folder / "commands")
    document, grown = folder / "thousand.json", folder / "grown.json"
    write_document(document, 1000)

    def create():
        shutil.copy(document, grown)
        return run([BINARY, "create", "--name", "New", "--no-refresh", "--store", f"file://{grown}"], world)

    kinds = {
        "python3 -c 'import json'": lambda: run([PYTHON, "-c", "import json"], world),
        "heare-auth list": lambda: run([BINARY, "list", "--store", f"file://{document}"], world),
        "heare-auth create": create,
    }
    compare("Commands among 1,000 keys, as whole processes", kinds, options.rounds, COMMAND_RUNS)


def ten_million(folder):
    world = World(folder / "ten-million")
    path = folder / "ten-million.json"
    write_document(path, 10_000_000)
    note("loading ten million keys")
    print(f"\nLoading 10,000,000 keys, {path.stat().st_size / 1e6:.0f} MB, once\n")
    print_once(("process start to ready", "refresh"), loads(world, in_file(path)))


def from_s3(options, folder):
    path = folder / "keys.json"
    write_document(path, options.keys)
    world = World(folder / "s3")
    with s3_server("minio") as server:
        place = Place(server)
        place.client.upload_file(str(path), place.bucket, place.key)
        path.unlink()
        note(f"loading {options.keys:,} keys from S3")
        plain = loads(world, [], place.env())
        # An edit with a storage secret encrypts the document.
        run([BINARY, "create", "--name", "New", "--no-refresh"], world, place.env(**STORAGE_SECRET))
        sealed = loads(world, [], place.env(**STORAGE_SECRET))
    print(f"\nLoading {options.keys:,} keys from S3, once\n")
    names = ("process start to ready", "refresh")
    print_once((*names, *(f"encrypted: {name}" for name in names)), (*plain, *sealed))


def print_once(names, rows):
    print("| | s | CPU s | resident MB | peak MB |\n| --- | --- | --- | --- | --- |")
    for name, row in zip(names, rows, strict=True):
        figures = f"{row.seconds:.2f} | {row.cpu_seconds:.2f} | {row.resident_mb:.0f} | {row.peak_mb:.0f}"
        print(f"| {name} | {figures} |")


def machine():
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())[1]
    python = subprocess.run([PYTHON, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{cpu}, {os.cpu_count()} CPUs; Linux {platform.release()}; {python}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["loads", "edits", "commands"])
    parser.add_argument("--s3", action="store_true", help="only load from MinIO, which ./dev deps test makes")
    parser.add_argument("--ten-million", action="store_true", help="only load ten million keys: needs 10 GB of disk")
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        if options.ten_million:
            return ten_million(Path(folder))
        if options.s3:
            return from_s3(options, Path(folder))
        for name, rounds in (("loads", load_rounds), ("edits", edit_rounds), ("commands", command_rounds)):
            if options.only in (None, name):
                rounds(options, Path(folder))


if __name__ == "__main__":
    main()
