"""What a caller may ask for in a while: told, kept, and refused beyond it, over every transport."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings
from app.testing.answers import WAIT_S
from app.testing.serving import serving
from app.transport.allowances import Allowances
from tests.client import SECRET, Client, token
from tests.domain.make import a_member

CHEAP = "{ viewer { id } }"
DEAR = "{ volumes(first: 100) { nodes { id } } }"
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service where 150 points are all that a caller gets in an hour."""
    settings = Settings(
        data=tmp_path_factory.mktemp("strict"),
        jwt_secret=SECRET,
        worker=False,
        limit_points=150,
        limit_points_per_second=150 / 3600,
    )
    with serving(settings) as address:
        yield address


@pytest.fixture
def spender(strict: str, tenant: str) -> Iterator[Client]:
    """A caller that has spent all that it had."""
    with Client(strict, tenant) as client:
        client.ask(DEAR)
        client.ask(DEAR)
        yield client


def codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


def test_who_has_spent_all_is_told_429_and_when_to_come_again(spender: Client) -> None:
    response = spender.http.post("/graphql", json={"query": CHEAP})
    assert (response.status_code, codes(response.json())) == (429, ["RATE_LIMITED"])
    assert 1 <= int(response.headers["retry-after"]) <= 3600


def test_an_event_stream_is_refused_before_it_begins(spender: Client) -> None:
    response = spender.http.post("/graphql", json={"query": CHEAP}, headers=STREAM)
    assert (response.status_code, codes(response.json())) == (429, ["RATE_LIMITED"])


def test_on_a_socket_the_operation_is_refused_and_the_socket_stays(spender: Client) -> None:
    with spender.socket() as socket:
        for id_ in ("1", "2"):
            socket.send(json.dumps({"id": id_, "type": "subscribe", "payload": {"query": CHEAP}}))
            answer = json.loads(socket.recv(timeout=WAIT_S))
            assert (answer["id"], answer["type"]) == (id_, "error")
            (error,) = answer["payload"]
            assert error["extensions"]["code"] == "RATE_LIMITED"
            assert 1 <= error["extensions"]["retryAfter"] <= 3600


def test_a_refused_mutation_changes_nothing(spender: Client, strict: str) -> None:
    spender.http.post(
        "/graphql",
        json={"query": 'mutation { createVolume(input: { name: "abc", sizeGb: 10, product: "SSD" }) { __typename } }'},
    )
    with Client(strict, spender.tenant, name="colleague") as colleague:
        assert colleague.ask("{ volumes(first: 1) { totalCount } }") == {"volumes": {"totalCount": 0}}


def test_one_callers_spending_is_not_anothers(spender: Client, strict: str) -> None:
    with Client(strict, spender.tenant, name="colleague") as colleague, Client(strict, "elsewhere") as namesake:
        for client in (colleague, namesake):
            assert client.ask(CHEAP)


def test_a_document_that_is_refused_costs_no_more_than_reading_it(strict: str, tenant: str) -> None:
    with Client(strict, tenant) as client:
        for query in (
            "{ nothing }",
            "{",
            "{ volumes(first: 100) { nodes { snapshots(first: 100) { nodes { id } } } } }",
        ):
            client.http.post("/graphql", json={"query": query})
        assert client.ask("{ rateLimit { remaining } }")["rateLimit"]["remaining"] == 150 - 1 - 1 - 2 - 2


def test_the_rate_limit_says_what_is_left_and_when_all_will_be_back(strict: str, tenant: str) -> None:
    with Client(strict, tenant) as client:
        client.ask(DEAR)
        told = client.ask("{ rateLimit { limit remaining resetAt } }")["rateLimit"]
    assert (told["limit"], told["remaining"]) == (150, 150 - 101 - 1 - 1 - 1)
    assert told["resetAt"].endswith("Z")


def test_where_nothing_limits_there_is_no_rate_limit(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, jwt_secret=SECRET, worker=False, limit_points_per_second=0)
    with serving(settings) as address, Client(address, "t") as client:
        assert client.ask("{ rateLimit { limit } }") == {"rateLimit": None}


def test_a_new_token_of_the_same_caller_does_not_begin_anew(spender: Client) -> None:
    again = {"Authorization": f"Bearer {token(spender.tenant, seconds=500)}"}
    assert spender.http.post("/graphql", json={"query": CHEAP}, headers=again).status_code == 429


def test_those_who_were_away_the_longest_are_forgotten_first() -> None:
    allowances = Allowances(10, 1.0)
    known, *_ = [allowances.of(a_member(f"t-{n}")) for n in range(9_999)]
    assert allowances.of(a_member("t-0")) is known
    for n in range(9_999, 10_001):
        allowances.of(a_member(f"t-{n}"))
    assert allowances.of(a_member("t-0")) is known
    assert len(allowances._of) == 10_000
