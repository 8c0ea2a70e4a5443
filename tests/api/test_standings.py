"""Where a tenant stands is asked for many at once, and nobody is told what was so before it asked."""

import asyncio
import threading
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.api.standings import Standings
from app.domain.caller import Caller
from app.service.watch import Watch
from app.store.standing import Standing
from app.store.store import Store
from tests.domain.make import a_volume
from tests.store.opened import opened, put
from tests.store.postgres import new_database

MEMBER = Caller("tester", "tester", "t", frozenset())
WAIT_S = 20.0


class SlowWatch(Watch):
    """Has looked, and waits until it is let go before it tells what it saw."""

    tells_standings_at_once = False

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.asked: list[list[str]] = []
        self.has_looked, self.go_on = threading.Semaphore(0), threading.Semaphore(0)

    def standings(self, tenant_ids: Collection[str]) -> Mapping[str, Standing]:
        found = super().standings(tenant_ids)
        self.asked.append(list(tenant_ids))
        self.has_looked.release()
        assert self.go_on.acquire(timeout=WAIT_S)
        return found


@pytest.fixture
def store() -> Iterator[Store]:
    with opened(new_database()) as store:
        put(store, a_volume())
        yield store


def test_who_asks_after_a_commit_is_told_of_it_though_a_question_was_under_way(store: Store) -> None:
    async def ask(watch: SlowWatch, threads: ThreadPoolExecutor) -> tuple[Any, Any]:
        standings = Standings(watch, threads)
        early = asyncio.create_task(standings.of(MEMBER))
        await asyncio.to_thread(watch.has_looked.acquire, timeout=WAIT_S)
        put(store, a_volume())
        late = asyncio.create_task(standings.of(MEMBER))
        await asyncio.sleep(0)
        watch.go_on.release(2)
        return await early, await late

    with ThreadPoolExecutor() as threads:
        before, after = asyncio.run(ask(SlowWatch(store), threads))

    assert (before[0], after[0]) == (1, 2)


def test_those_who_ask_together_are_asked_for_together(store: Store) -> None:
    strangers = [Caller("s", "s", f"s{number}", frozenset()) for number in range(3)]

    async def ask(watch: SlowWatch, threads: ThreadPoolExecutor) -> list[Any]:
        standings = Standings(watch, threads)
        return await asyncio.gather(*(standings.of(caller) for caller in (MEMBER, *strangers, MEMBER)))

    watch = SlowWatch(store)
    watch.go_on.release(9)
    with ThreadPoolExecutor() as threads:
        told = asyncio.run(ask(watch, threads))

    assert told[0] == told[4] is not None
    assert told[1:4] == [None] * 3
    assert watch.asked == [["t", "s0", "s1", "s2"]]
