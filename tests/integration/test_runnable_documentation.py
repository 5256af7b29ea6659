"""What the documentation says to type works: every block that is marked `<!-- run -->`, in order, document by document.
docs/migration.md is carried out by test_migration_guide.py."""

import pytest

from harness import REPOSITORY
from runnable import Shell, blocks
from s3_place import CREDENTIALS, NO_METADATA
from s3_servers import s3_server

# With the number of blocks that must be there at least: a mark that is lost would run nothing.
DOCUMENTS = {"README.md": 4, "docs/clients.md": 6}
ELSEWHERE = {"docs/migration.md"}


@pytest.fixture(scope="module")
def minio():
    with s3_server("minio") as server:
        server.client().create_bucket(Bucket="my-keys")
        yield server


@pytest.mark.parametrize("name", DOCUMENTS)
def test_its_blocks_run(world, minio, name):
    found = blocks((REPOSITORY / name).read_text())
    assert len(found) >= DOCUMENTS[name]
    env = {**CREDENTIALS, **NO_METADATA, "AWS_ENDPOINT_URL_S3": minio.endpoint}
    with Shell(world, env) as shell:
        # What `./dev run` of the README does. A key is there where a document begins with one.
        shell.run(block_of("heare-auth serve"))
        if name != "README.md":
            shell.run(block_of("""heare-auth create --name "My Service" --metadata '{"env": "prod"}'"""))
        for block in found:
            shell.run(block)


def block_of(code, language="sh", shown=""):
    (block,) = blocks(f"<!-- run -->\n```{language}\n{code}\n```\n{shown}")
    return block


WRONG = [
    ("false", "sh", ""), ("false | true", "sh", ""), ("echo $UNSET", "sh", ""), ("raise SystemExit(1)", "python", ""),
    ("echo sec_…", "sh", ""), ("echo one", "sh", "```\ntwo\n```\n"), ("echo '{}'", "sh", '```json\n{"a": 1}\n```\n'),
    ("heare-auth serve --no-such-option", "sh", ""),
]


@pytest.mark.parametrize(("code", "language", "shown"), WRONG)
def test_a_block_that_fails_or_prints_something_else_would_be_seen(world, code, language, shown):
    with Shell(world) as shell, pytest.raises(AssertionError):
        shell.run(block_of(code, language, shown))


def test_no_document_with_such_a_block_is_left_out():
    marked = {
        str(path.relative_to(REPOSITORY))
        for path in [REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")]
        if "<!-- run -->" in path.read_text()
    }
    assert marked == DOCUMENTS.keys() | ELSEWHERE


def test_every_mark_is_one_of_a_block_that_runs():
    for name in DOCUMENTS.keys() | ELSEWHERE:
        text = (REPOSITORY / name).read_text()
        assert text.count("<!-- run -->") == len(blocks(text)), name
