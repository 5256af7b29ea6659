"""Fixtures for tests against S3: `pytest_plugins = ["s3_fixtures"]`."""

import pytest

from faulty_proxy import FaultyProxy
from s3_place import Place
from s3_servers import s3_server


@pytest.fixture(scope="module")
def moto():
    with s3_server("moto") as server:
        yield server


@pytest.fixture
def place(moto):
    """A document at moto, absent at first."""
    return Place(moto)


@pytest.fixture
def proxy(moto):
    """A proxy before moto that does what a test tells it to."""
    with FaultyProxy(moto.port) as made:
        yield made


@pytest.fixture
def faulty(place, proxy):
    """The same document for boto3; the program goes through the proxy to it."""
    place.endpoint = proxy.endpoint
    return place
