"""Every system call on the cache file goes wrong, one after another: the service serves all the same, says what is wrong,
and what it leaves is a whole document."""

import json
import shutil
import signal

import pytest

from failing_calls import Fault, every_fail_point
from harness import wait_until

OLD = "sec_of_the_first_key"
NEW = "sec_of_the_second_key"
# A call that fails and changes nothing: what it was to do has been done by then, or is done by the next start.
HARMLESS = {"close", "unlink"}


def document(*secrets):
    return json.dumps({"keys": [{"id": f"key_{secret}", "secret": secret, "name": "N"} for secret in secrets]})


class Cache:
    """What an earlier run has left of the old document, while the store has the new one."""

    def __init__(self, world):
        self.folder = world.temporary / "cache"
        self.folder.mkdir()
        self.file = self.folder / "keys.json"
        self.saved = world.temporary / "saved"
        world.put_document(document(OLD))
        service = world.serve("--cache-file", self.file)
        wait_until((self.folder / "keys.json.meta").exists, "the cache")
        assert service.stop() == 0
        shutil.copytree(self.folder, self.saved)
        world.put_document(document(OLD, NEW))

    def put_back(self):
        shutil.rmtree(self.folder)
        shutil.copytree(self.saved, self.folder)

    def content(self):
        return self.file.read_text()


@pytest.fixture
def cache(world):
    return Cache(world)


@pytest.mark.parametrize("fault", [Fault("short"), Fault("ENOSPC"), Fault("EIO")], ids=str)
def test_a_cache_that_cannot_be_written_stops_nobody(world, cache, fault):
    for point in every_fail_point(fault, cache.folder, world.temporary / "calls"):
        cache.put_back()
        service = world.serve("--cache-file", cache.file, env=point.env())
        assert service.verify(NEW).status == 200, str(point)
        assert service.stop() == 0, str(point)
        assert cache.content() in (document(OLD), document(OLD, NEW)), str(point)
        failures = service.events("cache_failed")
        if cache.content() == document(OLD):
            assert failures and set(point.calls()) - HARMLESS, str(point)
        if failures:
            remedy = {"ENOSPC": "free some space", "EIO": "look at the disk"}[fault.how]
            assert remedy in failures[0]["error"] or "loss of power" in failures[0]["error"], (str(point), failures)
    assert cache.content() == document(OLD, NEW) and not failures


@pytest.mark.parametrize("fault", [Fault("kill"), Fault("tear")], ids=str)
def test_a_service_that_is_killed_leaves_a_whole_cache(world, cache, fault):
    killed = 0
    for point in every_fail_point(fault, cache.folder, world.temporary / "calls"):
        cache.put_back()
        service = world.serve("--cache-file", cache.file, env=point.env(), ready=False)
        wait_until(lambda service=service: service.ended() or service.events("startup"), "its start or end")
        if not point.calls():
            assert service.stop() == 0
            break
        assert service.wait() == -signal.SIGKILL, str(point)
        killed += 1
        assert cache.content() in (document(OLD), document(OLD, NEW)), str(point)
    assert killed > 0
    # What the last of them has left goes with the next start.
    assert {path.name for path in cache.folder.iterdir()} == {"keys.json", "keys.json.meta"}
