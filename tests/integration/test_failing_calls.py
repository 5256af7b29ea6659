"""Every system call of a create goes wrong, one after another, in every way: the document is the old one or the new one,
no exit code lies, the message helps, and the next create finds nothing in its way."""

import json
import shutil

import pytest

from failing_calls import FAULTS, FailPoint, Fault, every_fail_point

KILLED = -9
# What a create that was killed has left.
LEFTOVER = "keys.json.tmp-0123456789abcdef"
# How long the program tries to find out what became of a write.
CREATE = ("create", "--json", "--no-refresh", "--timeout", "200ms", "--name", "Test")


class Store:
    """The embedded store of a world, which can be put back as it was."""

    def __init__(self, world, existing):
        self.world = world
        self.saved = world.temporary / "saved"
        self.below = world.home / ".local"
        self.folder = world.document.parent
        if existing:
            world.create()
            (self.folder / LEFTOVER).write_bytes(b'{"keys": [')
            (self.folder / LEFTOVER).chmod(0o600)
            shutil.copytree(self.below, self.saved)
        self.before = self.content()

    def put_back(self):
        shutil.rmtree(self.below, ignore_errors=True)
        if self.saved.exists():
            shutil.copytree(self.saved, self.below)

    def content(self):
        return self.world.document.read_bytes() if self.world.document.exists() else None

    def ids(self):
        content = self.content()
        return [key["id"] for key in json.loads(content)["keys"]] if content is not None else []


@pytest.fixture(params=["first document", "another document"])
def store(world, request):
    return Store(world, existing=request.param == "another document")


def judge(store, old_ids, finished, point):
    """What a create that met `point` may leave, and say."""
    ids = store.ids()
    made = ids[len(old_ids):]
    assert ids[: len(old_ids)] == old_ids and len(made) <= 1, str(point)
    if not made:
        assert store.content() == store.before, str(point)
    if finished.code == 0:
        assert made == [finished.json()["id"]], str(point)
    elif finished.code == 3:
        assert made in ([], [finished.json()["id"]]), str(point)
        assert "cannot be told" in finished.stderr, str(point)
    elif finished.code != KILLED:
        assert finished.code == 1 and finished.stdout == "" and not made, (str(point), finished)
        assert finished.stderr.startswith("Error: ") and str(store.below) in finished.stderr, (str(point), finished)
    if finished.code in (1, 3):
        remedy = "free some space" if point.fault.how == "ENOSPC" else "look at the disk"
        assert remedy in finished.stderr, (str(point), finished)
    for path in store.folder.iterdir() if store.folder.exists() else ():
        assert path.stat().st_mode & 0o077 == 0, (str(point), path)
        assert b"sec_" not in path.read_bytes(), (str(point), path)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_document_stays_whole_whatever_call_fails(world, store, fault):
    old_ids = store.ids()
    codes = []
    for point in every_fail_point(fault, store.below, world.temporary / "calls"):
        store.put_back()
        finished = world.run(*CREATE, env=point.env())
        judge(store, old_ids, finished, point)
        ids = store.ids()
        next_id = world.create()["id"]
        assert store.ids() == [*ids, next_id], str(point)
        assert {path.name for path in store.folder.iterdir()} == {"keys.json", "keys.json.lock"}, str(point)
        codes.append(finished.code)
    # The last one met no fault.
    assert codes[-1] == 0
    assert set(codes[:-1]) == {
        "kill": {KILLED}, "tear": {KILLED}, "short": {0}, "ENOSPC": {1, 3}, "EIO": {0, 1, 3}, "EIO once": {0, 1},
    }[str(fault)], codes


def test_the_calls_that_matter_are_among_those_that_fail(world):
    store = Store(world, existing=True)
    point = FailPoint(Fault("EIO"), 0, store.below, world.temporary / "calls")
    world.ok(*CREATE, env=point.env())
    assert {"open", "fstat", "flock", "pread", "unlink", "fchmod", "write", "fsync", "rename", "close"} <= set(
        point.calls()
    )
