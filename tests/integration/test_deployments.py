"""What is shipped besides the program says what the program does: manifests, compose file, Procfile and workflow are
read, what they name must be there, and the commands in them are run."""

import contextlib
import json
import os
import re
import shlex
import subprocess

import pytest
import yaml

import missing
from harness import REPOSITORY, Connection, free_port, is_ready, wait_until
from s3_place import NO_METADATA
from s3_servers import SERVERS

pytest_plugins = ["s3_fixtures"]

KUBERNETES = REPOSITORY / "deploy/kubernetes"
README = (REPOSITORY / "README.md").read_text()


def manifests():
    """By kind. The kustomization is none."""
    documents = [yaml.safe_load(path.read_text()) for path in KUBERNETES.glob("*.yaml")]
    return {document["kind"]: document for document in documents if document["kind"] != "Kustomization"}


def pod():
    return manifests()["Deployment"]["spec"]["template"]["spec"]


def container():
    (only,) = pod()["containers"]
    return only


def option(command, name):
    (value,) = [part.partition("=")[2] for part in command if part.startswith(f"--{name}=")]
    return value


@pytest.fixture
def known(world):
    """Every option of `serve`, and every variable that it or the credentials chain reads."""
    text = world.ok("serve", "--help").stdout
    credentials = README[README.index("**Credentials** come from") : README.index("**How long a deleted key lives")]
    variables = re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", text + credentials)
    return set(re.findall(r"--[a-z][a-z-]+", text)), {*variables, "PORT"}


@contextlib.contextmanager
def running(world, command, env, port):
    """The program by a command that somebody else starts it with."""
    assert command[0] == "heare-auth"
    process = world.popen(*command[1:], env=env, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: process.poll() is not None or is_ready(port), f"{command} is ready")
        assert process.poll() is None
        yield process
    finally:
        process.kill()
        process.wait()


def status_of(port, path):
    with Connection(int(port), 30) as connection:
        return connection.request("GET", path).status


# --- Kubernetes -------------------------------------------------------------------------------------------------------


def test_the_container_runs_as_the_manifest_has_it_and_its_probes_answer(world, place, tmp_path, known):
    options, variables = known
    configuration = manifests()["ConfigMap"]["data"]
    given = {entry["name"]: entry["value"] for entry in container()["env"]}
    assert given.keys() | configuration.keys() <= variables
    command = container()["command"]
    assert command[:2] == ["heare-auth", "serve"]
    assert {part.partition("=")[0] for part in command[2:]} <= options

    ports = {entry["name"]: entry["containerPort"] for entry in container()["ports"]}
    assert given["PORT"] == str(ports["http"])
    assert option(command, "host") == "0.0.0.0" and option(command, "metrics-listen") == f"0.0.0.0:{ports['metrics']}"

    http, metrics = free_port(), free_port()
    (mount,) = container()["volumeMounts"]
    adapted = [
        part.replace(mount["mountPath"], str(tmp_path)).replace(f":{ports['metrics']}", f":{metrics}")
        for part in command
    ]
    env = {**given, **configuration, **place.env(), "PORT": http}
    with running(world, adapted, env, http):
        for probe, path in (("readinessProbe", "/ready"), ("livenessProbe", "/health")):
            assert container()[probe]["httpGet"] == {"path": path, "port": "http"}
            assert status_of(http, path) == 200
        assert status_of(metrics, "/metrics") == 200 and status_of(metrics, "/health") == 404
    # The cache went where the volume is.
    assert option(command, "cache-file").startswith(mount["mountPath"] + "/")


def test_a_pod_has_the_time_that_it_takes_to_stop():
    drain = int(re.fullmatch(r"(\d+)s", option(container()["command"], "drain-delay"))[1])
    limits = (REPOSITORY / "src/base/limits.h").read_text()
    in_flight = int(re.search(r"kDrainTimeout = (\d+)s;", limits)[1])
    log_and_metrics = 2
    assert drain >= 5
    assert pod()["terminationGracePeriodSeconds"] >= drain + in_flight + log_and_metrics


