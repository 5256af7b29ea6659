"""How ./dev makes the S3 servers of the tests, seen with a Go that only tells what it was asked for."""

import subprocess

import pytest

from test_dev import REPOSITORY, Machine

GO = """#!/bin/sh
[ "$*" != "env GOVERSION" ] || { echo "$GO_SAYS"; exit; }
echo "go $* into $GOBIN" >>"$JOURNAL"
exit "${GO_FAILS:-0}"
"""


@pytest.fixture
def machine(tmp_path):
    """Everything else is there already."""
    made = Machine(tmp_path)
    (tmp_path / "tests").mkdir()
    for name in ("requirements.txt", "servers.txt"):
        (tmp_path / "tests" / name).write_text((REPOSITORY / "tests" / name).read_text())
    (tmp_path / "build/venv").mkdir(parents=True)
    (tmp_path / "build/servers").mkdir()
    python = subprocess.run(["/usr/bin/python3", "--version"], capture_output=True, text=True, check=True).stdout
    (tmp_path / "build/venv/made-from").write_text((tmp_path / "tests/requirements.txt").read_text() + python)
    return made


def add_go(machine):
    (machine.folder / "bin/go").write_text(GO)
    (machine.folder / "bin/go").chmod(0o755)


def deps(machine, says="go1.24.1", **environment):
    return machine.dev("deps", "test", installed="all", GO_SAYS=says, **environment)


def test_each_is_made_at_its_version_and_once(machine):
    add_go(machine)
    assert deps(machine).returncode == 0
    first, second = machine.journal().splitlines()
    assert first.startswith("go install github.com/minio/minio@v0") and first.endswith(f"{machine.folder}/build/servers")
    assert second.startswith("go install github.com/versity/versitygw/cmd/versitygw@v1.")
    assert deps(machine, GO_FAILS="1").returncode == 0
    assert len(machine.journal().splitlines()) == 2


def test_another_version_is_made_anew(machine):
    add_go(machine)
    deps(machine)
    servers = machine.folder / "tests/servers.txt"
    servers.write_text(servers.read_text().replace("versitygw v1.", "versitygw v9."))
    deps(machine)
    assert "versitygw@v9." in machine.journal().splitlines()[2]


@pytest.mark.parametrize("says", [None, "go1.19.8", "go1.9"])
def test_without_a_go_that_is_new_enough_they_are_left_out_but_not_in_ci(machine, says):
    if says:
        add_go(machine)
    left_out = deps(machine, says or "")
    assert left_out.returncode == 0
    assert left_out.stderr.count("\n") == 1 and "Go 1.24" in left_out.stderr and "minio versitygw" in left_out.stderr
    in_ci = deps(machine, says or "", CI="true")
    assert in_ci.returncode == 1 and "Go 1.24" in in_ci.stderr


def test_one_that_cannot_be_made_is_left_out_but_not_in_ci(machine):
    add_go(machine)
    left_out = deps(machine, GO_FAILS="1")
    assert left_out.returncode == 0 and "minio could not be made" in left_out.stderr
    assert deps(machine, GO_FAILS="1", CI="true").returncode == 1
    # And is tried again.
    assert machine.journal().count("github.com/minio/minio") == 2
