"""A token that does not hold opens no door of the service, however it was forged."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.domain.record import now
from app.settings import Settings
from app.testing.serving import serving
from tests.client import SECRET
from tests.transport.doors import DOORS

ISSUER, AUDIENCE = "https://issuer.example", "snapshots"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ANOTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
KEY_SET = json.dumps({"keys": [{**PUBLIC, "kid": "k1", "alg": "RS256", "use": "sig"}]})
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def claims(**others: Any) -> dict[str, Any]:
    """Return what a token that holds says, but for the others given; None leaves a claim out."""
    told = {
        "sub": "u1",
        "tenant": "acme",
        "roles": ["administrator"],
        "exp": now().timestamp() + 600,
        "iss": ISSUER,
        "aud": AUDIENCE,
        **others,
    }
    return {name: value for name, value in told.items() if value is not None}


def by_secret(secret: str = SECRET, **others: Any) -> str:
    return jwt.encode(claims(**others), secret, "HS256")


def by_key(key: rsa.RSAPrivateKey = KEY, key_id: str | None = "k1", **others: Any) -> str:
    return jwt.encode(claims(**others), key, "RS256", {"kid": key_id} if key_id else None)


def by_hand(header: Mapping[str, Any], secret: bytes | None) -> str:
    """Write a token that no library would: with any header, signed by any bytes or not at all."""
    signed = b".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (dict(header), claims())
    )
    signature = b"" if secret is None else hmac.digest(secret, signed, hashlib.sha256)
    return b".".join([signed, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def with_other_claims(token: str) -> str:
    """Change what a signed token says, and keep its signature."""
    header, _, signature = token.split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(tenant="somebody-else")).encode()).rstrip(b"=").decode()
    return f"{header}.{body}.{signature}"


HOLDS: dict[str, Callable[[], str]] = {"by the secret": by_secret, "by the key": by_key}
FORGED: dict[str, Callable[[], str]] = {
    "by another secret": lambda: by_secret("another secret, as long as the right one"),
    "by an empty secret": lambda: by_hand({"alg": "HS256"}, b""),
    "by another key": lambda: by_key(ANOTHER_KEY),
    "with other claims, by the secret": lambda: with_other_claims(by_secret()),
    "with other claims, by the key": lambda: with_other_claims(by_key()),
    "without a signature": lambda: by_secret().rpartition(".")[0] + ".",
    "alg none": lambda: by_hand({"alg": "none"}, None),
    "alg None": lambda: by_hand({"alg": "None"}, None),
    "alg none, signed": lambda: by_hand({"alg": "none"}, SECRET.encode()),
    "no alg": lambda: by_hand({}, SECRET.encode()),
    "alg of no text": lambda: by_hand({"alg": ["HS256"]}, SECRET.encode()),
    "HS256 by the public key": lambda: by_hand({"alg": "HS256", "kid": "k1"}, PEM),
    "HS256 by the key set": lambda: by_hand({"alg": "HS256", "kid": "k1"}, KEY_SET.encode()),
    "HS512, which nobody set": lambda: jwt.encode(claims(), SECRET * 2, "HS512"),
    "by a key that it brings along": lambda: by_hand(
        {"alg": "HS256", "jwk": {"kty": "oct", "k": "c2VjcmV0"}}, b"secret"
    ),
    "a key id that is not there": lambda: by_key(key_id="k2"),
    "a key id that is a path": lambda: by_key(ANOTHER_KEY, key_id="../../../../dev/null"),
    "expired, by the secret": lambda: by_secret(exp=now().timestamp() - 1),
    "expired, by the key": lambda: by_key(exp=now().timestamp() - 1),
    "without an end": lambda: by_key(exp=None),
    "not yet": lambda: by_key(nbf=now().timestamp() + 600),
    "of another issuer": lambda: by_key(iss="https://evil.example"),
    "of no issuer": lambda: by_key(iss=None),
    "for another audience": lambda: by_key(aud="billing"),
    "for no audience": lambda: by_key(aud=None),
    "of no tenant": lambda: by_key(tenant=None),
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that knows a secret and a key set, an issuer and an audience; yields its address."""
    folder: Path = tmp_path_factory.mktemp("guarded")
    (folder / "keys.json").write_text(KEY_SET, encoding="utf-8")
    settings = Settings(
        data=folder,
        jwt_secret=SECRET,
        jwt_jwks=str(folder / "keys.json"),
        jwt_issuer=ISSUER,
        jwt_audience=AUDIENCE,
        worker=False,
    )
    with serving(settings) as address:
        yield address


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("token", HOLDS)
def test_a_token_that_holds_opens_every_door(guarded: str, token: str, door: str) -> None:
    enter, _ = DOORS[door]

    told = enter(guarded, f"Bearer {HOLDS[token]()}")

    assert (told.code, "u1" in told.text) == (200, True)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("token", FORGED)
def test_a_forged_token_opens_none(guarded: str, token: str, door: str) -> None:
    enter, refusal = DOORS[door]

    told = enter(guarded, f"Bearer {FORGED[token]()}")

    assert told.code == refusal
    assert "u1" not in told.text
