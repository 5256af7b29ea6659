"""A terminal of so many columns with a program on it, as a person would have it before them."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unicodedata

from harness import PATIENCE_SECONDS

# SGR: colours, and nothing that moves the cursor.
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Screen:
    """Everything that the program shows is in `text`, escape sequences included."""

    def __init__(self, arguments, env, columns=80, stdout=None, cwd=None):
        self.text = ""
        self.code = None
        self.process, self.master = pty.fork()
        if self.process == 0:
            # The size first: the program may ask for it at once.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
            if cwd is not None:
                os.chdir(cwd)
            if stdout is not None:
                os.dup2(stdout.fileno(), 1)
            os.execvpe(arguments[0], [str(argument) for argument in arguments], env)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.code is None:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        os.close(self.master)

    def type(self, text):
        os.write(self.master, text.encode())

    def echoes(self):
        """Whether what is typed shows."""
        return bool(termios.tcgetattr(self.master)[3] & termios.ECHO)

    def read_more(self, deadline, what):
        """False once the program has let go of the terminal."""
        assert time.monotonic() < deadline, f"waited in vain for {what}: {self.text!r}"
        if not select.select([self.master], [], [], 1)[0]:
            return True
        try:
            part = os.read(self.master, 65536)
        except OSError:
            part = b""
        self.text += part.decode(errors="replace")
        return part != b""

    def wait_for(self, pattern, beginning=0):
        """The first match of `pattern` in what is shown from `beginning` on."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (match := re.compile(pattern).search(self.text, beginning)):
            assert self.read_more(deadline, pattern), f"ended without {pattern}: {self.text!r}"
        return match

    def finish(self):
        """All that was shown, once the program has ended by itself; lines end as in a file."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.read_more(deadline, "the end"):
            pass
        self.code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        return self.text.replace("\r\n", "\n")


def without_colours(text):
    return COLOUR.sub("", text)


def columns_of(text):
    """What wcwidth would say, by Python's own tables."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )
