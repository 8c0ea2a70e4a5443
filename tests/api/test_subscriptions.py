"""A stream tells what there is and then every change, in the order of the commits, to those whom it concerns."""

import json
from typing import Any

import pytest

from app.testing.answers import WAIT_S
from tests.api.conftest import NewTenant
from tests.api.rows import Rows
from tests.api.streams import SNAPSHOTS, VOLUMES, bookmark, changes, opening
from tests.client import Client, until

MORE_THAN_A_BATCH = 101


@pytest.mark.parametrize("count", [0, 1, MORE_THAN_A_BATCH])
def test_a_stream_begins_with_each_object_there_is_and_a_bookmark(idle: Client, rows: Rows, count: int) -> None:
    volumes = rows.volumes(count)

    with idle.watching(VOLUMES) as messages:
        told = opening(messages)

    assert {it["kind"] for it in told} <= {"CURRENT"}
    assert sorted(it["volumeId"] for it in told) == sorted(volume.id for volume in volumes)
    assert all(it["volume"] == {"id": it["volumeId"], "name": "data", "status": "AVAILABLE"} for it in told)
    assert all((it["previousStatus"], it["status"]) == (None, "AVAILABLE") for it in told)


def test_after_the_bookmark_comes_every_change_in_the_order_of_the_commits(idle: Client, rows: Rows) -> None:
    first, second = rows.volumes(2)
    with idle.watching(VOLUMES) as messages:
        opening(messages)

        idle.do("attachVolume", id=first.id, serverId="srv-1")
        idle.do("updateVolume", id=second.id, name="renamed")
        third = idle.do("createVolume", name="new", sizeGb=10, product="SSD")["volume"]["id"]
        rows.remove(second)
        told = changes(messages, 4)

    assert [(it["kind"], it["volumeId"], it["previousStatus"], it["status"]) for it in told] == [
        ("CHANGED", first.id, "AVAILABLE", "ATTACHING"),
        ("CHANGED", second.id, "AVAILABLE", "AVAILABLE"),
        ("CREATED", third, None, "CREATING"),
        ("DELETED", second.id, "AVAILABLE", None),
    ]


def test_what_the_storage_does_is_told_as_it_commits(client: Client) -> None:
    volume = client.volume()
    with client.watching(SNAPSHOTS, volumeId=volume["id"]) as messages:
        assert opening(messages) == []

        snapshot = client.do("createSnapshot", volumeId=volume["id"], name="cut")["snapshot"]["id"]
        told = until(messages, lambda it: it["it"]["status"] == "AVAILABLE")
        client.do("deleteSnapshot", id=snapshot)
        told += until(messages, lambda it: it["it"]["kind"] == "DELETED")

    steps = [it["it"] for it in told if it["it"]["previousStatus"] != it["it"]["status"]]
    assert [(it["kind"], it["previousStatus"], it["status"]) for it in steps] == [
        ("CREATED", None, "CREATING"),
        ("CHANGED", "CREATING", "AVAILABLE"),
        ("CHANGED", "AVAILABLE", "DELETING"),
        ("DELETED", "DELETING", None),
    ]


def test_a_deleted_object_is_told_by_its_id_alone(idle: Client, rows: Rows) -> None:
    snapshot = rows.snapshot(rows.volume())
    with idle.watching(SNAPSHOTS) as messages:
        opening(messages)

        rows.remove(snapshot)
        (told,) = changes(messages, 1)

    assert (told["kind"], told["snapshotId"], told["snapshot"], told["status"]) == ("DELETED", snapshot.id, None, None)


def test_a_bookmark_has_a_cursor_and_nothing_else(idle: Client) -> None:
    with idle.watching(SNAPSHOTS) as messages:
        told = next(messages)["it"]

    assert {field for field, value in told.items() if value is not None} == {"kind", "cursor", "at"}


@pytest.mark.parametrize("query", [VOLUMES, SNAPSHOTS])
def test_a_stream_is_never_silent_for_long(idle: Client, query: str) -> None:
    with idle.watching(query) as messages:
        cursors = {bookmark(messages) for _ in range(3)}

    assert len(cursors) == 1  # nothing happened


