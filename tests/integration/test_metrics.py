"""What /metrics tells, as Prometheus's own reader and its linter read it."""

import json
import re
import shutil
import subprocess
import sys

import missing
import pytest
from harness import BINARY, REPOSITORY, Connection, free_port, wait_until
from prometheus_client.parser import text_string_to_metric_families

VERDICTS = {"success", "missing", "malformed", "not_found", "expired", "disabled", "scope"}
# In a network of its own, the address of another machine is this one's as well: a peer that is not loopback.
IN_A_NETWORK_OF_ITS_OWN = """
import os, subprocess, sys, time, urllib.error, urllib.request
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["ip", "address", "add", "192.0.2.1/32", "dev", "lo"], check=True)
binary, port, metrics_port = sys.argv[1:]
service = subprocess.Popen([binary, "serve", "--host", "0.0.0.0", "--port", port, "--metrics-listen",
                            "0.0.0.0:" + metrics_port], stdout=subprocess.DEVNULL)
def status(host, port, path, **request):
    try:
        return urllib.request.urlopen(urllib.request.Request(f"http://{host}:{port}{path}", **request)).status
    except urllib.error.HTTPError as refused:
        return refused.code
try:
    deadline = time.monotonic() + 30
    while True:
        try:
            if status("127.0.0.1", port, "/ready") == 200: break
        except OSError:
            assert time.monotonic() < deadline
    print(status("192.0.2.1", port, "/metrics"), status("127.0.0.1", port, "/metrics"),
          status("192.0.2.1", port, "/refresh", method="POST"), status("192.0.2.1", metrics_port, "/metrics"),
          status("192.0.2.1", metrics_port, "/verify", method="POST"))
finally:
    service.terminate()
    service.wait()
"""


