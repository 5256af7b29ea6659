"""What only a person at a terminal gets: colours, lines that fit, and word of what takes long."""

import http.server
import json
import os
import re
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from harness import BINARY
from screen import Screen, columns_of, without_colours

DOCUMENT = """{"keys": [
  {"id": "key_0001xVceXj6hR4dZO53", "secret": "sec_a", "name": "My Service of which there is a lot to be said",
   "created_at": "2026-01-20T10:30:00.123456Z"},
  {"id": "key_two", "secret": "sec_b", "name": "Brüder ✓ 🔑", "expires_at": "2020-01-01", "owner": "team a"},
  {"id": "key_three", "secret": "sec_c", "name": "鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵鍵", "enabled": false}
]}
"""
# What a slow link takes a second for: writing it is told at once.
LONG_WRITE_BYTES = 5_000_000


def on_screen(world, *arguments, env=None, **options):
    environment = world.environment({"TERM": "xterm-256color", **(env or {})})
    return Screen([BINARY, *arguments], environment, cwd=world.home, **options)


def shown(world, *arguments, **options):
    with on_screen(world, *arguments, **options) as screen:
        text = screen.finish()
        assert screen.code == 0, text
        return text


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_list_fits_the_screen_and_its_ids_are_whole(world, columns):
    world.put_document(DOCUMENT)
    lines = without_colours(shown(world, "list", columns=columns)).splitlines()
    assert max(map(columns_of, lines)) <= columns
    assert any("…" in line for line in lines)
    assert any("key_0001xVceXj6hR4dZO53" in line for line in lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_a_hidden_question_leaves_the_terminal_as_it_was(world, number):
    with on_screen(world, "verify") as screen:
        screen.wait_for("API key: ")
        assert not screen.echoes()
        screen.type("half a sec")
        os.kill(screen.process, number)
        assert screen.finish() == "API key: \n"
        assert screen.code == -number
        assert screen.echoes()


def ignored_signals(process):
    status = Path(f"/proc/{process}/status").read_text()
    mask = int(re.search(r"^SigIgn:\s*([0-9a-f]+)$", status, re.MULTILINE)[1], 16)
    return {number for number in signal.Signals if mask >> (number - 1) & 1}


def test_ctrl_z_does_not_leave_a_shell_that_does_not_echo(world):
    with on_screen(world, "verify") as screen:
        screen.wait_for("API key: ")
        assert signal.SIGTSTP in ignored_signals(screen.process)
        screen.type("sec_nobody\n")
        assert "Refused: not_found" in screen.finish()


def test_a_hidden_question_leaves_signals_ignored_that_were(world):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what the program is started with, as by nohup
    try:
        with on_screen(world, "verify") as screen:
            screen.wait_for("API key: ")
            assert signal.SIGHUP in ignored_signals(screen.process)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_list_elsewhere_is_whole(world):
    world.put_document(DOCUMENT)
    text = world.ok("list").stdout
    assert "…" not in text and "\x1b" not in text
    assert "My Service of which there is a lot to be said" in text
    assert "2026-01-20T10:30:00.123456Z" in text


def test_colours_are_for_screens_that_know_them_and_people_who_want_them(world):
    world.put_document(DOCUMENT)
    with_colours = shown(world, "list")
    assert "\x1b[31mexpired\x1b[0m\n" in with_colours and "\x1b[33mdisabled\x1b[0m\n" in with_colours
    plain = shown(world, "list", env={"NO_COLOR": "1"})
    assert "\x1b" not in plain and plain == without_colours(with_colours)
    assert "\x1b" not in shown(world, "list", env={"TERM": "dumb"})
    assert "\x1b" in shown(world, "list", env={"NO_COLOR": ""})
    assert "\x1b" not in shown(world, "list", "--json")


def test_each_stream_has_its_own_colours(world):
    world.put_document(DOCUMENT)
    path = world.temporary / "out"
    with path.open("wb") as out, on_screen(world, "show", "key_nobody", stdout=out) as screen:
        assert screen.finish().startswith("\x1b[31mError:\x1b[0m ")
    with path.open("wb") as out, on_screen(world, "enable", "key_two", "--no-refresh", stdout=out) as screen:
        assert screen.finish() == ""
    assert path.read_text() == "✓ Enabled successfully.\n"
    assert shown(world, "enable", "key_two", "--no-refresh") == "\x1b[32m✓\x1b[0m Enabled successfully.\n"


# --- What takes long


@pytest.fixture
def long_import(world):
    lines = [json.dumps({"secret": f"s{i}", "metadata": {"text": "x" * 1000}}) for i in range(LONG_WRITE_BYTES // 1000)]
    path = world.temporary / "lines"
    path.write_text("\n".join(lines))
    return path, len(lines)


def test_a_long_write_is_told_until_it_is_done(world, long_import):
    path, count = long_import
    text = shown(world, "import", path, "--no-refresh")
    # Each line takes the place of the one before; the last is gone when the result is printed.
    assert re.search(r"Writing the document: [5-9]\.\d MB", text)
    assert without_colours(text).endswith(f"\r\x1b[K✓ Imported {count} keys.\n")


def test_a_long_write_is_told_to_nobody_else(world, long_import):
    path, count = long_import
    assert "Writing" not in shown(world, "import", path, "--no-refresh", "--json")
    world.document.unlink()
    finished = world.ok("import", path, "--no-refresh")
    assert (finished.stdout, finished.stderr) == (f"✓ Imported {count} keys.\n", "")


class SlowS3(http.server.ThreadingHTTPServer):
    """A store that sends one document piece by piece, until it is told to hurry, or has taken long enough."""

    PIECES = 40
    PAUSE_SECONDS = 0.05

    def __init__(self, document):
        self.document = document
        self.hurry = threading.Event()
        super().__init__(("127.0.0.1", 0), SlowHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def environment(self):
        return {
            "S3_BUCKET": "b", "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{self.server_port}",
            "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s",
        }


class SlowHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        document = self.server.document
        self.send_response(200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(document)))
        self.end_headers()
        size = -(-len(document) // self.server.PIECES)
        for begin in range(0, len(document), size):
            self.wfile.write(document[begin : begin + size])
            self.server.hurry.wait(self.server.PAUSE_SECONDS)

    def log_message(self, *_):
        pass


@pytest.fixture
def slow_store():
    records = [{"id": f"key_{i}", "secret": f"s{i}"} for i in range(10_000)]
    store = SlowS3(json.dumps({"keys": records}).encode())
    yield store
    store.shutdown()
    store.server_close()


def test_a_slow_read_is_told_as_it_goes_on(world, slow_store):
    path = world.temporary / "out"
    with path.open("wb") as out, on_screen(world, "list", env=slow_store.environment(), stdout=out) as screen:
        first = screen.wait_for(r"Reading the document: (\d\.\d) MB")
        slow_store.hurry.set()
        text = screen.finish()
    assert first and text.endswith("\r\x1b[K")
    assert path.read_text().endswith("Total: 10000 keys\n")


def test_a_slow_read_is_told_to_no_program(world, slow_store):
    process = world.popen("list", env=slow_store.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.communicate()[1] == b""
    assert process.returncode == 0
