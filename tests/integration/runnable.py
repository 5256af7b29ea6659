"""The blocks of a document that are marked `<!-- run -->`, and a shell to run them in: what a reader would type, one
block after the other, in a home folder of its own and on ports that are free."""

import contextlib
import json
import os
import re
import signal
import stat
import subprocess
import sys
from typing import NamedTuple

from harness import BINARY, KEY_ID, SECRET, free_port

BLOCK = re.compile(
    r"^<!-- run -->\n```(?P<language>sh|python)\n(?P<code>.*?)^```\n(?:```(?P<form>json)?\n(?P<output>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
# Every other port of a document would be one that somebody uses.
PORTS = re.compile(r"\b(8080|8081|9100)\b")

# In place of the program. A reader runs `serve` in a terminal of its own, and ends it before the next on the same port:
# here it goes to the background once it is ready.
WRAPPER = """#!/bin/bash
set -eu
case " $* " in
  *' --check-config '*) exec "$HEARE_AUTH" "$@" ;;
  ' serve '*) ;;
  *) exec "$HEARE_AUTH" "$@" ;;
esac
port=$PORT
for ((n = 1; n < $#; n++)); do [ "${!n}" != --port ] || { m=$((n + 1)); port=${!m}; }; done
pid_file=$RUNNING/$port
if [ -e "$pid_file" ]; then
  kill "$(cat "$pid_file")"
  while [ -e "/proc/$(cat "$pid_file")/exe" ]; do sleep 0.02; done
fi
# Its output goes to a file: our own pipes would stay open.
"$HEARE_AUTH" "$@" >"$RUNNING/log.$port" 2>&1 &
echo $! >"$pid_file"
until curl -sf "http://127.0.0.1:$port/ready" >"$RUNNING/ready"; do
  kill -0 $! 2>/dev/null || { cat "$RUNNING/log.$port" >&2; exit 1; }
  sleep 0.02
done
"""


class Block(NamedTuple):
    line: int
    language: str
    code: str
    # What the document shows below, and whether that is JSON.
    output: str
    form: str


def blocks(text):
    return [
        Block(text.count("\n", 0, match.start()) + 1, match["language"], match["code"], match["output"] or "",
              match["form"] or "")
        for match in BLOCK.finditer(text)
    ]


def free_ports(count):
    found = set()
    while len(found) < count:
        found.add(str(free_port()))
    return found


class Shell:
    """What one block exports, the next one sees."""

    def __init__(self, world, env=None):
        self.folder = world.home / "reader"
        self.running = world.temporary / "running"
        for folder in (self.folder, self.running):
            folder.mkdir()
        self.ports = dict(zip(("8080", "8081", "9100"), free_ports(3)))
        self.key_id = self.secret = None
        self.replacements = {}
        programs = self.folder / "build/release"
        programs.mkdir(parents=True)
        wrapper = programs / "heare-auth"
        wrapper.write_text(WRAPPER)
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
        self.variables = world.environment({"HEARE_AUTH": BINARY, "RUNNING": self.running, **(env or {})})
        self.variables["PATH"] = f"{programs}:{self.variables['PATH']}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for port in self.ports.values():
            file = self.running / port
            if file.exists():
                # Not our child: its parent is the wrapper, which has ended.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(file.read_text()), signal.SIGKILL)

    def url(self, port="8080"):
        return f"http://127.0.0.1:{self.ports[port]}"

    def replace(self, text, by):
        """In every block from now on."""
        self.replacements[text] = by

    def adapted(self, code):
        """With the ports that are free here, and with the id and secret that were made last."""
        for text, by in self.replacements.items():
            code = code.replace(text, by)
        code = PORTS.sub(lambda match: self.ports[match[1]], code)
        for placeholder, made in ((r"sec_…|sec_\.\.\.", self.secret), (r"\bKEY_ID\b", self.key_id)):
            assert made or not re.search(placeholder, code), f"{placeholder} in a block before any key was made"
            code = re.sub(placeholder, made or "", code)
        return code

    def run(self, block):
        """Its standard output. It must succeed, and print what the document shows."""
        code = self.adapted(block.code)
        done = self.python(code) if block.language == "python" else self.shell(code)
        assert done.returncode == 0, f"line {block.line}: {code}\n{done.stdout}{done.stderr}"
        for name, pattern in (("key_id", KEY_ID), ("secret", SECRET)):
            found = pattern.search(done.stdout)
            if found:
                setattr(self, name, found.group())
        self.check_output(block, done.stdout)
        return done.stdout

    def shell(self, code):
        state = self.running / "variables"
        script = f"set -euo pipefail\n{code}\nenv -0 >{state}\n"
        env = {**self.variables, "PORT": self.ports["8080"]}
        done = subprocess.run(
            ["bash", "-c", script], env=env, cwd=self.folder, capture_output=True, text=True, timeout=120
        )
        if done.returncode == 0:
            pairs = (entry.partition("=") for entry in state.read_text().split("\0") if entry)
            self.variables = {name: value for name, _, value in pairs}
        return done

    def python(self, code):
        return subprocess.run(
            [sys.executable, "-B", "-c", code], env=self.variables, cwd=self.folder, capture_output=True, text=True,
            timeout=120,
        )

    @staticmethod
    def check_output(block, output):
        """JSON has the members that are shown; of text, the lines that are shown come in this order."""
        if block.form == "json":
            assert shape(json.loads(output)) == shape(json.loads(block.output)), f"line {block.line}: {output}"
            return
        rest = iter(without_values(output).splitlines())
        for line in without_values(block.output).splitlines():
            assert any(line == printed for printed in rest), f"line {block.line}: not printed: {line}\n{output}"


def shape(value):
    """A document with what differs from run to run left out."""
    if isinstance(value, dict):
        return {name: shape(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [shape(entry) for entry in value]
    return without_values(value) if isinstance(value, str) else value


def without_values(text):
    text = re.sub(r"\bkey_\w{19}\b", "key_…", text)
    text = re.sub(r"\bsec_\w+…?", "sec_…", text)
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "<time>", text)
