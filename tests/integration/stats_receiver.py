"""A receiver of heare-stats that records what it is told."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """Takes reports while `status` is 200, else refuses them with it. Runs on a thread until it is closed."""

    def __init__(self, secret=None):
        self.status = 200
        self.secret = secret
        self.reports = []
        self.refused = []
        # Path and headers of all of them.
        self.requests = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.requests.append((self.path, dict(self.headers)))
                (receiver.reports if receiver.status == 200 else receiver.refused).append(report)
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def variables(self):
        """What makes a service report here."""
        variables = {"PROTOCOL": "http", "DEST_HOST": "127.0.0.1", "DEST_PORT": self.port}
        return {**variables, "SECRET": self.secret} if self.secret else variables

    def sums(self):
        """Of each counter, over all reports."""
        sums = {}
        for report in self.reports:
            for name, count in report.get("counters", {}).items():
                sums[name] = sums.get(name, 0) + count
        return sums

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
