"""What systemd is told of a service of Type=notify."""

import os
import signal
import socket

import pytest
from harness import PATIENCE_SECONDS


@pytest.fixture(params=["a file", "an abstract name"])
def notifications(request, tmp_path):
    """The socket that systemd would listen on, and its name as the variable has it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        abstract = request.param == "an abstract name"
        name = f"@heare-auth-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
        listening.bind("\0" + name[1:] if abstract else name)
        listening.settimeout(PATIENCE_SECONDS)
        yield listening, name


def test_it_is_told_of_the_first_load_and_of_the_end(world, notifications):
    listening, name = notifications
    service = world.serve(env={"NOTIFY_SOCKET": name}, ready=False)
    assert listening.recv(100) == b"READY=1"
    assert service.is_ready()
    service.signal(signal.SIGTERM)
    assert listening.recv(100) == b"STOPPING=1"
    assert service.wait() == 0


def test_a_start_that_fails_is_never_ready(world, notifications):
    listening, name = notifications
    world.put_document("no json")
    service = world.serve(env={"NOTIFY_SOCKET": name}, ready=False)
    assert service.wait() == 1
    listening.setblocking(False)
    with pytest.raises(BlockingIOError):
        listening.recv(100)


def test_a_manager_that_has_gone_is_no_reason_to_fail(world, tmp_path):
    service = world.serve(env={"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    assert service.stop() == 0
