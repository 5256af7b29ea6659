"""A reader of standard output that stalls: verification goes on, memory stays bounded, what is dropped is counted, and
nothing but lines of verifications is lost."""

import fcntl
import json
import os
import subprocess
import time

from harness import (
    MEMORY_FACTOR, PATIENCE_SECONDS, Connection, free_port, is_ready, memory_bytes, metric, request_bytes, wait_until,
)  # fmt: skip

# ./dev soak stalls for a minute; else only until lines are dropped.
STALL_SECONDS = int(os.environ.get("HEARE_AUTH_STALL_SECONDS", "0"))
F_SETPIPE_SZ = 1031
PIPELINED = 100
QUEUE_BYTES = 8 * 1024 * 1024
AGENT = "x" * 1000


def verify_many(connection):
    request = request_bytes("POST", "/verify", b'{"api_key": "sec_nobody"}', [("User-Agent", AGENT)])
    connection.send(request * PIPELINED)
    for _ in range(PIPELINED):
        assert connection.read_answer().status == 403
    return PIPELINED


def lines_dropped(port):
    return metric(port, "heare_auth_log_lines_dropped_total")


def read_everything(descriptor):
    """All of what is written until the other side is closed, as events."""
    with os.fdopen(descriptor, "rb") as pipe:
        return [json.loads(line) for line in pipe]


def test_a_reader_that_stalls_stops_nobody(world):
    world.create()
    port = free_port()
    reading, writing = os.pipe()
    fcntl.fcntl(reading, F_SETPIPE_SZ, 65536)
    process = world.popen("serve", "--port", port, "--threads", 2, stdout=writing, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        wait_until(lambda: is_ready(port), "the service is ready")
        before = memory_bytes(process.pid)
        verified, refreshed, most = 0, 0, 0
        begin = time.monotonic()
        with Connection(port, PATIENCE_SECONDS) as connection:
            while time.monotonic() < begin + STALL_SECONDS or lines_dropped(port) < 1000:
                for _ in range(20):
                    verified += verify_many(connection)
                assert connection.request("POST", "/refresh").status == 200
                refreshed += 1
                most = max(most, memory_bytes(process.pid))
                assert time.monotonic() < begin + STALL_SECONDS + 120, "nothing is dropped"
        # The queue itself, what is under way for each thread, and the allocator's share.
        assert most - before < 3 * QUEUE_BYTES * MEMORY_FACTOR
        dropped = lines_dropped(port)
        process.terminate()
        events = read_everything(reading)
        assert process.wait(PATIENCE_SECONDS) == 0
    finally:
        process.kill()
        process.wait()

    written = [event["event"] for event in events]
    told = sum(event["count"] for event in events if event["event"] == "log_lines_dropped")
    # Lines that were still under way may have been dropped since.
    assert told >= dropped >= 1000
    assert written.count("verification_failed") + told == verified
    assert written.count("refresh_success") == refreshed
    assert written.count("startup") == written.count("shutdown") == 1
