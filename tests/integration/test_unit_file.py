"""The systemd unit of the package: what systemd itself says of it, and that it starts what there is."""

import re
import shutil
import subprocess

import missing
import pytest
from harness import REPOSITORY

UNIT = REPOSITORY / "packaging/systemd/heare-auth.service"
VARIABLES = REPOSITORY / "packaging/heare-auth.env"
# systemd's own word for everything below is "OK"; an unprotected service has 9.6.
EXPOSURE_MAX = 2.0


def analyze(*arguments):
    if shutil.which("systemd-analyze") is None:
        missing.skip("systemd-analyze is not here: `./dev deps test` installs it")
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True)


@pytest.fixture
def unit(tmp_path):
    """The unit as it would be here: systemd looks whether the program is there."""
    path = tmp_path / UNIT.name
    path.write_text(UNIT.read_text().replace("/usr/bin/heare-auth", "/bin/true").replace("User=heare-auth", "User=daemon")
                    .replace("Group=heare-auth", "Group=daemon"))  # fmt: skip
    return path


def test_systemd_finds_no_fault_in_it(unit):
    verified = analyze("verify", "--man=no", unit)
    assert verified.returncode == 0 and str(unit) not in verified.stderr, verified.stderr


def test_it_is_sandboxed(unit):
    told = analyze("security", "--offline=true", "--no-pager", unit)
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", told.stdout)
    assert exposure and float(exposure[1]) < EXPOSURE_MAX, told.stdout


def test_it_starts_the_service_with_variables_that_there_are(world):
    settings = re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE)
    assert ("ExecStart", "/usr/bin/heare-auth serve") in settings
    assert ("Type", "notify") in settings
    assert ("EnvironmentFile", "-/etc/heare-auth/heare-auth.env") in settings
    known = world.ok("serve", "--help").stdout
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", VARIABLES.read_text(), re.MULTILINE))
    credentials = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert not {name for name in named - credentials if not re.search(rf"\b{name}\b", known)}
