"""Lists are read by pages, whose places stay what they are while rows come and go."""

import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import Filled
from tests.api.lists import LISTS, List, Owners, fill
from tests.api.rows import Rows
from tests.client import Client

by_list = pytest.mark.parametrize("it", LISTS, ids=[it.name for it in LISTS])
by_list_both_ways = pytest.mark.parametrize(
    "it", [it for it in LISTS if it.backward], ids=[it.name for it in LISTS if it.backward]
)


def node_of(it: List) -> str:
    """Select what tells a list's nodes apart."""
    return "cursor" if it.path[-1] == "events" else "id"


def walk(client: Client, it: List, owners: Owners, size: int, *, back: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the pages of a list from one end to the other."""
    count, place, more, edge = (
        ("last", "before", "hasPreviousPage", "startCursor") if back else ("first", "after", "hasNextPage", "endCursor")
    )
    window: dict[str, Any] = {count: size}
    while True:
        page = it.ask(client, owners, node_of(it), **window)
        yield page
        if not page["pageInfo"][more]:
            return
        window[place] = page["pageInfo"][edge]


def nodes(*pages: dict[str, Any]) -> list[str]:
    """Read what tells the nodes of pages apart, in order."""
    return [next(iter(edge["node"].values())) for page in pages for edge in page["edges"]]


@by_list
def test_a_page_has_20_rows_unless_asked_otherwise_and_100_at_most(filled: Filled, it: List) -> None:
    client, owners = filled
    windows: list[dict[str, Any]] = [{}, {"first": 100}, {"first": 1}, {"first": 0}]

    sizes = [len(it.ask(client, owners, **window)["edges"]) for window in windows]

    assert sizes == [20, 100, 1, 0]


@by_list
@pytest.mark.parametrize("size", [13, 100])
def test_a_walk_forward_sees_every_row_once(filled: Filled, it: List, size: int) -> None:
    client, owners = filled
    pages = list(walk(client, it, owners, size))

    seen = nodes(*pages)
    assert len(seen) > 100
    assert len(set(seen)) == len(seen)
    assert [page["pageInfo"]["hasPreviousPage"] for page in pages] == [False, *[True] * (len(pages) - 1)]


@by_list_both_ways
@pytest.mark.parametrize("size", [13, 100])
def test_a_walk_backward_sees_the_same_rows_in_the_same_order(filled: Filled, it: List, size: int) -> None:
    client, owners = filled
    pages = list(walk(client, it, owners, size, back=True))

    assert nodes(*reversed(pages)) == nodes(*walk(client, it, owners, 100))
    assert [page["pageInfo"]["hasNextPage"] for page in pages] == [False, *[True] * (len(pages) - 1)]


@by_list
def test_the_cursors_of_a_page_are_those_of_its_first_and_last_row(filled: Filled, it: List) -> None:
    client, owners = filled
    page = it.ask(client, owners, first=3)

    ends = page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]
    assert ends == (page["edges"][0]["cursor"], page["edges"][-1]["cursor"])


@by_list
def test_an_empty_page_has_no_cursors(filled: Filled, it: List) -> None:
    client, owners = filled
    *_, last_page = walk(client, it, owners, 100)
    last = last_page["pageInfo"]["endCursor"]

    page = it.ask(client, owners, after=last)

    assert page["edges"] == []
    assert page["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True, "startCursor": None, "endCursor": None}


@by_list_both_ways
def test_a_page_may_lie_between_two_places(filled: Filled, it: List) -> None:
    client, owners = filled
    edges = it.ask(client, owners, "id")["edges"]

    between = it.ask(client, owners, "id", after=edges[1]["cursor"], before=edges[5]["cursor"])

    assert between["edges"] == edges[2:5]


@by_list_both_ways
def test_nodes_are_the_edges_nodes(filled: Filled, it: List) -> None:
    client, owners = filled
    query = it.query("id").replace("edges {", "nodes { id } edges {")

    told = client.ask(query, **it.about(owners))
    for field in it.path:
        told = told[field]

    assert told["nodes"] == [edge["node"] for edge in told["edges"]]


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("field", ["createdAt", "name", "sizeGb", "status"])
@pytest.mark.parametrize("kind", ["volumes", "snapshots"])
def test_a_list_is_sorted_as_asked_and_equals_by_id(
    idle: Client, rows: Rows, kind: str, field: str, direction: str
) -> None:
    shuffled = random.Random(field)
    for name in ("b-b", "B-B", "a10", "a-9"):
        size, status = shuffled.choice([10, 20, 300]), shuffled.choice(["AVAILABLE", "ERROR", "CREATING"])
        for volume in rows.volumes(2, name=name, size_gb=size, status=status):
            rows.snapshot(volume, name=name, status=status)
    order = {"createdAt": "CREATED_AT", "name": "NAME", "sizeGb": "SIZE", "status": "STATUS"}[field]
    query = f"""query($after: String) {{
      it: {kind}(first: 3, after: $after, orderBy: {{field: {order}, direction: {direction}}}) {{
        nodes {{ id {field} }} pageInfo {{ hasNextPage endCursor }} }} }}"""

    seen, after = [], None
    while True:
        page = idle.ask(query, after=after)["it"]
        seen += [(node[field], node["id"]) for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert len(seen) == 8
    assert seen == sorted(seen, reverse=direction == "DESC")


def test_the_newest_come_first_unless_asked_otherwise(idle: Client, rows: Rows) -> None:
    made = [rows.volume().id for _ in range(3)]

    assert [node["id"] for node in idle.ask("{ volumes { nodes { id } } }")["volumes"]["nodes"]] == made[::-1]


def test_the_events_come_in_the_order_of_their_commits(idle: Client, rows: Rows) -> None:
    volume = rows.volume(name="first")
    rows.change(rows.change(volume, {"name": "second"}), {"name": "third"})

    told = idle.ask("{ events { nodes { kind subjectName } } }")["events"]["nodes"]

    assert [(it["kind"], it["subjectName"]) for it in told] == [
        ("CREATED", "first"),
        ("CHANGED", "second"),
        ("CHANGED", "third"),
    ]


@by_list_both_ways
def test_rows_that_come_and_go_meanwhile_neither_hide_nor_double_the_others(idle: Client, rows: Rows, it: List) -> None:
    owners = fill(rows, 25)
    staying = nodes(it.ask(idle, owners, "id", first=100))
    stop = threading.Event()

    def come_and_go() -> None:
        while not stop.is_set():
            passing = rows.volumes(3, name="passing", source_snapshot_id=owners.snapshot.id)
            rows.remove(*rows.snapshots([owners.volume] * 3), *passing)

    writer = threading.Thread(target=come_and_go)
    writer.start()
    try:
        for back in (False, True):
            pages = list(walk(idle, it, owners, 4, back=back))
            seen = nodes(*(reversed(pages) if back else pages))
            assert [id_ for id_ in seen if id_ in staying] == staying
            assert len(set(seen)) == len(seen)
    finally:
        stop.set()
        writer.join()
