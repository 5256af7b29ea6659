"""A session with everything that goes wrong in it; afterwards no secret is in anything that was printed or left."""

import json
import signal

from harness import SECRET

STORAGE_SECRET = "storage-secret-of-the-test"


class Witness:
    """Runs commands and keeps all that they print, but where a new secret is shown."""

    def __init__(self, world):
        self.world = world
        self.secrets = {STORAGE_SECRET}
        self.printed = []

    def run(self, *arguments, **options):
        finished = self.world.run(*arguments, **options)
        self.printed.append((arguments, finished.stdout + finished.stderr))
        return finished

    def create(self, *arguments, **options):
        return self.make_secret("create", "--name", "Witness", *arguments, **options)

    def make_secret(self, *arguments, **options):
        finished = self.world.run(*arguments, **options)
        found = SECRET.findall(finished.stdout)
        assert finished.code == 0 and len(found) == 1, finished
        self.secrets.add(found[0])
        self.printed.append((arguments, finished.stderr))
        return found[0]

    def check(self, services):
        texts = [(f"the output of {arguments}", text.encode()) for arguments, text in self.printed]
        for service in services:
            texts += [(str(path), path.read_bytes()) for path in (service.stdout_path, service.stderr_path)]
        texts += [(str(path), path.read_bytes()) for path in self.world.home.rglob("*") if path.is_file()]
        for secret in self.secrets:
            for where, text in texts:
                assert secret.encode() not in text, f"a secret is in {where}"
                # Not even the greater part of one.
                assert secret[4:30].encode() not in text, f"part of a secret is in {where}"


def requests_with_secrets(service, secret):
    """Requests that hold a secret where it belongs, and where it does not."""
    body = json.dumps({"api_key": secret}).encode()
    answers = [
        service.verify(secret),
        service.verify(secret + "x"),
        service.verify(secret[:-1]),
        service.post("/verify", body[:-1]),
        service.post("/verify", json.dumps({"apikey": secret}).encode()),
        service.post("/verify", json.dumps([secret]).encode()),
        service.post("/verify", json.dumps({"api_key": [secret]}).encode()),
        service.post("/verify", json.dumps({secret: 1}).encode()),
        service.post(f"/{secret}", body),
        service.get(f"/verify?api_key={secret}"),
        service.get("/nothing", [("Authorization", f"Bearer {secret}"), ("X-API-Key", secret)]),
        service.post("/verify", body, [("Transfer-Encoding", secret)]),
        service.refresh([("X-Real-IP", "203.0.113.9"), ("Authorization", f"Bearer {secret}")]),
        service.post("/verify", json.dumps({"api_key": secret}).encode() + b" " * 70000),
    ]
    for answer in answers:
        assert secret.encode() not in answer.body
        assert not any(secret in value for value in answer.headers.values())
    return answers


def test_nothing_printed_logged_or_left_holds_a_secret(world):
    witness = Witness(world)
    service = world.serve("--log-level", "debug")
    port = {"PORT": service.port}
    secret = witness.create(env=port)
    expired = witness.create("--expires-at", "2020-01-01", env=port)
    assert service.verify(secret).status == 200 and service.verify(expired).status == 403
    witness.secrets |= {secret + "x", secret[:-1]}
    requests_with_secrets(service, secret)
    requests_with_secrets(service, expired)

    key_id = witness.run("list", "--json").json()["keys"][0]["id"]
    for command in (["list"], ["list", "--detailed"], ["show", key_id], ["show", key_id, "--json"]):
        assert witness.run(*command).code == 0
    # Slips of the hand.
    for command in (["show", secret], ["delete", "--yes", secret], [secret], ["list", secret], ["create", secret]):
        assert witness.run(*command, env=port).code in (1, 2)
    witness.run("create", "--name", "x", "--metadata", f'{{"key": {secret}', env=port)
    witness.run("create", "--name", "x", "--expires-at", secret, env=port)
    witness.run("list", "--bucket", "b", "--storage-secret", STORAGE_SECRET, "--nonsense")
    witness.run("delete", key_id, stdin=f"{secret}\n", env=port)
    assert witness.run("delete", "--yes", key_id, env=port).code == 0

    every_command_with_secrets(witness, secret, expired, port)

    # A file that became unreadable, with secrets in all the wrong places.
    whole = world.document.read_bytes()
    for broken in broken_documents(secret):
        world.put_document(broken)
        assert service.refresh().status == 500
        assert witness.run("list").code == 1
        assert witness.run("create", "--name", "x", "--no-refresh").code == 1
        assert world.serve(ready=False).wait() == 1
    world.put_document(whole)
    service.signal(signal.SIGABRT)
    service.wait()
    witness.check(world.services)


