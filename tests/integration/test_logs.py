"""Whatever a client sends, a log line is one JSON object."""

import json

import pytest

from harness import TIME

HOSTILE_AGENTS = {
    "quotes": (b'Mozilla "quoted" \\back\\ /1.0', 'Mozilla "quoted" \\back\\ /1.0'),
    "what looks like a field": (b'x","level":"error', 'x","level":"error'),
    "escaped newlines": (b"a\\nb\\r\\nc", "a\\nb\\r\\nc"),
    "a tab": (b"a\tb", "a\tb"),
    "UTF-8": ("Brüder ✓ 🔑".encode(), "Brüder ✓ 🔑"),
    "broken UTF-8": (b"a\xff\xfeb\xc3", "a\ufffd\ufffdb\ufffd"),
    "an overlong form and a surrogate": (b"\xc0\xaf\xed\xa0\x80x", "\ufffd" * 5 + "x"),
    "a line separator": ("a\u2028b".encode(), "a\u2028b"),
    "eight kilobytes": (b"x" * 8192, "x" * 512),
}
# Bytes that no header may hold: a refusal is as good as an escape, a broken line is not.
FORBIDDEN_AGENTS = [b"a\x01b", b"a\x1bb", b"a\x7fb", b"a\x00b", b"a\nb", b"a\rb", b"a\r\n b", b"a\r\n\tb"]


def verify(service, agent, key="sec_nobody_has_this"):
    body = json.dumps({"api_key": key}).encode()
    return service.post("/verify", body, [("User-Agent", agent)] if agent is not None else [])


@pytest.mark.parametrize("name", HOSTILE_AGENTS)
def test_a_hostile_user_agent_is_one_line_that_reads_as_it_was_sent_up_to_512_bytes(service, name):
    sent, expected = HOSTILE_AGENTS[name]
    assert verify(service, sent).status == 403
    line = service.wait_event("verification_failed")
    assert line["user_agent"] == expected
    assert [entry["event"] for entry in service.log()].count("verification_failed") == 1


def test_a_forbidden_user_agent_never_breaks_a_line(service):
    statuses = [verify(service, agent).status for agent in FORBIDDEN_AGENTS]
    assert set(statuses) <= {400, 403}
    assert verify(service, "last").status == 403
    service.wait_event("verification_failed", statuses.count(403) + 1)
    agents = [line["user_agent"] for line in service.events("verification_failed")]
    assert len(agents) == statuses.count(403) + 1 and "last" in agents


def test_a_missing_user_agent_is_unknown(service):
    assert verify(service, None).status == 403
    assert service.wait_event("verification_failed")["user_agent"] == "unknown"


def test_lines_have_their_fields_in_the_order_of_the_contract(world, service):
    key = world.create("--name", "Ordered")
    assert service.refresh().status == 200
    assert verify(service, "agent", key["secret"]).status == 200
    assert verify(service, "agent").status == 403
    service.wait_event("verification_failed")
    assert service.stop() == 0
    fields = {line["event"]: list(line) for line in service.log()}
    assert fields["startup"] == ["event", "keys_loaded", "store", "listen", "version", "timestamp", "level"]
    assert fields["document_absent"] == ["event", "store", "timestamp", "level"]
    assert fields["refresh_success"] == ["event", "keys_loaded", "duration_ms", "timestamp", "level"]
    assert fields["verification_success"] == ["event", "key_id", "key_name", "user_agent", "timestamp", "level"]
    assert fields["verification_failed"] == ["event", "secret_prefix", "reason", "user_agent", "timestamp", "level"]
    assert fields["shutdown"] == ["event", "timestamp", "level"]
    assert [line["event"] for line in service.log()][-1] == "shutdown"


def test_lines_say_what_happened(world, service):
    key = world.create("--name", "Said")
    service.refresh()
    verify(service, "agent/1", key["secret"])
    verify(service, "agent/2", "sec_0123456789")
    verify(service, "agent/3", "short")
    service.wait_event("verification_failed", 2)
    success = service.wait_event("verification_success")
    assert (success["key_id"], success["key_name"], success["level"]) == (key["id"], "Said", "info")
    failed = {line["user_agent"]: line for line in service.events("verification_failed")}
    long, short = failed["agent/2"], failed["agent/3"]
    assert (long["secret_prefix"], long["reason"], long["level"]) == ("sec_", "not_found", "warning")
    assert short["secret_prefix"] == "***"
    assert all(TIME.fullmatch(line["timestamp"]) for line in service.log())


def test_a_forged_refresh_is_logged_with_who_asked(service):
    assert service.refresh([("X-Forwarded-For", "203.0.113.9")]).status == 403
    line = service.wait_event("refresh_rejected")
    assert (line["client_host"], line["forwarded_for"], line["level"]) == ("127.0.0.1", "203.0.113.9", "warning")


def test_the_log_level_leaves_out_what_is_below_it(world):
    service = world.serve(env={"HEARE_AUTH_LOG_LEVEL": "warning"})
    key = world.create()
    service.refresh()
    assert verify(service, "a", key["secret"]).status == 200
    assert verify(service, "b").status == 403
    service.wait_event("verification_failed")
    assert service.stop() == 0
    assert {line["level"] for line in service.log()} == {"warning"}


def test_plain_secrets_and_doubtful_fields_are_warned_about_once(world):
    records = [
        {"id": "key_a", "secret": "sec_a", "expires_at": "next tuesday"},
        {"id": "key_b", "secret": "sec_b", "metadata": 5},
    ]
    world.put_document(json.dumps({"keys": records}))
    service = world.serve()
    assert service.refresh().status == 200
    assert service.stop() == 0
    assert [line["count"] for line in service.events("plain_secrets")] == [2]
    doubtful = [(line["key_id"], line["field"]) for line in service.events("doubtful_field")]
    assert doubtful[:2] == [("key_a", "expires_at"), ("key_b", "metadata")]
