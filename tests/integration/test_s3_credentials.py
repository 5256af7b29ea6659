"""Who the program is to a store: where it takes its credentials and region from, what it says of them, and whom it
trusts."""

import re
import ssl

import pytest

from faulty_proxy import FaultyProxy, answer
from s3_place import CREDENTIALS
from s3_servers import ACCESS_KEY, SECRET_KEY, openssl

pytest_plugins = ["s3_fixtures"]

SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/s3/aws4_request")


@pytest.fixture
def bare(faulty):
    """The environment without credentials and without a region."""
    env = faulty.env()
    for name in (*CREDENTIALS, "AWS_REGION"):
        del env[name]
    return env


def write_profiles(folder, name="credentials"):
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(
        f"[default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = {SECRET_KEY}\n\n"
        f"[prod]\naws_access_key_id={ACCESS_KEY}\naws_secret_access_key={SECRET_KEY}\n"
        "aws_session_token = token/of+prod=\n"
    )
    return path


def signed_by(proxy):
    """The access key id and region of the last request."""
    return SCOPE.search(proxy.seen()[-1].headers["Authorization"]).groupdict()


def test_the_environment_comes_first(world, proxy, bare):
    write_profiles(world.home / ".aws")
    env = {**bare, **CREDENTIALS, "AWS_PROFILE": "default", "AWS_SESSION_TOKEN": "a/token="}
    world.ok("list", env=env)
    assert signed_by(proxy) == {"key": ACCESS_KEY, "region": "us-east-1"}
    assert proxy.seen()[-1].headers["x-amz-security-token"] == "a/token="


@pytest.mark.parametrize("profile, key, token", [(None, "AKIDDEFAULT", None), ("prod", ACCESS_KEY, "token/of+prod=")])
def test_a_profile_of_the_shared_files(world, proxy, bare, profile, key, token):
    write_profiles(world.home / ".aws")
    world.ok("list", env={**bare, **({"AWS_PROFILE": profile} if profile else {})})
    assert signed_by(proxy)["key"] == key
    assert proxy.seen()[-1].headers["x-amz-security-token"] == token


def test_a_shared_file_elsewhere(world, proxy, bare, tmp_path):
    path = write_profiles(tmp_path, "my credentials")
    world.ok("list", env={**bare, "AWS_SHARED_CREDENTIALS_FILE": path, "AWS_PROFILE": "prod"})
    assert signed_by(proxy)["key"] == ACCESS_KEY


def test_a_profile_that_is_not_there_stops_and_is_named(world, proxy, bare):
    write_profiles(world.home / ".aws")
    finished = world.run("list", env={**bare, "AWS_PROFILE": "nobody"})
    assert finished.code == 1
    assert "'nobody'" in finished.stderr
    assert proxy.count() == 0


def test_without_any_credentials_it_says_where_it_looked(world, proxy, bare):
    finished = world.run("list", env=bare)
    assert finished.code == 1
    for place in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS"):
        assert place in finished.stderr
    assert proxy.count() == 0


def test_half_of_the_credentials_stops_it(world, proxy, bare):
    write_profiles(world.home / ".aws")
    finished = world.run("list", env={**bare, "AWS_ACCESS_KEY_ID": ACCESS_KEY})
    assert finished.code == 1
    assert "AWS_SECRET_ACCESS_KEY" in finished.stderr
    assert proxy.count() == 0


REGIONS = [
    ({}, [], "us-east-1"),
    ({"AWS_PROFILE": "prod"}, [], "eu-west-3"),
    ({"AWS_PROFILE": "prod", "AWS_DEFAULT_REGION": "eu-west-1"}, [], "eu-west-1"),
    ({"AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-1"}, [], "eu-west-2"),
    ({"S3_REGION": "ca-west-1", "AWS_REGION": "eu-west-2"}, [], "ca-west-1"),
    ({"S3_REGION": "ca-west-1"}, ["--region", "sa-east-1"], "sa-east-1"),
]


@pytest.mark.parametrize("variables, options, region", REGIONS)
def test_the_region_comes_from_the_first_that_names_one(world, proxy, bare, variables, options, region):
    write_profiles(world.home / ".aws")
    (world.home / ".aws/config").write_text("[profile prod]\nregion = eu-west-3\n")
    world.ok("list", *options, env={**bare, **variables})
    assert signed_by(proxy)["region"] == region


