"""The contract of ObjectStore, as contract_test claims it, against real S3 servers.

HEARE_AUTH_CONTRACT_TEST names that program.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))

from s3_servers import ACCESS_KEY, ATOMIC, SECRET_KEY, s3_server  # noqa: E402

PROGRAM = os.environ["HEARE_AUTH_CONTRACT_TEST"]
# moto looks at the condition and writes in two steps, between which another writer comes: of 12 races of 8 writers,
# two were won by more than one. Nor is an object replaced at once: of 300 readers beside a writer, one got neither.
RACES = (
    "OfEightWritersThatCreateOneWins",
    "OfEightWritersThatReplaceOneWins",
    "EditsOfEightWritersLoseNothing",
    "ReaderSeesTheOldObjectOrTheNewOne",
)


def run(*arguments, **variables):
    """What it says; it must succeed."""
    sanitizers = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
    done = subprocess.run(
        [PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
        env={"PATH": os.environ["PATH"], **sanitizers, **variables},
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def claims():
    """Their names; every implementation has the same."""
    return re.findall(r"^  (\w+)/File", run("--gtest_list_tests", "--gtest_filter=LocalStores/*/File"), re.MULTILINE)


@pytest.mark.parametrize("name", ["moto", "minio", "versitygw"])
def test_the_contract_holds(name):
    left_out = () if name in ATOMIC else RACES
    assert set(left_out) <= set(claims())
    with s3_server(name) as server:
        server.client().create_bucket(Bucket="contract")
        said = run(
            "--gtest_filter=Servers/*-" + ":".join(f"*.{race}/*" for race in left_out),
            HEARE_AUTH_CONTRACT_S3_ENDPOINT=server.endpoint, HEARE_AUTH_CONTRACT_S3_BUCKET="contract",
            AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY,
        )
    assert f"[  PASSED  ] {len(claims()) - len(left_out)} tests." in said, said
