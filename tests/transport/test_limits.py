"""What a document may ask for: measured in one pass, told with each answer, refused before it is validated."""

import json
from functools import cache
from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from app.api.schema import schema
from app.transport.limits import Measure, Meter
from tests.client import Client

NESTING = 60


@cache
def _schema() -> GraphQLSchema:
    return schema()._schema


def _measure(query: str, **variables: Any) -> Measure:
    document = parse(query)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return Meter(_schema(), document, variables, NESTING).operation(operation)


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ viewer { id name } }", 1),
        ("{ viewer { tenant { quotas { limit } } } }", 3),
        ("{ snapshots { nodes { id } } }", 1 + 20),
        ("{ snapshots(first: 50) { nodes { id volume { id } } } }", 1 + 50 * 2),
        ("{ snapshots(last: 0) { nodes { id } } }", 1),
        ("{ volumes(first: 10) { nodes { snapshots(first: 5) { nodes { id } } } } }", 1 + 10 * (1 + 1 + 5)),
        ("{ a: viewer { id } b: viewer { id } }", 2),
        ("query($n: Int) { snapshots(first: $n) { nodes { id } } }", 1 + 7),
        ("query($m: Int = 3) { snapshots(first: $m) { nodes { id } } }", 1 + 20),
        ("{ ...f } fragment f on Query { viewer { id } }", 1),
        ("{ node(id: 1) { ... on Volume { snapshots { nodes { id } } } } }", 1 + 1 + 20),
        ("{ nothing { at { all } } }", 0),
        ("{ snapshots(first: 1000000) { nodes { id } } }", 1 + 100),
        ("{ snapshots(first: -5) { nodes { id } } }", 1),
    ],
)
def test_the_cost_is_the_number_of_objects_that_may_be_read(query: str, cost: int) -> None:
    assert _measure(query, n=7).cost == cost


def test_depth_aliases_directives_and_root_fields_are_counted_through_fragments() -> None:
    query = """
      query @a { x: viewer @b { ...f ...f } viewer { id } }
      fragment f on Viewer { y: tenant @c { z: id } }
    """
    measure = _measure(query)
    assert (measure.depth, measure.aliases, measure.directives, measure.root_fields) == (3, 5, 4, 2)


def test_fields_beside_fields_cost_their_square_for_so_they_are_validated() -> None:
    assert _measure("{ viewer { " + "id " * 160 + "} }").cost == 1 + 160 * 160 // 64
    apart = _measure("{ viewer { " + "tenant { id } " * 80 + "} viewer { " + "tenant { id } " * 80 + "} }")
    assert apart.cost == 2 + 160 + 2 * (160 * 160 // 64), "they merge, wherever they stand"


def _bomb(fragments: int) -> str:
    """Each fragment spreads the next one twice: the answer doubles with each."""
    links = [
        f"fragment f{n} on Volume {{ a: sourceSnapshot {{ volume {{ ...f{n + 1} }} }} b: id ...f{n + 1} }}"
        for n in range(fragments)
    ]
    return " ".join(["{ volume(id: 1) { ...f0 } }", *links, f"fragment f{fragments} on Volume {{ id }}"])


def test_a_bomb_of_fragments_is_measured_in_work_that_grows_with_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = {"fields": 0}
    field = Meter._field

    def counting(self: Meter, *arguments: Any) -> Measure:
        calls["fields"] += 1
        return field(self, *arguments)

    monkeypatch.setattr(Meter, "_field", counting)
    measure = _measure(_bomb(15))

    assert measure.cost > 2**15
    assert calls["fields"] <= 4 * 16


@given(st.lists(st.lists(st.integers(0, 5), max_size=4), min_size=1, max_size=6))
def test_fragments_in_circles_are_measured_without_end(spreads: list[list[int]]) -> None:
    fragments = [
        f"fragment f{n} on Query {{ id {' '.join(f'...f{to}' for to in targets)} }}"
        for n, targets in enumerate(spreads)
    ]
    _measure(" ".join(["{ ...f0 }", *fragments]))


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        ("{ " + "viewer { tenant { " * 11 + "id" + " } }" * 11 + " }", "DEPTH"),
        ("{ viewer { " + " ".join(f"a{n}: id" for n in range(51)) + " } }", "ALIASES"),
        ("{ viewer { id " + "@skip(if: false) " * 51 + "} }", "DIRECTIVES"),
        ("{ " + " ".join("viewer { id }" for _ in range(21)) + " }", "ROOT_FIELDS"),
        ("{ volumes(first: 100) { nodes { snapshots(first: 100) { nodes { id } } } } }", "COST"),
        (_bomb(12), "COST"),
        ("{ viewer { tenant { " + "quotas { name } " * 450 + "} } }", "COST"),
    ],
)
def test_what_passes_a_limit_is_refused_and_says_which(client: Client, query: str, limit: str) -> None:
    answer = client.post(query)

    assert "data" not in answer
    assert limit in [error["extensions"]["limit"] for error in answer["errors"]]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"LIMIT_EXCEEDED"}


def test_fields_that_are_too_many_to_be_compared_are_refused_before_they_all_are(client: Client) -> None:
    (error,) = client.post("{ viewer { " + "tenant { quotas { name } } " * 270 + "} }")["errors"]

    assert (error["message"], error["extensions"]) == ("Validation aborted.", {"code": "GRAPHQL_VALIDATION_FAILED"})


def test_too_many_tokens_are_not_even_parsed(client: Client) -> None:
    (error,) = client.post("{ viewer { " + "id " * 3000 + "} }")["errors"]

    assert "2000" in error["message"]


def test_a_nest_of_fragments_is_refused_before_the_stack_is_used_up(client: Client) -> None:
    query = "{ viewer " + "{ ... " * 300 + "{ id }" + " }" * 300 + " }"

    assert "errors" in client.post(query)


def test_the_cost_is_told_with_each_answer(client: Client) -> None:
    answer = client.post("{ snapshots(first: 5) { nodes { id } } }")

    assert answer["extensions"]["cost"] == {"operation": 6, "most": 5000}


def test_the_standard_introspection_passes(client: Client) -> None:
    assert client.ask(get_introspection_query(descriptions=True, input_value_deprecation=True))["__schema"]


def test_more_than_one_operation_without_a_name_is_refused_and_none_is_run(client: Client) -> None:
    made = 'createVolume(input: { name: "abc", sizeGb: 10, product: "SSD" }) { __typename }'
    document = f"mutation A {{ {made} }} query B {{ viewer {{ id }} }}"

    assert "operationName" in client.post(document)["errors"][0]["message"]
    assert client.ask("{ volumes { totalCount } }")["volumes"]["totalCount"] == 0


def test_of_more_than_one_operation_the_named_one_is_run(client: Client) -> None:
    body = {"query": "query A { viewer { id } } query B { viewer { name } }", "operationName": "B"}
    response = client.http.post("/graphql", content=json.dumps(body), headers={"Content-Type": "application/json"})

    assert response.json()["data"] == {"viewer": {"name": "tester"}}
