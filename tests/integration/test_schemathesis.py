"""Requests that nobody thought of, made from openapi.json by schemathesis: no 5xx, nor any answer that is not in it."""

import json
import subprocess
import sys

import pytest

from description import Description
from harness import PATIENCE_SECONDS

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance",
)


def schemathesis(world, service, document, *options):
    """Its exit code and report. The same requests each time, and nothing kept of them."""
    # From a file: the path that it is loaded from would not be tried.
    path = world.temporary / "openapi.json"
    path.write_text(json.dumps(document))
    return subprocess.run(
        [sys.executable, "-B", "-m", "schemathesis.cli", "run", path, "--url", service.url, "--no-color",
         "--checks", ",".join(CHECKS), "--generation-deterministic", "--suppress-health-check", "too_slow",
         "--warnings", "off", *options],
        cwd=world.temporary, env=world.environment(), capture_output=True, text=True, timeout=2 * PATIENCE_SECONDS,
    )


@pytest.fixture
def description(service):
    return Description(service.get("/openapi.json").body)


def test_no_request_gets_an_answer_that_is_not_described(world, service, description):
    report = schemathesis(world, service, description.document, "--max-examples", "25")
    assert report.returncode == 0, report.stdout + report.stderr
    assert f"Tested: {len(list(description.operations()))}\n" in report.stdout
    assert service.get("/health").status == 200


def test_nor_does_one_with_a_good_key(world, service, description):
    secret = world.create("--name", "Any", "--scope", "*")["secret"]
    service.refresh()
    report = schemathesis(
        world, service, description.document, "--include-path-regex", "^/auth", "--header",
        f"Authorization: Bearer {secret}", "--max-examples", "5", "--phases", "examples,fuzzing",
    )
    assert report.returncode == 0, report.stdout + report.stderr
    service.wait_event("verification_success")


def test_an_answer_that_is_not_described_would_be_found(world, service, description):
    media = description.document["components"]["responses"]["Alive"]["content"]["application/json"]
    media["schema"]["properties"]["status"]["const"] = "well"
    report = schemathesis(
        world, service, description.document, "--include-path", "/health", "--phases", "examples,fuzzing"
    )
    assert report.returncode == 1, report.stdout + report.stderr
    assert "GET /health" in report.stdout
