"""What a write does when the store or the wire fails: one effect, and an exit code that tells the truth."""

import json

import pytest

from faulty_proxy import after, answer, hang, lose_answer, reset, reset_mid_body, truncate

pytest_plugins = ["s3_fixtures"]

# Time for an edit that shall not succeed: more than one try, less than the tester's patience.
SHORT = ["--timeout", "2s"]


def create(world, place, *options):
    return world.run("create", "--json", "--no-refresh", "--name", "New", *options, env=place.env())


def must_create(world, place, *options):
    finished = create(world, place, *options)
    assert finished.code == 0, finished
    return finished.json()["id"]


def precondition(request):
    return request.headers["If-Match"] or request.headers["If-None-Match"]


@pytest.fixture
def first(world, faulty):
    """The document has a key already, so that a write replaces something."""
    return must_create(world, faulty)


# --- the outcome can be told ---

@pytest.mark.parametrize("times", [1, 3])
def test_a_write_whose_answer_is_lost_has_one_effect_and_is_done(world, faulty, proxy, first, times):
    proxy.fault(lose_answer, method="PUT", times=times)
    made = must_create(world, faulty)
    assert faulty.ids() == [first, made]


def test_the_first_write_of_all_whose_answer_is_lost_has_one_effect(world, faulty, proxy):
    proxy.fault(lose_answer, method="PUT")
    made = must_create(world, faulty)
    assert faulty.ids() == [made]


def test_a_write_that_never_arrives_is_sent_again(world, faulty, proxy, first):
    proxy.fault(reset, method="PUT", times=2)
    made = must_create(world, faulty)
    assert faulty.ids() == [first, made]


@pytest.mark.parametrize("status, code", [
    (500, "InternalError"), (502, ""), (503, "SlowDown"), (503, "ServiceUnavailable"), (504, ""),
    (409, "ConditionalRequestConflict"), (409, "OperationAborted"), (412, "PreconditionFailed"),
])
def test_a_store_that_is_busy_is_asked_again_and_written_once(world, faulty, proxy, first, status, code):
    proxy.fault(answer(status, code), method="PUT", times=2)
    made = must_create(world, faulty)
    assert faulty.ids() == [first, made]
    # A write is preceded by a read each time: what it is based on is never old.
    methods = [request.method for request in proxy.seen()]
    assert all(methods[at - 1] != "PUT" for at, method in enumerate(methods) if method == "PUT"), methods


def test_a_write_that_took_effect_behind_an_error_is_not_repeated(world, faulty, proxy, first):
    """A gateway that gives up on a store which goes on: 504, and done."""
    def forward_and_fail(exchange):
        exchange.forward()
        return answer(504)(exchange)

    proxy.fault(forward_and_fail, method="PUT")
    before = proxy.count("PUT")
    made = must_create(world, faulty)
    assert faulty.ids() == [first, made]
    assert proxy.count("PUT") == before + 1


def test_another_writer_in_between_loses_nothing(world, faulty, proxy, first):
    other = {"id": "key_other", "secret_sha256": "0" * 64, "name": "Other"}

    def write_too():
        document = json.loads(faulty.read())
        document["keys"].append(other)
        faulty.write(json.dumps(document))

    proxy.fault(after(write_too), method="PUT")
    made = must_create(world, faulty)
    assert faulty.ids() == [first, "key_other", made]


@pytest.mark.parametrize("act", [reset, reset_mid_body, truncate, answer(503, "SlowDown")])
def test_a_read_that_breaks_is_tried_again_before_anything_is_written(world, faulty, proxy, first, act):
    proxy.fault(act, method="GET")
    made = must_create(world, faulty)
    assert faulty.ids() == [first, made]


