"""Tokens: what an identity provider would sign."""

import time
from collections.abc import Sequence

import jwt

_A_DAY_S = 86_400


def token(
    secret: str,
    tenant: str,
    *,
    name: str = "tester",
    roles: Sequence[str] = ("member",),
    seconds: float = _A_DAY_S,
) -> str:
    """Sign a token of a member of that tenant."""
    claims = {"sub": f"{name}@example", "name": name, "tenant": tenant, "roles": list(roles)}
    return jwt.encode({**claims, "exp": time.time() + seconds}, secret, algorithm="HS256")
