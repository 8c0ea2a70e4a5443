"""What the streams of a tenant share: each finds out what only it asks, and all together what all of them ask."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from app.api.context import Context, Services
from app.api.locale import Locale
from app.api.schema import schema
from app.api.tail import Tail
from app.domain.receipt import Receipt
from app.service.snapshots import SnapshotService
from app.service.volumes import VolumeService
from app.service.watch import Watch
from app.testing.client import heard
from tests.api.conftest import Idle
from tests.api.rows import Rows
from tests.api.streams import VOLUMES, changes, opening
from tests.api.test_statements import counted
from tests.client import Client
from tests.domain.make import a_member, a_volume
from tests.store.opened import DATABASES, opened, put

RIGHTS = """subscription { it: volumeChanges { kind
  volume { name snapshots { nodes { actions { action allowed problem { code message } } } } } } }"""


def in_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Make a test of a coroutine."""

    def run() -> None:
        asyncio.run(test())

    run.__name__ = test.__name__
    return run


class Search:
    """Something to be found out, that waits until it is let go on."""

    def __init__(self) -> None:
        self.begun = 0
        self.may_end = asyncio.Event()

    async def __call__(self) -> int:
        self.begun += 1
        found = self.begun
        await self.may_end.wait()
        return found


async def begun(*streams: Awaitable[int]) -> list[asyncio.Task[int]]:
    """Let each stream begin to ask."""
    tasks = [asyncio.ensure_future(stream) for stream in streams]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


@in_a_loop
async def test_what_several_ask_is_looked_for_once() -> None:
    tail, search = Tail(), Search()
    streams = await begun(*(tail.once("a", search) for _ in range(3)))
    search.may_end.set()

    assert [await stream for stream in streams] == [1, 1, 1]
    assert await tail.once("a", search) == 1
    assert await tail.once("b", search) == 2


@in_a_loop
async def test_a_ring_lets_all_be_looked_for_anew_also_what_is_being_looked_for() -> None:
    tail, search = Tail(), Search()
    (early,) = await begun(tail.once("a", search))
    ring = tail.next_ring
    tail.ring()
    await ring.wait()
    (late,) = await begun(tail.once("a", search))
    search.may_end.set()

    assert (await early, await late) == (1, 2)


@in_a_loop
async def test_a_stream_that_ends_while_it_looks_leaves_the_others_what_is_found() -> None:
    tail, search = Tail(), Search()
    leaving, staying = await begun(tail.once("a", search), tail.once("a", search))
    leaving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await leaving
    search.may_end.set()

    assert await staying == 1


@in_a_loop
async def test_a_failure_is_everybodys_that_asked() -> None:
    async def fail() -> int:
        raise LookupError

    tail = Tail()
    for stream in await begun(*(tail.once("a", fail) for _ in range(2))):
        with pytest.raises(LookupError):
            await stream


@in_a_loop
async def test_a_failure_is_not_kept_for_those_who_ask_later() -> None:
    async def fail() -> int:
        raise LookupError

    tail, search = Tail(), Search()
    search.may_end.set()
    with pytest.raises(LookupError):
        await tail.once("a", fail)

    assert await tail.once("a", search) == 1


@in_a_loop
async def test_what_was_found_has_its_bounds() -> None:
    tail, search = Tail(), Search()
    search.may_end.set()
    for n in range(10_000):
        await tail.once(n, search)

    assert len(tail._found) <= 100


@pytest.mark.parametrize("database", DATABASES)
def test_a_stream_whose_rings_are_lost_finds_what_they_told_of_at_its_next_bookmark(
    database: str, tmp_path: Path
) -> None:
    async def follow(services: Services, change: Callable[[], None]) -> None:
        context = Context(services, a_member(), Locale.EN, Receipt())
        stream: Any = await schema().subscribe(
            "subscription { it: volumeChanges { kind volume { name } } }", context_value=context
        )
        async with contextlib.aclosing(stream):
            while (await anext(stream)).data["it"]["kind"] != "BOOKMARK":
                pass
            await asyncio.to_thread(change)
            while (told := (await anext(stream)).data["it"])["kind"] == "BOOKMARK":
                pass
        assert told == {"kind": "CREATED", "volume": {"name": "data"}}

    url = DATABASES[database](tmp_path)
    with opened(url) as deaf, opened(url) as other:  # nobody tells the first what the second commits
        services = Services(VolumeService(deaf, {}), SnapshotService(deaf, ""), Watch(deaf), {}, bookmark_every_s=0.05)
        asyncio.run(follow(services, lambda: put(other, a_volume())))
        services.threads.shutdown()


