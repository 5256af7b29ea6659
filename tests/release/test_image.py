"""The container image, run with Docker or buildah against MinIO.

usage: HEARE_AUTH_IMAGE=… HEARE_AUTH_BASE=… HEARE_AUTH_ENGINE=docker|buildah pytest test_image.py
(`./dev image --check` calls it)
"""

import json
import os

import pytest

import containers
from harness import PATIENCE_SECONDS, Connection, free_port, is_ready, wait_until
from s3_place import CREDENTIALS, Place
from s3_servers import REGION, s3_server

IMAGE, BASE = os.environ["HEARE_AUTH_IMAGE"], os.environ["HEARE_AUTH_BASE"]
ABOVE_BASE_BYTES_MAX = 40_000_000


@pytest.fixture(scope="module")
def engine():
    return containers.engine(os.environ["HEARE_AUTH_ENGINE"])


@pytest.fixture(scope="module")
def config(engine):
    return engine.config(IMAGE)


@pytest.fixture
def place():
    with s3_server("minio") as server:
        yield Place(server)


def test_it_is_small(engine):
    above = engine.size(IMAGE) - engine.size(BASE)
    assert 0 < above < ABOVE_BASE_BYTES_MAX, f"{above:,} bytes above {BASE}"


def test_it_runs_as_nobody_in_particular(config):
    assert config["User"] == "heare-auth"


def test_its_health_is_told_by_the_program_itself(config):
    assert config["Healthcheck"]["Test"] == ["CMD", "heare-auth", "health"]


def test_it_keeps_nothing_that_was_needed_to_build_it(engine):
    with engine.container(IMAGE, {}) as container:
        look = "for name in g++ cmake ninja git; do command -v $name; done; ls -d /src /var/lib/apt/lists/*; echo looked"
        assert container.run("sh", "-c", look).stdout == "looked\n"


def test_with_the_variables_of_the_readme_it_serves_and_a_key_made_inside_is_known_at_once(engine, config, place):
    port = free_port()
    variables = {"S3_BUCKET": place.bucket, "AWS_REGION": REGION, **CREDENTIALS}
    # MinIO is not AWS, and the port may be taken.
    elsewhere = {"AWS_ENDPOINT_URL_S3": place.endpoint, "PORT": port}
    health = config["Healthcheck"]["Test"][1:]
    with engine.container(IMAGE, {**variables, **elsewhere}) as container:
        with container.start(*config["Cmd"], "--refresh-interval", "0") as service:
            wait_until(lambda: service.ended() or is_ready(port), "the service is ready")
            assert not service.ended(), service.output()
            with Connection(port, PATIENCE_SECONDS) as connection:
                assert connection.request("GET", "/health").json() == {"status": "ok"}
                # It does not poll: the command has told it.
                made = container.run("heare-auth", "create", "--json", "--name", "Inside")
                assert made.returncode == 0, made
                secret = json.loads(made.stdout)["secret"]
                answer = connection.request("POST", "/verify", json.dumps({"api_key": secret}).encode())
                assert answer.json()["name"] == "Inside"
            assert container.run(*health).returncode == 0
            assert place.ids() == [json.loads(made.stdout)["id"]]
        assert container.run(*health).returncode != 0
