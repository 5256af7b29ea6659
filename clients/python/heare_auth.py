"""Asks a heare-auth service whether an API key is good, and whose it is.

One file without dependencies, for Python 3.9 and newer: copy it beside your code.

    client = Client("http://localhost:8080")
    key = client.verify(presented)
    if key.valid:
        print(key.key_id, key.owner)

A refused key is a result. That nobody could tell is an exception, `Unavailable`, and never a refused key.
"""

from __future__ import annotations

import copy
import hashlib
import http.client
import json
import os
import random
import ssl
import threading
import time
import urllib.parse
from collections import OrderedDict, deque
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Deque, Dict, Iterable, List, NamedTuple, Optional, Tuple

__all__ = ["Client", "Unavailable", "Verification"]

# What the service takes: keys in one request, and bytes of a request's body.
_BATCH_KEYS_MAX = 100
_BODY_BYTES_MAX = 64 * 1024
# A pause between two tries is random between nothing and the first, doubled with each try, up to the second.
_BACKOFF_SECONDS = 0.05
_BACKOFF_SECONDS_MAX = 1.0
# The service closes a connection that was idle for 150 s; one that is older than this is not worth the try.
_IDLE_SECONDS_MAX = 120.0
# What services and the proxies before them answer while they start, stop or are overrun.
_PASSING_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


class Unavailable(Exception):
    """Whether the key is good could not be told: the service is away, still loading, or answers what it should not.

    The message never holds a key. Answer your own client with 503, not with 401.
    """


@dataclass(frozen=True)
class Verification:
    """What the service says of one key. True where the key is good."""

    valid: bool
    key_id: Optional[str] = None
    name: str = ""
    metadata: Dict[str, Any] = field(default_factory=dict)
    scopes: Tuple[str, ...] = ()
    owner: Optional[str] = None
    # Of a refused key that was asked for alone: `not_found`, `expired` or `disabled`. Not for the one who sent it.
    reason: Optional[str] = None

    def __bool__(self) -> bool:
        return self.valid

    def may(self, scope: str) -> bool:
        """True where the key is good and one of its scopes covers `scope`, by the service's own rule: `reports:*`
        covers `reports:read`, and `*` everything."""
        return self.valid and _is_scope(scope) and any(_covers(held, scope) for held in self.scopes)


