"""The Debian package in a bare Debian: installed, upgraded, removed and purged, and the service that it brings.

usage: HEARE_AUTH_PACKAGE=….deb pytest test_package.py      (as root; `./dev package --check` calls it)
"""

import json
import os
import platform
import stat
import subprocess
from pathlib import Path

import pytest

from debian_root import DebianRoot
from harness import PATIENCE_SECONDS, Connection, free_port, is_ready

PACKAGE = Path(os.environ["HEARE_AUTH_PACKAGE"])
SETTINGS = "/etc/heare-auth/heare-auth.env"
CACHE = "/var/cache/heare-auth"
KEYS = "/var/lib/heare-auth/.local/share/heare-auth/keys.json"
# systemd reads the settings and changes the user; here, a shell does.
AS_SERVICE = (
    "runuser", "--user", "heare-auth", "--", "env", "HOME=/var/lib/heare-auth", "sh", "-c",
    f'set -a; . {SETTINGS}; cd /var/lib/heare-auth; exec heare-auth "$@"', "heare-auth",
)


def suite():
    """Of this machine: the package depends on the libraries that it was built with."""
    return platform.freedesktop_os_release()["VERSION_CODENAME"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return DebianRoot(tmp_path_factory.mktemp("debian"), suite()).make()


@pytest.fixture
def debian(bare):
    """The package installed, with what it depends on; afterwards everything of it is gone, its user too."""
    install(bare, PACKAGE)
    # As systemd does before it starts the service.
    bare.ok("install", "-d", "-o", "heare-auth", "-g", "heare-auth", "-m", "0750", CACHE)
    yield bare
    bare.ok("sh", "-c", "dpkg --purge heare-auth && rm -rf /var/lib/heare-auth /etc/heare-auth && userdel heare-auth")


def install(root, package):
    inside = root.path("/tmp/heare-auth.deb")
    inside.write_bytes(package.read_bytes())
    root.ok("apt-get", "install", "-y", "-qq", "--no-install-recommends", "/tmp/heare-auth.deb")


def newer(folder):
    """The same package, as the next version."""
    content = folder / "content"
    subprocess.run(["dpkg-deb", "--raw-extract", PACKAGE, content], check=True)
    control = content / "DEBIAN/control"
    lines = ["Version: 99.0" if line.startswith("Version:") else line for line in control.read_text().splitlines()]
    control.write_text("\n".join(lines) + "\n")
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--build", content, folder / "newer.deb"], check=True, capture_output=True
    )
    return folder / "newer.deb"


def owner_and_mode(root, path):
    return root.ok("stat", "--format", "%U:%G %a", path).strip()


def package_version(root):
    return root.ok("dpkg-query", "--show", "--showformat", "${Version}", "heare-auth")


def create(root):
    return json.loads(root.ok(*AS_SERVICE, "create", "--json", "--no-refresh", "--name", "Test"))


def test_it_installs_a_program_that_knows_its_version_and_has_its_documentation(debian):
    assert f"heare-auth {package_version(debian)}" in debian.ok("heare-auth", "--version")
    for path in (
        "/usr/share/bash-completion/completions/heare-auth", "/usr/share/zsh/vendor-completions/_heare-auth",
        "/usr/share/fish/vendor_completions.d/heare-auth.fish", "/usr/share/man/man1/heare-auth.1.gz",
        "/usr/share/doc/heare-auth/copyright", "/usr/share/doc/heare-auth/changelog.gz",
        "/lib/systemd/system/heare-auth.service",
    ):
        assert path in debian.ok("dpkg-query", "--listfiles", "heare-auth").splitlines()


def test_only_root_and_the_service_read_its_settings_and_its_keys(debian):
    assert owner_and_mode(debian, SETTINGS) == "root:heare-auth 640"
    assert owner_and_mode(debian, "/var/lib/heare-auth") == "heare-auth:heare-auth 750"
    create(debian)
    assert not stat.S_IMODE(debian.path(KEYS).stat().st_mode) & 0o077
    assert debian.ok("getent", "passwd", "heare-auth").strip().endswith("/nologin")


def test_the_service_runs_with_the_settings_and_verifies_a_key_made_beside_it(debian):
    port = free_port()
    debian.ok("sh", "-c", f"echo PORT={port} >>{SETTINGS}")
    # It does not poll: `create` tells it.
    with debian.start(*AS_SERVICE, "serve", "--refresh-interval", "0") as service:
        service.wait(lambda: is_ready(port), "the service is ready")
        key = json.loads(debian.ok(*AS_SERVICE, "create", "--json", "--name", "Test"))
        with Connection(port, PATIENCE_SECONDS) as connection:
            answer = connection.request("POST", "/verify", json.dumps({"api_key": key["secret"]}).encode())
    assert answer.json()["key_id"] == key["id"]
    assert owner_and_mode(debian, f"{CACHE}/keys.json") == "heare-auth:heare-auth 600"


def test_an_upgrade_keeps_settings_and_keys(debian, tmp_path):
    key = create(debian)
    debian.ok("sh", "-c", f"echo PORT=8181 >>{SETTINGS}")
    install(debian, newer(tmp_path))
    assert package_version(debian) == "99.0"
    assert "PORT=8181" in debian.path(SETTINGS).read_text()
    assert owner_and_mode(debian, SETTINGS) == "root:heare-auth 640"
    assert key["id"] in debian.ok(*AS_SERVICE, "list")


def test_removed_and_installed_again_it_has_its_settings_and_keys(debian):
    key = create(debian)
    debian.ok("dpkg", "--remove", "heare-auth")
    assert not debian.path("/usr/bin/heare-auth").exists()
    install(debian, PACKAGE)
    assert key["id"] in debian.ok(*AS_SERVICE, "list")


def test_a_purge_leaves_the_keys_and_says_so(debian):
    create(debian)
    done = debian.run("dpkg", "--purge", "heare-auth")
    assert done.returncode == 0, done
    assert "/var/lib/heare-auth is left, as it holds files of yours" in done.stderr
    assert debian.path(KEYS).exists()
    assert not debian.path("/etc/heare-auth").exists()


def test_a_purge_without_keys_leaves_nothing(debian):
    files = debian.ok("dpkg-query", "--listfiles", "heare-auth").split()
    debian.ok("dpkg", "--purge", "heare-auth")
    left = [path for path in files if debian.path(path).is_file()]
    left += [path for path in ("/etc/heare-auth", "/var/lib/heare-auth", CACHE) if debian.path(path).exists()]
    assert not left


def test_lintian_finds_no_error(bare):
    bare.path("/tmp/heare-auth.deb").write_bytes(PACKAGE.read_bytes())
    bare.ok("apt-get", "install", "-y", "-qq", "--no-install-recommends", "lintian")
    done = bare.run("lintian", "--fail-on", "error", "/tmp/heare-auth.deb")
    assert done.returncode == 0, done.stdout
