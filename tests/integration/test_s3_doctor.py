"""What `doctor` says of a store that does not keep what edits rely on."""

import pytest

from faulty_proxy import answer

pytest_plugins = ["s3_fixtures"]


def ignoring(*conditions):
    """A store that takes no notice of these header fields."""

    def act(exchange):
        for name in conditions:
            del exchange.request.headers[name]
        exchange.send(exchange.forward())
        return True

    return act


STORES = {
    "none is honoured": (ignoring("If-Match", "If-None-Match"), lambda _: True, "ignores If-None-Match"),
    "If-Match is ignored": (ignoring("If-Match"), lambda _: True, "ignores If-Match"),
    "checked, then written": (
        ignoring("If-Match", "If-None-Match"), lambda request: request.body.startswith(b"racer"), "racing writers won"),
    "conditions answered with 501": (
        answer(501, "NotImplemented"),
        lambda request: "If-Match" in request.headers or "If-None-Match" in request.headers,
        "NotImplemented"),
}


@pytest.mark.parametrize("act, when, finding", STORES.values(), ids=STORES)
def test_a_store_that_would_lose_edits_is_found_out(world, faulty, proxy, act, when, finding):
    proxy.fault(act, method="PUT", times=None, when=when)
    finished = world.run("doctor", env=faulty.env())
    assert finished.code == 1
    assert finding in finished.stdout + finished.stderr, finished
    # Whatever it has tried that with is gone.
    assert faulty.read() is None
    assert "Contents" not in faulty.client.list_objects_v2(Bucket=faulty.bucket)
