"""A service may keep its schema to those who know it."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from graphql import get_introspection_query

from app.settings import Settings
from app.testing.answers import WAIT_S
from app.testing.serving import serving
from tests.client import SECRET, Client

MISTAKES: dict[str, tuple[str, dict[str, Any]]] = {
    "field": ("{ viewr { id } }", {}),
    "argument": ('{ volume(i: "vol-1") { id } }', {}),
    "type": ("{ node(id: 1) { ... on Volum { id } } }", {}),
    "enum value": ("{ volumes(orderBy: { field: NAM, direction: ASC }) { totalCount } }", {}),
    "input field": ('{ volumes(filter: { serch: "a" }) { totalCount } }', {}),
    "directive argument": ("{ viewer @include(iff: true) { id } }", {}),
    "enum value of a variable": (
        "query($o: VolumeOrder) { volumes(orderBy: $o) { totalCount } }",
        {"o": {"field": "NAM", "direction": "ASC"}},
    ),
    "input field of a variable": (
        "query($f: VolumeFilter) { volumes(filter: $f) { totalCount } }",
        {"f": {"serch": "a"}},
    ),
}


@pytest.fixture(scope="module")
def discreet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(data=tmp_path_factory.mktemp("discreet"), jwt_secret=SECRET, worker=False, explore=False)
    with serving(settings) as address:
        yield address


@pytest.fixture
def outsider(discreet: str, tenant: str) -> Iterator[Client]:
    with Client(discreet, tenant) as client:
        yield client


def test_the_schema_is_not_told(outsider: Client) -> None:
    for query in (
        get_introspection_query(),
        "{ __schema { queryType { name } } }",
        '{ __type(name: "Volume") { name } }',
    ):
        (error, *_) = outsider.errors(query)
        assert "introspection" in error["message"].lower()


def test_the_name_of_a_type_is_still_told_for_clients_keep_by_it(outsider: Client) -> None:
    assert outsider.ask("{ viewer { __typename } }") == {"viewer": {"__typename": "Viewer"}}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_no_message_suggests_anything(outsider: Client, client: Client, mistake: str) -> None:
    query, variables = MISTAKES[mistake]
    assert "Did you mean" not in json.dumps(outsider.errors(query, **variables))
    assert "Did you mean" in json.dumps(client.errors(query, **variables)), "it would elsewhere"


def test_no_message_of_a_subscription_suggests_anything(outsider: Client) -> None:
    with outsider.socket() as socket:
        for payload in (
            {"query": "subscription { volumeChange { kind } }"},
            {"query": "subscription($id: ID) { volumeChanges(volumId: $id) { kind } }"},
        ):
            socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            answer = socket.recv(timeout=WAIT_S)
            assert '"error"' in str(answer)
            assert "Did you mean" not in str(answer)


def test_there_is_no_page(discreet: str) -> None:
    response = httpx.get(f"{discreet}/graphql", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["content-type"]) == (406, "application/json")
