"""How many lines of each room the unit tests run, from the profile that they have left; fails where one of the rooms that
decide who gets in has less than it should.

usage: coverage.py BUILD [FOLDER]      (./dev coverage calls it; FOLDER gets a page for each file)
"""

import json
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LLVM_COV = "llvm-cov-19"
LEAST_PERCENT = 90
STRICT_ROOMS = {"keys", "http", "s3", "crypto"}
# Tests run all of themselves.
NOT_COUNTED = r"(_test|_test_support|/tests/.*)\.(cpp|h)$|_test_support\.h$"


def arguments(build):
    programs = sorted((build / "src").glob("*/*_test"))
    first, *others = map(str, programs)
    objects = [word for program in others for word in ("-object", program)]
    return [first, *objects, f"-instr-profile={build / 'tests.profdata'}", f"-ignore-filename-regex={NOT_COUNTED}"]


def lines_of_rooms(build):
    """Room: lines, and how many of them were run."""
    command = [LLVM_COV, "export", "-summary-only", *arguments(build)]
    exported = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    rooms = {}
    for file in exported["data"][0]["files"]:
        path = Path(file["filename"])
        if not path.is_relative_to(REPOSITORY / "src") or path.parent == REPOSITORY / "src":
            continue
        lines = file["summary"]["lines"]
        count, covered = rooms.get(path.parent.name, (0, 0))
        rooms[path.parent.name] = (count + lines["count"], covered + lines["covered"])
    return rooms


def main(build, folder=None):
    build = Path(build).resolve()
    if folder:
        command = [LLVM_COV, "show", "-format=html", f"-output-dir={folder}", *arguments(build)]
        subprocess.run(command, check=True)
    failed = False
    for room, (count, covered) in sorted(lines_of_rooms(build).items()):
        percent = 100 * covered / count
        too_few = room in STRICT_ROOMS and percent < LEAST_PERCENT
        failed |= too_few
        remark = f"   less than {LEAST_PERCENT} %" if too_few else ""
        print(f"{room:8} {percent:6.1f} % of {count:6,} lines{remark}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