def scrape(port):
    """Every sample, by its name and labels."""
    with Connection(port, 30) as connection:
        answer = connection.request("GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


def verdicts(samples):
    return {verdict: samples["heare_auth_verifications_total", verdict] for verdict in VERDICTS}


def test_counts_equal_what_was_sent(world):
    good = world.create("--name", "good", "--scope", "a")["secret"]
    expired = world.create("--name", "expired", "--expires-at", "2020-01-01")["secret"]
    disabled = world.create("--name", "disabled")
    world.ok("disable", disabled["id"], "--no-refresh")
    service = world.serve("--threads", 2)
    for _ in range(20):
        assert service.verify(good).status == 200
    for secret in (expired, disabled["secret"], "sec_nobody_has_this"):
        assert service.verify(secret).status == 403
    assert service.post("/verify", b"{").status == 400
    batch = f'{{"api_keys": ["{good}", "nobody", "{good}"]}}'.encode()
    assert service.post("/verify/batch", batch).status == 200
    assert service.get("/auth", [("X-API-Key", good)]).status == 200
    assert service.get("/auth?scope=b", [("X-API-Key", good)]).status == 403
    assert service.get("/auth").status == 401
    assert service.get("/auth", [("X-API-Key", good), ("X-API-Key", good)]).status == 401

    samples = scrape(service.port)
    assert verdicts(samples) == {
        "success": 23, "not_found": 2, "expired": 1, "disabled": 1, "scope": 1, "missing": 1, "malformed": 1
    }  # fmt: skip
    assert samples["heare_auth_verify_duration_seconds_count",] == 30
    assert samples["heare_auth_verify_duration_seconds_bucket", "+Inf"] == 30
    assert 0 < samples["heare_auth_verify_duration_seconds_sum",] < 30
    assert samples["heare_auth_keys",] == 3
    assert samples["heare_auth_connections",] >= 1
    assert samples["heare_auth_log_lines_dropped_total",] == 0


def test_loads_are_counted_by_what_came_of_them(world):
    world.create()
    service = world.serve("--refresh-interval", 0)
    assert service.refresh().status == 200
    assert service.refresh([("X-Forwarded-For", "192.0.2.1")]).status == 403
    world.create()
    assert service.refresh().status == 200
    world.put_document("no json")
    assert service.refresh().status == 500
    samples = scrape(service.port)
    counted = {result: samples["heare_auth_refreshes_total", result]
               for result in ("success", "unchanged", "failed", "rejected")}  # fmt: skip
    assert counted == {"success": 2, "unchanged": 1, "failed": 1, "rejected": 1}
    assert samples["heare_auth_refresh_duration_seconds_count",] == 4
    assert samples["heare_auth_keys",] == 2


def test_keys_grow_old_until_the_store_confirms_them(world):
    world.create()
    service = world.serve("--refresh-interval", 0)
    wait_until(lambda: scrape(service.port)["heare_auth_keys_age_seconds",] > 0.5, "keys half a second old")
    before = scrape(service.port)["heare_auth_keys_age_seconds",]
    assert service.refresh().status == 200
    assert scrape(service.port)["heare_auth_keys_age_seconds",] < before


def test_the_process_and_its_version_are_told(world, service):
    samples = scrape(service.port)
    version = world.ok("--version").stdout.split()[1]
    assert [key for key in samples if key[0] == "heare_auth_build_info" and version in key]
    assert samples["process_resident_memory_bytes",] > 1_000_000
    assert samples["process_open_fds",] > 3
    for name in ("cpu_seconds_total", "start_time_seconds", "virtual_memory_bytes", "max_fds"):
        assert samples[f"process_{name}",] >= 0


def promtool(*arguments, text=None):
    if shutil.which("promtool") is None:
        missing.skip("promtool is not here")
    return subprocess.run(["promtool", *map(str, arguments)], input=text, capture_output=True)


def test_the_linter_of_prometheus_has_nothing_to_say(service):
    checked = promtool("check", "metrics", text=service.get("/metrics").body)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_alert_rules_are_good_and_fire_when_they_should():
    checked = promtool("check", "rules", REPOSITORY / "docs/alerts.yml")
    assert checked.returncode == 0, checked.stderr.decode()
    tested = promtool("test", "rules", REPOSITORY / "tests/data/alerts_test.yml")
    assert tested.returncode == 0, (tested.stdout + tested.stderr).decode()


@pytest.mark.parametrize("name", ["alerts.yml", "grafana.json"])
def test_what_alerts_and_the_dashboard_ask_for_is_there(service, name):
    text = (REPOSITORY / "docs" / name).read_text()
    asked = set(re.findall(r"\b(?:heare_auth|process)_\w+", text))
    told = {key[0] for key in scrape(service.port)}
    assert asked and asked <= told, asked - told


def test_the_dashboard_has_a_place_for_each_panel_and_a_query_in_it():
    panels = json.loads((REPOSITORY / "docs/grafana.json").read_text())["panels"]
    taken = [
        (x, y)
        for at in (panel["gridPos"] for panel in panels)
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(taken) == len(set(taken)) and max(taken)[0] < 24
    assert len({panel["id"] for panel in panels}) == len(panels)
    for query in (target["expr"] for panel in panels for target in panel["targets"]):
        # What Grafana fills in.
        plain = re.sub(r"\$__(rate_interval|range)", "5m", query).replace("$job", "a").replace("$instance", "b")
        rule = json.dumps({"groups": [{"name": "a", "rules": [{"record": "a", "expr": plain}]}]})
        checked = promtool("check", "rules", "/dev/stdin", text=rule.encode())
        assert checked.returncode == 0, (query, checked.stderr.decode())


def test_scrapers_may_have_an_address_of_their_own(world):
    port = free_port()
    service = world.serve("--metrics-listen", f"127.0.0.1:{port}")
    assert service.verify("sec_nobody_has_this").status == 403
    assert verdicts(scrape(port))["not_found"] == 1
    with Connection(port, 30) as connection:
        assert connection.request("GET", "/metrics", headers=[("X-Forwarded-For", "192.0.2.1")]).status == 200
        assert connection.request("POST", "/metrics").status == 405
        assert connection.request("POST", "/verify").status == 404
        assert connection.request("GET", "/health").status == 404
        # It does not hold up the end.
        assert service.stop() == 0


def test_an_address_for_scrapers_that_is_taken_is_an_error_with_its_remedy(world, service):
    address = f"127.0.0.1:{service.port}"
    refused = world.run("serve", "--port", free_port(), "--metrics-listen", address)
    assert refused.code == 1
    assert f"listening on {address}: Address already in use" in refused.stderr
    assert "choose another --metrics-listen" in refused.stderr
    assert world.run("serve", "--metrics-listen", "9100").code == 2


def test_other_machines_get_metrics_from_the_scrapers_address_only(world):
    ports = (str(free_port()), str(free_port()))
    command = ["unshare", "--map-root-user", "--net", sys.executable, "-c", IN_A_NETWORK_OF_ITS_OWN, str(BINARY)]
    probe = subprocess.run([*command[:3], "true"], capture_output=True, text=True)
    if probe.returncode != 0:
        missing.skip(f"no network of its own to be had: {probe.stderr}")
    seen = subprocess.run([*command, *ports], capture_output=True, text=True, timeout=120, env=world.environment())
    assert seen.stdout == "403 200 403 200 404\n", seen.stderr


@pytest.mark.parametrize("forwarded", ["192.0.2.1", "127.0.0.1, 192.0.2.1", "unknown"])
def test_clients_of_a_proxy_on_this_machine_get_none(service, forwarded):
    answer = service.get("/metrics", [("X-Forwarded-For", forwarded)])
    assert answer.status == 403
    assert answer.body == b'{"error":"Metrics endpoint only accessible from localhost"}'
