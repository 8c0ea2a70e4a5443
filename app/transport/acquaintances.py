"""Acquaintances: callers whose tokens held a moment ago. To check a signature anew takes longer than most answers."""

import hashlib
import time
from collections import OrderedDict
from dataclasses import replace

from app.domain.caller import Caller
from app.transport.identity import Identity

_SECONDS = 10.0
_MOST = 10_000


class Acquaintances:
    """Remembers whom an identity told, for some seconds: so long a token may live on whose key was withdrawn."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._known: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()

    def at_once(self, authorization: str | None, request_id: str) -> Caller | None:
        """Return who that is, as far as it is remembered."""
        until, caller = self._known.get(_mark(authorization), (0.0, None))
        return None if caller is None or time.time() >= until else replace(caller, request_id=request_id)

    def caller(self, authorization: str | None, request_id: str) -> Caller:
        """Tell the caller, and remember. Raises Unauthenticated or Unavailable. May block: for a thread."""
        caller = self._identity.caller(authorization, request_id)
        until = time.time() + _SECONDS
        if caller.until is not None:
            until = min(until, caller.until.timestamp())
        self._known[_mark(authorization)] = until, caller
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return caller


def _mark(authorization: str | None) -> bytes:
    """Tell a token from others without keeping it."""
    return hashlib.sha256(repr(authorization).encode()).digest()