def test_the_pod_keeps_to_the_restricted_standard():
    assert manifests()["Namespace"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    security = pod()["securityContext"]
    assert security["runAsNonRoot"] is True and security["seccompProfile"] == {"type": "RuntimeDefault"}
    # By number: Kubernetes cannot tell from a name that it is not root's.
    assert f"--uid {security['runAsUser']} " in (REPOSITORY / "Dockerfile").read_text()
    assert container()["securityContext"] == {
        "allowPrivilegeEscalation": False, "privileged": False, "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert manifests()["ServiceAccount"]["automountServiceAccountToken"] is False
    assert [list(volume)[1] for volume in pod()["volumes"]] == ["emptyDir"]
    assert container()["resources"].keys() == {"requests", "limits"}


def test_what_refers_to_something_finds_it():
    found = manifests()
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert found["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert found["Service"]["spec"]["selector"] == labels
    assert found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert found["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    assert pod()["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"] == labels

    names = {entry["name"] for entry in container()["ports"]}
    assert {entry["targetPort"] for entry in found["Service"]["spec"]["ports"]} <= names
    policy_ports = {entry["port"] for rule in found["NetworkPolicy"]["spec"]["ingress"] for entry in rule["ports"]}
    assert policy_ports <= names
    assert pod()["serviceAccountName"] == found["ServiceAccount"]["metadata"]["name"]
    configuration, secret = container()["envFrom"]
    assert configuration["configMapRef"]["name"] == found["ConfigMap"]["metadata"]["name"]
    assert secret["secretRef"]["optional"] is True
    assert [mount["name"] for mount in container()["volumeMounts"]] == [volume["name"] for volume in pod()["volumes"]]


def test_one_pod_may_go_while_the_other_serves():
    spec = manifests()["Deployment"]["spec"]
    assert spec["replicas"] == 2 and spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert manifests()["PodDisruptionBudget"]["spec"]["minAvailable"] == spec["replicas"] - 1


def test_the_kustomization_names_every_manifest_and_the_image():
    text = (KUBERNETES / "kustomization.yaml").read_text()
    kustomization = yaml.safe_load(text)
    every = {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    # The optional ones are there behind a comment sign.
    assert set(re.findall(r"^  (?:# )?- (\S+\.yaml)$", text, re.MULTILINE)) == every
    assert every - set(kustomization["resources"]) == {"networkpolicy.yaml"}
    assert kustomization["namespace"] == manifests()["Namespace"]["metadata"]["name"]
    (image,) = kustomization["images"]
    assert image["name"] == container()["image"]


# --- docker compose ---------------------------------------------------------------------------------------------------


def test_the_compose_file_is_a_service_on_minio(world, tmp_path, known):
    compose = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
    auth, minio = compose["services"]["auth"], compose["services"]["minio"]
    variables = auth["environment"]
    assert variables.keys() <= known[1]
    assert auth["ports"] == [f"127.0.0.1:8080:{variables['PORT']}"] and "ports" not in minio
    assert auth["depends_on"] == {"minio": {"condition": "service_healthy"}} and "healthcheck" in minio
    assert minio["volumes"] == ["keys:/data"] and "keys" in compose["volumes"]

    if not (SERVERS / "minio").exists():
        missing.skip(f"minio is not in {SERVERS}: `./dev deps test` makes it where Go 1.24 or newer is")
    store, http = free_port(), free_port()
    (line,) = minio["command"]
    adapted = line.replace("/data", str(tmp_path / "data")).replace(":9000", f"127.0.0.1:{store}")
    assert variables["AWS_ENDPOINT_URL_S3"] == "http://minio:9000" and adapted.count(str(store)) == 1
    env = {**variables, **NO_METADATA, "PORT": http, "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{store}"}
    with subprocess.Popen(
        [*minio["entrypoint"], adapted], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        env={"PATH": f"{SERVERS}:{os.environ['PATH']}", "HOME": str(tmp_path), **minio["environment"]},
    ) as process:
        try:
            wait_until(lambda: world.run("list", env=env).code == 0, "MinIO has the bucket")
            with running(world, ["heare-auth", "serve"], env, http):
                made = world.ok("create", "--name", "Mine", "--json", env=env).json()
                assert made["refresh"] == {"keys_loaded": 1}
                assert world.ok("verify", "--json", stdin=made["secret"], env=env).json()["valid"] is True
        finally:
            process.kill()


# --- Dokku ------------------------------------------------------------------------------------------------------------


def test_the_procfile_starts_a_service_that_passes_the_checks_of_app_json(world):
    name, _, command = (REPOSITORY / "Procfile").read_text().strip().partition(": ")
    assert (name, command) == ("web", "heare-auth serve --host 0.0.0.0 --port $PORT")
    checks = json.loads((REPOSITORY / "app.json").read_text())["healthchecks"]["web"]
    assert [check["type"] for check in checks] == ["startup", "readiness", "liveness"]
    port = free_port()
    with running(world, shlex.split(command.replace("$PORT", str(port))), {}, port):
        for check in checks:
            assert status_of(port, check["path"]) == 200, check
            assert all(check[count] > 0 for count in ("attempts", "wait", "timeout"))
    # While keys load, a start may take 30 s before it gives up.
    assert checks[0]["attempts"] * checks[0]["wait"] >= 30


def dokku_commands():
    section = README[README.index("\n## Run it with Dokku") :].split("\n## ")[1]
    block = re.search(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)[1]
    return [shlex.split(line, comments=True) for line in block.replace("\\\n", " ").splitlines()]


def test_the_steps_for_dokku_are_complete_and_name_what_there_is(world, known):
    commands = [command for command in dokku_commands() if command]
    said = [command[1] for command in commands if command[0] == "dokku"]
    assert said == ["apps:create", "config:set", "ports:set", "enter"]
    assert [command[0] for command in commands] == ["dokku", "dokku", "dokku", "git", "git", "dokku"]
    by_name = {command[1]: command[2:] for command in commands if command[0] == "dokku"}
    variables = {part.partition("=")[0] for part in by_name["config:set"] if "=" in part}
    assert "S3_BUCKET" in variables and variables <= known[1]
    image_port = re.search(r"^EXPOSE (\d+)$", (REPOSITORY / "Dockerfile").read_text(), re.MULTILINE)[1]
    assert by_name["ports:set"] == ["auth", f"http:80:{image_port}"]
    app, process, *command = by_name["enter"]
    assert (app, process) == ("auth", "web") and command[0] == "heare-auth"
    assert "Created API key" in world.ok(*command[1:]).stdout


# --- GitHub -----------------------------------------------------------------------------------------------------------


def workflow():
    return yaml.safe_load((REPOSITORY / ".github/workflows/ci.yml").read_text())


def test_the_workflow_may_read_the_repository_and_nothing_else():
    assert workflow()["permissions"] == {"contents": "read"}
    for job in workflow()["jobs"].values():
        assert "permissions" not in job and "secrets." not in json.dumps(job)
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"] == {"persist-credentials": False}
    # Code of a pull request runs without the rights of the repository.
    assert "pull_request_target" not in workflow()[True]


def test_the_workflow_runs_what_every_change_must_pass_and_keeps_what_it_builds():
    jobs = workflow()["jobs"]
    runs = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()}
    assert ".ci/run" in runs["check"] and os.access(REPOSITORY / ".ci/run", os.X_OK)
    assert jobs["check"]["container"] == "debian:12"
    assert "./dev package --check" in runs["package"] and "./dev image --check" in runs["image"]
    for name in ("package", "image"):
        assert jobs[name]["needs"] == "check"
        (upload,) = [step for step in jobs[name]["steps"] if "upload-artifact" in step.get("uses", "")]
        assert upload["with"]["if-no-files-found"] == "error"


def test_in_a_bare_container_git_comes_before_the_checkout():
    for job in workflow()["jobs"].values():
        if "container" in job:
            install, checkout = job["steps"][:2]
            assert "git" in install["run"].split() and checkout["uses"].startswith("actions/checkout@")
