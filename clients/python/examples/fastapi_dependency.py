"""FastAPI: only requests with a good key reach an endpoint that depends on `RequireKey`.

    pip install fastapi uvicorn
    HEARE_AUTH_URL=http://localhost:8080 uvicorn fastapi_dependency:app
"""

import os
from typing import Dict, List, Optional

from fastapi import Depends, FastAPI, HTTPException, Request

from heare_auth import Client, Unavailable, Verification

client = Client(os.environ.get("HEARE_AUTH_URL", "http://localhost:8080"), cache_seconds=2)


def presented_key(request: Request) -> Optional[str]:
    """From `Authorization: Bearer KEY` or `X-API-Key: KEY`; of several nobody can tell which one counts."""
    keys: List[str] = request.headers.getlist("X-API-Key")
    for value in request.headers.getlist("Authorization"):
        scheme, _, key = value.partition(" ")
        if scheme.lower() == "bearer":
            keys.append(key.strip())
    return keys[0] if len(keys) == 1 and keys[0] else None


class RequireKey:
    """A dependency. Its value says whose key it is; the key has every one of `scopes`."""

    def __init__(self, *scopes: str) -> None:
        self.scopes = scopes

    # Not async: FastAPI then calls it on a thread of its own, and other requests do not wait for it.
    def __call__(self, request: Request) -> Verification:
        presented = presented_key(request)
        if presented is None:
            raise HTTPException(401, "Missing API key", {"WWW-Authenticate": "Bearer"})
        try:
            key = client.verify(presented)
        except Unavailable:
            raise HTTPException(503, "Keys cannot be verified now") from None
        if not key.valid:
            raise HTTPException(401, "Invalid API key", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        if not all(key.may(scope) for scope in self.scopes):
            raise HTTPException(403, "Insufficient scope")
        return key


app = FastAPI()


@app.get("/whoami")
def whoami(key: Verification = Depends(RequireKey())) -> Dict[str, Optional[str]]:
    return {"key_id": key.key_id, "owner": key.owner}


@app.get("/reports", dependencies=[Depends(RequireKey("reports:read"))])
def reports() -> List[str]:
    return ["the first report"]
