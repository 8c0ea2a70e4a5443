"""A snapshot is shown with its volume as both were at one instant, even if both are gone before the answer is told."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import Pool

from app.domain.snapshot import Snapshot, SnapshotStatus
from app.domain.volume import Volume
from tests.api.conftest import Idle
from tests.api.rows import Rows
from tests.client import Client

SHOWN = "id name volume { id name }"
DELETED = 'mutation { it: %s(input: {id: "%s"}) { ... on %s { it: %s { id name volume { id name } } } } }'


@contextlib.contextmanager
def both_gone_after_the_first_look(service: Idle, rows: Rows, volume: Volume, snapshot: Snapshot) -> Iterator[None]:
    """Remove both as soon as a transaction of the service that looked at the snapshot has ended."""
    looked: list[object] = []
    removed: list[object] = []

    def note(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if str(connection.engine.url) == service.url and "FROM snapshot" in statement:
            looked.append(connection.connection.driver_connection)

    def remove(connection: object, _: object) -> None:
        if connection in looked and not removed:
            removed.append(connection)
            rows.remove(snapshot, volume)

    event.listen(Engine, "before_cursor_execute", note)
    event.listen(Pool, "checkin", remove)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        event.remove(Pool, "checkin", remove)
    assert removed, "nobody looked"


@pytest.fixture
def volume(rows: Rows) -> Volume:
    return rows.volume(name="source")


@pytest.fixture
def snapshot(rows: Rows, volume: Volume) -> Snapshot:
    return rows.snapshot(volume)


@pytest.mark.parametrize(
    "query",
    [
        f"{{ snapshots {{ nodes {{ {SHOWN} }} }} }}",
        f"{{ snapshots {{ edges {{ node {{ {SHOWN} }} }} }} }}",
        f'{{ snapshot(id: "%s") {{ {SHOWN} }} }}',
        f'{{ node(id: "%s") {{ ... on Snapshot {{ {SHOWN} }} }} }}',
    ],
    ids=["nodes", "edges", "snapshot", "node"],
)
def test_a_question_is_answered_as_of_one_instant(
    idle: Client, idle_service: Idle, rows: Rows, volume: Volume, snapshot: Snapshot, query: str
) -> None:
    with both_gone_after_the_first_look(idle_service, rows, volume, snapshot):
        told: Any = idle.ask(query.replace("%s", snapshot.id))

    assert f"'volume': {{'id': '{volume.id}', 'name': 'source'}}" in str(told)


def test_a_payload_tells_what_the_mutation_left(
    idle: Client, idle_service: Idle, rows: Rows, volume: Volume, snapshot: Snapshot
) -> None:
    doomed = rows.change(snapshot, {"status": SnapshotStatus.DELETING})
    with both_gone_after_the_first_look(idle_service, rows, volume, doomed):
        told: Any = idle.ask(DELETED % ("deleteSnapshot", doomed.id, "SnapshotPayload", "snapshot"))

    assert told["it"]["it"]["volume"] == {"id": volume.id, "name": "source"}


def test_a_problem_names_the_snapshots_that_there_were(
    idle: Client, idle_service: Idle, rows: Rows, volume: Volume, snapshot: Snapshot
) -> None:
    with both_gone_after_the_first_look(idle_service, rows, volume, snapshot):
        told: Any = idle.ask(DELETED % ("deleteVolume", volume.id, "SnapshotsExist", "snapshots"))

    assert [it["volume"]["name"] for it in told["it"]["it"]] == ["source"]


def test_what_was_gone_before_is_not_there(idle: Client, rows: Rows, volume: Volume, snapshot: Snapshot) -> None:
    rows.remove(snapshot, volume)

    told: Any = idle.ask(f'{{ snapshot(id: "{snapshot.id}") {{ {SHOWN} }} snapshots {{ nodes {{ {SHOWN} }} }} }}')

    assert told == {"snapshot": None, "snapshots": {"nodes": []}}
