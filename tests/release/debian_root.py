"""A bare Debian in a folder of its own, and what runs in it. Needs root, debootstrap, and a mirror."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from harness import wait_until

MIRROR = "http://deb.debian.org/debian"
# How apt reaches its mirror from this machine, and whom it trusts.
SETTINGS = ("etc/apt/apt.conf.d", "etc/hosts", "etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt")
# /proc of its own, and this machine's /dev. Both go with the command, as does everything that it has started.
ENTER = """
mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && exec chroot "$0" "$@"
"""


class DebianRoot:
    def __init__(self, folder, suite):
        self.folder = Path(folder)
        self.suite = suite

    def make(self):
        self.folder.mkdir(exist_ok=True)
        # It is the / of users that are not root.
        self.folder.chmod(0o755)
        subprocess.run(
            ["debootstrap", "--variant=minbase", self.suite, self.folder, MIRROR], check=True, stdout=subprocess.DEVNULL
        )
        for name in SETTINGS:
            self.copy_setting(Path("/") / name, self.folder / name)
        self.ok("apt-get", "update", "-qq")
        return self

    @staticmethod
    def copy_setting(source, target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            # Those that say where and how, not what else this machine wants with its packages.
            for file in source.iterdir():
                if file.is_file() and "Acquire::" in file.read_text():
                    shutil.copy(file, target)
        elif source.exists():
            shutil.copy(source, target)

    def command(self, *command):
        unshared = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        return [*unshared, "sh", "-c", ENTER, self.folder, *map(str, command)]

    @staticmethod
    def environment():
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        proxies = {name: os.environ[name] for name in ("http_proxy", "https_proxy") if name in os.environ}
        return {"PATH": path, "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **proxies}

    def run(self, *command):
        return subprocess.run(
            self.command(*command), env=self.environment(), capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
        )

    def ok(self, *command):
        done = self.run(*command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, *command):
        return Running(self.command(*command), self.environment())

    def path(self, inside):
        return self.folder / inside.lstrip("/")


class Running:
    """A program in a root, for as long as a `with`."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # The first process in there ends with this one, and it is the first.
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def wait(self, condition, what):
        def met():
            assert self.process.poll() is None, self.process.stdout.read().decode()
            return condition()

        return wait_until(met, what)