@pytest.mark.parametrize(
    ("query", "own"),
    [
        (VOLUMES, lambda volume, _: {"volumeId": volume}),
        (SNAPSHOTS, lambda volume, _: {"volumeId": volume}),
        (SNAPSHOTS, lambda _, snapshot: {"snapshotId": snapshot}),
        (SNAPSHOTS, lambda volume, snapshot: {"volumeId": volume, "snapshotId": snapshot}),
    ],
    ids=["a volume", "a volume's snapshots", "a snapshot", "a snapshot of a volume"],
)
def test_a_stream_about_one_object_tells_nothing_of_others(idle: Client, rows: Rows, query: str, own: Any) -> None:
    volume, other = rows.volumes(2)
    snapshot, others = rows.snapshots([volume, other])
    with idle.watching(query, **own(volume.id, snapshot.id)) as messages:
        told = opening(messages)

        for record in (others, other, snapshot, volume):
            rows.change(record, {"name": "renamed"})
        told += changes(messages, 1)

    ids = [it.get("volumeId") or it.get("snapshotId") for it in told]
    assert ids == [volume.id if query is VOLUMES else snapshot.id] * 2


def test_a_stream_about_a_snapshot_and_another_volume_fits_nothing(idle: Client, rows: Rows) -> None:
    volume, other = rows.volumes(2)
    snapshot = rows.snapshot(volume)
    with idle.watching(SNAPSHOTS, snapshotId=snapshot.id, volumeId=other.id) as messages:
        assert opening(messages) == []

        rows.change(snapshot, {"name": "renamed"})
        bookmark(messages)


def test_a_stream_about_a_foreign_object_stays_silent_but_for_bookmarks(idle: Client, new_tenant: NewTenant) -> None:
    foreign_rows, stranger = new_tenant()
    foreign = foreign_rows.volume()
    with idle.watching(VOLUMES, volumeId=foreign.id) as messages, idle.watching(VOLUMES) as all_messages:
        cursor = bookmark(messages)
        bookmark(all_messages)

        stranger.do("updateVolume", id=foreign.id, name="renamed")
        assert bookmark(messages) == cursor
        assert bookmark(all_messages) == cursor


def test_each_message_shows_other_objects_as_they_are_when_it_is_sent(idle: Client, rows: Rows) -> None:
    volume = rows.volume(name="before")
    snapshot = rows.snapshot(volume)
    with idle.watching(SNAPSHOTS) as messages:
        (told,) = opening(messages)
        assert told["snapshot"]["volume"]["name"] == "before"

        idle.do("updateVolume", id=volume.id, name="after")
        idle.do("updateSnapshot", id=snapshot.id, name="renamed")
        (told,) = changes(messages, 1)

    assert (told["snapshot"]["name"], told["snapshot"]["volume"]["name"]) == ("renamed", "after")


def test_two_streams_share_a_socket_and_each_is_told_its_own(idle: Client, rows: Rows) -> None:
    volume = rows.volume()
    snapshot = rows.snapshot(volume)
    with idle.socket() as socket:

        def subscribe(id_: str, query: str) -> None:
            socket.send(json.dumps({"id": id_, "type": "subscribe", "payload": {"query": query}}))

        def next_change(id_: str) -> dict[str, Any]:
            while True:
                told = json.loads(socket.recv(timeout=WAIT_S))
                if told["type"] == "next" and told["payload"]["data"]["it"]["kind"] == "CHANGED":
                    assert told["id"] == id_
                    return dict(told["payload"]["data"]["it"])

        subscribe("volumes", VOLUMES)
        subscribe("snapshots", SNAPSHOTS)
        for _ in range(4):  # each tells what there is and a bookmark
            json.loads(socket.recv(timeout=WAIT_S))

        rows.change(snapshot, {"name": "renamed"})
        assert next_change("snapshots")["snapshotId"] == snapshot.id
        volume = rows.change(volume, {"name": "renamed"})
        assert next_change("volumes")["volumeId"] == volume.id

        socket.send(json.dumps({"id": "snapshots", "type": "complete"}))
        subscribe("bad", "subscription { volumeChanges { colour } }")
        while (told := json.loads(socket.recv(timeout=WAIT_S)))["type"] != "error":
            assert told["type"] == "next"
        assert told["id"] == "bad"

        rows.change(volume, {"name": "once-more"})
        assert next_change("volumes")["volume"]["name"] == "once-more"
