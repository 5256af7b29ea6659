"""Every signature and address of ours equals botocore's: 1,000 generated requests, the same in every run.

HEARE_AUTH_SIGN_DRIVER names the program made from tests/s3_sign_driver.cpp.
"""

import datetime
import functools
import hashlib
import json
import os
import random
import re
import subprocess
from unittest import mock

import pytest

try:
    import botocore.auth
    import botocore.session
    from botocore.awsrequest import AWSRequest, AWSResponse
    from botocore.config import Config
    from botocore.credentials import Credentials
except ImportError:
    botocore = None

pytestmark = pytest.mark.skipif(botocore is None, reason="botocore is not installed")

REQUESTS = 1000
REGIONS = ["us-east-1", "eu-west-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1", "us-iso-east-1"]
ENDPOINTS = ["", "", "http://127.0.0.1:9000", "https://s3.example.org", "https://gateway.example.org:8443"]
BUCKETS = ["keys", "my-bucket", "my.dotted.bucket", "a1b2c3"]
ODD_KEYS = [
    "keys.json", "a b", "a+b", "a=b", "100%", "%20", "a/b/c.json", "/leading", "trailing/", "a//b", "schlüssel",
    "鍵.json", "🔑", "what?x=1&y=2#z", "a'b\"c", "a,b;c:d@e!f$g(h)*i", "~tilde_-.", "<tag>|\\^`{}[]", "a/./b",
    "a/../b",
]
CHARACTERS = "abcXYZ019 +=%/&?#:@!$'()*,;[]\"<>|\\^`{}~_-.äß鍵🔑"


@pytest.fixture
def driver():
    path = os.environ.get("HEARE_AUTH_SIGN_DRIVER")
    if not path:
        pytest.skip("HEARE_AUTH_SIGN_DRIVER is not set")
    return path


def sign_all(driver, requests):
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run([driver], input=lines, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def random_key(rng):
    if rng.random() < 0.3:
        return rng.choice(ODD_KEYS)
    return "".join(rng.choice(CHARACTERS) for _ in range(rng.randint(1, 40)))


def random_text(rng, alphabet, longest):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(1, longest)))


def random_credentials(rng):
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+"
    return {
        "access_key_id": "AKIA" + random_text(rng, alphabet[:26], 16),
        "secret_access_key": random_text(rng, alphabet, 60),
        "session_token": random_text(rng, alphabet + "=", 400) if rng.random() < 0.5 else "",
    }


def random_time(rng):
    return datetime.datetime(2020, 1, 1) + datetime.timedelta(seconds=rng.randrange(10 * 365 * 86400))


class Clock(datetime.datetime):
    """What botocore takes for the time."""

    current = None

    @classmethod
    def utcnow(cls):
        return cls.current

    @classmethod
    def now(cls, tz=None):
        return cls.current if tz is None else cls.current.replace(tzinfo=tz)


def at(time):
    """botocore's signer in these and other releases asks for the time in one of two ways."""
    Clock.current = time
    if hasattr(botocore.auth, "get_current_datetime"):
        return mock.patch("botocore.auth.get_current_datetime", lambda remove_tzinfo=True: time)
    return mock.patch("botocore.auth.datetime.datetime", Clock)


@functools.cache
def one_session():
    """It reads its descriptions of the services once, which takes longer than everything else here."""
    return botocore.session.Session()


def sent_by_client(request, body):
    """The request that a real botocore client would put on the wire for this object."""
    client = one_session().create_client(
        "s3",
        region_name=request["region"],
        endpoint_url=request["endpoint"] or None,
        aws_access_key_id=request["access_key_id"],
        aws_secret_access_key=request["secret_access_key"],
        aws_session_token=request["session_token"] or None,
        config=Config(
            s3={
                "addressing_style": "path" if request["endpoint"] else "virtual",
                "us_east_1_regional_endpoint": "regional",
            },
            signature_version="s3v4",
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    seen = []

    def catch(request, **_):
        seen.append(request)
        return AWSResponse(request.url, 200, {"ETag": '"x"'}, mock.Mock(stream=lambda **_: [b""]))

    client.meta.events.register("before-send.s3", catch)
    arguments = {"Bucket": request["bucket"], "Key": request["key"]}
    if request["method"] == "PUT":
        client.put_object(Body=body, ContentType="application/json", IfMatch='"abc"', **arguments)
    else:
        client.get_object(IfNoneMatch='"abc"', **arguments)
    return seen[0]


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def signed_header_names(authorization):
    return re.search(r"SignedHeaders=([^,]*)", authorization)[1].split(";")


def test_addresses_and_signatures_of_a_client_are_ours(driver):
    rng = random.Random(1)
    requests, expected = [], []
    for key in ODD_KEYS + [random_key(rng) for _ in range(80)]:
        time = random_time(rng)
        method = rng.choice(["GET", "PUT"])
        body = b'{"keys": []}' if method == "PUT" else b""
        request = {
            "bucket": rng.choice(BUCKETS), "key": key, "region": rng.choice(REGIONS), "endpoint": rng.choice(ENDPOINTS),
            "method": method, "time": time.isoformat() + "Z", **random_credentials(rng),
        }
        with at(time):
            sent = sent_by_client(request, body)
        headers = {name.lower(): text(value) for name, value in sent.headers.items()}
        # A client sends a body over https unsigned, and may add checks of its own: what it signed is what counts.
        request["payload_hash"] = headers["x-amz-content-sha256"]
        ours = ("host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token")
        names = signed_header_names(headers["authorization"])
        request["headers"] = [[name, headers[name]] for name in names if name not in ours]
        requests.append(request)
        expected.append({"url": sent.url, "authorization": headers["authorization"]})

    for request, ours, theirs in zip(requests, sign_all(driver, requests), expected, strict=True):
        assert ours == theirs, request


def test_signatures_are_botocores(driver):
    rng = random.Random(2)
    requests, addresses = [], []
    for _ in range(REQUESTS):
        body = random_text(rng, CHARACTERS, 30).encode()
        requests.append({
            "bucket": rng.choice(BUCKETS), "key": random_key(rng), "region": rng.choice(REGIONS),
            "endpoint": rng.choice(ENDPOINTS), "method": rng.choice(["GET", "PUT", "HEAD", "DELETE"]),
            "time": random_time(rng).isoformat() + "Z",
            "payload_hash": rng.choice(["UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()]),
            "headers": rng.sample([
                ["If-Match", '"abc"'], ["Content-Type", " application/json ;  charset=utf-8 "], ["If-None-Match", "*"],
                ["x-amz-meta-name", "a   b"], ["Range", "bytes=0-9"]], rng.randint(0, 4)),
            "query": [[random_text(rng, CHARACTERS, 8), random_text(rng, CHARACTERS, 8)]
                      for _ in range(rng.choice([0, 0, 1, 3]))],
            **random_credentials(rng),
        })

    for request, ours in zip(requests, sign_all(driver, requests), strict=True):
        theirs = AWSRequest(method=request["method"], url=ours["url"], headers=dict(request["headers"]))
        theirs.headers["X-Amz-Content-SHA256"] = request["payload_hash"]
        theirs.params = request["query"] and dict(request["query"])
        credentials = Credentials(
            request["access_key_id"], request["secret_access_key"], request["session_token"] or None)
        signer = botocore.auth.S3SigV4Auth(credentials, "s3", request["region"])
        # The hash was told: botocore would make its own.
        signer.payload = lambda _, told=request["payload_hash"]: told
        with at(datetime.datetime.fromisoformat(request["time"][:-1])):
            signer.add_auth(theirs)
        assert ours["authorization"] == theirs.headers["Authorization"], request
