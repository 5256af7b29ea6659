"""What ./dev does to a machine, seen on a copy with an apt that only tells what it was asked for."""

import os
import platform
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
# Debian 12's own choice is too old.
IS_BOOKWORM = platform.freedesktop_os_release().get("VERSION_CODENAME") == "bookworm"
BOOST = "libboost1.81-dev" if IS_BOOKWORM else "libboost-dev"

# An apt-get that writes down its arguments, and whether a daemon would have been allowed to start meanwhile.
APT_GET = """#!/bin/sh
echo "apt-get $*" >>"$JOURNAL"
case "$*" in *--simulate*) echo "Remv libother-dev [1.0]"; exit 0 ;; esac
case "$*" in *install*) "$HEARE_DEV_POLICY" ssh start; echo "policy $?" >>"$JOURNAL"; exit "${APT_FAILS:-0}" ;; esac
"""
DPKG_QUERY = """#!/bin/sh
for package; do :; done
case " $INSTALLED " in *" $package "*|*" all "*) printf installed ;; *) exit 1 ;; esac
"""
DPKG = "#!/bin/sh\n"
SUDO = """#!/bin/sh
echo "sudo $1" >>"$JOURNAL"
exec "$@"
"""


class Machine:
    """A folder with ./dev in it, and a PATH where whatever would change the machine is a stand-in."""

    def __init__(self, folder):
        self.folder = folder
        self.policy = folder / "policy-rc.d"
        self.journal_path = folder / "journal"
        shutil.copy(REPOSITORY / "dev", folder / "dev")
        commands = folder / "bin"
        commands.mkdir()
        for name, text in (("apt-get", APT_GET), ("dpkg-query", DPKG_QUERY), ("dpkg", DPKG), ("sudo", SUDO)):
            (commands / name).write_text(text)
            (commands / name).chmod(0o755)

    def dev(self, *arguments, installed="", **environment):
        env = {
            "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin",
            "JOURNAL": str(self.journal_path),
            "HEARE_DEV_POLICY": str(self.policy),
            "INSTALLED": installed,
            **environment,
        }
        return subprocess.run([self.folder / "dev", *arguments], env=env, capture_output=True, text=True, timeout=60)

    def journal(self):
        return self.journal_path.read_text() if self.journal_path.exists() else ""


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_what_is_missing_is_installed_and_nothing_removed(machine):
    done = machine.dev("deps", installed="g++ cmake ninja-build libssl-dev")
    assert done.returncode == 0, done
    update, install = [line for line in machine.journal().splitlines() if line.startswith("apt-get")]
    assert " update " in f"{update} "
    assert " --no-install-recommends " in install and " --no-remove " in install
    assert f" {BOOST} " in f"{install} "
    assert " g++ " not in f"{install} " and " libgtest-dev " not in f"{install} "


def test_where_nothing_is_missing_nothing_is_asked_of_apt_or_sudo(machine):
    done = machine.dev("deps", installed="all")
    assert (done.returncode, done.stdout, done.stderr, machine.journal()) == (0, "", "", "")


def test_no_daemon_may_start_meanwhile(machine):
    assert machine.dev("deps").returncode == 0
    assert "policy 101" in machine.journal()
    assert not machine.policy.exists()


@pytest.mark.parametrize("fails", ["0", "100"])
def test_a_policy_that_was_there_is_there_again(machine, fails):
    machine.policy.write_text("#!/bin/sh\n# the owner's\nexit 0\n")
    machine.policy.chmod(0o755)
    machine.dev("deps", APT_FAILS=fails)
    assert "policy 101" in machine.journal()
    assert "the owner's" in machine.policy.read_text()
    assert {path.name for path in machine.folder.iterdir()} == {"bin", "dev", "journal", "policy-rc.d"}


def test_a_policy_that_a_killed_run_left_is_put_right(machine):
    (machine.folder / "policy-rc.d.before-heare-auth").write_text("#!/bin/sh\n# the owner's\n")
    machine.policy.write_text("#!/bin/sh\n# heare-auth: no daemon starts while packages are installed\nexit 101\n")
    assert machine.dev("deps").returncode == 0
    assert "the owner's" in machine.policy.read_text()


def test_what_stands_in_the_way_is_named(machine):
    done = machine.dev("deps", APT_FAILS="100")
    assert done.returncode == 1
    assert "would have to remove" in done.stderr and "libother-dev" in done.stderr
    assert not machine.policy.exists()


def test_without_root_and_sudo_the_missing_packages_are_named():
    # Not in tmp_path, which is closed to the somebody else that root has to be here.
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder))
        machine.folder.chmod(0o755)
        (machine.folder / "bin/sudo").unlink()
        for tool in ("bash", "dirname", "sh"):
            (machine.folder / "bin" / tool).symlink_to(shutil.which(tool))
        env = {"PATH": str(machine.folder / "bin"), "INSTALLED": "g++"}
        somebody = ["/usr/bin/setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        done = subprocess.run([*somebody, machine.folder / "dev", "deps"], env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "missing" in done.stderr and f" {BOOST} " in done.stderr and " g++ " not in done.stderr


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("deps", "everything"), ("fuzz", "forever"), ("format", "--nicely")]
)
def test_a_wrong_argument_is_named(machine, arguments):
    done = machine.dev(*arguments, installed="all")
    assert done.returncode == 1
    assert arguments[-1] in done.stderr


def test_help_names_every_command(machine):
    text = machine.dev("help").stdout
    commands = re.findall(r"^cmd_(\w+)\(\)", (REPOSITORY / "dev").read_text(), re.MULTILINE)
    assert len(commands) > 10
    for command in commands:
        assert f"\n  {command.replace('_', '-')} " in text
