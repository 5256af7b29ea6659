"""A day's requests as fast as they go: memory must stay flat, and every line of the log must arrive.

usage: HEARE_AUTH_BINARY=… soak.py [--requests N] [--keys N]      (./dev soak calls it)

24 hours at 1,000 requests a second are 86.4 million. The load comes from wrk, half of it with good keys and half with
wrong ones; the log goes into a pipe, whose reader counts lines.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import load
from idle import resident_mb
from loading import record, write_document

from harness import World, free_port, is_ready, wait_until

# Long enough that the start of wrk does not matter, short enough for a dozen looks at the memory.
ROUND_SECONDS = 30
# A round ends anywhere in a turn of a thousand good keys and a thousand wrong ones.
ROUNDING = 0.01
# What the allocator may still be settling, after the first round.
GROWTH_MB_MAX = 2


def verify(folder, keys):
    secrets = [json.loads(record(number))["secret"] for number in range(min(keys, 1000))]
    folder.mkdir()
    return load.Load(secrets + [secret[::-1] for secret in secrets], "POST", "/verify", {}, '{"api_key": "{key}"}').write(
        folder
    )


def ask(count, script, port, pid):
    """How many were asked in the end, and what was resident after each round."""
    done, resident = 0, []
    print("| requests | resident MB |\n| --- | --- |", flush=True)
    while done < count:
        command = ["wrk", "-t1", f"-c{load.CONNECTIONS}", f"-d{ROUND_SECONDS}s", "-s", script]
        output = subprocess.run(
            [*command, f"http://127.0.0.1:{port}"], check=True, stdout=subprocess.PIPE, text=True
        ).stdout
        answered, refused = load.requests_in(output), load.refused_in(output)
        assert "Socket errors" not in output, output
        # Good and wrong keys come in turns.
        assert abs(2 * refused - answered) <= ROUNDING * answered, output
        done += answered
        resident.append(resident_mb(pid))
        print(f"| {done:,} | {resident[-1]:.1f} |", flush=True)
    return done, resident


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--requests", type=int, default=86_400_000)
    options.add_argument("--keys", type=int, default=100_000)
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        world = World(folder / "world")
        world.document.parent.mkdir(parents=True)
        write_document(world.document, options.keys)
        script = verify(folder / "load", options.keys)
        port = free_port()
        service = world.popen("serve", "--port", port, stdout=subprocess.PIPE)
        counter = subprocess.Popen(
            ["grep", "-c", '"event":"verification_'], stdin=service.stdout, stdout=subprocess.PIPE, text=True
        )
        service.stdout.close()
        try:
            wait_until(lambda: is_ready(port), "the service is ready")
            done, resident = ask(options.requests, script, port, service.pid)
        finally:
            service.terminate()
            service.wait(timeout=30)
        lines = int(counter.communicate()[0])
        assert service.returncode == 0
    print(f"\n{lines:,} lines for {done:,} answered requests")
    # Those that wrk has left under way at the end of a round were answered too.
    assert done <= lines <= done + load.CONNECTIONS * len(resident)
    assert resident[-1] - resident[0] <= GROWTH_MB_MAX, "memory has grown"


if __name__ == "__main__":
    main()
