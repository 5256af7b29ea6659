"""kill -9 at a random moment of a create: the document stays whole, and keeps every key that was promised."""

import json
import os
import random
import subprocess
import time

import pytest

ROUNDS = int(os.environ.get("HEARE_AUTH_SOAK_ROUNDS", 200))


@pytest.fixture
def world(world):
    world.finds_leaks = False
    return world


def typical_seconds(world):
    """What one create takes here: the best of a few."""
    taken = []
    for _ in range(5):
        begin = time.monotonic()
        world.create()
        taken.append(time.monotonic() - begin)
    return min(taken)


def create_and_kill(world, delay):
    """The record of a create that was promised (exit 0), or None; the process lives for `delay` at most."""
    process = world.popen(
        *("create", "--json", "--no-refresh", "--name", "Crash"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        process.kill()
    stdout = process.communicate()[0]
    return json.loads(stdout) if process.returncode == 0 else None


def test_the_document_survives_a_kill_at_any_moment(world):
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    longest = 1.5 * typical_seconds(world)
    promised = {key["id"] for key in json.loads(world.document.read_bytes())["keys"]}
    killed = 0
    for round_number in range(ROUNDS):
        record = create_and_kill(world, dice.uniform(0, longest))
        if record:
            promised.add(record["id"])
        else:
            killed += 1
        stored = {key["id"] for key in json.loads(world.document.read_bytes())["keys"]}
        assert promised <= stored, f"round {round_number} of seed {seed} lost {promised - stored}"
    # Otherwise it was no test: all were too early, or all too late.
    assert 0 < killed < ROUNDS, (killed, longest)
    # And whatever the killed ones left behind stops nobody.
    assert world.create()["id"]


def test_what_a_killed_create_leaves_holds_no_secret(world):
    dice = random.Random(1)
    longest = 1.5 * typical_seconds(world)
    for _ in range(30):
        create_and_kill(world, dice.uniform(0, longest))
    for path in world.document.parent.iterdir():
        assert b"sec_" not in path.read_bytes(), path
        assert path.stat().st_mode & 0o077 == 0, path
