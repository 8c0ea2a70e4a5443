"""Who loses the network after every single message hears all of them once and in order, while others write."""

import json
import socket
import struct
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from app.testing.answers import WAIT_S
from tests.api.rows import Rows
from tests.api.streams import SNAPSHOTS, VOLUMES
from tests.client import Client

WRITERS = 3
ROUNDS = 15
EVENTS = "query($after: String) { events(first: 100, after: $after) { nodes { cursor subjectId } } }"

Line = tuple[str, str]
"""A cursor, and the id of the object that the journal tells of there."""
Next = Callable[[Client, str, str | None], dict[str, Any]]


def by_websocket(client: Client, query: str, after: str | None) -> dict[str, Any]:
    """Come back with `after`, hear one message and lose the network: no goodbye, what is under way is thrown away."""
    with client.socket() as connection:
        operation = {"query": query, "variables": {"after": after}}
        connection.send(json.dumps({"id": "1", "type": "subscribe", "payload": operation}))
        message: dict[str, Any] = json.loads(connection.recv(timeout=WAIT_S))["payload"]["data"]["it"]
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.socket.shutdown(socket.SHUT_RDWR)
    return message


def by_event_stream(client: Client, query: str, after: str | None) -> dict[str, Any]:
    """Come back with `Last-Event-ID`, as a browser does, hear one event and drop the connection in its midst."""
    with client.event_stream(query, last=after) as events:
        event = next(events)
    return {**event.data["data"]["it"], "cursor": event.id}


by_every_transport = pytest.mark.parametrize("hear", [by_websocket, by_event_stream])


def subject(message: dict[str, Any]) -> str | None:
    """Return the id of what a message is about; None in a bookmark."""
    id_: str | None = message.get("volumeId") or message.get("snapshotId")
    return id_


def journal(client: Client) -> list[Line]:
    """Read all that ever happened, in order."""
    seen: list[Line] = []
    while True:
        lines = client.ask(EVENTS, after=seen[-1][0] if seen else None)["events"]["nodes"]
        if not lines:
            return seen
        seen += [(line["cursor"], line["subjectId"]) for line in lines]


def is_all(message: dict[str, Any], writers: list[Future[None]], client: Client) -> bool:
    """Whether nobody writes any more, and the message says that everything was told."""
    at_rest = all(writer.done() for writer in writers)
    return at_rest and message["kind"] == "BOOKMARK" and message["cursor"] == journal(client)[-1][0]


@by_every_transport
@pytest.mark.parametrize(("query", "kind"), [(VOLUMES, "vol-"), (SNAPSHOTS, "snap-")], ids=["volumes", "snapshots"])
def test_every_change_is_told_once_and_in_order(idle: Client, rows: Rows, query: str, kind: str, hear: Next) -> None:
    volumes = rows.volumes(WRITERS)
    snapshots = rows.snapshots(volumes)
    before = journal(idle)

    def write(n: int) -> None:
        volume, snapshot = volumes[n], snapshots[n]
        for round_ in range(ROUNDS):
            volume = rows.change(volume, {"description": f"round {round_}"})
            snapshot = rows.change(snapshot, {"description": f"round {round_}"})

    told: list[Line] = []
    cursor = before[-1][0]
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, n) for n in range(WRITERS)]
        while len(told) <= WRITERS * ROUNDS:
            message = hear(idle, query, cursor)
            cursor = message["cursor"]
            if (about := subject(message)) is not None:
                told.append((cursor, about))
            elif is_all(message, writers, idle):
                break

    since = journal(idle)[len(before) :]
    assert len(since) == 2 * WRITERS * ROUNDS
    assert told == [line for line in since if line[1].startswith(kind)]


@by_every_transport
def test_what_there_was_is_told_once_and_with_the_changes_makes_what_there_is(
    idle: Client, rows: Rows, hear: Next
) -> None:
    staying, renamed, passing = (rows.volumes(8, name=name) for name in ("staying", "renamed", "passing"))

    def write() -> None:
        for to_rename, to_remove in zip(renamed, passing, strict=True):
            rows.change(to_rename, {"name": "new-name"})
            rows.remove(to_remove)
            rows.volume(name="newcomer")

    told: list[str | None] = []
    known: dict[str | None, Any] = {}
    cursor = None
    with ThreadPoolExecutor(1) as pool:
        writers = [pool.submit(write)]
        for _ in range(200):
            message = hear(idle, VOLUMES, cursor)
            cursor = message["cursor"]
            known[subject(message)] = message["volume"]
            told += [subject(message)] if message["kind"] == "CURRENT" else []
            if is_all(message, writers, idle):
                break

    there = idle.ask("{ volumes(first: 100) { nodes { id name status } } }")["volumes"]["nodes"]
    assert {id_: volume for id_, volume in known.items() if volume} == {volume["id"]: volume for volume in there}
    assert len(told) == len(set(told))
    assert {volume.id for volume in staying} <= set(told)
