"""Identity: who is calling, by a bearer token. In development some names are tokens; elsewhere they are JWTs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import jwt

from app.domain.caller import Caller, Role
from app.transport.keys import key_set as open_key_set

_MOST_CHARACTERS = 255
_IN_DEVELOPMENT = re.compile(r"(?P<tenant>demo|other|test-[A-Za-z0-9][A-Za-z0-9-]{0,63}?)(?P<admin>-admin)?")
_BY_SECRET = ["HS256"]
_BY_KEY_SET = ["RS256", "ES256"]


class Unauthenticated(Exception):
    """Nobody is known by what was sent; the text says what was expected."""


class Identity(Protocol):
    """Tells the caller by an `Authorization` header. Raises Unauthenticated or Unavailable. May block: for a thread."""

    def caller(self, authorization: str | None, request_id: str) -> Caller: ...


class DevelopmentIdentity:
    """Callers known by name, as many tenants of their own as tests like; nobody in particular is `demo`."""

    def caller(self, authorization: str | None, request_id: str) -> Caller:
        """Tell the caller by the token, which is the tenant's name, or that and `-admin`."""
        token = "demo" if authorization is None else _bearer(authorization)
        known = _IN_DEVELOPMENT.fullmatch(token)
        if known is None:
            raise Unauthenticated(
                "the tokens known in development are demo, other and test-NAME, with NAME of letters, digits and '-'; "
                "and the same with -admin, for administrators"
            )
        roles = frozenset({Role.MEMBER, Role.ADMINISTRATOR} if known["admin"] else {Role.MEMBER})
        return Caller(token, token, known["tenant"], roles, request_id)


@dataclass(frozen=True)
class Claims:
    """Which claims of a token hold what."""

    subject: str
    name: str
    tenant: str
    roles: str


class TokenIdentity:
    """Callers known by JWTs: HS256 by a secret, RS256 and ES256 by a key set in a file or at a URL."""

    def __init__(self, *, secret: str, key_set: str, issuer: str, audience: str, claims: Claims) -> None:
        self._secret = secret
        self._keys = open_key_set(key_set) if key_set else None
        self._issuer = issuer or None
        self._audience = audience or None
        self._claims = claims

    def caller(self, authorization: str | None, request_id: str) -> Caller:
        """Tell the caller by a token whose signature, expiry, issuer and audience hold."""
        if authorization is None:
            raise Unauthenticated("send the header `Authorization: Bearer <token>`")
        token = _bearer(authorization)
        try:
            return self._told_by(self._verified(token), request_id)
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise Unauthenticated(f"the token does not hold: {error}") from error

    def _verified(self, token: str) -> Mapping[str, Any]:
        algorithm = jwt.get_unverified_header(token).get("alg")
        key: Any = None
        if algorithm in _BY_SECRET and self._secret:
            key = self._secret
        elif algorithm in _BY_KEY_SET and self._keys is not None:
            key = self._keys.key(token)  # not its `.key`: the whole knows which algorithm it is for
        if key is None:
            raise jwt.InvalidAlgorithmError(f"no key is set for tokens signed by {algorithm}")
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[str(algorithm)],
            issuer=self._issuer,
            audience=self._audience,
            options={"require": ["exp"], "verify_aud": self._audience is not None},
        )
        return claims

    def _told_by(self, claims: Mapping[str, Any], request_id: str) -> Caller:
        names = self._claims
        subject, tenant_id = claims.get(names.subject), claims.get(names.tenant)
        for claim, value in ((names.subject, subject), (names.tenant, tenant_id)):
            if not isinstance(value, str) or not value.isprintable() or not 1 <= len(value) <= _MOST_CHARACTERS:
                raise Unauthenticated(f"the token's claim `{claim}` is a printable text of 1 to {_MOST_CHARACTERS}")
        name = claims.get(names.name)
        roles = _roles(claims.get(names.roles))
        until = datetime.fromtimestamp(float(claims["exp"]), UTC)
        return Caller(str(subject), str(name or subject), str(tenant_id), roles, request_id, until)


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("the header is `Authorization: Bearer <token>`")
    return token.strip()


def _roles(claim: object) -> frozenset[Role]:
    """Read roles as a list or as words of one text; what is unknown here gives no right."""
    listed = claim.replace(",", " ").split() if isinstance(claim, str) else claim
    words = listed if isinstance(listed, list) else []
    known = {str(word).upper() for word in words} & {role.value for role in Role}
    return frozenset({Role.MEMBER, *map(Role, known)})
