"""No token and no key ever stands in the log, or in anything that a caller is told."""

import contextlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.settings import Settings
from app.testing.answers import WAIT_S
from app.testing.process import Process
from app.testing.serving import serving
from tests.client import PRINTED, SECRET, token
from tests.transport.doors import DOORS, HELLO

KEY = ec.generate_private_key(ec.SECP256R1())
KEY_SET = json.dumps({"keys": [jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True)]})
BY_A_NEWER_KEY = jwt.encode({"sub": "u1"}, KEY, "ES256", {"kid": "newer"})
BROKEN = "{ volumes { totalCount } }"
TOKENS: dict[str, Callable[[], str]] = {
    "valid": lambda: token("acme"),
    "expired": lambda: token("acme", seconds=-1),
    "wrongly signed": lambda: jwt.encode({"sub": "u1", "tenant": "acme"}, SECRET[::-1], "HS256"),
    "of no tenant": lambda: token(""),
    "no JWT": lambda: "a-secret-that-was-sent-by-mistake",
}
FRAMES = [
    {"type": "connection_init", "payload": "{}"},
    {"type": "connection_init", "payload": {"Authorization": "{}"}},
    {"type": "connection_init", "payload": {"Authorization": "Basic {}"}},
    {"type": "connection_init", "payload": {"Authorization": ["{}"]}},
    {"type": "{}"},
    {"type": "subscribe", "id": "{}", "payload": {"query": "{}"}},
    ["{}"],
]
"""A token stands for `{}`."""

FAILS = """
import sys
import structlog
from app.logs import configure

def fail(token):
    raise RuntimeError("as nobody foresaw")

sys.stderr.isatty = lambda: {}
configure()
try:
    fail(sys.argv[1])
except RuntimeError:
    structlog.get_logger().exception("unexpected error")
"""
"""A program that fails while it holds a token."""


class Overheard:
    """A service in a process of its own, all that it told its callers, and what nobody else should hear."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.address = process.address()
        self.told: list[str] = []
        self.secrets = {SECRET}

    def hear(self, token: str, query: str = HELLO) -> None:
        """Go through every door with a token."""
        self.secrets |= {token[:48], token.rpartition(".")[2]}  # what is cut short is still too much
        self.told += [enter(self.address, f"Bearer {token}", query).text for enter, _ in DOORS.values()]

    def given_away(self) -> list[str]:
        """End the service; return each line of its log and each answer that has a secret in it."""
        self.process.stop()
        said = [*self.process.lines, *self.told]
        return [text for text in said if any(secret in text for secret in self.secrets)]


@pytest.fixture
def overheard(tmp_path: Path) -> Iterator[Overheard]:
    with Process("serve", "--no-worker", data=tmp_path, port=0, jwt_secret=SECRET) as process:
        yield Overheard(process)


def test_no_token_is_given_away_by_any_door(overheard: Overheard) -> None:
    for make in TOKENS.values():
        overheard.hear(make())

    assert overheard.given_away() == []


def test_what_nobody_foresaw_is_logged_with_its_trace_and_without_a_secret(
    overheard: Overheard, tmp_path: Path
) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "service.db")) as database:
        database.execute("DROP TABLE volume")

    overheard.hear(token("acme"), BROKEN)

    assert overheard.given_away() == []
    unexpected = [line for line in overheard.process.lines if "unexpected error" in line]
    assert len(unexpected) == len(DOORS)
    assert all("no such table" in line for line in unexpected)


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_trace_shows_where_it_failed_and_not_what_the_variables_were(is_terminal: bool) -> None:
    program = [sys.executable, "-c", FAILS.format(is_terminal), token("acme")]
    logged = subprocess.run(program, capture_output=True, text=True, check=True, cwd=PRINTED.parent).stderr

    assert "as nobody foresaw" in logged
    assert token("acme")[:48] not in logged


def test_a_token_that_was_put_into_the_address_stays_out_of_the_log(overheard: Overheard) -> None:
    secret = token("acme")
    overheard.secrets.add(secret)
    for path in ("/graphql", "/healthz", "/nowhere"):
        httpx.get(f"{overheard.address}{path}", params={"access_token": secret}, headers={"X-Requested-With": "test"})

    assert overheard.given_away() == []


def test_a_token_in_a_frame_where_none_belongs_stays_out_of_the_log(overheard: Overheard) -> None:
    secret = token("acme")
    overheard.secrets.add(secret)
    address = overheard.address.replace("http", "ws", 1) + "/graphql"
    for frame in FRAMES:
        with connect(address, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
            socket.send(json.dumps(frame).replace("{}", secret))
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=WAIT_S)

    assert overheard.given_away() == []


@pytest.mark.parametrize("door", DOORS)
def test_where_the_keys_are_kept_is_told_to_nobody(tmp_path: Path, door: str) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(KEY_SET, encoding="utf-8")
    enter, _ = DOORS[door]
    with serving(Settings(data=tmp_path / "data", jwt_jwks=str(keys), worker=False)) as address:
        keys.unlink()
        told = enter(address, f"Bearer {BY_A_NEWER_KEY}")

    assert told.code in (503, 1013)
    assert str(tmp_path) not in told.text
