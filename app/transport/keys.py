"""Keys: the public keys that tokens are signed with, from a file or a URL. Each kind notices when keys are changed."""

import time
from pathlib import Path
from typing import Protocol

import jwt
import structlog

from app.domain.unavailable import Unavailable

_ASK_WITHIN_S = 3
_ASK_AGAIN_AFTER_S = 5.0

log = structlog.get_logger()


class KeySet(Protocol):
    """Finds the key that a token names. Raises PyJWTError if there is none, Unavailable if that cannot be told."""

    def key(self, token: str) -> jwt.PyJWK: ...


def key_set(place: str) -> KeySet:
    """Open the key set at a URL or in a file."""
    return KeyUrl(place) if place.startswith(("http://", "https://")) else KeyFile(Path(place))


class KeyFile:
    """A key set in a file; read anew when a token names a key that it did not have."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys = self._read()

    def key(self, token: str) -> jwt.PyJWK:
        """Find the key that the token names, or the first if it names none."""
        key_id = jwt.get_unverified_header(token).get("kid")
        return self._named(key_id) or self._named_now(key_id)

    def _named(self, key_id: str | None) -> jwt.PyJWK | None:
        return next((key for key in self._keys.keys if key_id in (None, key.key_id)), None)

    def _named_now(self, key_id: str | None) -> jwt.PyJWK:
        self._keys = self._read()
        found = self._named(key_id)
        if found is None:
            raise jwt.InvalidKeyError(f"no key {key_id} is in the key set")
        return found

    def _read(self) -> jwt.PyJWKSet:
        try:
            return jwt.PyJWKSet.from_json(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, jwt.PyJWKSetError) as error:
            log.warning("the key set cannot be read", path=str(self._path), exc_info=True)  # no caller need know where
            raise Unavailable("the key set cannot be read") from error


class KeyUrl:
    """A key set at a URL, kept for a while. One that does not answer is left alone for some seconds.

    Else each caller would wait in turn for an identity provider that is away.
    """

    def __init__(self, url: str) -> None:
        self._client = jwt.PyJWKClient(url, timeout=_ASK_WITHIN_S)
        self._ask_again_at = 0.0

    def key(self, token: str) -> jwt.PyJWK:
        """Find the key that the token names."""
        if time.monotonic() < self._ask_again_at:
            raise Unavailable("the key set did not answer a moment ago")
        try:
            return self._client.get_signing_key_from_jwt(token)
        except jwt.PyJWKClientConnectionError as error:
            self._ask_again_at = time.monotonic() + _ASK_AGAIN_AFTER_S
            raise Unavailable("the key set does not answer") from error
