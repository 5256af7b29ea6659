"""Every file of tests/http/malformed, sent as it is over TCP: its status, an error body, and a closed connection.

A file's name begins with the status that it gets. {{NAME*COUNT}} in a file stands for that many of a character:
readable files for requests that are too long to read.
"""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import REPOSITORY, World

FILES = sorted((REPOSITORY / "tests/http/malformed").glob("*.http"))
REPEAT = re.compile(rb"\{\{(.)\*(\d+)\}\}", re.DOTALL)


def bytes_of(path):
    return REPEAT.sub(lambda match: match.group(1) * int(match.group(2)), path.read_bytes())


def outcome(service, path):
    """The answer, and whether the connection closed after it. Whoever waits for 408 waits for the service."""
    with service.connect(timeout=40) as connection:
        try:
            connection.send(bytes_of(path))
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before it was all sent
        return connection.read_answer(), connection.is_closed()


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """All at once: some take the ten seconds of a time-out."""
    world = World(tmp_path_factory.mktemp("malformed"))
    service = world.serve("--threads", "2")
    with ThreadPoolExecutor(len(FILES)) as pool:
        yield dict(zip(FILES, pool.map(lambda path: outcome(service, path), FILES)))
    assert service.verify("sec_nobody").status == 403
    assert service.stop() == 0
    world.close()


def test_there_are_at_least_thirty():
    assert len(FILES) >= 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_refused_and_the_connection_closes(outcomes, path):
    answer, closed = outcomes[path]
    assert answer is not None, "closed without an answer"
    assert answer.status == int(path.name.split("-")[0])
    assert answer.headers["content-type"] == "application/json"
    assert list(json.loads(answer.body)) == ["error"]
    assert closed
