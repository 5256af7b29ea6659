"""A key gets a new secret, and its clients change over without an outage: the program against its own service."""

import json
import signal
import socket
import subprocess
from datetime import datetime, timedelta, timezone

import pytest

from harness import PATIENCE_SECONDS, SECRET, wait_until


def reason(service, secret):
    """`good`, or why the service refuses the secret."""
    answer = service.verify(secret)
    return "good" if answer.status == 200 else answer.headers["x-auth-reason"]


def rotate(world, service, key, *options):
    """The new secret; the service has been told once."""
    env = {"PORT": service.port}
    rotated = world.ok("rotate", key["id"], "--json", *options, env=env).json()
    assert rotated["refresh"] == {"keys_loaded": 1}, rotated
    assert "secret_sha256" not in json.dumps(rotated)
    return rotated["secret"]


@pytest.fixture
def key(world):
    return world.create("--name", "Rotated")


@pytest.fixture
def service(world, key):
    """Polls nothing: what it knows, it knows from a refresh."""
    return world.serve("--refresh-interval", "0")


def test_both_secrets_verify_within_the_grace_and_then_only_the_new_one_without_a_refresh(world, key, service):
    new = rotate(world, service, key, "--grace", "2s")
    assert reason(service, new) == "good" and reason(service, key["secret"]) == "good"
    assert service.verify(key["secret"]).json()["key_id"] == key["id"]
    wait_until(lambda: reason(service, key["secret"]) == "expired", "the end of the grace")
    assert reason(service, new) == "good"
    assert len(service.events("refresh_success")) == 1


def test_the_grace_ends_with_the_key(world, service, key):
    soon = (datetime.now(timezone.utc) + timedelta(seconds=2)).isoformat()
    world.ok("update", key["id"], "--expires-at", soon, "--no-refresh")
    new = rotate(world, service, key, "--grace", "24h")
    assert reason(service, key["secret"]) == "good"
    wait_until(lambda: reason(service, key["secret"]) == "expired", "the expiry of the key")
    assert reason(service, new) == "expired"


def test_without_a_grace_the_old_secret_is_dead_at_the_refresh(world, service, key):
    new = rotate(world, service, key)
    assert reason(service, new) == "good" and reason(service, key["secret"]) == "not_found"


def test_without_a_grace_the_ones_before_are_dead_too(world, service, key):
    second = rotate(world, service, key, "--grace", "1h")
    third = rotate(world, service, key)
    assert [reason(service, secret) for secret in (key["secret"], second, third)] == ["not_found", "not_found", "good"]


def test_rotated_twice_within_the_grace_every_secret_that_is_still_good_is_kept_and_no_other(world, service, key):
    second = rotate(world, service, key, "--grace", "1h")
    third = rotate(world, service, key, "--grace", "1s")
    assert [reason(service, secret) for secret in (key["secret"], second, third)] == ["good"] * 3
    wait_until(lambda: reason(service, second) == "expired", "the end of the second grace")
    fourth = rotate(world, service, key, "--grace", "1h")
    # The second one is past, and gone from the document.
    secrets = (key["secret"], second, third, fourth)
    assert [reason(service, secret) for secret in secrets] == ["good", "not_found", "good", "good"]
    (record,) = json.loads(world.document.read_text())["keys"]
    assert len(record["previous"]) == 2


def test_a_rotated_key_counts_once_and_shows_until_when_the_old_secret_is_good(world, service, key):
    rotate(world, service, key, "--grace", "24h")
    shown = world.ok("show", key["id"]).stdout
    assert "Old secret:  good until " in shown
    assert world.ok("list", "--json").json()["total"] == 1


def test_a_disabled_key_is_refused_by_every_secret_until_it_is_enabled(world, service, key):
    env = {"PORT": service.port}
    new = rotate(world, service, key, "--grace", "1h")
    world.ok("disable", key["id"], env=env)
    assert reason(service, new) == "disabled" and reason(service, key["secret"]) == "disabled"
    world.ok("enable", key["id"], env=env)
    assert reason(service, new) == "good" and reason(service, key["secret"]) == "good"


def test_update_tells_the_service_what_the_key_says_now(world, service, key):
    env = {"PORT": service.port}
    world.ok("update", key["id"], "--name", "New", "--owner", "team", "--scope", "a:*", "--scope", "b", env=env)
    assert service.verify(key["secret"]).json() == {
        "valid": True, "key_id": key["id"], "name": "New", "metadata": {}, "scopes": ["a:*", "b"], "owner": "team",
    }
    world.ok("update", key["id"], "--owner", "", "--scope", "", env=env)
    assert service.verify(key["secret"]).json() == {
        "valid": True, "key_id": key["id"], "name": "New", "metadata": {},
    }


def test_every_edit_of_a_record_sets_the_time_of_its_change(world, key):
    times = []
    for arguments in (["update", "--name", "x"], ["disable"], ["enable"], ["rotate"]):
        command, *options = arguments
        times.append(world.ok(command, key["id"], *options, "--json", "--no-refresh").json()["updated_at"])
    assert len(set(times)) == 4 and times == sorted(times)


@pytest.mark.parametrize("command", [["disable"], ["rotate", "--grace", "1h"]])
def test_a_python_service_that_may_share_the_document_is_warned_of(world, command):
    world.put_document('{"keys": [{"id": "key_a", "secret": "s"}]}')
    finished = world.ok(*command, "key_a", "--no-refresh", "--json")
    assert "a Python service that shares this document ignores this; delete the key there" in finished.stderr
    assert json.loads(world.document.read_text())["keys"][0]["secret"]


@pytest.mark.parametrize("command", [["enable"], ["rotate"], ["update", "--name", "x"]])
def test_other_edits_of_such_a_document_warn_of_nothing(world, command):
    world.put_document('{"keys": [{"id": "key_a", "secret": "s"}]}')
    assert world.ok(*command, "key_a", "--no-refresh").stderr == ""


@pytest.mark.parametrize("command", [["create", "--name", "x"], ["rotate"]])
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["plain", "json"])
def test_a_new_secret_is_out_before_a_call_that_hangs_is_broken_off(world, key, command, options):
    arguments = [*command, *([key["id"]] if command == ["rotate"] else []), *options]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/refresh"
        process = world.popen(*arguments, "--refresh-url", url, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        connection, _ = silent.accept()
        process.send_signal(signal.SIGINT)
        stdout = process.communicate(timeout=PATIENCE_SECONDS)[0].decode()
        connection.close()
    assert process.returncode == -signal.SIGINT
    (secret,) = SECRET.findall(stdout)
    assert world.run("verify", stdin=secret).code == 0
