"""As many connections as the service takes, nearly all of them idle."""

import contextlib

import pytest

from harness import MEMORY_FACTOR, allow_descriptors, memory_bytes

IDLE = 9_990
# What this process has open besides.
SPARE = 200
RESIDENT_BYTES_MAX = 200_000_000


@pytest.fixture
def descriptors():
    if not allow_descriptors(IDLE + SPARE):
        # In CI, too: the limit is the administrator's, and nothing that could be installed raises it.
        pytest.skip(f"{IDLE:,} connections need more descriptors than this process may have")


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
        assert memory_bytes(service.process.pid, "VmHWM") < RESIDENT_BYTES_MAX * MEMORY_FACTOR
