"""Runs the program with tests/support/failing_calls.cpp, which lets its system calls go wrong one after another."""

import itertools
import os
from pathlib import Path
from typing import NamedTuple

from harness import REPOSITORY

LIBRARY = Path(os.environ.get(
    "HEARE_AUTH_FAILING_CALLS", REPOSITORY / "build/release/tests/support/libfailing_calls.so"
))


class Fault(NamedTuple):
    """What goes wrong, and whether the calls that follow do as well."""

    how: str
    only_once: bool = False

    def __str__(self):
        return f"{self.how} once" if self.only_once else self.how


FAULTS = [Fault("kill"), Fault("tear"), Fault("short"), Fault("ENOSPC"), Fault("EIO"), Fault("EIO", only_once=True)]


class FailPoint:
    """The `number`-th call on files below `folder` that can go wrong that way; 0 for none of them."""

    def __init__(self, fault, number, folder, log):
        self.fault, self.number, self.folder, self.log = fault, number, folder, log
        self.log.unlink(missing_ok=True)

    def env(self):
        once = {"HEARE_FAIL_ONLY": "1"} if self.fault.only_once else {}
        return {
            "LD_PRELOAD": LIBRARY, "HEARE_FAIL_BELOW": self.folder, "HEARE_FAIL_HOW": self.fault.how,
            "HEARE_FAIL_AT": self.number, "HEARE_FAIL_LOG": self.log, **once,
        }

    def calls(self):
        """The names of the calls that went wrong; of 0, those that could have."""
        return [line.split(" ")[0] for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def __str__(self):
        return f"{self.fault} at call {self.number}, {' '.join(self.calls())}"


def every_fail_point(fault, folder, log):
    """One after another, until the program comes through without reaching it. Whoever gets one runs the program."""
    for number in itertools.count(1):
        point = FailPoint(fault, number, folder, log)
        yield point
        if not point.calls():
            return
