"""A cursor is the way back into a stream: every change since is told, none missed, none twice, in order."""

import dataclasses
import threading
from pathlib import Path
from typing import Any

import pytest

from app.main import open_store
from app.settings import Settings
from app.testing.serving import serving
from app.testing.stream import StreamEnded
from tests.api.conftest import NewTenant
from tests.api.rows import Rows
from tests.api.streams import SNAPSHOTS, VOLUMES, bookmark, changes, opening
from tests.api.test_bad_lists import BAD_CURSORS
from tests.client import SECRET, Client

both = pytest.mark.parametrize("query", [VOLUMES, SNAPSHOTS], ids=["volumes", "snapshots"])


def journal(client: Client) -> list[str]:
    """Read the cursors of all that ever happened, in order."""
    seen: list[str] = []
    while True:
        query = "query($after: String) { events(first: 100, after: $after) { nodes { cursor } } }"
        lines = client.ask(query, after=seen[-1] if seen else None)["events"]["nodes"]
        if not lines:
            return seen
        seen += [line["cursor"] for line in lines]


def ended_by(client: Client, query: str, **variables: Any) -> dict[str, Any]:
    """Read a stream to its end by an error; return what the error says to programs."""
    with client.watching(query, **variables) as messages, pytest.raises(StreamEnded) as ended:
        list(messages)
    (error,) = ended.value.args[0]
    assert error["message"]
    return dict(error["extensions"])


def test_after_a_cursor_every_change_is_told_once_and_in_order(idle: Client, rows: Rows) -> None:
    volume = rows.volume()
    rows.change(volume, *({"description": f"change {n}"} for n in range(250)))
    lines = journal(idle)

    with idle.watching(VOLUMES, after=lines[0]) as messages:
        told = changes(messages, 250)

    assert [it["cursor"] for it in told] == lines[1:]
    assert {it["kind"] for it in told} == {"CHANGED"}


def test_nothing_is_missed_or_told_twice_by_those_who_come_back_while_others_write(idle: Client, rows: Rows) -> None:
    volume = rows.volume()
    (first,) = journal(idle)

    def write() -> None:
        record = volume
        for n in range(40):
            record = rows.change(record, {"description": f"change {n}"}, {"description": f"and again {n}"})

    writer = threading.Thread(target=write)
    writer.start()
    told: list[str] = []
    after = first
    while len(told) < 80:
        with idle.watching(VOLUMES, after=after) as messages:
            told += [it["cursor"] for it in changes(messages, min(9, 80 - len(told)))]
            after = told[-1]
    writer.join()

    assert [first, *told] == journal(idle)


def test_what_there_was_and_what_changed_since_make_what_there_is(idle: Client, rows: Rows) -> None:
    def write() -> None:
        for n in range(15):
            volume, passing = rows.volumes(2, name=f"data-{n}")
            rows.change(volume, {"name": f"renamed-{n}"})
            rows.remove(passing)

    writer = threading.Thread(target=write)
    writer.start()
    known: dict[str, Any] = {}
    with idle.watching(VOLUMES) as messages:
        for message in messages:
            told = message["it"]
            known[told["volumeId"]] = told["volume"]
            if told["kind"] == "BOOKMARK" and not writer.is_alive() and told["cursor"] == journal(idle)[-1]:
                break

    there = idle.ask("{ volumes(first: 100) { nodes { id name status } } }")["volumes"]["nodes"]
    assert {id_: volume for id_, volume in known.items() if volume} == {volume["id"]: volume for volume in there}


def test_a_bookmark_is_a_way_back_too(idle: Client, rows: Rows) -> None:
    snapshot = rows.snapshot(rows.volume())
    with idle.watching(SNAPSHOTS) as messages:
        opening(messages)
        cursor = bookmark(messages)
    rows.change(snapshot, {"name": "meanwhile"})

    with idle.watching(SNAPSHOTS, after=cursor) as messages:
        (told,) = changes(messages, 1)

    assert (told["kind"], told["snapshot"]["name"]) == ("CHANGED", "meanwhile")


@both
def test_after_the_last_change_there_is_nothing_to_tell(idle: Client, rows: Rows, query: str) -> None:
    rows.snapshot(rows.volume())

    with idle.watching(query, after=journal(idle)[-1]) as messages:
        bookmark(messages)