class Client:
    """Safe to use from any number of threads, and after a fork. Keeps connections, and none are open at first.

    - `url`: of the service, `http://` or `https://`, with a path where a proxy has put it below one.
    - `timeout`: seconds for each connecting and each wait for bytes.
    - `deadline`: seconds after which nothing is tried again. A verification changes nothing, so trying again is safe.
    - `cache_seconds`: how long a good key counts as good without asking again; so long may a deleted one live on. A
      refused one is always asked for again: a new key works at once, and guesses take no room. 0: no cache.
    - `cache_entries`: how many good keys it holds; the one that was asked for longest ago goes first.
    - `connections`: how many are kept between requests. More may be open at a time.
    - `ssl_context`: for https with an authority of your own.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 2.0,
        deadline: float = 5.0,
        cache_seconds: float = 0.0,
        cache_entries: int = 10_000,
        connections: int = 10,
        ssl_context: Optional[ssl.SSLContext] = None,
        user_agent: str = "heare-auth-python",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pool = _Pool(url, timeout, connections, ssl_context, clock)
        self._deadline = deadline
        self._cache = _Cache(cache_seconds, cache_entries, clock) if cache_seconds > 0 else None
        self._headers = {"Content-Type": "application/json", "User-Agent": user_agent}
        self._clock = clock
        self._sleep = sleep

    def verify(self, key: str) -> Verification:
        """Whether `key` is good. Raises Unavailable where that cannot be told."""
        _require_text(key)
        found = self._cache.find(key) if self._cache else None
        if found is not None:
            return found
        body = json.dumps({"api_key": key}).encode()
        if len(body) > _BODY_BYTES_MAX:
            return _too_long()
        result = _single_result(self._ask("/verify", body))
        if self._cache:
            self._cache.keep(key, result)
        return result

    def verify_batch(self, keys: Iterable[str]) -> List[Verification]:
        """What `verify` would say of each, in order, in as few requests as the service takes them, and without reasons.

        Each key is asked for once. Raises Unavailable where one cannot be told.
        """
        if isinstance(keys, str):
            raise TypeError("keys must be several strings, not one")
        asked = list(keys)
        results: Dict[str, Verification] = {}
        missing: List[str] = []
        for key in dict.fromkeys(asked):
            _require_text(key)
            found = self._cache.find(key) if self._cache else None
            if found is not None:
                results[key] = found
            else:
                missing.append(key)
        for part in _parts(missing, results):
            body = json.dumps({"api_keys": part}).encode()
            for key, result in zip(part, _batch_results(self._ask("/verify/batch", body), len(part))):
                results[key] = result
                if self._cache:
                    self._cache.keep(key, result)
        return [_own_copy(results[key]) for key in asked]

    def close(self) -> None:
        """Closes the connections that are kept, and forgets the cache. The client can be used again."""
        self._pool.clear()
        if self._cache:
            self._cache.clear()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, path: str, body: bytes) -> _Answer:
        """The first answer that is one, as long as there is time."""
        end = self._clock() + self._deadline
        pause_max = _BACKOFF_SECONDS
        while True:
            try:
                answer = self._pool.post(path, body, self._headers)
                if answer.status not in _PASSING_STATUSES:
                    return answer
                problem = f"status {answer.status}{_error_of(answer)}"
            except ssl.SSLCertVerificationError as error:
                # Time does not make a certificate good.
                raise Unavailable(f"{self._pool.url}{path}: {error}") from error
            except (OSError, http.client.HTTPException) as error:
                problem = str(error) or type(error).__name__
            pause = random.random() * pause_max
            if self._clock() + pause >= end:
                raise Unavailable(f"{self._pool.url}{path}: {problem}")
            self._sleep(pause)
            pause_max = min(pause_max * 2, _BACKOFF_SECONDS_MAX)


# --- answers ---


class _Answer(NamedTuple):
    status: int
    reason: Optional[str]
    body: bytes
    url: str


def _json_of(answer: _Answer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _error_of(answer: _Answer) -> str:
    """What the service says of itself, as part of a message."""
    document = _json_of(answer)
    error = document.get("error") if isinstance(document, dict) else None
    return f" ({error})" if isinstance(error, str) else ""


def _unexpected(answer: _Answer) -> Unavailable:
    return Unavailable(f"{answer.url}: not an answer of heare-auth: status {answer.status}{_error_of(answer)}")


def _single_result(answer: _Answer) -> Verification:
    """Of `/verify`. What others answer with 200 or 403, a proxy's page say, tells nothing of a key."""
    document = _json_of(answer)
    result = _result(document)
    if result is None or answer.status != (200 if result.valid else 403):
        raise _unexpected(answer)
    return result if result.valid else replace(result, reason=answer.reason)


def _batch_results(answer: _Answer, count: int) -> List[Verification]:
    document = _json_of(answer)
    entries = document.get("results") if answer.status == 200 and isinstance(document, dict) else None
    if not isinstance(entries, list) or len(entries) != count:
        raise _unexpected(answer)
    results: List[Verification] = []
    for entry in entries:
        result = _result(entry)
        if result is None:
            raise _unexpected(answer)
        results.append(result)
    return results


def _result(document: Any) -> Optional[Verification]:
    """None where this is no result."""
    if not isinstance(document, dict):
        return None
    if document.get("valid") is False:
        return Verification(valid=False)
    if document.get("valid") is not True or not isinstance(document.get("key_id"), str):
        return None
    return Verification(
        valid=True,
        key_id=document["key_id"],
        name=document.get("name") or "",
        metadata=document.get("metadata") or {},
        scopes=tuple(document.get("scopes") or ()),
        owner=document.get("owner"),
    )


def _too_long() -> Verification:
    """The service reads no body that is so long, so no such key can be good: nothing has to be asked."""
    return Verification(valid=False, reason="not_found")


def _own_copy(result: Verification) -> Verification:
    """With metadata that its caller may change."""
    return replace(result, metadata=copy.deepcopy(result.metadata))


# --- keys and scopes ---


def _require_text(key: object) -> None:
    if not isinstance(key, str):
        raise TypeError(f"a key must be a string, not {type(key).__name__}")


def _parts(keys: List[str], results: Dict[str, Verification]) -> Iterable[List[str]]:
    """`keys` in requests that the service takes. Those that fit in none are refused in `results`."""
    frame = len(json.dumps({"api_keys": []}))
    part: List[str] = []
    size = frame
    for key in keys:
        more = len(json.dumps(key)) + len(", ")
        if frame + more > _BODY_BYTES_MAX:
            results[key] = _too_long()
            continue
        if part and (len(part) == _BATCH_KEYS_MAX or size + more > _BODY_BYTES_MAX):
            yield part
            part, size = [], frame
        part.append(key)
        size += more
    if part:
        yield part


