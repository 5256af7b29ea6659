"""Real S3 servers on loopback, each in a folder of its own: moto from the tests' Python, MinIO and versitygw as
`./dev deps test` makes them."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import missing
from harness import REPOSITORY, free_port, wait_until

SERVERS = Path(os.environ.get("HEARE_AUTH_SERVERS", REPOSITORY / "build/servers"))
ACCESS_KEY = "AKIDOFTHETESTS"
SECRET_KEY = "a secret key/of the+tests"
REGION = "us-east-1"


class S3Server:
    """Started by the first `with`, stopped by its end; every bucket is gone with it."""

    def __init__(self, name, make_command):
        self.name = name
        self.make_command = make_command

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix=f"{self.name}-")
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        command, variables = self.make_command(self.port, Path(self.folder.name))
        self.log = (Path(self.folder.name) / "server.log").open("w+b")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT, cwd=self.folder.name,
            env={"PATH": os.environ["PATH"], "HOME": self.folder.name, **variables},
        )
        try:
            wait_until(self.is_up, f"{self.name} at {self.endpoint}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()
        self.folder.cleanup()

    def is_up(self):
        """Accepts connections and answers S3 requests; a new server does the one before the other."""
        assert self.process.poll() is None, f"{self.name} ended: {Path(self.log.name).read_text()}"
        try:
            with socket.create_connection(("127.0.0.1", self.port)):
                pass
            self.client().list_buckets()
        except (OSError, ClientError):
            return False
        return True

    def client(self):
        """A second opinion on what is stored. Without checksums of its own, which not every server knows."""
        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"},
                          request_checksum_calculation="when_required", response_checksum_validation="when_required"),
        )


def moto_command(port, _):
    return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], {}


def minio_command(port, folder):
    (folder / "data").mkdir()
    # Its console would take a port of its own.
    return [SERVERS / "minio", "server", folder / "data", "--quiet", "--address", f"127.0.0.1:{port}"], {
        "MINIO_ROOT_USER": ACCESS_KEY, "MINIO_ROOT_PASSWORD": SECRET_KEY, "MINIO_BROWSER": "off", "MINIO_UPDATE": "off",
    }


def versitygw_command(port, folder):
    (folder / "data").mkdir()
    return [SERVERS / "versitygw", "--quiet", "--port", f"127.0.0.1:{port}", "posix", folder / "data"], {
        "ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY,
    }


COMMANDS = {"moto": moto_command, "minio": minio_command, "versitygw": versitygw_command}
# They check a condition and write in one step. moto does not: of eight writers two may win.
ATOMIC = ("minio", "versitygw")


def s3_server(name):
    """A server that is about to be started. Skips where it is missing, but in CI nothing may be."""
    if name != "moto" and not (SERVERS / name).exists():
        missing.skip(f"{name} is not in {SERVERS}: `./dev deps test` makes it where Go 1.24 or newer is")
    return S3Server(name, COMMANDS[name])


def openssl(*arguments, folder):
    program = shutil.which("openssl")
    assert program, "openssl is not installed"
    subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True)
