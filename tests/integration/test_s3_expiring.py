"""Credentials that end, from an endpoint as ECS and EKS Pod Identity have it: renewed early, and used until their end
where the endpoint has fallen silent."""

import json
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness import wait_until
from s3_place import CREDENTIALS
from s3_servers import ACCESS_KEY, SECRET_KEY

pytest_plugins = ["s3_fixtures"]

SECRET = "sec_first"
# The program asks again after ten seconds at the earliest.
LIFETIME_SECONDS = 22


class Endpoint:
    def __init__(self):
        self.speaking = threading.Event()
        self.closing = threading.Event()
        self.good_until = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                while not endpoint.speaking.wait(0.1):
                    if endpoint.closing.is_set():
                        return
                body = endpoint.credentials()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.speaking.set()

    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/credentials"

    def credentials(self):
        end = int(time.time()) + LIFETIME_SECONDS
        self.good_until.append(end)
        expiration = datetime.fromtimestamp(end, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return json.dumps(
            {"AccessKeyId": ACCESS_KEY, "SecretAccessKey": SECRET_KEY, "Token": "a/token=", "Expiration": expiration}
        ).encode()

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def endpoint():
    made = Endpoint()
    yield made
    made.close()


def test_they_are_renewed_early_and_serve_until_their_end_while_the_endpoint_is_silent(world, place, endpoint):
    place.write(json.dumps({"keys": [{"id": "key_1", "secret": SECRET, "name": "First", "metadata": {}}]}))
    env = {name: value for name, value in place.env().items() if name not in CREDENTIALS}
    service = world.serve("--refresh-interval", "0", env={**env, "AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.url()})

    wait_until(lambda: service.refresh().status == 200 and len(endpoint.good_until) == 2, "a renewal")
    assert time.time() < endpoint.good_until[0], "renewed after their end only"

    endpoint.speaking.clear()
    failed = wait_until(lambda: (answer := service.refresh()).status != 200 and answer, "the end of the last ones", 60)
    assert time.time() >= endpoint.good_until[-1], f"refused while the credentials were good: {failed}"
    error = failed.json()["error"]
    assert "credentials from" in error and "the last ones were good until" in error
    assert service.verify(SECRET).status == 200

    endpoint.speaking.set()
    wait_until(lambda: service.refresh().status == 200, "a renewal after the silence")
