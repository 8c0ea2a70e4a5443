"""Who is calling: tokens that hold, tokens that do not, and what is told to those without one."""

import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.domain.caller import Role
from app.domain.record import now
from app.domain.unavailable import Unavailable
from app.transport.identity import Claims, DevelopmentIdentity, TokenIdentity, Unauthenticated
from tests.client import SECRET

CLAIMS = Claims("sub", "name", "tenant", "roles")
HOLDS: dict[str, Any] = {"sub": "u1", "name": "Kim", "tenant": "acme", "roles": ["member"]}


def _identity(**settings: str) -> TokenIdentity:
    given = {"secret": SECRET, "key_set": "", "issuer": "", "audience": "", **settings}
    return TokenIdentity(claims=CLAIMS, **given)


def _signed(
    claims: Mapping[str, Any] | None = None,
    *,
    key: Any = SECRET,
    algorithm: str = "HS256",
    key_id: str | None = None,
) -> str:
    """Sign what holds, but for the claims given; None leaves a claim out."""
    told = {**HOLDS, "exp": now().timestamp() + 60, **(claims or {})}
    headers = {"kid": key_id} if key_id else None
    return "Bearer " + jwt.encode({name: v for name, v in told.items() if v is not None}, key, algorithm, headers)


def test_a_token_tells_subject_name_tenant_and_roles() -> None:
    caller = _identity().caller(_signed({"roles": ["administrator", "barista"]}), "r1")

    assert (caller.subject, caller.name, caller.tenant_id, caller.request_id) == ("u1", "Kim", "acme", "r1")
    assert caller.roles == {Role.MEMBER, Role.ADMINISTRATOR}


def test_a_caller_without_a_name_is_called_by_the_subject() -> None:
    assert _identity().caller(_signed({"name": None}), "r").name == "u1"


@pytest.mark.parametrize("roles", [5, True, None, {}, [5, None]])
def test_roles_of_a_strange_shape_give_no_right(roles: object) -> None:
    assert _identity().caller(_signed({"roles": roles}), "r").roles == {Role.MEMBER}


def test_roles_may_be_words_of_one_text() -> None:
    assert Role.ADMINISTRATOR in _identity().caller(_signed({"roles": "member administrator"}), "r").roles


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic dTpw",
        "Bearer garbage",
        "Bearer a.b.c",
        _signed({"exp": now().timestamp() - 1}),
        _signed({"exp": None}),
        _signed(key="another secret, as long as the right one"),
        _signed({"tenant": None}),
        _signed({"tenant": ""}),
        _signed({"tenant": ["acme"]}),
        _signed({"sub": None}),
        _signed({"exp": 10**30}),
        _signed({"exp": True}),
        "Bearer " + jwt.encode({**HOLDS, "exp": now().timestamp() + 60}, None, "none"),  # type: ignore[arg-type]
    ],
)
def test_anything_but_a_token_that_holds_is_nobody(authorization: str | None) -> None:
    with pytest.raises(Unauthenticated):
        _identity().caller(authorization, "r")


@pytest.mark.parametrize("claim", ["issuer", "audience"])
def test_issuer_and_audience_are_checked_where_they_are_set(claim: str) -> None:
    identity, name = _identity(**{claim: "right"}), {"issuer": "iss", "audience": "aud"}[claim]
    right, *wrong = ({name: value} for value in ("right", "wrong", None))

    assert identity.caller(_signed(claims=right), "r").subject == "u1"
    for claims in wrong:
        with pytest.raises(Unauthenticated):
            identity.caller(_signed(claims=claims), "r")


def _key_pair(algorithm: str) -> tuple[Any, dict[str, Any]]:
    if algorithm == "RS256":
        private: Any = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    else:
        private = ec.generate_private_key(ec.SECP256R1())
        public = jwt.algorithms.ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return private, {**public, "kid": "k1", "alg": algorithm, "use": "sig"}


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_tokens_signed_by_a_key_of_the_key_set_hold(algorithm: str, tmp_path: Path) -> None:
    private, public = _key_pair(algorithm)
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": [public]}), encoding="utf-8")
    identity = _identity(secret="", key_set=str(keys))

    assert identity.caller(_signed(key=private, algorithm=algorithm, key_id="k1"), "r").tenant_id == "acme"
    with pytest.raises(Unauthenticated):
        identity.caller(_signed(key=_key_pair(algorithm)[0], algorithm=algorithm, key_id="k1"), "r")
    with pytest.raises(Unauthenticated):
        identity.caller(_signed(), "r")


