"""Every file of tests/http/malformed through a real nginx: it and heare-auth never disagree on where a request ends.

If they did, the answer to one client's bytes would reach another client. So nginx has one worker and keeps its connections
to heare-auth; after each file another client asks three questions whose answers cannot be taken for one another.
"""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import PATIENCE_SECONDS, Connection, World, free_port, request_bytes, wait_until
from proxies import nginx_command, require
from test_malformed import FILES, bytes_of

CONFIGURATION = """
worker_processes 1;
events {{}}
http {{
  upstream heare_auth {{
    server 127.0.0.1:{auth_port};
    keepalive 1;
  }}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  # A body that is never whole is given up soon: this is about where it ends, not when.
  client_body_timeout 1s;
  client_header_timeout 1s;
  proxy_request_buffering {buffering};
  # What is malformed for other reasons comes through as it is.
  ignore_invalid_headers off;
  underscores_in_headers on;
  large_client_header_buffers 4 64k;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://heare_auth;
    }}
  }}
}}
"""
# What a smuggler would want to be taken for a request of its own.
NEXT = request_bytes("GET", "/openly-smuggled", headers=[("Connection", "close")])


class Chain:
    """heare-auth with nginx in front, and what nginx had to say about it."""

    def __init__(self, folder, buffering):
        self.world = World(folder)
        self.service = self.world.serve("--threads", 1)
        self.port = free_port()
        (folder / "nginx.conf").write_text(
            CONFIGURATION.format(auth_port=self.service.port, port=self.port, buffering=buffering)
        )
        command, _ = nginx_command(folder)
        self.log = (folder / "nginx.log").open("w+b")
        self.nginx = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=self.log,
                                      stderr=subprocess.STDOUT, cwd=folder)  # fmt: skip
        wait_until(self.is_up, "nginx listens")

    def is_up(self):
        assert self.nginx.poll() is None, "nginx ended"
        try:
            with Connection(self.port, PATIENCE_SECONDS):
                return True
        except OSError:
            return False

    def send(self, data):
        """Sends it, and reads until nginx closes: whatever it answers is between the two of them."""
        with Connection(self.port, PATIENCE_SECONDS) as connection:
            try:
                connection.send(data)
                while connection.receive():
                    pass
            except (BrokenPipeError, ConnectionResetError):
                pass

    def ask_three_questions(self):
        with Connection(self.port, PATIENCE_SECONDS) as connection:
            return [
                (answer.status, answer.body)
                for answer in (
                    connection.request("GET", "/health"),
                    connection.request("POST", "/verify", b'{"api_key": "sec_nobody"}'),
                    connection.request("POST", "/verify", b"{}"),
                )
            ]

    def complaints(self):
        self.log.seek(0)
        return [line for line in self.log.read().decode(errors="replace").splitlines()
                if "upstream sent" in line or "unexpected" in line]  # fmt: skip

    def close(self):
        self.nginx.terminate()
        self.nginx.wait(PATIENCE_SECONDS)
        self.log.close()
        self.world.close()


ANSWERS = [
    (200, b'{"status":"ok"}'),
    (403, b'{"valid":false,"error":"Invalid API key"}'),
    (400, b'{"error":"Missing api_key field"}'),
]


@pytest.mark.parametrize("buffering", ["on", "off"])
def test_no_malformed_request_shifts_the_answers_of_others(tmp_path, buffering):
    require("nginx")
    chain = Chain(tmp_path, buffering)
    try:
        assert chain.ask_three_questions() == ANSWERS
        for path in FILES:
            chain.send(bytes_of(path) + NEXT)
            assert chain.ask_three_questions() == ANSWERS, path.name
        assert chain.complaints() == []
        # Nor do they where many come at once.
        with ThreadPoolExecutor(8) as pool:
            sent = pool.map(lambda path: chain.send(bytes_of(path) + NEXT), FILES)
            asked = [chain.ask_three_questions() for _ in range(len(FILES))]
            list(sent)
        assert asked == [ANSWERS] * len(FILES)
    finally:
        chain.close()
