"""Each row of ARCHITECTURE.md's table of faults names tests that are there."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def rows():
    text = (REPOSITORY / "ARCHITECTURE.md").read_text()
    section = text[text.index("\n## What fails") :]
    section = section[: section.index("\n## ", 1)]
    # Behind the table's head.
    return [line for line in section.splitlines() if line.startswith("|")][2:]


def test_there_are_as_many_rows_as_there_were():
    assert len(rows()) >= 20


def test_each_names_tests_that_are_there():
    missing = []
    for row in rows():
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", row)
        if not named:
            missing.append(row)
        for file, test in named:
            path = REPOSITORY / "tests/integration" / file
            if not path.is_file() or f"def {test}(" not in path.read_text():
                missing.append(f"{file}::{test}")
    assert not missing
