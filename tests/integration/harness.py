"""Runs the program as built: commands, services and raw connections, each world with a home folder of its own."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("HEARE_AUTH_BINARY", REPOSITORY / "build/release/heare-auth"))
OWN_DOCUMENTS = REPOSITORY / "tests/data"
VECTORS = Path(os.environ.get("HEARE_AUTH_VECTORS", REPOSITORY.parent / "shared/vectors"))
# Whether the program was built with sanitizers, as ctest tells it: it is slower then, larger, and not hardened.
SANITIZED = bool(os.environ.get("HEARE_AUTH_SANITIZE"))
# By what a bound for its memory grows: for each byte that it takes, the sanitizers take several for their own notes.
MEMORY_FACTOR = 10 if SANITIZED else 1
# A machine that is busy with two compilers is slow; a test that fails at this is broken all the same.
PATIENCE_SECONDS = 30


def wait_until(condition, what, seconds=PATIENCE_SECONDS):
    """The first true value of `condition()`, asked again and again until the time is up."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.01)
    return value


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def memory_bytes(pid, figure="VmRSS"):
    """What of a process is resident; with VmHWM, the most that ever was."""
    return int(re.search(rf"{figure}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) * 1024


def metric(port, name):
    """What /metrics tells under a name without labels."""
    with Connection(port, PATIENCE_SECONDS) as connection:
        page = connection.request("GET", "/metrics").body.decode()
    return int(re.search(rf"^{name} (\d+)$", page, re.MULTILINE)[1])


def allow_descriptors(count):
    """So many for this process and what it starts. False where that is more than it may have."""
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    return limit > count


def is_ready(port):
    try:
        with Connection(port, PATIENCE_SECONDS) as connection:
            return connection.request("GET", "/ready").status == 200
    except OSError:
        return False


class Finished(NamedTuple):
    code: int
    stdout: str
    stderr: str

    def json(self):
        return json.loads(self.stdout)


class Answer(NamedTuple):
    status: int
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


class World:
    """A home folder, and what runs there. Nothing of the tester's own environment gets in."""

    def __init__(self, folder):
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.sanitizer_reports = folder / "sanitizer-reports"
        # A process that is killed while it looks for leaks, as it does at its end, is itself reported as a fault.
        self.finds_leaks = True
        self.services = []

    @property
    def document(self):
        """The embedded store."""
        return self.home / ".local/share/heare-auth/keys.json"

    def environment(self, extra=None):
        base = {"HOME": str(self.home), "TMPDIR": str(self.temporary), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        sanitizers = self.sanitizer_options() if SANITIZED else {}
        return {**base, **sanitizers, **{name: str(value) for name, value in (extra or {}).items()}}

    def sanitizer_options(self):
        """Reports go to files, so that none is lost with what a test does not read, or with what is killed."""
        self.sanitizer_reports.mkdir(exist_ok=True)
        names = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")
        told = {name: value for name in (*names, "ASAN_SYMBOLIZER_PATH") if (value := os.environ.get(name))}
        ours = f"log_path={self.sanitizer_reports}/report"
        options = {name: f"{told.get(name, '')}:{ours}" for name in names}
        if not self.finds_leaks:
            options["ASAN_OPTIONS"] += ":detect_leaks=0"
        return {**told, **options}

    def put_document(self, content):
        self.document.parent.mkdir(parents=True, exist_ok=True)
        new = self.document.with_suffix(".new")
        new.write_bytes(content if isinstance(content, bytes) else content.encode())
        new.rename(self.document)

    def popen(self, *arguments, env=None, **options):
        return subprocess.Popen(
            [BINARY, *map(str, arguments)], env=self.environment(env), cwd=self.home, **options
        )

    def run(self, *arguments, stdin="", env=None):
        process = self.popen(
            *arguments, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        stdout, stderr = process.communicate(stdin.encode(), timeout=PATIENCE_SECONDS * 2)
        return Finished(process.returncode, stdout.decode(), stderr.decode())

    def ok(self, *arguments, **options):
        """Runs a command that must succeed."""
        finished = self.run(*arguments, **options)
        assert finished.code == 0, finished
        return finished

    def create(self, *arguments, **options):
        """A new key's record, with its secret."""
        return self.ok("create", "--json", "--no-refresh", *(arguments or ("--name", "Test")), **options).json()

    def serve(self, *options, env=None, ready=True):
        """A service that is ready, or at least one that was started. The world stops it in the end."""
        service = Service(self, len(self.services), options, env)
        self.services.append(service)
        if ready:
            service.wait_ready()
        return service

    def close(self):
        for service in self.services:
            service.kill()
        reports = [path.read_text() for path in self.sanitizer_reports.glob("*")]
        assert not reports, "\n".join(reports)


class Service:
    def __init__(self, world, number, options, env):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.stdout_path = world.temporary / f"service-{number}.out"
        self.stderr_path = world.temporary / f"service-{number}.err"
        with self.stdout_path.open("wb") as stdout, self.stderr_path.open("wb") as stderr:
            self.process = world.popen(
                "serve", "--port", self.port, *options, env=env, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr
            )

    # --- what it printed ---

    def log(self):
        """Every whole line so far, parsed: one that is no JSON object fails the test."""
        lines = self.stdout_path.read_bytes().split(b"\n")[:-1]
        return [json.loads(line) for line in lines]

    def events(self, name):
        return [line for line in self.log() if line["event"] == name]

    def wait_event(self, name, count=1):
        return wait_until(lambda: self.events(name)[count - 1 : count], f"{count} lines of {name}")[0]

    def stderr(self):
        return self.stderr_path.read_text()

    # --- requests ---

    def wait_ready(self):
        wait_until(lambda: self.ended() or self.is_ready(), f"{self.url}/ready")
        assert not self.ended(), f"the service ended: {self.stdout_path.read_text()}{self.stderr()}"

    def is_ready(self):
        return is_ready(self.port)

    def connect(self, timeout=PATIENCE_SECONDS):
        return Connection(self.port, timeout)

    def request(self, method, path, body=b"", headers=()):
        """One request on a connection of its own."""
        with self.connect() as connection:
            return connection.request(method, path, body, headers)

    def get(self, path, headers=()):
        return self.request("GET", path, headers=headers)

    def post(self, path, body=b"", headers=()):
        return self.request("POST", path, body, headers)

    def verify(self, secret):
        return self.post("/verify", json.dumps({"api_key": secret}).encode())

    def refresh(self, headers=()):
        return self.post("/refresh", headers=headers)

    # --- its end ---

    def ended(self):
        return self.process.poll() is not None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=PATIENCE_SECONDS):
        """The exit code, once it has ended."""
        return self.process.wait(seconds)

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        if not self.ended():
            self.process.kill()
        self.process.wait()


class Connection:
    """A TCP connection on which bytes are sent as they are, and answers read as HTTP/1.1 has them."""

    def __init__(self, port, timeout):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        """More bytes, or none where the peer has closed."""
        try:
            part = self.socket.recv(65536)
        except ConnectionResetError:
            part = b""
        self.buffer += part
        return part

    def read_answer(self, head_only=False):
        """The next answer, or None where the connection closed before its first byte."""
        while b"\r\n\r\n" not in self.buffer:
            if not self.receive():
                assert self.buffer == b"", f"half an answer: {self.buffer!r}"
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            assert name.lower() not in headers, f"twice: {name}"
            headers[name.lower()] = value.strip()
        length = 0 if head_only else int(headers.get("content-length", 0))
        while len(self.buffer) < length:
            assert self.receive(), f"half a body: {self.buffer!r} of {length} bytes"
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Answer(int(status_line.split(" ")[1]), headers, body)

    def request(self, method, path, body=b"", headers=()):
        self.send(request_bytes(method, path, body, headers))
        answer = self.read_answer(head_only=method == "HEAD")
        assert answer is not None, f"no answer to {method} {path}"
        return answer

    def is_closed(self):
        """True once the peer has closed; waits for it, and takes no further byte for an answer."""
        return self.receive() == b"" and self.buffer == b""


def request_bytes(method, path, body=b"", headers=()):
    """`headers` are pairs; values may be bytes."""
    lines = [f"{method} {path} HTTP/1.1".encode(), b"Host: localhost"]
    for name, value in headers:
        lines.append(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}".encode())
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


KEY_ID = re.compile(r"key_[0-9A-Za-z]{19}")
SECRET = re.compile(r"sec_[0-9A-Za-z]{60}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def masked(text):
    """What differs from run to run, by what it is, in the same width."""
    for pattern, name in ((KEY_ID, "<key id>"), (SECRET, "<secret>"), (TIME, "<time>")):
        text = pattern.sub(lambda match, name=name: name.ljust(len(match.group()), "."), text)
    return text
