"""A headless Chromium, driven over the pipe of its DevTools protocol: no driver, and no library."""

import fcntl
import json
import os
import shutil
import subprocess
import threading
from pathlib import Path

from harness import PATIENCE_SECONDS, wait_until

BINARY = shutil.which("chromium")
# Nothing of its own on the network, and as little as can be of what only people need. Its sandbox does not run as root,
# and this page is our own.
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--metrics-recording-only", "--no-proxy-server", "--remote-debugging-pipe",
)


def high_pipe():
    """A pipe whose ends are above the numbers that Chromium takes for its own."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return high


class Chromium:
    """The browser with one page. `events` holds all that it has told, in order."""

    def __init__(self, folder):
        profile = Path(folder) / "chromium"
        environment = {"HOME": str(profile), "TMPDIR": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        profile.mkdir()
        its_input, self.input = high_pipe()
        self.output, its_output = high_pipe()
        with (Path(folder) / "chromium.err").open("wb") as stderr:
            # It reads from 3 and writes to 4.
            self.process = subprocess.Popen(
                ["bash", "-c", f'exec "$@" 3<&{its_input} 4>&{its_output}', "bash", BINARY, *OPTIONS,
                 f"--user-data-dir={profile}", "about:blank"],
                pass_fds=(its_input, its_output), env=environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=stderr,
            )
        os.close(its_input)
        os.close(its_output)
        self.events = []
        self.results = {}
        self.calls = 0
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        try:
            self._attach()
        except BaseException:
            self.close()
            raise

    def _attach(self):
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.page(f"{domain}.enable")

    def _read(self):
        rest = b""
        while part := os.read(self.output, 1 << 20):
            *messages, rest = (rest + part).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    self.results[message["id"]] = message
                else:
                    self.events.append(message)

    def call(self, method, session=None, **parameters):
        self.calls += 1
        number = self.calls
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.input, json.dumps(message).encode() + b"\0")
        answer = wait_until(lambda: self.results.pop(number, None) or self.process.poll() is not None, method)
        assert answer is not True, "Chromium ended"
        assert "result" in answer, f"{method}: {answer}"
        return answer["result"]

    def page(self, method, **parameters):
        return self.call(method, self.session, **parameters)

    # --- what a person does and sees ---

    def open(self, url):
        """Shows a page that is loaded anew."""
        loads = len(self.told("Page.loadEventFired"))
        self.page("Page.navigate", url=url)
        wait_until(lambda: len(self.told("Page.loadEventFired")) > loads, url)

    def run(self, expression):
        """What a JavaScript expression is, in the page; awaits a promise."""
        result = self.page("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait(self, expression):
        """The first true value of the expression."""
        return wait_until(lambda: self.run(expression), expression)

    def type(self, text):
        """Into the element that has the focus, as from a keyboard."""
        self.page("Input.insertText", text=text)

    def press_enter(self):
        for kind in ("keyDown", "keyUp"):
            self.page("Input.dispatchKeyEvent", type=kind, key="Enter", windowsVirtualKeyCode=13, text="\r")

    def resize(self, width, height, mobile=False):
        self.page("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def prefer(self, scheme):
        """`light` or `dark`."""
        self.page("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    # --- what it has told ---

    def forget(self):
        """Leaves the page, and what was told of it."""
        self.open("about:blank")
        self.events.clear()

    def told(self, method):
        return [event["params"] for event in list(self.events) if event["method"] == method]

    def requests(self):
        """Every URL that the page has asked for."""
        return [params["request"]["url"] for params in self.told("Network.requestWillBeSent")]

    def complaints(self):
        """What its console shows of errors and warnings, but for answers that are no 2xx."""
        entries = [params["entry"] for params in self.told("Log.entryAdded")]
        console = [params for params in self.told("Runtime.consoleAPICalled") if params["type"] in ("error", "warning")]
        return [
            *self.told("Runtime.exceptionThrown"), *console,
            *(entry for entry in entries if entry["level"] in ("error", "warning") and entry["source"] != "network"),
        ]

    def close(self):
        try:
            os.write(self.input, b'{"id": 0, "method": "Browser.close"}\0')
            self.process.wait(PATIENCE_SECONDS)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.input)
        self.reader.join(PATIENCE_SECONDS)
        os.close(self.output)
