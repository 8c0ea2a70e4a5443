"""GraphQL over HTTP: what is no request is answered 4xx in JSON, whatever it is; and health, and request ids."""

import contextlib
import gzip
import json
import sqlite3
from pathlib import Path

import httpx
import pytest

from app.settings import Settings
from app.testing.serving import serving
from tests.client import SECRET, Client

JSON = {"Content-Type": "application/json"}
HELLO = {"query": "{ viewer { id } }"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"5",
        b'"x"',
        b"true",
        b"{",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"query": ' * 100_000,
        b'{"query": "{ viewer { id } }", "variables": ' + b"9" * 5000 + b"}",
        b'{"query": 5}',
        b'{"query": ["{ viewer { id } }"]}',
        b'{"query": "{ viewer { id } }", "variables": []}',
        b'{"query": "{ viewer { id } }", "extensions": 5}',
        b'{"query": null}',
        b"{}",
        b"[]",
        b'[{"query": "{ viewer { id } }"}]',
        b'{"query": "\\ud800"}',
        gzip.compress(json.dumps(HELLO).encode(), mtime=0),
    ],
)
def test_a_body_that_is_no_request_is_answered_4xx_in_json(client: Client, body: bytes) -> None:
    response = client.http.post("/graphql", content=body, headers=JSON)

    assert 400 <= response.status_code < 500
    assert response.json()["errors"][0]["message"]


def test_a_document_with_faults_says_where(client: Client) -> None:
    answer = client.post("{ viewer { nothing } }")

    assert answer["errors"][0]["locations"] == [{"line": 1, "column": 12}]


@pytest.mark.parametrize("given", [None, "mine-1.2_3"])
def test_an_answer_carries_a_request_id_and_takes_the_callers_own(client: Client, given: str | None) -> None:
    response = client.http.post("/graphql", json=HELLO, headers={"X-Request-ID": given} if given else {})

    assert response.headers["x-request-id"] == (given or response.headers["x-request-id"])
    assert 1 <= len(response.headers["x-request-id"]) <= 64


@pytest.mark.parametrize("given", ["a" * 65, "new\tline", "<script>"])
def test_a_request_id_that_is_not_fit_for_a_log_is_replaced(client: Client, given: str) -> None:
    response = client.http.post("/graphql", json=HELLO, headers={"X-Request-ID": given})

    assert response.headers["x-request-id"] != given


def test_the_journal_says_which_request_did_it(client: Client) -> None:
    query = 'mutation { createVolume(input: { name: "abc", sizeGb: 10, product: "SSD" }) { __typename } }'
    client.http.post("/graphql", json={"query": query}, headers={"X-Request-ID": "the-one"})

    events = client.ask("{ events(first: 1) { nodes { requestId actor } } }")["events"]["nodes"]
    assert events == [{"requestId": "the-one", "actor": "tester"}]


def test_health_says_alive_and_ready(service: str) -> None:
    assert httpx.get(f"{service}/healthz").json() == {"status": "alive"}
    assert httpx.get(f"{service}/readyz").json() == {"database": "ok", "storage": "ok"}


def test_it_is_not_ready_while_the_storage_is_away(tmp_path: Path) -> None:
    with serving(Settings(data=tmp_path, jwt_secret=SECRET, worker=False)) as address:
        (tmp_path / "storage").rename(tmp_path / "away")
        away = httpx.get(f"{address}/readyz")
        (tmp_path / "away").rename(tmp_path / "storage")
        back = httpx.get(f"{address}/readyz")

    assert (away.status_code, away.json()) == (503, {"database": "ok", "storage": "does not answer"})
    assert back.status_code == 200


def test_development_answers_only_to_the_names_of_loopback(tmp_path: Path) -> None:
    with serving(Settings(data=tmp_path, dev=True, worker=False)) as address:
        assert httpx.post(f"{address}/graphql", json=HELLO, headers={"Host": "evil.example"}).status_code == 400
        assert httpx.post(f"{address}/graphql", json=HELLO).json()["data"] == {"viewer": {"id": "demo"}}


def test_an_unexpected_error_shows_a_code_and_the_request_id_alone(tmp_path: Path) -> None:
    with serving(Settings(data=tmp_path, jwt_secret=SECRET, worker=False)) as address, Client(address, "t") as client:
        with contextlib.closing(sqlite3.connect(tmp_path / "service.db")) as database:
            database.execute("DROP TABLE volume")
        response = client.http.post(
            "/graphql", json={"query": "{ volumes { totalCount } }"}, headers={"X-Request-ID": "r-1"}
        )

    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": "r-1"}
    assert "table" not in response.text
