"""Many writers at once on stores that check and write in one step, on a good wire and on a bad one: nothing is lost,
nothing is there twice, and no exit code lies. `./dev soak` does each ten times."""

import json
import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from faulty_proxy import FaultyProxy, lose_answer, reset
from s3_place import Place
from s3_servers import ATOMIC, s3_server

pytest_plugins = ["s3_fixtures"]

ROUNDS = 10 if "HEARE_AUTH_SOAK_ROUNDS" in os.environ else 1
WRITERS = 8
CREATES_EACH = 25


@pytest.fixture(scope="module", params=ATOMIC)
def server(request):
    with s3_server(request.param) as started:
        yield started


def race(world, env):
    """What each of the creates ended with."""
    def write(writer):
        return [
            world.run("create", "--json", "--no-refresh", "--name", f"{writer} {number}", env=env)
            for number in range(CREATES_EACH)
        ]

    with ThreadPoolExecutor(WRITERS) as pool:
        return [finished for several in pool.map(write, range(WRITERS)) for finished in several]


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_every_key_of_eight_writers_is_there_once(world, server, round_number):
    place = Place(server)
    made = race(world, place.env())
    assert [finished for finished in made if finished.code != 0] == []
    records = [finished.json() for finished in made]
    stored = place.records()
    assert len(stored) == len({key["id"] for key in stored}) == WRITERS * CREATES_EACH == 200
    assert {(key["id"], key["name"]) for key in stored} == {(key["id"], key["name"]) for key in records}


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_on_a_wire_that_breaks_no_exit_code_lies(world, server, round_number):
    place = Place(server)
    seed = random.randrange(2**32)
    dice = random.Random(seed)

    def break_one_in_ten(exchange):
        act = lose_answer if exchange.request.method == "PUT" and dice.random() < 0.75 else reset
        return act(exchange)

    with FaultyProxy(server.port) as proxy:
        proxy.fault(break_one_in_ten, times=None, when=lambda request: dice.random() < 0.1)
        place.endpoint = proxy.endpoint
        made = race(world, place.env())
        lost_answers = proxy.count("PUT", "lose_answer")
    stored = Counter(place.ids())
    assert set(stored.values()) == {1}, f"seed {seed}: a key is there twice: {stored}"
    for finished in made:
        if finished.code == 0:
            assert stored.pop(finished.json()["id"], 0) == 1, f"seed {seed}: lost, though done: {finished}"
        elif finished.code == 3:
            # It may be there or not; it is said so, and whoever asked has the secret in any case.
            record = finished.json()
            assert record["secret"].startswith("sec_") and record["id"] in finished.stderr
            assert "cannot be told" in finished.stderr
            stored.pop(record["id"], 0)
        else:
            assert finished.code == 1 and finished.stdout == "", f"seed {seed}: {finished}"
    assert not stored, f"seed {seed}: there, though failed: {stored}"
    assert lost_answers > 0, f"seed {seed}: no answer was lost"
