"""What only SQLite does, or has to be told to do."""

import re
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event

from app.domain.page import ListName, Order, OrderField, Window
from app.domain.record import Record
from app.domain.snapshot import SnapshotFilter
from app.domain.unavailable import Unavailable
from app.domain.volume import VolumeFilter, VolumeStatus
from app.store import database
from app.store.database import BUSY_TIMEOUT_MS, asking, writing
from app.store.leases import Reach
from app.store.store import Store
from app.store.unit_of_work import Reading
from tests.domain.make import a_snapshot, a_volume
from tests.store.opened import LONG, NO_LIMITS, opened, put


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'a folder' / 'house.db'}"


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", BUSY_TIMEOUT_MS)],
)
def test_every_connection_is_durable_checks_foreign_keys_and_waits(store: Store, pragma: str, value: str | int) -> None:
    with asking(store._engine) as one, writing(store._engine) as other:
        for connection in (one, other):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_change_waits_for_the_disk_also_after_a_lease_that_did_not(store: Store) -> None:
    put(store, a_volume(status=VolumeStatus.CREATING))
    assert store.leases.claim(Reach.ALL)
    with store.unit_of_work("t", "tester") as work:
        assert work._connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_who_would_write_waits_for_its_turn_and_no_longer_than_is_bearable(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    with store.unit_of_work("t", "tester"), pytest.raises(Unavailable, match="busy"), store.unit_of_work("u", "tester"):
        pass
    with store.unit_of_work("u", "tester") as work:
        work.commit()


def test_a_disk_without_space_for_the_database_is_unavailable_and_no_bug(store: Store) -> None:
    def fill() -> None:
        with store.unit_of_work("t", "tester") as work:
            work._connection.exec_driver_sql("PRAGMA max_page_count = 1")  # no more than there are
            for n in range(100):
                work.add(a_volume(id=f"vol-{n:024x}"))

    with pytest.raises(Unavailable, match="no space"):
        fill()


def test_a_folder_that_is_not_there_is_made_when_the_store_is_opened(url: str, tmp_path: Path) -> None:
    Store(url, NO_LIMITS, LONG).close()
    assert list(tmp_path.glob("*/*")) == []
    with opened(url) as store:
        store.check()
    assert (tmp_path / "a folder" / "house.db").exists()


def test_a_new_database_is_waited_for_while_another_process_makes_it(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a folder").mkdir()
    other = sqlite3.connect(tmp_path / "a folder" / "house.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(time, "sleep", lambda _: other.execute("ROLLBACK"))  # it is done while we wait
    with opened(url) as store:
        store.check()
        assert not other.in_transaction
    other.close()


def test_a_unit_of_work_takes_the_right_to_write_when_it_begins(store: Store, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "a folder" / "house.db", timeout=0, isolation_level=None)
    with store.reading("t"):
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    with store.unit_of_work("t", "tester"), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.close()


def plan_of(store: Store, read: Callable[[Reading], object]) -> list[str]:
    """How SQLite would go about what is read, step by step."""
    statements: list[tuple[str, tuple[object, ...]]] = []

    def note(_: object, __: object, statement: str, parameters: tuple[object, ...], *___: object) -> None:
        statements.append((statement, parameters))

    with store.reading("t") as reading:
        event.listen(store._engine, "before_cursor_execute", note)
        read(reading)
        event.remove(store._engine, "before_cursor_execute", note)
    with store._engine.connect() as connection:
        rows = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given).all() for sql, given in statements]
    return [str(row[-1]) for plan in rows for row in plan]


def assert_walks(index: str, plan: list[str], times: int) -> None:
    """Every row that is looked at is found by that index, in so many walks, and none needs sorting."""
    assert len([step for step in plan if re.match(rf"SEARCH \w+ USING INDEX {index} ", step)]) == times, plan
    assert not [step for step in plan if "TEMP B-TREE" in step or re.match(r"SCAN (volume|snapshot)", step)], plan


COLUMN = {"created_at": "creation", "name": "name", "size_gb": "size", "status": "status"}
ORDERS = [Order(field, descending) for field in OrderField for descending in (True, False)]


def windows(name: ListName, row: Record) -> list[Window]:
    """The first page, one further on, the last and one before."""
    cursor = name.cursor(row)
    return [Window(), Window(after=cursor), Window(backward=True), Window(backward=True, before=cursor)]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_a_page_is_a_walk_of_an_index_in_every_order(store: Store, order: Order) -> None:
    put(store, volume := a_volume(), snapshot := a_snapshot(volume))
    name, column = ListName("t", "list", order), COLUMN[order.field]
    of_volumes = [(name, window, VolumeFilter()) for window in windows(name, volume)]
    of_snapshots = [(name, window, SnapshotFilter()) for window in windows(name, snapshot)]
    assert_walks(f"volume_by_{column}", plan_of(store, lambda reading: reading.volumes.pages(of_volumes)), 4)
    assert_walks(f"snapshot_by_{column}", plan_of(store, lambda reading: reading.snapshots.pages(of_snapshots)), 4)


def test_the_snapshots_of_many_volumes_are_a_walk_of_an_index_each(store: Store) -> None:
    put(store, volume := a_volume(), snapshot := a_snapshot(volume))
    name, wanted = ListName("t", "list"), SnapshotFilter(volume_id=volume.id)
    pages = [(name, window, wanted) for window in windows(name, snapshot)]
    assert_walks("snapshot_by_volume", plan_of(store, lambda reading: reading.snapshots.pages(pages)), 4)


def test_the_volumes_restored_from_a_snapshot_are_a_walk_of_an_index(store: Store) -> None:
    put(store, volume := a_volume())
    name, wanted = ListName("t", "list"), VolumeFilter(source_snapshot_id="snap-1")
    pages = [(name, window, wanted) for window in windows(name, volume)]
    assert_walks("volume_by_source", plan_of(store, lambda reading: reading.volumes.pages(pages)), 4)


def test_what_rows_owe_is_summed_up_without_a_look_at_those_that_owe_nothing(store: Store) -> None:
    put(store, volume := a_volume(), a_snapshot(volume))
    plan = plan_of(store, lambda _: store.debts())
    for table in ("volume", "snapshot"):
        assert any(step.startswith(f"SEARCH {table} USING INDEX {table}_owed ") for step in plan), plan
    assert not [step for step in plan if step.startswith(("SCAN volume", "SCAN snapshot"))], plan
