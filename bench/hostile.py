"""What thousands of hostile connections cost good clients: p50 and p99 of verifications, quiet and with connections that
send nothing, or a byte of a request each second, in turns; and the memory that they cost.

usage: HEARE_AUTH_BINARY=… hostile.py [--connections N]      (./dev bench calls it)

Whoever holds a connection open is closed when the time for its header is over, and connects again.
"""

import argparse
import contextlib
import selectors
import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path

from hanging import DOCUMENT, measure, table
from process import require_descriptors, resident_mb

from harness import World, wait_until

ROUNDS = 3
# Some seconds: what is sent once a second falls into each round.
REQUESTS = 60_000
TRICKLED = b"POST /verify HTTP/1.1\r\nHost: a\r\nX-Slow: " + b"x" * 1000


class Hostile:
    """Holds so many connections, half of which send a byte a second, until it is left."""

    def __init__(self, port, count):
        self.port, self.count = port, count
        self.open = 0
        self.reopened = 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        wait_until(lambda: self.open >= self.count or not self.thread.is_alive(), "they are all there", 120)
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def connect(self, selector, number):
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex(("127.0.0.1", self.port))
        selector.register(connection, selectors.EVENT_READ, [number, 0])

    def run(self):
        with selectors.EpollSelector() as selector:
            for number in range(self.count):
                self.connect(selector, number)
                self.open = number + 1
                if number % 500 == 0:
                    self.serve(selector)
            due = time.monotonic()
            while not self.stop.is_set():
                self.serve(selector)
                if time.monotonic() >= due:
                    due += 1
                    self.trickle(selector)
                self.stop.wait(0.05)
            for key in list(selector.get_map().values()):
                key.fileobj.close()

    def serve(self, selector):
        """Whoever was shut out comes back."""
        for key, _ in selector.select(0):
            try:
                ended = key.fileobj.recv(4096) == b""
            except OSError:
                ended = True
            if ended:
                selector.unregister(key.fileobj)
                key.fileobj.close()
                self.reopened += 1
                self.connect(selector, key.data[0])

    def trickle(self, selector):
        for key in list(selector.get_map().values()):
            number, sent = key.data
            if number % 2 == 0:
                continue
            with contextlib.suppress(OSError):
                key.fileobj.send(TRICKLED[sent : sent + 1])
                key.data[1] = (sent + 1) % len(TRICKLED)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--connections", type=int, default=10_000)
    count = options.parse_args().connections
    require_descriptors(count)
    quiet, besieged, resident, reopened = [], [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            with contextlib.closing(World(Path(tempfile.mkdtemp(dir=folder)))) as world:
                world.put_document(DOCUMENT)
                # A place for each of them, and for the good client.
                service = world.serve("--max-connections", count + 100)
                with service.connect() as connection:
                    measure(connection)  # warms both sides up
                    quiet.append(measure(connection, REQUESTS))
                    with Hostile(service.port, count) as hostile:
                        besieged.append(measure(connection, REQUESTS))
                        resident.append(resident_mb(service.process.pid))
                        reopened += hostile.reopened
    print(f"{count:,} connections, of which half send a byte each second:\n")
    table("besieged", quiet, besieged)
    print(f"Resident: {statistics.median(resident):.1f} MB. Shut out and come back: {reopened:,} times.")


if __name__ == "__main__":
    main()
