"""What idle connections cost: resident memory of the service before and after thousands of them, each of which has
asked once.

usage: HEARE_AUTH_BINARY=… idle.py [--connections N]      (./dev bench calls it)
"""

import argparse
import contextlib
import json
import socket
import tempfile
from pathlib import Path

from loading import record
from process import require_descriptors, resident_mb

from harness import World

SECRET = json.loads(record(1))["secret"]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--connections", type=int, default=10_000)
    count = options.parse_args().connections
    require_descriptors(count)
    body = json.dumps({"api_key": SECRET})
    request = f"POST /verify HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(World(Path(folder) / "world")) as world:
        world.put_document('{"keys": [' + record(1) + "]}")
        # More than are needed: where every place is taken, idle connections are closed.
        service = world.serve("--max-connections", count + 100)
        before = resident_mb(service.process.pid)
        with contextlib.ExitStack() as connections:
            for _ in range(count):
                connection = socket.create_connection(("127.0.0.1", service.port), timeout=30)
                connections.enter_context(connection)
                connection.sendall(request)
                assert connection.recv(4096).startswith(b"HTTP/1.1 200")
            after = resident_mb(service.process.pid)
    print(f"{count:,} idle connections: {after - before:.1f} MB, with the service itself {after:.1f} MB")


if __name__ == "__main__":
    main()