def test_a_region_of_a_profile_that_is_none_is_told_with_its_source(world, proxy, bare):
    write_profiles(world.home / ".aws")
    (world.home / ".aws/config").write_text("[profile prod]\nregion = eu west 3\n")
    finished = world.run("list", env={**bare, "AWS_PROFILE": "prod"})
    assert finished.code == 2
    assert finished.stderr == (
        "Error: the region of the AWS profile: not the name of a region (eu west 3); mend it or give --region\n"
    )
    assert proxy.count() == 0


# --- what is said of them ---

@pytest.mark.parametrize("from_profile, source", [(False, "the environment"), (True, "the profile 'prod'")])
def test_denied_access_names_the_source_and_what_it_needs(world, faulty, proxy, bare, from_profile, source):
    write_profiles(world.home / ".aws")
    proxy.fault(answer(403, "AccessDenied", [("x-amz-request-id", "ID4711")]), times=None)
    env = {**bare, **({"AWS_PROFILE": "prod"} if from_profile else CREDENTIALS)}
    finished = world.run("list", env=env)
    assert (finished.code, finished.stdout) == (1, "")
    assert f"the credentials from {source}" in finished.stderr
    assert f"s3://{faulty.bucket}/keys.json" in finished.stderr
    assert "s3:GetObject" in finished.stderr and "AccessDenied" in finished.stderr and "ID4711" in finished.stderr
    assert proxy.count() == 1


@pytest.mark.parametrize("code", ["AccessDenied", "SignatureDoesNotMatch", "InvalidToken"])
def test_no_error_tells_a_secret(world, proxy, bare, code):
    write_profiles(world.home / ".aws")

    def repeat_everything(exchange):
        """As a store that quotes the request which it refuses."""
        quoted = " ".join([*exchange.request.headers.values(), SECRET_KEY])
        return answer(403, code, message=quoted)(exchange)

    proxy.fault(repeat_everything, times=None)
    finished = world.run("list", env={**bare, "AWS_PROFILE": "prod"})
    assert finished.code == 1
    signature = proxy.seen()[-1].headers["Authorization"].rsplit("=", 1)[1]
    for secret in (SECRET_KEY, "token/of+prod=", signature):
        assert secret not in finished.stderr + finished.stdout


# --- a certificate authority of one's own ---

@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """ca.pem, and server.pem for 127.0.0.1, which it has signed."""
    folder = tmp_path_factory.mktemp("authority")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=Authority of the tests", "-keyout", "ca.key", "-out", "ca.pem", folder=folder)
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=store",
            "-keyout", "server.key", "-out", "server.csr", folder=folder)
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "server.pem", folder=folder)
    return folder


@pytest.fixture
def private(place, moto, authority):
    """The document behind TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem", authority / "server.key")
    with FaultyProxy(moto.port, tls=context) as proxy:
        place.endpoint = proxy.endpoint
        yield place, proxy


def test_an_unknown_authority_is_not_trusted(world, private):
    place, proxy = private
    finished = world.run("list", env=place.env())
    assert finished.code == 1
    assert "certificate" in finished.stderr
    # Nothing was said to it, credentials least of all.
    assert proxy.count() == 0


def test_the_bundle_of_the_flag_is_trusted(world, private, authority):
    place, _ = private
    made = world.create("--name", "X", "--ca-bundle", authority / "ca.pem", env=place.env())
    assert place.ids() == [made["id"]]


def test_the_bundle_of_the_environment_is_trusted(world, private, authority):
    place, proxy = private
    env = place.env(AWS_CA_BUNDLE=authority / "ca.pem")
    made = world.create("--name", "X", env=env)
    service = world.serve("--refresh-interval", "50ms", env=env)
    assert service.verify(made["secret"]).status == 200
    proxy.wait_count(2, "GET", 304)


def test_a_bundle_that_is_not_there_is_named(world, private):
    place, proxy = private
    finished = world.run("list", "--ca-bundle", "/nowhere/ca.pem", env=place.env())
    assert finished.code in (1, 2)
    assert "/nowhere/ca.pem" in finished.stderr
    assert proxy.count() == 0
