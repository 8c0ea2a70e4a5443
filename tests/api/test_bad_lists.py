"""A list that is asked for in a way that has no answer says what is wrong with which argument, and where."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Filled, NewTenant
from tests.api.lists import LISTS, List, Owners, fill
from tests.client import Client

by_list = pytest.mark.parametrize("it", LISTS, ids=[it.name for it in LISTS])
by_list_both_ways = pytest.mark.parametrize(
    "it", [it for it in LISTS if it.backward], ids=[it.name for it in LISTS if it.backward]
)
BAD_CURSORS: dict[str, Callable[[str], str]] = {
    "cut short": lambda own: own[:-1],
    "cut to its first character": lambda own: own[0],
    "lengthened": lambda own: own + "AAAA",
    "with another beginning": lambda own: ("A" if own[0] != "A" else "B") + own[1:],
    "garbage": lambda _: "no cursor at all",
    "empty": lambda _: "",
    "Korean": lambda _: "커서",
    "NUL": lambda _: "\0",
    "padding alone": lambda _: "====",
    "a number": lambda _: "1",
    "10,000 characters long": lambda own: own + "A" * 10_000,
}


def error_of(client: Client, it: List, owners: Owners, **window: Any) -> tuple[str, str]:
    """Return the code and the argument of the one error of a list; its path leads to the list."""
    (error,) = client.errors(it.query(), **it.about(owners), **window)
    assert error["path"] == list(it.path)
    assert error["message"]
    return error["extensions"]["code"], error["extensions"]["argument"]


@by_list
def test_a_damaged_cursor_is_told_apart_from_a_whole_one(filled: Filled, it: List) -> None:
    client, owners = filled
    own = it.ask(client, owners)["edges"][0]["cursor"]

    for what, damage in BAD_CURSORS.items():
        for argument in ("after", "before") if it.backward else ("after",):
            assert error_of(client, it, owners, **{argument: damage(own)}) == ("INVALID_CURSOR", argument), what


@by_list
def test_a_cursor_belongs_to_its_list(filled: Filled, it: List) -> None:
    client, owners = filled
    others = [other for other in LISTS if other.path[-1] != it.path[-1] or (other.backward and other != it)]

    for other in others:
        cursor = other.ask(client, owners)["edges"][0]["cursor"]
        assert error_of(client, it, owners, after=cursor) == ("INVALID_CURSOR", "after"), other.name


@by_list
def test_a_cursor_belongs_to_its_tenant(filled: Filled, new_tenant: NewTenant, it: List) -> None:
    client, owners = filled
    rows, stranger = new_tenant()
    foreign = it.ask(stranger, fill(rows, 1))["edges"][0]["cursor"]

    assert error_of(client, it, owners, after=foreign) == ("INVALID_CURSOR", "after")


@pytest.mark.parametrize("field", ["volumes", "snapshots"])
@pytest.mark.parametrize("order", ["{field: CREATED_AT, direction: ASC}", "{field: NAME, direction: DESC}"])
def test_a_cursor_belongs_to_its_order(filled: Filled, field: str, order: str) -> None:
    client, _ = filled
    newest_first = client.ask(f"{{ it: {field} {{ pageInfo {{ endCursor }} }} }}")["it"]["pageInfo"]["endCursor"]
    query = f"query($after: String) {{ {field}(after: $after, orderBy: {order}) {{ nodes {{ id }} }} }}"

    (error,) = client.errors(query, after=newest_first)

    assert (error["extensions"]["code"], error["path"]) == ("INVALID_CURSOR", [field])


@by_list
def test_a_page_has_0_to_100_rows(filled: Filled, it: List) -> None:
    client, owners = filled
    for argument in ("first", "last") if it.backward else ("first",):
        for size in (-1, 101, 2**31 - 1):
            assert error_of(client, it, owners, **{argument: size}) == ("INVALID_PAGE", argument)


@by_list
def test_a_size_of_a_page_is_a_whole_number(filled: Filled, it: List) -> None:
    client, owners = filled
    for size in (2**31, 1.5, "1", True):
        (error,) = client.errors(it.query(), **it.about(owners), first=size)
        assert "$first" in error["message"]


@by_list_both_ways
def test_a_page_is_counted_from_one_end_only(filled: Filled, it: List) -> None:
    client, owners = filled
    assert error_of(client, it, owners, first=1, last=1) == ("INVALID_PAGE", "last")


@pytest.mark.parametrize("text", ["a" * 101, "da\0ta", "da\x07ta"], ids=["101 characters", "NUL", "bell"])
@pytest.mark.parametrize("field", ["volumes", "snapshots"])
def test_a_search_has_at_most_100_characters_none_of_control(filled: Filled, field: str, text: str) -> None:
    client, _ = filled
    query = f"query($text: String) {{ {field}(filter: {{search: $text}}) {{ totalCount }} }}"

    (error,) = client.errors(query, text=text)

    assert (error["extensions"], error["path"]) == ({"code": "INVALID_FILTER", "argument": "search"}, [field])


def test_a_search_within_a_volumes_snapshots_obeys_the_same_rule(filled: Filled) -> None:
    client, owners = filled
    query = """query($id: ID!, $text: String) {
      volume(id: $id) { id snapshots(filter: {search: $text}) { totalCount } } }"""

    (error,) = client.errors(query, id=owners.volume.id, text="\0")

    assert (error["extensions"]["code"], error["path"]) == ("INVALID_FILTER", ["volume", "snapshots"])


def test_one_bad_list_does_not_hide_the_others(filled: Filled) -> None:
    client, _ = filled
    answer = client.post("{ volumes(first: 101) { nodes { id } } snapshots { totalCount } }")

    assert answer["data"] == {"volumes": None, "snapshots": {"totalCount": 101}}
    assert [error["path"] for error in answer["errors"]] == [["volumes"]]
