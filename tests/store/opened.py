"""Databases to try the store on, each new and empty, and what only a test does to one."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import func, select, update
from sqlmodel import col

from app.domain.journal import Entry
from app.domain.record import Record, now
from app.domain.snapshot import Snapshot
from app.domain.volume import Volume
from app.store.database import asking, writing
from app.store.journal import Stretch
from app.store.store import Quotas, Store
from tests.store.postgres import new_database

Result = TypeVar("Result")

DATABASES: Mapping[str, Callable[[Path], str]] = {
    "sqlite": lambda folder: f"sqlite:///{folder / 'house.db'}",
    "postgresql": lambda _: new_database(),
}
"""The kinds of database, each with the URL of a new one; every test of the store runs over all of them."""

NO_LIMITS = Quotas(-1, -1, -1)
LONG = timedelta(hours=1)


@contextlib.contextmanager
def opened(url: str, quotas: Quotas = NO_LIMITS, lease_length: timedelta = LONG) -> Iterator[Store]:
    """Open a store at its newest schema; closed after the block."""
    store = Store(url, quotas, lease_length)
    store.migrate()
    try:
        yield store
    finally:
        store.close()


def put(store: Store, *records: Record) -> None:
    """Let objects of one tenant come to be, in one commit."""
    with store.unit_of_work(records[0].tenant_id, "tester") as work:
        for record in records:
            work.add(record)
        work.commit()


def change(store: Store, record: Record, **values: Any) -> None:
    """Change an object in a commit of its own."""
    with store.unit_of_work(record.tenant_id, "tester") as work:
        work.change(record, **values)
        work.commit()


def lines(store: Store, tenant_id: str, **wanted: Any) -> list[Entry]:
    """What a tenant's journal says."""
    with store.reading(tenant_id) as reading:
        return reading.journal.read([Stretch(**{"after": 0, "limit": 10_000, **wanted})])[0]


def used(store: Store, tenant_id: str) -> tuple[int, int, int]:
    """How many volumes, snapshots and gigabytes the tenant uses, as it was counted."""
    with store.reading(tenant_id) as reading:
        return reading.tenant.volumes, reading.tenant.snapshots, reading.tenant.gigabytes


def summed(store: Store, tenant_id: str) -> tuple[int, int, int]:
    """The same, summed up from the rows."""
    rows = records(store, tenant_id)
    snapshots = sum(isinstance(row, Snapshot) for row in rows)
    return len(rows) - snapshots, snapshots, sum(row.counted["gigabytes"] for row in rows)


def records(store: Store, tenant_id: str) -> list[Volume | Snapshot]:
    """All volumes and snapshots of one tenant."""
    return [record for record in store.every_record() if record.tenant_id == tenant_id]


def age(store: Store, tenant_id: str, upto: int, by: timedelta) -> None:
    """Make the first lines of a journal older than they are."""
    old = update(Entry).where(col(Entry.tenant_id) == tenant_id, col(Entry.number) <= upto).values(at=now() - by)
    with writing(store._engine) as connection:
        connection.execute(old)
        connection.commit()


def rows_of(store: Store, table: type[Any]) -> int:
    """How many rows a table has, of all tenants."""
    with asking(store._engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def side_by_side(calls: int, call: Callable[[int], Result]) -> list[Result]:
    """Call so many times at once, each in a thread of its own; return what each returned."""
    together = threading.Barrier(calls)

    def run(number: int) -> Result:
        together.wait()
        return call(number)

    with ThreadPoolExecutor(calls) as threads:
        return list(threads.map(run, range(calls)))