@pytest.mark.parametrize(("signed", "held"), [("ES256", "RS256"), ("RS256", "ES256")])
@pytest.mark.parametrize("key_id", ["k1", None])
def test_a_key_is_used_for_its_own_algorithm_only(signed: str, held: str, key_id: str | None, tmp_path: Path) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": [_key_pair(held)[1]]}), encoding="utf-8")

    with pytest.raises(Unauthenticated):
        _identity(secret="", key_set=str(keys)).caller(
            _signed(key=_key_pair(signed)[0], algorithm=signed, key_id=key_id), "r"
        )


def test_keys_that_cannot_be_had_are_no_fault_of_the_token(tmp_path: Path) -> None:
    private, public = _key_pair("ES256")
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": [public]}), encoding="utf-8")
    identity = _identity(secret="", key_set=str(keys))
    keys.unlink()

    assert identity.caller(_signed(key=private, algorithm="ES256", key_id="k1"), "r").subject == "u1"
    with pytest.raises(Unavailable):
        identity.caller(_signed(key=private, algorithm="ES256", key_id="k2"), "r")


def test_an_identity_provider_that_is_away_is_no_fault_of_the_token() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        identity = _identity(secret="", key_set=f"http://127.0.0.1:{nobody.getsockname()[1]}/jwks.json")
        token = _signed(key=_key_pair("ES256")[0], algorithm="ES256", key_id="k1")
        for _ in range(2):
            with pytest.raises(Unavailable):
                identity.caller(token, "r")


def test_a_key_added_to_the_file_is_found_without_a_new_start(tmp_path: Path) -> None:
    (_, first), (private, second) = _key_pair("ES256"), _key_pair("ES256")
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": [first]}), encoding="utf-8")
    identity = _identity(secret="", key_set=str(keys))
    keys.write_text(json.dumps({"keys": [first, {**second, "kid": "k2"}]}), encoding="utf-8")

    assert identity.caller(_signed(key=private, algorithm="ES256", key_id="k2"), "r").subject == "u1"


def test_a_public_key_is_never_taken_for_a_secret(tmp_path: Path) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": [_key_pair("RS256")[1]]}), encoding="utf-8")
    identity = _identity(secret="", key_set=str(keys))

    with pytest.raises(Unauthenticated):
        identity.caller(_signed(key="any secret that an attacker likes to take"), "r")


@pytest.mark.parametrize(
    ("token", "tenant", "administrator"),
    [
        (None, "demo", False),
        ("demo", "demo", False),
        ("demo-admin", "demo", True),
        ("other", "other", False),
        ("test-7", "test-7", False),
        ("test-7-admin", "test-7", True),
        ("test-Web-2-b", "test-Web-2-b", False),
        ("test-admin", "test-admin", False),
    ],
)
def test_development_knows_some_names_for_tokens_and_takes_nobody_for_demo(
    token: str | None, tenant: str, administrator: bool
) -> None:
    caller = DevelopmentIdentity().caller(token and f"Bearer {token}", "r")

    assert (caller.tenant_id, Role.ADMINISTRATOR in caller.roles) == (tenant, administrator)


@pytest.mark.parametrize(
    "token", ["root", "test-", "test--1", "test-a_b", "test-한글", "my-test-1", "test-" + "a" * 80]
)
def test_development_refuses_a_token_that_it_does_not_know(token: str) -> None:
    with pytest.raises(Unauthenticated):
        DevelopmentIdentity().caller(f"Bearer {token}", "r")


@pytest.fixture
def nobody(service: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service) as client:
        yield client


def test_an_operation_without_a_token_is_answered_401_in_json(nobody: httpx.Client) -> None:
    response = nobody.post("/graphql", json={"query": "{ viewer { id } }"})

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
