"""The bell: whoever waits hears of every commit, also of those that other processes make."""

import contextlib
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from app.domain.record import now
from app.store.leases import Reach
from app.store.store import Store
from tests.domain.make import a_volume
from tests.store.opened import opened, put

ROOT = Path(__file__).parents[2]
WAIT_S = 20.0
ANOTHER_PROCESS = """
import sys
from tests.domain.make import a_volume
from tests.store.opened import opened, put

with opened(sys.argv[1]) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    put(store, a_volume())
"""


def test_a_commit_rings_with_the_tenants_id_when_its_rows_can_be_read(store: Store) -> None:
    heard: list[tuple[str | None, int]] = []
    with store.bell.listening(lambda tenant_id: heard.append((tenant_id, len(store.every_record())))):
        put(store, a_volume("one"))
        put(store, a_volume("other"))
    assert heard == [("one", 1), ("other", 2)]


def test_what_is_not_committed_does_not_ring(store: Store) -> None:
    heard: list[str | None] = []
    with store.bell.listening(heard.append), store.unit_of_work("t", "tester") as work:
        work.add(a_volume())
    assert heard == []


def test_everybody_who_listens_hears_it_and_nobody_afterwards(store: Store) -> None:
    one: list[str | None] = []
    other: list[str | None] = []
    with store.bell.listening(one.append), store.bell.listening(other.append):
        put(store, a_volume())
    put(store, a_volume())
    assert one == other == ["t"]


def test_workers_hear_of_what_is_owed_and_of_nothing_else(store: Store) -> None:
    heard: list[str | None] = []
    with store.bell.working(heard.append):
        put(store, volume := a_volume(owed_at=now()))
        assert heard == ["t"]

        with store.unit_of_work("t", "tester") as work:
            work.change(volume, name="renamed")
            work.commit()
        assert heard == ["t"]

        with store.unit_of_work("t", "tester") as work:
            work.change(volume, owed_at=now())
            work.commit()
        assert heard == ["t", "t"]


def test_workers_hear_of_what_is_owed_though_a_later_change_was_told_first(store: Store) -> None:
    heard: list[str | None] = []
    with store.bell.working(heard.append):
        store.bell.ring("t", 0, 1, owing=False)
        heard.clear()
        store.bell.ring("t", 2, 3, owing=False)
        store.bell.ring("t", 1, 2, owing=True)
    assert heard


def test_workers_hear_of_what_another_process_left_owed_though_a_change_of_this_one_was_told_first(
    url: str, store: Store
) -> None:
    heard: list[str | None] = []
    put(store, volume := a_volume(owed_at=None))
    with opened(url) as another, store.bell.working(heard.append):
        put(another, a_volume(owed_at=now()))
        with store.unit_of_work("t", "tester") as work:
            work.change(volume, name="renamed")
            work.commit()
    assert heard == ["t"]


def test_who_stops_listening_while_it_rings_breaks_nothing(store: Store) -> None:
    heard: list[str | None] = []
    with contextlib.ExitStack() as listening:

        def hear_once(tenant_id: str | None) -> None:
            heard.append(tenant_id)
            listening.close()

        listening.enter_context(store.bell.listening(hear_once))
        put(store, a_volume())
        put(store, a_volume())
    assert heard == ["t"]


def test_a_commit_of_another_process_rings_for_its_tenant(url: str, store: Store) -> None:
    rang = threading.Event()
    with (
        another_process(url) as commit,
        store.bell.listening(lambda tenant_id: rang.set() if tenant_id == "t" else None),
        store.hearing_other_processes(),
    ):
        commit()
        assert rang.wait(WAIT_S), "it did not hear the other process"
    assert len(store.every_record()) == 1


@contextlib.contextmanager
def another_process(url: str) -> Iterator[Callable[[], None]]:
    """Start a process that opens the same database; yields what makes it commit."""
    command = [sys.executable, "-c", ANOTHER_PROCESS, url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

        def commit() -> None:
            process.communicate("go on\n")

        yield commit
    assert process.returncode == 0


def test_a_commit_of_this_process_that_changes_no_journal_wakes_nobody(store: Store) -> None:
    put(store, a_volume("t", owed_at=now()))
    rang = threading.Semaphore(0)
    with store.bell.listening(lambda _: rang.release()), store.hearing_other_processes():
        assert store.leases.claim(Reach.ALL) is not None
        put(store, a_volume("t"))
        assert rang.acquire(timeout=WAIT_S), "it rings for the change of the journal"
        put(store, a_volume("last"))
        assert rang.acquire(timeout=WAIT_S)
    assert not rang.acquire(blocking=False), "for the lease it does not"


def test_only_the_tenants_whose_journal_grew_are_told_of_and_once(store: Store) -> None:
    put(store, a_volume("another"))
    put(store, a_volume("t"))
    heard: queue.Queue[str | None] = queue.Queue()
    with store.bell.listening(heard.put), store.hearing_other_processes():
        put(store, a_volume("t"))
        put(store, a_volume("another"))
        told = [heard.get(timeout=WAIT_S) for _ in range(2)]
    assert told == ["t", "another"]
    assert heard.empty(), "one's own commits are heard as those of others are, and are no news"


def test_it_stops_listening_to_other_processes_at_the_end_of_the_block(store: Store) -> None:
    before = set(threading.enumerate())
    with store.hearing_other_processes():
        (listener,) = set(threading.enumerate()) - before
    assert not listener.is_alive()
