"""Real reverse proxies on loopback, with the very files of docs/proxies; and a service behind them that tells what
has reached it."""

import os
import shutil
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import missing
from harness import REPOSITORY, free_port, wait_until

CONFIGURATIONS = REPOSITORY / "docs/proxies"
# As the files name them: heare-auth, the service behind, and where the proxy listens.
AUTH_ADDRESS, SERVICE_ADDRESS, PROXY_PORT = "127.0.0.1:8080", "127.0.0.1:3000", "8000"
REPLICA_ADDRESSES = ["127.0.0.1:8081", "127.0.0.1:8082"]


class Seen(NamedTuple):
    """A request as it has reached the service."""

    method: str
    path: str
    headers: list
    body: bytes

    def values(self, name):
        return [value for given, value in self.headers if given.lower() == name.lower()]


class RecordingService:
    """Answers every request with 200, and keeps it."""

    def __enter__(self):
        self.seen = []
        seen = self.seen

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                seen.append(Seen(self.command, self.path, list(self.headers.items()), body))
                self.send_response_only(200)
                self.send_header("Content-Length", "5")
                self.end_headers()
                self.wfile.write(b"hello")

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # A proxy may end a connection as it likes.
        self.server.handle_error = lambda *_: None
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def nginx_command(folder, name="nginx.conf"):
    """Without the folders of root's that Debian's build writes to; and as root its workers may write to ours."""
    configuration = folder / name
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"  {kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    configuration.write_text(
        configuration.read_text().replace("\nhttp {\n", f"\nhttp {{\n  access_log off;\n{places}", 1)
    )
    user = "user root; " if os.geteuid() == 0 else ""
    options = f"{user}daemon off; pid {folder}/nginx.pid; error_log stderr warn;"
    return ["nginx", "-p", folder, "-e", "stderr", "-c", configuration, "-g", options], {}


def caddy_command(folder):
    configuration = folder / "Caddyfile"
    configuration.write_text(f"{{\n\tadmin off\n}}\n{configuration.read_text()}")
    command = ["caddy", "run", "--config", configuration, "--adapter", "caddyfile"]
    return command, {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}


def haproxy_command(folder):
    return ["haproxy", "-db", "-f", folder / "haproxy.cfg"], {}


def nginx_replicas_command(folder):
    return nginx_command(folder, "nginx-replicas.conf")


COMMANDS = {
    "nginx": nginx_command,
    "nginx-replicas": nginx_replicas_command,
    "caddy": caddy_command,
    "haproxy": haproxy_command,
}


class Proxy:
    """Started by the first `with`, stopped by its end."""

    def __init__(self, name, folder, auth_port, service_port):
        self.name = name
        self.folder = folder
        self.auth_port = auth_port
        self.service_port = service_port

    def __enter__(self):
        self.port = free_port()
        for source in CONFIGURATIONS.iterdir():
            if source.suffix != ".md":
                (self.folder / source.name).write_text(self.adapted(source.read_text()))
        command, variables = COMMANDS[self.name](self.folder)
        environment = {"PATH": f"{os.environ['PATH']}:/usr/sbin", **variables}
        self.log = (self.folder / "proxy.log").open("w+b")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT, cwd=self.folder,
            env=environment,
        )
        try:
            wait_until(self.is_up, f"{self.name} at port {self.port}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # nginx ends its workers only when it is asked to.
        self.process.terminate()
        self.process.wait(30)
        self.log.close()

    def adapted(self, configuration):
        return (
            configuration.replace(AUTH_ADDRESS, f"127.0.0.1:{self.auth_port}")
            .replace(SERVICE_ADDRESS, f"127.0.0.1:{self.service_port}")
            .replace(f"listen {PROXY_PORT}", f"listen 127.0.0.1:{self.port}")
            .replace(f"bind :{PROXY_PORT}", f"bind 127.0.0.1:{self.port}")
            .replace(f"\n:{PROXY_PORT} {{", f"\n:{self.port} {{\n\tbind 127.0.0.1")
        )

    def is_up(self):
        assert self.process.poll() is None, f"{self.name} ended: {Path(self.log.name).read_text()}"
        try:
            with socket.create_connection(("127.0.0.1", self.port)):
                return True
        except OSError:
            return False


class ReplicasProxy(Proxy):
    """nginx in front of as many replicas as its file has."""

    def __init__(self, folder, ports):
        super().__init__("nginx-replicas", folder, ports[0], 0)
        self.ports = ports

    def adapted(self, configuration):
        adapted = super().adapted(configuration)
        for address, port in zip(REPLICA_ADDRESSES, self.ports, strict=True):
            adapted = adapted.replace(address, f"127.0.0.1:{port}")
        return adapted


def require(name):
    """Skips where the program is missing, but in CI nothing may be."""
    if shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin"):
        return
    missing.skip(f"{name} is not here: `./dev deps test` installs it")
