"""Flask: only requests with a good key reach a view below `@require_key()`.

    pip install flask
    HEARE_AUTH_URL=http://localhost:8080 flask --app flask_decorator run --port 5000
"""

import functools
import os
from typing import Any, Callable, Optional

from flask import Flask, abort, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import WWWAuthenticate

from heare_auth import Client, Unavailable

View = Callable[..., ResponseReturnValue]

client = Client(os.environ.get("HEARE_AUTH_URL", "http://localhost:8080"), cache_seconds=2)


def presented_key() -> Optional[str]:
    """From `Authorization: Bearer KEY` or `X-API-Key: KEY`; of both nobody can tell which one counts."""
    keys = [request.headers.get("X-API-Key", "")]
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        keys.append(key.strip())
    keys = [key for key in keys if key]
    return keys[0] if len(keys) == 1 else None


def require_key(*scopes: str) -> Callable[[View], View]:
    """Decorates a view: `g.key` says whose key it is, and it has every one of `scopes`."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            presented = presented_key()
            if presented is None:
                abort(401, "Missing API key", www_authenticate=WWWAuthenticate("bearer"))
            try:
                key = client.verify(presented)
            except Unavailable:
                abort(503, "Keys cannot be verified now")
            if not key.valid:
                abort(401, "Invalid API key", www_authenticate=WWWAuthenticate("bearer", {"error": "invalid_token"}))
            if not all(key.may(scope) for scope in scopes):
                abort(403, "Insufficient scope")
            g.key = key
            return view(*args, **kwargs)

        return guarded

    return decorate


app = Flask(__name__)


@app.get("/whoami")
@require_key()
def whoami() -> ResponseReturnValue:
    return jsonify(key_id=g.key.key_id, owner=g.key.owner)


@app.get("/reports")
@require_key("reports:read")
def reports() -> ResponseReturnValue:
    return jsonify(["the first report"])
