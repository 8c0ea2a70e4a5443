"""A list costs no more statements than one object: what its rows refer to is fetched together."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from tests.api.conftest import Idle
from tests.api.rows import Rows
from tests.client import Client

VOLUME = "id name attachment { serverId } actions { action allowed problem { code } }"
SNAPSHOT = "id name volume { id name } actions { action allowed problem { code } }"
SNAPSHOTS = f"""{{ snapshots(first: 100) {{ totalCount nodes {{ {SNAPSHOT}
  volume {{ name actions {{ allowed }} }}
  events(first: 2) {{ nodes {{ kind subject {{ id }} }} }}
  restoredVolumes(first: 2) {{ totalCount nodes {{ id sourceSnapshot {{ id name }} }} }} }} }} }}"""
VOLUMES = f"""{{ volumes(first: 100) {{ totalCount nodes {{ {VOLUME}
  snapshots(first: 2, orderBy: {{field: NAME, direction: ASC}}) {{ totalCount nodes {{ {SNAPSHOT} }} }}
  sourceSnapshot {{ id volume {{ id }} }}
  events(first: 1) {{ nodes {{ kind }} }} }} }} }}"""
EVENTS = "{ events(first: 100) { nodes { kind subject { id ... on Snapshot { volume { id } } } } } }"


@contextlib.contextmanager
def counted(url: str) -> Iterator[list[str]]:
    """Gather the statements that are sent to a database while the block runs."""
    seen: list[str] = []

    def note(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if str(connection.engine.url) == url:
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def fill(rows: Rows, count: int) -> None:
    """Make so many volumes, each with a snapshot from which another was restored."""
    for snapshot in rows.snapshots(rows.volumes(count)):
        rows.volume(source_snapshot_id=snapshot.id)


@pytest.mark.parametrize("query", [SNAPSHOTS, VOLUMES, EVENTS], ids=["snapshots", "volumes", "events"])
def test_a_list_of_30_costs_as_many_statements_as_one_of_3(
    idle: Client, rows: Rows, idle_service: Idle, query: str
) -> None:
    sizes, costs = [], []
    for count in (3, 27):
        fill(rows, count)
        with counted(idle_service.url) as statements:
            told: Any = idle.ask(query)
        (connection,) = told.values()
        sizes.append(len(connection["nodes"]))
        costs.append(statements)

    assert sizes[1] > 8 * sizes[0]
    assert len(costs[0]) == len(costs[1]), (costs[0], costs[1])
    assert len(costs[0]) < 60


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ snapshots { nodes { id name status } } }", 1),
        ("{ snapshots { edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }", 1),
        ("{ snapshots { nodes { id volume { name } } } }", 1),
        ("{ snapshots { totalCount } }", 2),
        ("{ volumes { nodes { id name } } }", 1),
        ("{ viewer { tenant { quotas { used } } } }", 1),
        ("{ products { name } }", 0),
    ],
)
def test_a_page_is_one_statement_with_the_volumes_of_its_snapshots(
    idle: Client, rows: Rows, idle_service: Idle, query: str, cost: int
) -> None:
    rows.snapshot(rows.volume())

    with counted(idle_service.url) as statements:
        idle.ask(query)

    asked = [statement for statement in statements if statement.startswith("SELECT")]
    assert len(asked) == cost, asked
    if "totalCount" not in query:  # to put one list together with none takes longer than to read it
        assert not [statement for statement in asked if "UNION" in statement], asked


def test_a_snapshot_and_its_volume_are_one_statement(idle: Client, rows: Rows, idle_service: Idle) -> None:
    snapshot = rows.snapshot(rows.volume(name="source"))

    with counted(idle_service.url) as statements:
        told: Any = idle.ask(f'{{ snapshot(id: "{snapshot.id}") {{ name volume {{ name }} }} }}')

    assert told == {"snapshot": {"name": "cut", "volume": {"name": "source"}}}
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1


def test_a_count_is_taken_only_when_it_is_asked_for_and_what_is_known_is_not_counted(
    idle: Client, rows: Rows, idle_service: Idle
) -> None:
    rows.volume()

    with counted(idle_service.url) as statements:
        idle.ask("{ volumes { nodes { id } } snapshots { totalCount } }")

    assert not [statement for statement in statements if "count(" in statement.lower()]
