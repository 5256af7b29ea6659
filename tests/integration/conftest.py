import pytest

import missing
from harness import World


@pytest.fixture
def world(tmp_path):
    """A world of the test's own; whatever runs in it is ended with the test."""
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def service(world):
    """A service on an empty embedded store."""
    return world.serve()


@pytest.fixture(params=["own", "vectors"])
def folder(request):
    """A folder with documents that were not made by this program."""
    return missing.documents(request.param)
