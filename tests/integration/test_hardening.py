"""What the program does against those who share its machine, and how it was built."""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys

import missing
import pytest
from harness import BINARY, PATIENCE_SECONDS, SANITIZED, free_port, is_ready, wait_until

NOBODY = 65534
as_shipped = pytest.mark.skipif(SANITIZED, reason="sanitizers have stacks, checks and core dumps of their own")


def with_core_dumps():
    """Between fork and exec: as large as anybody wants."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def dumps_core(process):
    """Whether it leaves a core dump when it is killed like one that has crashed."""
    os.kill(process.pid, signal.SIGABRT)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = -signal.SIGABRT
    assert os.WIFSIGNALED(status)
    return os.WCOREDUMP(status)


def serving(world, *options, **popen):
    port = free_port()
    process = world.popen("serve", "--port", port, *options, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          **popen)  # fmt: skip
    wait_until(lambda: is_ready(port), "the service is ready")
    return process


@as_shipped
def test_a_crash_leaves_no_core_dump_unless_it_was_asked_for(world, tmp_path):
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, cwd=tmp_path,
                             preexec_fn=with_core_dumps)  # fmt: skip
    with other.stdin:
        if not dumps_core(other):
            pytest.skip("no program leaves core dumps here")
    assert not dumps_core(serving(world, preexec_fn=with_core_dumps))
    assert dumps_core(serving(world, "--core-dumps", preexec_fn=with_core_dumps))


def hardening_of(binary):
    """Program headers, dynamic section and undefined symbols, as readelf has them."""
    if shutil.which("readelf") is None:
        missing.skip("readelf is not here: it comes with the compiler")
    return subprocess.run(
        ["readelf", "--wide", "--file-header", "--program-headers", "--dynamic", "--dyn-syms", binary],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


@as_shipped
def test_the_binary_is_built_against_attacks_on_its_memory():
    elf = hardening_of(BINARY)
    assert "DYN (Position-Independent Executable file)" in elf
    assert "GNU_RELRO" in elf and "BIND_NOW" in elf, "nothing of it that the loader fills in stays writable"
    stack = next(line for line in elf.splitlines() if "GNU_STACK" in line)
    assert " RW " in stack, "no code on the stack"
    assert "__stack_chk_fail" in elf, "returns are guarded"
    assert "_chk@" in elf, "lengths are checked where the compiler knows them (_FORTIFY_SOURCE)"


@pytest.fixture
def open_world(world, tmp_path):
    """A world that any user can look into, but not write to."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    secret = world.create()["secret"]
    folder = tmp_path
    while folder != folder.parent:
        folder.chmod(folder.stat().st_mode | 0o055)
        folder = folder.parent
    for path in [world.document, *world.document.parents]:
        if tmp_path in path.parents:
            path.chmod(0o755 if path.is_dir() else 0o644)
    return world, secret


def test_the_service_needs_no_right_to_write(open_world):
    world, secret = open_world
    port = free_port()
    binary = world.home / "heare-auth"
    shutil.copy(BINARY, binary)
    process = subprocess.Popen(
        [binary, "serve", "--port", str(port)], env=world.environment(), cwd="/", user=NOBODY, group=NOBODY,
        extra_groups=[], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_until(lambda: process.poll() is not None or is_ready(port), "the service is ready")
        assert process.poll() is None, process.stderr.read()
        verified = subprocess.run(
            ["curl", "-s", f"http://127.0.0.1:{port}/verify", "-d", f'{{"api_key": "{secret}"}}'],
            capture_output=True, timeout=PATIENCE_SECONDS,
        )  # fmt: skip
        assert b'"valid":true' in verified.stdout
    finally:
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0
        process.stderr.close()


def test_a_right_that_it_lacks_is_named(open_world):
    world, _ = open_world
    world.document.chmod(0o600)
    binary = world.home / "heare-auth"
    shutil.copy(BINARY, binary)
    refused = subprocess.run(
        [binary, "serve", "--port", str(free_port())], env=world.environment(), cwd="/", user=NOBODY, group=NOBODY,
        extra_groups=[], capture_output=True, text=True, timeout=PATIENCE_SECONDS * 2,
    )  # fmt: skip
    assert refused.returncode == 1
    assert str(world.document) in refused.stderr and "Permission denied" in refused.stderr


@pytest.mark.skipif(SANITIZED, reason="sanitizers need threads of their own")
def test_threads_that_the_system_does_not_give_are_an_error_and_no_hang(open_world):
    world, _ = open_world
    binary = world.home / "heare-auth"
    shutil.copy(BINARY, binary)
    few = 40
    with socket.create_server(("127.0.0.1", 0)) as silent:
        # Its load is under way when it fails.
        store = ["--bucket", "b", "--endpoint-url", f"http://127.0.0.1:{silent.getsockname()[1]}"]
        refused = subprocess.run(
            [binary, "serve", "--port", str(free_port()), "--threads", "200", *store],
            env=world.environment({"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}), cwd="/", user=NOBODY,
            group=NOBODY, extra_groups=[], capture_output=True, text=True, timeout=PATIENCE_SECONDS,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (few, few)),
        )  # fmt: skip
    assert refused.returncode == 1
    assert [json.loads(line)["event"] for line in refused.stdout.splitlines()] == ["startup_failed", "shutdown"]
    assert "starting 200 serving threads" in refused.stderr and "--threads" in refused.stderr


def test_a_storage_secret_on_the_command_line_is_warned_about(world):
    warned = world.run("list", "--storage-secret", "visible in ps")
    assert warned.code == 0
    assert "STORAGE_SECRET" in warned.stderr and "--storage-secret-file" in warned.stderr
    assert "visible in ps" not in warned.stderr
