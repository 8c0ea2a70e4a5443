"""Data: tenants whose rows follow from their numbers alone, so that each answer can be told right from wrong."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, insert
from sqlmodel import SQLModel

from app.domain.snapshot import Snapshot, SnapshotConsistency, SnapshotStatus
from app.domain.tenant import UNLIMITED, Tenant
from app.domain.volume import Volume, VolumeStatus
from app.store.database import asking, is_sqlite, open_engine, writing

_START = datetime(2026, 1, 1, tzinfo=UTC)
_SNAPSHOTS_OF_A_VOLUME = 10
_AT_ONCE = 10_000
_COMMON: dict[str, Any] = {"product": "SSD", "size_gb": 10, "created_by": "bench", "updated_by": "bench", "version": 2}


@dataclass(frozen=True)
class Owner:
    """A tenant with so many snapshots, the oldest of number 0, and a tenth as many volumes."""

    id: str
    snapshots: int

    @property
    def volumes(self) -> int:
        return max(1, self.snapshots // _SNAPSHOTS_OF_A_VOLUME)

    def snapshot_id(self, number: int) -> str:
        return f"snap-{self._scattered('snapshot', number)}"

    def volume_id(self, number: int) -> str:
        """Return the id of the volume that the snapshot of that number was cut from; neighbours are of others."""
        return f"vol-{self._scattered('volume', number % self.volumes)}"

    def snapshot(self, number: int) -> dict[str, Any]:
        """Return the row of a snapshot."""
        moment = _START + timedelta(seconds=number)
        return {
            **_SNAPSHOT,
            "id": self.snapshot_id(number),
            "tenant_id": self.id,
            "name": f"cut-{number}",
            "description": f"the nightly cut of number {number}",
            "volume_id": self.volume_id(number),
            "used_bytes": 4096 * (number % 1000),
            "created_at": moment,
            "updated_at": moment,
            "revision": self.volumes + number + 1,
        }

    def volume(self, number: int) -> dict[str, Any]:
        """Return the row of a volume."""
        mine = {"id": self.volume_id(number), "tenant_id": self.id, "name": f"volume-{number}", "revision": number + 1}
        return {**_VOLUME, **mine, "created_at": _START, "updated_at": _START}

    def told(self, number: int) -> dict[str, Any]:
        """Return what a right answer says of a snapshot."""
        row, volume = self.snapshot(number), self.volume(number % self.volumes)
        own = {word: row[column] for word, column in TOLD.items()}
        return {**own, "volume": {word: volume[word] for word in ("id", "name", "status")}}

    def _scattered(self, kind: str, number: int) -> str:
        return hashlib.blake2b(f"{self.id} {kind} {number}".encode(), digest_size=12).hexdigest()


TOLD = {
    "id": "id",
    "name": "name",
    "description": "description",
    "status": "status",
    "statusReason": "status_reason",
    "sizeGb": "size_gb",
    "product": "product",
    "usedBytes": "used_bytes",
    "consistency": "consistency",
    "createdBy": "created_by",
    "createdAt": "created_at",
    "version": "version",
}
"""The fields that are asked for, and their columns."""


def fill(url: str, owners: Sequence[Owner]) -> None:
    """Write tenants into a database at the newest schema; its journal is as if all were older than it reaches back."""
    engine = open_engine(url)
    write = _insert if is_sqlite(url) else _copy
    with writing(engine) as connection:
        _take_time(connection)
        for owner in owners:
            write(connection, Tenant, iter([_tenant(owner)]))
            write(connection, Volume, map(owner.volume, range(owner.volumes)))
            write(connection, Snapshot, map(owner.snapshot, range(owner.snapshots)))
        connection.commit()
    _count_rows(engine)
    engine.dispose()


def _take_time(connection: Connection) -> None:
    """Let a statement take longer than the service would wait for one."""
    if not is_sqlite(connection.engine.url):
        connection.exec_driver_sql("SET statement_timeout = 0")


def _count_rows(engine: Engine) -> None:
    """Let the database know how many rows of which kind there are, as it finds out in time."""
    with asking(engine) as connection:
        _take_time(connection)
        connection.exec_driver_sql("ANALYZE" if is_sqlite(engine.url) else "VACUUM ANALYZE")


def _tenant(owner: Owner) -> dict[str, Any]:
    """Return the row of a tenant, whose counters are those of its rows."""
    used = {"volumes": owner.volumes, "snapshots": owner.snapshots}
    limits = dict.fromkeys(("max_volumes", "max_snapshots", "max_gigabytes"), UNLIMITED)
    amount = sum(used.values())
    return _columns(Tenant(id=owner.id, name=owner.id, revision=amount, gigabytes=10 * amount, **used, **limits))


def _copy(connection: Connection, model: type[SQLModel], rows: Iterable[dict[str, Any]]) -> None:
    names = [sql.Identifier(column.name) for column in _table(model).columns]
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(_table(model).name), sql.SQL(",").join(names))
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    with driver.cursor().copy(copy) as copying:
        for row in rows:
            copying.write_row(list(row.values()))


def _insert(connection: Connection, model: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, _AT_ONCE)):
        connection.execute(insert(model), some)


def _table(model: type[SQLModel]) -> Any:
    return model.__table__  # type: ignore[attr-defined]


def _columns(record: SQLModel) -> dict[str, Any]:
    """Return a row, its columns in the table's order; `{**row, …}` keeps that."""
    return {column.name: getattr(record, column.name) for column in _table(type(record)).columns}


_VOLUME = _columns(Volume(id="", tenant_id="", name="", status=VolumeStatus.AVAILABLE, **_COMMON))
_SNAPSHOT = _columns(
    Snapshot(
        id="",
        tenant_id="",
        name="",
        status=SnapshotStatus.AVAILABLE,
        volume_id="",
        consistency=SnapshotConsistency.OFFLINE,
        held=True,
        **_COMMON,
    )
)
