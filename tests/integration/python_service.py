"""What the Python service does, as far as its users can see: an independent reader of its documents, a service that
answers from it, and its command line's way of writing."""

import base64
import hashlib
import json
import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.fernet import Fernet

HEADER = b"HEARE_ENCRYPTED_V1:"
REFUSED = {"valid": False, "error": "Invalid API key"}


def fernet_of(storage_secret):
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(storage_secret.encode()).digest()))


class Documents:
    """Reads and writes a place in S3, encrypted where there is a storage secret."""

    def __init__(self, place, storage_secret=None):
        self.place = place
        self.fernet = fernet_of(storage_secret) if storage_secret else None

    def load(self):
        content = self.place.read()
        if content.startswith(HEADER):
            content = self.fernet.decrypt(content[len(HEADER) :])
        return json.loads(content)

    def save(self, document):
        content = json.dumps(document, indent=2).encode()
        self.place.write(HEADER + self.fernet.encrypt(content) if self.fernet else content)


def has_expired(record):
    """One that cannot be read never expires; one without an offset is UTC."""
    try:
        expires_at = datetime.fromisoformat(record["expires_at"])
    except (KeyError, TypeError, ValueError):
        return False
    if expires_at.tzinfo is None:
        expires_at = expires_at.replace(tzinfo=timezone.utc)
    return datetime.now(timezone.utc) > expires_at


class PythonService:
    """Answers `/verify` from a dict by secret, and loads on `/refresh`."""

    def __init__(self, documents, port):
        self.documents = documents
        self.keys = {}
        self.refresh()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # An answer goes out as one piece: in two, each waits 40 ms for its acknowledgement.
            wbufsize = -1

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = service.answer(self.path, body)
                content = json.dumps(answer).encode()
                self.send_response_only(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
        self.server.daemon_threads = True

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def refresh(self):
        self.keys = {record["secret"]: record for record in self.documents.load()["keys"]}

    def verdict(self, secret):
        """What a good key is answered, or None."""
        record = self.keys.get(secret)
        if record is None or has_expired(record):
            return None
        return {
            "valid": True, "key_id": record["id"], "name": record["name"], "metadata": record.get("metadata") or {}
        }

    def answer(self, path, body):
        if path == "/refresh":
            self.refresh()
            now = datetime.now(timezone.utc).isoformat()
            return 200, {"success": True, "keys_loaded": len(self.keys), "timestamp": now}
        verdict = self.verdict(json.loads(body)["api_key"])
        return (200, verdict) if verdict else (403, {"detail": REFUSED})