_SCOPE_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/*-")


def _is_scope(text: str) -> bool:
    return text != "" and _SCOPE_CHARACTERS.issuperset(text)


def _covers(held: str, required: str) -> bool:
    if held in (required, "*"):
        return True
    beginning = held[:-1]
    return held.endswith(":*") and required.startswith(beginning) and len(required) > len(beginning)


# --- the cache ---


class _Cache:
    """Good keys, by a hash: the memory of a program that is looked into shows none."""

    def __init__(self, seconds: float, entries_max: int, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._entries_max = entries_max
        self._clock = clock
        self._lock = threading.Lock()
        # With the moment until which each counts; the one that was asked for longest ago comes first.
        self._entries: OrderedDict[bytes, Tuple[float, Verification]] = OrderedDict()

    def find(self, key: str) -> Optional[Verification]:
        digest = self._digest(key)
        with self._lock:
            entry = self._entries.get(digest)
            if entry is None:
                return None
            if self._clock() >= entry[0]:
                del self._entries[digest]
                return None
            self._entries.move_to_end(digest)
        return _own_copy(entry[1])

    def keep(self, key: str, result: Verification) -> None:
        digest = self._digest(key)
        with self._lock:
            self._entries.pop(digest, None)
            if result.valid:
                self._entries[digest] = (self._clock() + self._seconds, _own_copy(result))
                while len(self._entries) > self._entries_max:
                    self._entries.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    @staticmethod
    def _digest(key: str) -> bytes:
        return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


# --- connections ---


class _Kept(NamedTuple):
    connection: http.client.HTTPConnection
    process: int
    since: float


class _Pool:
    """Connections to one service. A deque needs no lock, so a fork never finds one held."""

    def __init__(
        self, url: str, timeout: float, kept_max: int, ssl_context: Optional[ssl.SSLContext], clock: Callable[[], float]
    ) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise ValueError("url must be like http://localhost:8080 or https://auth.example.com")
        if parts.query or parts.fragment:
            raise ValueError("url must have neither a query nor a fragment")
        self.url = url.rstrip("/")
        self._prefix = parts.path.rstrip("/")
        self._host = parts.hostname
        self._port = parts.port
        self._ssl_context = (ssl_context or ssl.create_default_context()) if parts.scheme == "https" else None
        self._timeout = timeout
        self._clock = clock
        self._kept_max = kept_max
        self._kept: Deque[_Kept] = deque()

    def post(self, path: str, body: bytes, headers: Dict[str, str]) -> _Answer:
        """One request. A kept connection may have died meanwhile: then once more, on a new one."""
        kept = self._take()
        if kept is not None:
            try:
                return self._exchange(kept, path, body, headers)
            except (ConnectionError, ssl.SSLError, http.client.BadStatusLine):
                # The others are as old, or the service has gone with all of them.
                self.clear()
        return self._exchange(self._connect(), path, body, headers)

    def clear(self) -> None:
        while True:
            try:
                self._kept.pop().connection.close()
            except IndexError:
                return

    def _connect(self) -> http.client.HTTPConnection:
        if self._ssl_context is not None:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout, context=self._ssl_context
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)

    def _take(self) -> Optional[http.client.HTTPConnection]:
        """The one that was used last, of this process: those that a fork has copied belong to its parent."""
        while True:
            try:
                kept = self._kept.pop()
            except IndexError:
                return None
            if kept.process == os.getpid() and self._clock() - kept.since < _IDLE_SECONDS_MAX:
                return kept.connection
            kept.connection.close()

    def _exchange(
        self, connection: http.client.HTTPConnection, path: str, body: bytes, headers: Dict[str, str]
    ) -> _Answer:
        try:
            connection.request("POST", self._prefix + path, body, headers)
            response = connection.getresponse()
            answer = _Answer(response.status, response.getheader("X-Auth-Reason"), response.read(), self.url + path)
        except BaseException:
            connection.close()
            raise
        # http.client has closed it where the service said so.
        if connection.sock is not None:
            self._keep(connection)
        return answer

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        if len(self._kept) >= self._kept_max:
            connection.close()
        else:
            self._kept.append(_Kept(connection, os.getpid(), self._clock()))