def every_command_with_secrets(witness, secret, expired, env):
    """The commands that edit, verify and import, with secrets where they belong, and where they do not."""
    (key_id,) = [key["id"] for key in witness.run("list", "--json").json()["keys"]]
    rotated = witness.make_secret("rotate", key_id, "--grace", "1h", env=env)
    witness.make_secret("rotate", key_id, "--json", "--no-refresh")
    for command in (["update", key_id, "--name", "New"], ["disable", key_id], ["enable", key_id, "--json"]):
        assert witness.run(*command, env=env).code == 0
    for text in (secret, expired, rotated, f"{secret}\n", f"{secret} "):
        for command in (["verify"], ["verify", "--json"], ["inspect"], ["inspect", "--json"]):
            witness.run(*command, stdin=text)
    line = json.dumps({"id": "key_imported", "secret": secret})
    assert witness.run("import", "-", "--no-refresh", stdin=line).code == 0
    for bad in (line, line[:-3], f'{{"secret": "{secret}", "id": 7}}', f'{{"secret": ["{secret}"]}}',
                f'{{"secret_sha256": "{secret}"}}', f'{{"secret": "{secret}", "secret_sha256": "{secret}"}}',
                f'{{"keys": [{{"secret": "{secret}", "metadata": "{secret}"}}]}}', f'"{secret}"', secret):
        assert witness.run("import", "-", "--no-refresh", stdin=bad).code == 1
    assert witness.run("delete", "--yes", "key_imported", env=env).code == 0
    for command in (["export"], ["export", "--redact", "--json"], ["migrate", "--hash-secrets"]):
        assert witness.run(*command, env=env).code == 0
    # Slips of the hand.
    for command in (["update", secret, "--name", "x"], ["enable", secret], ["disable", secret], ["rotate", secret],
                    ["rotate", key_id, "--grace", secret], ["update", key_id, "--expires-at", secret],
                    ["create", "--name", "x", "--scope", f"{secret} x"], ["verify", secret], ["inspect", secret],
                    ["import", secret], ["export", secret], ["migrate", secret]):
        assert witness.run(*command, "--no-refresh", env=env).code in (1, 2)
    witness.make_secret("create", "--name", "x", "--owner", "o", "--scope", "a:*", "--no-refresh")


def broken_documents(secret):
    good = json.dumps({"id": "key_a", "secret": secret})
    return [
        f'{{"keys": [{good}, {{"secret": "{secret}"}}]}}',
        f'{{"keys": [{good}, {{"id": "", "secret": "{secret}"}}]}}',
        f'{{"keys": [{good}, {{"id": "key_b", "secret": "{secret}", "secret_sha256": "{"0" * 64}"}}]}}',
        f'{{"keys": [{good}, {{"id": "key_b", "secret_sha256": "{secret}"}}]}}',
        f'{{"keys": [{good}, "{secret}"]}}',
        f'{{"keys": [{good}, {{"id": "key_b", "secret": "{secret}',
        f'{{"keys": "{secret}"}}',
        f'{{"{secret}": 1}}',
        f"{secret}",
        f'\ufeff{{"keys": [{good}]}}',
        f"HEARE_ENCRYPTED_V1:{secret}",
    ]


def test_a_storage_secret_is_never_told(world):
    witness = Witness(world)
    env = {"STORAGE_SECRET": STORAGE_SECRET}
    service = world.serve(env=env)
    secret = witness.create(env={**env, "PORT": service.port})
    assert service.verify(secret).status == 200
    assert world.document.read_bytes().startswith(b"HEARE_ENCRYPTED_V1:")
    wrong = STORAGE_SECRET + "-but-wrong"
    witness.secrets.add(wrong)
    finished = witness.run("list", env={"STORAGE_SECRET": wrong})
    assert finished.code == 1 and "Failed to decrypt data - invalid STORAGE_SECRET" in finished.stderr
    finished = witness.run("list")
    assert finished.code == 1 and "Data is encrypted but no STORAGE_SECRET provided" in finished.stderr
    assert witness.run("list", "--storage-secret-file", "/nonexistent", env=env).code in (1, 2)
    assert world.serve(env={"STORAGE_SECRET": wrong}, ready=False).wait() == 1
    assert witness.run("serve", "--check-config", env=env).code == 0
    service.signal(signal.SIGABRT)
    service.wait()
    witness.check(world.services)


def test_a_create_that_cannot_print_tells_no_secret_elsewhere(world):
    with open("/dev/full", "wb") as full:
        process = world.popen("create", "--name", "x", "--no-refresh", stdout=full, stderr=-1)
        stderr = process.communicate()[1].decode()
    assert process.returncode != 0
    assert not SECRET.search(stderr)
    assert stderr.strip()
