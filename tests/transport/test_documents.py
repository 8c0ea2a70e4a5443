"""A document that is sent again is not read again; all that is asked of a request is asked each time."""

import pytest
from graphql import GraphQLSyntaxError

from app.api.schema import schema
from app.transport.documents import Documents
from tests.client import Client

PAGE = "query($n: Int) { volumes(first: $n) { nodes { snapshots(first: 100) { nodes { id } } } } }"


def test_a_document_is_parsed_and_validated_once() -> None:
    documents, of = Documents(explore=True), schema()._schema

    first, again = (documents.read("{ viewer { id } }", 100) for _ in range(2))

    assert again is first
    assert (first.faults(of, explore=True), first.faults(of, explore=True)) == ([], [])


def test_those_used_last_are_kept_and_no_more() -> None:
    documents = Documents(explore=True)
    first = documents.read("{ viewer { id } }", 100)
    for n in range(1000):
        documents.read(f"{{ a{n}: viewer {{ id }} }}", 100)

    assert documents.read("{ viewer { id } }", 100) is not first
    assert documents.read.cache_info().currsize < 100


def test_what_cannot_be_parsed_is_refused_each_time() -> None:
    documents = Documents(explore=True)
    for _ in range(2):
        with pytest.raises(GraphQLSyntaxError):
            documents.read("{ viewer {", 100)


def test_a_bad_document_is_refused_each_time(client: Client) -> None:
    first, again = (client.errors("{ viewr { id } }") for _ in range(2))

    assert first == again
    assert first[0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}


def test_the_cost_is_asked_of_each_request_with_its_own_variables(client: Client) -> None:
    asked = [client.post(PAGE, n=n) for n in (1, 100, 1)]

    assert [answer.get("errors", [{}])[0].get("extensions", {}).get("limit") for answer in asked] == [
        None,
        "COST",
        None,
    ]
