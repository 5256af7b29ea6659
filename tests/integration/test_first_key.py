"""The first minute of a new user, word for word as the README has it."""

import subprocess

from harness import KEY_ID, SECRET, TIME

CREATED = """
Created API key:
  ID:          {id}
  Secret:      {secret}
  Name:        My Service
  Secret Type: shared_secret
  Created:     {created}
  Expires:     Never

✓ Service refreshed - {count} keys loaded

⚠️  Save the SECRET securely - it will not be shown again!
    Use the ID for reference and logging.
"""


def create(world, service):
    arguments = ("create", "--name", "My Service", "--metadata", '{"env": "prod"}')
    finished = world.ok(*arguments, env={"PORT": service.port})
    found = [pattern.search(finished.stdout) for pattern in (KEY_ID, SECRET, TIME)]
    assert all(found), finished
    return finished, *[match.group() for match in found]


def curl(*arguments):
    run = subprocess.run(["curl", "--silent", "--show-error", *arguments], capture_output=True, timeout=30, check=True)
    return run.stdout


def test_create_prints_the_block_and_nothing_else(world, service):
    finished, key_id, secret, created = create(world, service)
    assert finished.stdout == CREATED.format(id=key_id, secret=secret, created=created, count=1)
    assert finished.stderr == ""
    finished, key_id, secret, created = create(world, service)
    assert finished.stdout == CREATED.format(id=key_id, secret=secret, created=created, count=2)


def test_curl_verifies_it_and_gets_exactly_four_fields(world, service):
    _, key_id, secret, _ = create(world, service)
    body = curl(
        *("-X", "POST", f"http://localhost:{service.port}/verify", "-H", "Content-Type: application/json"),
        *("-d", f'{{"api_key": "{secret}"}}'),
    )
    assert body.decode() == f'{{"valid":true,"key_id":"{key_id}","name":"My Service","metadata":{{"env":"prod"}}}}'


def test_curl_gets_exactly_the_refusal_for_a_wrong_key(world, service):
    create(world, service)
    url = f"{service.url}/verify"
    out = curl("-i", "-X", "POST", url, "-H", "Content-Type: application/json", "-d", '{"api_key": "sec_wrong"}')
    head, body = out.split(b"\r\n\r\n")
    assert body == b'{"valid":false,"error":"Invalid API key"}'
    assert head.startswith(b"HTTP/1.1 403 ")
    assert b"\r\nX-Auth-Reason: not_found" in head


def test_curl_sees_the_service_healthy(service):
    assert curl(f"http://localhost:{service.port}/health") == b'{"status":"ok"}'


def test_create_refreshes_the_service_once(world, service):
    create(world, service)
    assert service.stop() == 0
    assert [line["keys_loaded"] for line in service.events("refresh_success")] == [1]


def test_the_key_exists_also_where_no_service_runs(world):
    finished = world.ok("create", "--name", "My Service", "--refresh-url", "http://127.0.0.1:1/refresh")
    assert "Created API key:" in finished.stdout
    assert "✓ Service refreshed" not in finished.stdout
    assert "⚠️  Warning: Could not refresh service: " in finished.stderr
    assert world.ok("list", "--json").json()["total"] == 1


def test_the_document_is_hashed_and_for_its_owner_alone(world, service):
    _, _, secret, _ = create(world, service)
    assert secret not in world.document.read_text()
    assert world.document.stat().st_mode & 0o777 == 0o600
    assert '"secret_storage": "hashed"' in world.document.read_text()
