"""An operation has so many seconds; then it is answered that it took too long, and what it does stops."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from app.testing.answers import WAIT_S
from app.testing.serving import serving
from tests.client import SECRET, Client

CREATE = 'mutation { createVolume(input: { name: "late", sizeGb: 10, product: "SSD" }) { __typename } }'
GRAPHQL_JSON = {"Accept": "application/graphql-response+json"}


@pytest.fixture
def hasty(tmp_path: Path, tenant: str) -> Iterator[Client]:
    """A caller of a service that gives each operation half a second."""
    settings = Settings(data=tmp_path, jwt_secret=SECRET, worker=False, limit_seconds=0.5, bookmark_seconds=0.1)
    with serving(settings) as address, Client(address, tenant) as client:
        yield client


@contextlib.contextmanager
def locked(tmp_path: Path) -> Iterator[None]:
    """Keep everybody else from writing."""
    with contextlib.closing(sqlite3.connect(tmp_path / "service.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_what_takes_too_long_is_answered_so(hasty: Client, tmp_path: Path) -> None:
    with locked(tmp_path):
        response = hasty.http.post("/graphql", json={"query": CREATE}, headers=GRAPHQL_JSON)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]) == (503, {"code": "TIMED_OUT"})
    assert "0.5 s" in error["message"]


def test_a_change_that_was_answered_as_too_late_is_not_made_afterwards(hasty: Client, tmp_path: Path) -> None:
    with locked(tmp_path):
        for _ in range(3):
            hasty.http.post("/graphql", json={"query": CREATE})
    hasty.do("createVolume", name="in-time", sizeGb=10, product="SSD")

    names = hasty.ask("{ volumes { nodes { name } } }")["volumes"]["nodes"]
    assert names == [{"name": "in-time"}]


def test_it_holds_on_a_socket_too_and_the_socket_stays(hasty: Client, tmp_path: Path) -> None:
    with hasty.socket() as socket, locked(tmp_path):
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": CREATE}}))
        answer = json.loads(socket.recv(timeout=WAIT_S))
        assert (answer["id"], answer["type"]) == ("1", "error")
        assert [error["extensions"]["code"] for error in answer["payload"]] == ["TIMED_OUT"]
        socket.send(json.dumps({"id": "2", "type": "subscribe", "payload": {"query": "{ viewer { id } }"}}))
        assert json.loads(socket.recv(timeout=WAIT_S))["payload"]["data"]


def test_a_subscription_has_no_end(hasty: Client) -> None:
    with hasty.watching("subscription { volumeChanges { kind at } }") as messages:
        first = next(messages)["volumeChanges"]["at"]
        later = [next(messages)["volumeChanges"]["at"] for _ in range(10)]  # one in 0.1 s, so twice the limit
    assert first < later[-1]