def test_a_streams_cursor_is_a_place_in_the_journal(idle: Client, rows: Rows) -> None:
    volume = rows.volume()
    with idle.watching(VOLUMES) as messages:
        ((told,),) = [opening(messages)]
    rows.change(volume, {"name": "renamed"})

    events = idle.ask("query($after: String) { events(after: $after) { nodes { subjectName } } }", after=told["cursor"])

    assert events == {"events": {"nodes": [{"subjectName": "renamed"}]}}


@both
def test_a_damaged_or_foreign_cursor_ends_the_stream_with_its_code(
    idle: Client, rows: Rows, new_tenant: NewTenant, query: str
) -> None:
    rows.volume()
    foreign_rows, stranger = new_tenant()
    foreign_rows.volume()
    (own,), (foreign,) = journal(idle), journal(stranger)
    elsewhere = idle.ask("{ volumes { pageInfo { endCursor } } }")["volumes"]["pageInfo"]["endCursor"]

    for cursor in [foreign, elsewhere, *(damage(own) for damage in BAD_CURSORS.values())]:
        assert ended_by(idle, query, after=cursor) == {"code": "INVALID_CURSOR", "argument": "after"}, cursor


def test_a_reader_that_does_not_read_is_told_everything_when_it_does(idle: Client, rows: Rows) -> None:
    volume = rows.volume(description="👨‍👩‍👧" * 100)
    large = " ".join(f"d{n}: description" for n in range(40))
    query = f"subscription {{ it: volumeChanges {{ kind cursor volume {{ {large} }} }} }}"
    with idle.watching(query) as messages:
        opening(messages)
        for _ in range(6):
            volume = rows.change(volume, *({"name": f"data-{n}"} for n in range(100)))

        told = changes(messages, 600)

    assert [it["cursor"] for it in told] == journal(idle)[1:]


def test_a_reader_that_comes_late_finds_what_is_gone_told_as_gone(idle: Client, rows: Rows) -> None:
    volume = rows.volume()
    snapshot = rows.snapshot(volume)
    *_, begin = journal(idle)
    snapshot = rows.change(snapshot, *({"name": f"cut-{n}"} for n in range(150)))
    with idle.watching(SNAPSHOTS, after=begin) as messages:
        told = changes(messages, 1)

        rows.remove(snapshot)
        rows.remove(volume)
        told += changes(messages, 150)

    assert [it["kind"] for it in told] == [*["CHANGED"] * 150, "DELETED"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A service of the test's own, that can be stopped and started on the same data."""
    return Settings(data=tmp_path, jwt_secret=SECRET, bookmark_seconds=0.5, worker=False)


def test_the_way_back_needs_nothing_of_the_servers_memory(settings: Settings, tenant: str) -> None:
    store = open_store(settings)
    with serving(settings) as address, Client(address, tenant) as client:
        rows = Rows(store, tenant)
        volume = rows.volume()
        with client.watching(VOLUMES) as messages:
            opening(messages)
            volume = rows.change(volume, {"name": "before"})
            (last,) = changes(messages, 1)
    rows.change(volume, {"name": "meanwhile"}, {"name": "after"})

    restarted = dataclasses.replace(settings, bookmark_seconds=0.2)
    with serving(restarted) as address, Client(address, tenant) as client:
        with client.watching(VOLUMES, after=last["cursor"]) as messages:
            told = changes(messages, 2)
        assert [it["cursor"] for it in told] == journal(client)[2:]
    store.close()


@both
def test_a_cursor_that_the_journal_no_longer_reaches_back_to_has_expired(tester: Client, query: str) -> None:
    tester.snapshot(tester.volume()["id"])
    old, *_, newest = journal(tester)
    tester.sandbox.expire_journal(before=newest)

    assert ended_by(tester, query, after=old) == {"code": "CURSOR_EXPIRED", "argument": "after"}
    with tester.watching(query, after=newest) as messages:
        opening(messages)


@both
def test_who_watches_from_the_end_of_the_journal_is_told_only_what_comes(idle: Client, rows: Rows, query: str) -> None:
    snapshot = rows.snapshot(rows.volume())
    end = idle.ask("{ viewer { tenant { cursor } } }")["viewer"]["tenant"]["cursor"]
    assert end == journal(idle)[-1]

    rows.change(rows.change(snapshot, {"name": "renamed"}), {"name": "again"})
    rows.volume()
    with idle.watching(query, after=end) as messages:
        (told,) = changes(messages, 1)
    assert told["kind"] in ("CREATED", "CHANGED")
