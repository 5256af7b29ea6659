"""Docker and buildah, as far as a test needs them: what an image is, and commands in a container of it. Containers
share the network of this machine."""

import contextlib
import json
import re
import subprocess
import tempfile
import uuid

from harness import PATIENCE_SECONDS


def output(*command):
    return subprocess.run([*map(str, command)], check=True, capture_output=True, text=True).stdout


def engine(name):
    return {"docker": Docker, "buildah": Buildah}[name]()


def env_options(variables):
    return [part for name, value in variables.items() for part in ("--env", f"{name}={value}")]


class Running:
    """The service, until the end of a `with`."""

    def __init__(self, command, stop):
        self.printed = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.printed, stderr=subprocess.STDOUT
        )
        self.stop = stop

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.stop()
            self.process.wait(PATIENCE_SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
            self.printed.close()

    def output(self):
        self.printed.seek(0)
        return self.printed.read().decode()

    def ended(self):
        return self.process.poll() is not None


class Container:
    """Runs commands by `prefix`, each with the same variables."""

    def __init__(self, prefix):
        self.prefix = prefix

    def command(self, *command):
        return [*self.prefix, *map(str, command)]

    def run(self, *command):
        return subprocess.run(
            self.command(*command), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            timeout=2 * PATIENCE_SECONDS,
        )

    def start(self, *command):
        # An engine does not hand a signal on to what it runs beside the first process.
        kept = self.command("sh", "-c", 'echo $$ >/tmp/service.pid; exec "$@"', "sh", *command)
        return Running(kept, lambda: self.run("sh", "-c", "kill $(cat /tmp/service.pid)"))


class Docker:
    def config(self, image):
        return json.loads(output("docker", "image", "inspect", "--format", "{{json .Config}}", image))

    def size(self, image):
        return int(output("docker", "image", "inspect", "--format", "{{.Size}}", image))

    @contextlib.contextmanager
    def container(self, image, variables):
        name = f"heare-auth-test-{uuid.uuid4().hex[:12]}"
        options = ["--detach", "--name", name, "--network", "host", *env_options(variables)]
        # Something that waits, so that commands can run beside the service and after it.
        output("docker", "run", *options, image, "sleep", "infinity")
        try:
            yield Container(["docker", "exec", name])
        finally:
            output("docker", "rm", "--force", name)


class Buildah:
    def config(self, image):
        return json.loads(output("buildah", "inspect", "--type", "image", image))["Docker"]["config"]

    def size(self, image):
        # Rounded, to three digits; a line for each name that the image has.
        printed = output("buildah", "images", "--format", "{{.Size}}", image).splitlines()[0]
        number, unit = re.fullmatch(r"([\d.]+) ?([kMG]?)B", printed).groups()
        return int(float(number) * {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}[unit])

    @contextlib.contextmanager
    def container(self, image, variables):
        name = output("buildah", "from", "--pull-never", image).strip()
        try:
            # Commands see one another and this machine's network, as `docker exec` has it.
            yield Container(["buildah", "run", "--isolation", "chroot", *env_options(variables), name, "--"])
        finally:
            output("buildah", "rm", name)
