"""A proxy between the program and an S3 server that misbehaves as it is told, and remembers what passed.

    proxy.fault(answer(503, "SlowDown"), method="GET", times=2)

Faults are asked in the order in which they were added; the first that fits a request and has times left has it. What
none of them has goes through unchanged, so that signatures stay good.
"""

import http.client
import re
import socket
import struct
import threading
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime

from harness import wait_until


class Request:
    def __init__(self, method, target, headers, body):
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        # What the program got for it: a status, or the name of what was done instead; None while it waits.
        self.outcome = None

    def signed_at(self):
        return datetime.strptime(self.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)


class Answer:
    def __init__(self, status, headers, body, length=None):
        self.status = status
        self.headers = headers
        self.body = body
        # What Content-Length says; of a HEAD or 304 more than the body has.
        self.length = len(body) if length is None else length

    def head(self):
        lines = [f"HTTP/1.1 {self.status} {http.client.responses.get(self.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.status != 304:
            lines.append(f"Content-Length: {self.length}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"

    def shift_date(self, offset):
        shift = lambda text: format_datetime(parsedate_to_datetime(text) + offset, usegmt=True)
        self.headers = [(name, shift(value) if name.lower() == "date" else value) for name, value in self.headers]


class Exchange:
    """One request and what becomes of it; what a fault is given."""

    def __init__(self, proxy, peer, request):
        self.proxy = proxy
        self.peer = peer
        self.request = request

    def forward(self):
        """Hands the request on, and returns the server's answer."""
        upstream = http.client.HTTPConnection("127.0.0.1", self.proxy.upstream_port, timeout=60)
        try:
            upstream.putrequest(self.request.method, self.request.target, skip_host=True, skip_accept_encoding=True)
            for name, value in self.request.headers.items():
                upstream.putheader(name, value)
            upstream.endheaders(self.request.body)
            response = upstream.getresponse()
            body = response.read()
            dropped = ("content-length", "transfer-encoding", "connection")
            headers = [(name, value) for name, value in response.getheaders() if name.lower() not in dropped]
            is_head = self.request.method == "HEAD"
            return Answer(response.status, headers, body, int(response.headers["content-length"]) if is_head else None)
        finally:
            upstream.close()

    def send(self, answer):
        self.request.outcome = self.request.outcome or answer.status
        self.peer.sendall(answer.head() + answer.body)

    def send_half(self, answer):
        assert len(answer.body) > 1, "nothing to break off"
        self.peer.sendall(answer.head() + answer.body[: len(answer.body) // 2])

    def reset(self, outcome):
        """Ends the connection as a crashed machine or a firewall does: with a TCP reset."""
        self.request.outcome = outcome
        self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.peer.close()


# --- what a fault does --- each takes an exchange and returns whether its connection goes on

def answer(status, code="", headers=(), message="As the test wants it.", more=""):
    """Answers in the server's place; the request does not reach it."""
    body = f"<Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>".encode() if code else b""

    def act(exchange):
        body_sent = b"" if exchange.request.method == "HEAD" else body
        date = ("Date", format_datetime(datetime.now(timezone.utc), usegmt=True))
        exchange.send(Answer(status, [date, ("Content-Type", "application/xml"), *headers], body_sent))
        return True
    return act


def replace_body(body):
    """Forwards, and answers a 200 with other bytes."""
    def act(exchange):
        got = exchange.forward()
        if got.status == 200:
            got.body, got.length = body, len(body)
        exchange.send(got)
        return True
    return act


def reset(exchange):
    """Ends the connection before the request reaches the server."""
    exchange.reset("reset")
    return False


def lose_answer(exchange):
    """The request takes effect, and nobody hears of it."""
    exchange.forward()
    exchange.reset("lose_answer")
    return False


def reset_mid_body(exchange):
    exchange.send_half(exchange.forward())
    exchange.reset("reset_mid_body")
    return False


def truncate(exchange):
    """As the reset, but with an orderly end: only Content-Length tells."""
    exchange.send_half(exchange.forward())
    exchange.request.outcome = "truncate"
    return False


def hang(exchange):
    """Nothing comes, until `proxy.release()`; then the request is served."""
    exchange.proxy.wait_released()
    exchange.send(exchange.forward())
    return True


def hold_answer(exchange):
    """The request is served, and its answer is on the way until `proxy.release()`."""
    got = exchange.forward()
    exchange.proxy.holds.set()
    exchange.proxy.wait_released()
    exchange.send(got)
    return True


def trickle(exchange):
    """One byte a second, until `proxy.release()`."""
    got = exchange.forward()
    for byte in got.head() + got.body:
        exchange.peer.sendall(bytes([byte]))
        if exchange.proxy.wait_released(1):
            break
    return False


def after(action):
    """Calls `action()`, then forwards: what somebody else does in between."""
    def act(exchange):
        action()
        exchange.send(exchange.forward())
        return True
    return act


def clock_ahead(offset):
    """A server whose clock is `offset` ahead of this machine's, and that minds: S3 takes 15 minutes."""
    def act(exchange):
        now = datetime.now(timezone.utc) + offset
        if abs(exchange.request.signed_at() - now) > timedelta(minutes=15):
            date = ("Date", format_datetime(now, usegmt=True))
            server_time = f"<ServerTime>{now.strftime('%Y-%m-%dT%H:%M:%SZ')}</ServerTime>"
            return answer(403, "RequestTimeTooSkewed", [date], more=server_time)(exchange)
        got = exchange.forward()
        got.shift_date(offset)
        exchange.send(got)
        return True
    return act


class Fault:
    def __init__(self, act, method, times, when):
        self.act = act
        self.method = method
        self.left = times
        self.when = when

    def takes(self, request):
        if self.left == 0 or self.method not in (None, request.method) or not self.when(request):
            return False
        if self.left is not None:
            self.left -= 1
        return True


class FaultyProxy:
    def __init__(self, upstream_port, tls=None):
        """`tls`: an ssl.SSLContext with which clients are served."""
        self.upstream_port = upstream_port
        self.tls = tls
        self.requests = []
        self.faults = []
        self.lock = threading.Lock()
        self.released = threading.Event()
        # An answer of the store is here, and is held back.
        self.holds = threading.Event()
        self.peers = []
        self.threads = []
        self.errors = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.endpoint = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.closing = False

    def __enter__(self):
        self.start(self.accept)
        return self

    def __exit__(self, kind, *_):
        self.closing = True
        self.release()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            peers = list(self.peers)
        for peer in peers:
            try:
                peer.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # closed already
        for thread in list(self.threads):
            thread.join(60)
        assert kind or not self.errors, self.errors

    # --- what a test says and asks ---

    def fault(self, act, method=None, times=1, when=lambda request: True):
        """`times` None: from now on, until `clear`."""
        with self.lock:
            self.faults.append(Fault(act, method, times, when))

    def clear(self):
        with self.lock:
            self.faults = []

    def release(self):
        """Lets go on what hangs, and what would have hung later too."""
        self.released.set()

    def wait_released(self, seconds=None):
        return self.released.wait(seconds)

    def seen(self, method=None, outcome=None):
        with self.lock:
            return [
                request for request in self.requests
                if method in (None, request.method) and outcome in (None, request.outcome)
            ]

    def count(self, method=None, outcome=None):
        return len(self.seen(method, outcome))

    def wait_count(self, count, method=None, outcome=None):
        wait_until(lambda: self.count(method, outcome) >= count, f"{count} of {method} {outcome}")

    # --- the connections ---

    def start(self, work, *arguments):
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return  # closed
            self.start(self.serve, peer)

    def serve(self, peer):
        try:
            if self.tls:
                peer = self.tls.wrap_socket(peer, server_side=True)
            with self.lock:
                self.peers.append(peer)
            with peer, peer.makefile("rb") as stream:
                while not self.closing and (request := read_request(stream)):
                    if not self.pass_on(peer, request):
                        return
        except OSError:
            pass  # the client has gone, or refused the certificate
        except Exception as error:  # what the test must not miss
            self.errors.append(error)

    def pass_on(self, peer, request):
        exchange = Exchange(self, peer, request)
        with self.lock:
            self.requests.append(request)
            fault = next((fault for fault in self.faults if fault.takes(request)), None)
        if fault is None:
            exchange.send(exchange.forward())
            return True
        return fault.act(exchange)


def read_request(stream):
    """The next request, or None where the client has closed."""
    line = stream.readline()
    if not line:
        return None
    method, target, _ = re.fullmatch(r"(\S+) (\S+) (HTTP/1\.1)\r\n", line.decode("latin-1")).groups()
    headers = http.client.parse_headers(stream)
    body = stream.read(int(headers.get("Content-Length", 0)))
    return Request(method, target, headers, body)
