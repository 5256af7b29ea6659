"""As many connections as the service takes, nearly all of them idle."""

import contextlib
import re
import resource
from pathlib import Path

import pytest

IDLE = 9_990
RESIDENT_BYTES_MAX = 200_000_000


@pytest.fixture
def descriptors():
    """As many as the connections need, and what else is open; back to before afterwards."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < IDLE + 500:
        pytest.skip(f"{IDLE:,} connections need more than the {hard:,} descriptors that are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def most_resident_bytes(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) * 1024


@pytest.mark.usefixtures("descriptors")
def test_among_10_000_idle_connections_verification_goes_on_and_memory_stays_under_200_mb(world):
    secret = world.create()["secret"]
    service = world.serve()
    with contextlib.ExitStack() as open_ones:
        idle = [open_ones.enter_context(service.connect()) for _ in range(IDLE)]
        for connection in idle:
            assert connection.request("GET", "/health").status == 200
        assert service.verify(secret).status == 200
        # None of them was given up for the others.
        for connection in (idle[0], idle[-1]):
            assert connection.request("GET", "/health").status == 200
        assert most_resident_bytes(service.process.pid) < RESIDENT_BYTES_MAX
