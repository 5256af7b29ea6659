"""Eight writers at once: nothing is lost and nothing is there twice."""

import json
from concurrent.futures import ThreadPoolExecutor

WRITERS = 8
CREATES_EACH = 25


def test_every_key_of_eight_writers_is_there_once(world):
    def write(writer):
        names = [f"writer {writer} key {number}" for number in range(CREATES_EACH)]
        return [world.create("--name", name) for name in names]

    with ThreadPoolExecutor(WRITERS) as pool:
        made = [record for records in pool.map(write, range(WRITERS)) for record in records]

    stored = json.loads(world.document.read_bytes())["keys"]
    assert len(stored) == WRITERS * CREATES_EACH == 200
    assert {(key["id"], key["name"]) for key in stored} == {(key["id"], key["name"]) for key in made}
    assert len({key["secret_sha256"] for key in stored}) == 200
    assert len({key["secret"] for key in made}) == 200


def test_creates_and_deletes_at_once_leave_what_was_kept(world):
    kept = [world.create("--name", f"kept {number}")["id"] for number in range(5)]
    doomed = [world.create("--name", f"doomed {number}")["id"] for number in range(10)]

    def delete(key_id):
        return world.ok("delete", "--yes", "--no-refresh", key_id)

    def create(number):
        return world.create("--name", f"new {number}")["id"]

    with ThreadPoolExecutor(WRITERS) as pool:
        deleted = [pool.submit(delete, key_id) for key_id in doomed]
        created = [pool.submit(create, number) for number in range(10)]
        assert all(future.result() for future in deleted)
        new = [future.result() for future in created]
    assert {key["id"] for key in json.loads(world.document.read_bytes())["keys"]} == {*kept, *new}
