"""What to do where something that a test needs is not here."""

import os

import pytest

from harness import OWN_DOCUMENTS, VECTORS


def skip(reason):
    """Skips, but in CI nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def documents(whose):
    """The folder of documents: the project's `own`, or the `vectors`, which the Python service has made. Those are not
    in this repository, so they may be missing, in CI too: all that is tested with them is with our own as well."""
    folder = OWN_DOCUMENTS if whose == "own" else VECTORS / "documents"
    if not (folder / "plain.json").exists():
        pytest.skip(f"no documents of the Python service in {folder}; HEARE_AUTH_VECTORS names another place")
    return folder
