"""What clients/python shows besides the client: its README and its examples, against the running service."""

import asyncio
import importlib
import json
import re

import pytest

from harness import free_port
from test_python_client import CLIENT, DOCUMENT

from heare_auth import Client


@pytest.fixture
def service(world):
    world.put_document(DOCUMENT)
    return world.serve()


def test_what_its_readme_shows_works(service, capsys):
    code = re.search(r"^```python\n(.*?)^```", (CLIENT / "README.md").read_text(), re.MULTILINE | re.DOTALL)[1]
    code = code.replace("http://localhost:8080", service.url)
    for presented, printed in (
        ("sec_full", "key_full Ünï team a {'a': [1]} True\n"), ("sec_old", "refused: expired\n")
    ):
        names = {"presented": presented, "one": "sec_bare", "another": "sec_nobody"}
        exec(code, names)
        names["client"].close()
        assert capsys.readouterr().out == printed
        assert names["first"].key_id == "key_bare" and not names["second"]


def asked_of_flask(path, headers):
    example = importlib.import_module("flask_decorator")
    answer = example.app.test_client().get(path, headers=headers)
    return answer.status_code, {name.lower(): value for name, value in answer.headers}, answer.data


def asked_of_fastapi(path, headers):
    """As a server would, without one."""
    example = importlib.import_module("fastapi_dependency")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "server": ("test", 80),
        "client": ("test", 1),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
    }
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    asyncio.run(example.app(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}, body


EXAMPLES = {"flask_decorator": asked_of_flask, "fastapi_dependency": asked_of_fastapi}


@pytest.fixture(params=EXAMPLES)
def ask(request, service):
    """Asks the example, which asks the service."""
    module = importlib.import_module(request.param)
    module.client = Client(service.url)
    yield lambda path, *headers: EXAMPLES[request.param](path, list(headers))
    module.client.close()


def test_an_example_lets_good_keys_through_by_either_header(ask):
    whose = {"key_id": "key_full", "owner": "team a"}
    for name, value in (
        ("Authorization", "Bearer sec_full"), ("authorization", "bearer  sec_full"), ("X-API-Key", "sec_full")
    ):
        status, _, body = ask("/whoami", (name, value))
        assert (status, json.loads(body)) == (200, whose)
    status, _, body = ask("/reports", ("X-API-Key", "sec_full"))
    assert (status, json.loads(body)) == (200, ["the first report"])


@pytest.mark.parametrize("headers", [
    [], [("Authorization", "Basic c2VjX2Z1bGw6")], [("Authorization", "Bearer ")], [("X-API-Key", "")],
    [("X-API-Key", "sec_full"), ("Authorization", "Bearer sec_full")],
    [("X-API-Key", "sec_full"), ("X-API-Key", "sec_full")],
    [("X-API-Key", "sec_nobody")], [("Authorization", "Bearer sec_old")],
])
def test_an_example_answers_401_to_all_others(ask, headers):
    status, answered, body = ask("/whoami", *headers)
    assert status == 401 and answered["www-authenticate"].startswith("Bearer")
    assert b"sec_" not in body


def test_an_example_answers_403_without_the_scope(ask):
    assert ask("/reports", ("X-API-Key", "sec_bare"))[0] == 403


def test_an_example_answers_503_while_nobody_can_tell(ask, monkeypatch):
    for name in EXAMPLES:
        module = importlib.import_module(name)
        monkeypatch.setattr(module, "client", Client(f"http://127.0.0.1:{free_port()}", deadline=0))
    assert ask("/whoami", ("X-API-Key", "sec_full"))[0] == 503