@pytest.mark.parametrize("act", [reset_mid_body, truncate, answer(503, "SlowDown")])
def test_a_read_that_goes_on_breaking_fails_and_nothing_is_written(world, faulty, proxy, first, act):
    written = proxy.count("PUT")
    proxy.fault(act, method="GET", times=None)
    finished = create(world, faulty)
    assert (finished.code, finished.stdout) == (1, "")
    assert f"reading s3://{faulty.bucket}/keys.json" in finished.stderr
    assert proxy.count("PUT") == written
    # Three tries, not more: the store has enough to do.
    assert proxy.count("GET") <= 1 + 3


# --- what will not pass is said at once ---

def test_a_document_that_vanishes_is_not_recreated(world, faulty, proxy, first):
    proxy.fault(after(faulty.remove), method="PUT")
    finished = create(world, faulty)
    assert (finished.code, finished.stdout) == (1, "")
    assert "vanished" in finished.stderr
    assert faulty.read() is None


def test_a_store_without_conditional_writes_is_not_written(world, faulty, proxy, first):
    proxy.fault(answer(501, "NotImplemented"), method="PUT", times=None, when=precondition)
    before = proxy.count("PUT")
    finished = create(world, faulty)
    assert (finished.code, finished.stdout) == (1, "")
    assert "NotImplemented" in finished.stderr and "--unsafe-unconditional-writes" in finished.stderr
    assert proxy.count("PUT") == before + 1
    assert faulty.ids() == [first]


def test_whoever_asks_for_it_writes_there_all_the_same(world, faulty, proxy, first):
    proxy.fault(answer(501, "NotImplemented"), method="PUT", times=None, when=precondition)
    made = must_create(world, faulty, "--unsafe-unconditional-writes")
    assert faulty.ids() == [first, made]


def test_a_write_that_is_denied_names_what_it_needs(world, faulty, proxy, first):
    proxy.fault(answer(403, "AccessDenied"), method="PUT", times=None)
    before = proxy.count("PUT")
    finished = create(world, faulty)
    assert (finished.code, finished.stdout) == (1, "")
    assert "AccessDenied" in finished.stderr and "s3:PutObject" in finished.stderr
    assert "the environment" in finished.stderr
    assert proxy.count("PUT") == before + 1


# --- the time is up ---

def test_a_store_that_hangs_has_the_time_of_the_edit_and_no_more(world, faulty, proxy, first):
    proxy.fault(hang, times=None)
    before = proxy.count("GET")
    finished = create(world, faulty, *SHORT)
    assert finished.code == 1, finished
    assert "Timed out" in finished.stderr or "timed out" in finished.stderr
    # Without a limit of its own a read has three tries of ten seconds.
    assert proxy.count("GET") == before + 1
    proxy.clear()
    proxy.release()
    assert faulty.ids() == [first]


# --- the outcome cannot be told ---

@pytest.mark.parametrize("act, is_there", [(lose_answer, True), (reset, False)], ids=["applied", "not applied"])
def test_a_write_whose_fate_cannot_be_read_is_unknown_and_not_failed(world, faulty, proxy, first, act, is_there):
    def and_then_nothing_works(exchange):
        proxy.fault(reset, times=None)
        return act(exchange)

    proxy.fault(and_then_nothing_works, method="PUT")
    finished = create(world, faulty, *SHORT)
    assert finished.code == 3, finished
    record = finished.json()
    assert record["secret"].startswith("sec_")
    assert "cannot be told" in finished.stderr
    assert f"heare-auth show {record['id']}" in finished.stderr
    assert (record["id"] in faulty.ids()) == is_there
    assert faulty.ids()[0] == first


def test_a_delete_whose_fate_cannot_be_read_is_unknown(world, faulty, proxy, first):
    def and_then_nothing_works(exchange):
        proxy.fault(reset, times=None)
        return lose_answer(exchange)

    proxy.fault(and_then_nothing_works, method="PUT")
    finished = world.run("delete", "--yes", "--no-refresh", first, *SHORT, env=faulty.env())
    assert finished.code == 3, finished
    assert "Deleted" not in finished.stdout and "cannot be told" in finished.stderr
    assert faulty.ids() == []
