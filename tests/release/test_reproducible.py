"""The same commit, built in two folders, gives the same program and the same package, byte for byte.

usage: pytest test_reproducible.py      (`./dev release-check` calls it)
"""

import os
import subprocess

from harness import REPOSITORY


def build(folder):
    subprocess.run(["git", "clone", "--quiet", REPOSITORY, folder], check=True)
    # A cache could give one build what the other has made.
    subprocess.run([folder / "dev", "package"], env={**os.environ, "CCACHE_DISABLE": "1"}, check=True)
    (package,) = (folder / "build/package").glob("*.deb")
    return (folder / "build/debian/heare-auth").read_bytes(), package.read_bytes()


def test_two_builds_in_two_folders_are_identical(tmp_path):
    program, package = build(tmp_path / "here")
    other_program, other_package = build(tmp_path / "quite/elsewhere")
    assert program == other_program
    assert package == other_package