def test_a_change_costs_as_many_statements_for_20_streams_as_for_one(
    idle: Client, rows: Rows, idle_service: Idle
) -> None:
    volume, costs = rows.volume(), []
    for streams in (1, 20):
        with contextlib.ExitStack() as open_streams:
            watching = [open_streams.enter_context(idle.watching(VOLUMES)) for _ in range(streams)]
            for messages in watching:
                opening(messages)
            with counted(idle_service.url) as statements:
                idle.do("updateVolume", id=volume.id, name=f"for-{streams}")
                told = [changes(messages, 1) for messages in watching]
        assert {change["volume"]["name"] for (change,) in told} == {f"for-{streams}"}
        costs.append(len(statements))

    # A stream that was told before another asked may look once more: for the lines that follow, and at its bookmark.
    assert costs[1] <= 2 * costs[0]


def test_streams_that_ask_differently_are_told_each_its_own(idle: Client, rows: Rows) -> None:
    volume = rows.volume()
    queries = [
        "subscription { it: volumeChanges { kind volume { name } } }",
        "subscription { it: volumeChanges { kind volume { id } } }",
        "subscription { it: volumeChanges { kind volume { ...f } } } fragment f on Volume { name }",
        "subscription { it: volumeChanges { kind volume { ...f } } } fragment f on Volume { sizeGb }",
    ]
    with contextlib.ExitStack() as open_streams:
        watching = [open_streams.enter_context(idle.watching(query)) for query in queries]
        for messages in watching:
            opening(messages)
        idle.do("updateVolume", id=volume.id, name="renamed")
        told = [changes(messages, 1)[0]["volume"] for messages in watching]

    assert told == [{"name": "renamed"}, {"id": volume.id}, {"name": "renamed"}, {"sizeGb": 10}]


def test_streams_with_other_variables_are_told_each_its_own(idle: Client, rows: Rows) -> None:
    volume = rows.volume()
    query = "subscription($n: Boolean!) { it: volumeChanges { kind volume { id name @include(if: $n) } } }"
    with idle.watching(query, n=True) as with_name, idle.watching(query, n=False) as without:
        opening(with_name), opening(without)
        idle.do("updateVolume", id=volume.id, name="renamed")

        assert changes(with_name, 1)[0]["volume"] == {"id": volume.id, "name": "renamed"}
        assert changes(without, 1)[0]["volume"] == {"id": volume.id}


def test_each_caller_is_told_by_its_own_rights_and_in_its_own_language(
    idle: Client, idle_administrator: Client, rows: Rows
) -> None:
    volume = rows.volume()
    rows.snapshot(volume, status="ERROR_DELETING")
    with (
        idle.watching(RIGHTS) as member_hears,
        idle_administrator.watching(RIGHTS) as administrator_hears,
        idle.socket(**{"Accept-Language": "ko"}) as korean,
    ):
        korean.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": RIGHTS}}))
        korean_hears = heard(korean)
        for messages in (member_hears, administrator_hears, korean_hears):
            opening(messages)
        idle.do("updateVolume", id=volume.id, name="renamed")
        told = [changes(messages, 1)[0]["volume"] for messages in (member_hears, administrator_hears, korean_hears)]

    may_retry, words = [], []
    for it in told:
        assert it["name"] == "renamed"
        (snapshot,) = it["snapshots"]["nodes"]
        state = {action["action"]: action for action in snapshot["actions"]}
        may_retry.append(state["RETRY_DELETION"]["allowed"])
        words.append(state["RESTORE"]["problem"]["message"])
    assert may_retry == [False, True, False]
    assert words[0] == words[1] != words[2]
