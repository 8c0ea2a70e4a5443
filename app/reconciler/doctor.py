"""Doctor: compares rows and bytes, both ways, says what is amiss and mends it if told to.

    a row at rest without its bytes     volume: UNMANAGED; snapshot: ERROR
    bytes without a row                 deleted
    UNMANAGED, and the bytes are there  AVAILABLE
    UNMANAGED, and they are not         ERROR, so that its tenant can delete it
    a volume in ERROR_DELETING          DELETING once more
    a snapshot in ERROR, and whether    noted, for an administrator can set it to AVAILABLE
    its bytes are there is noted wrong  only while they are

It may run beside a working service: what changes while it looks, or before it mends, is left alone.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from app.domain import lifecycle
from app.domain.problems import InvalidState, NotFound
from app.domain.record import Record
from app.domain.snapshot import Snapshot, SnapshotStatus
from app.domain.volume import DETACHED, DOCTOR, NOT_HELD, Volume, VolumeStatus
from app.drivers.contract import Driver, Inventory
from app.reconciler.steps import GB, may_have_proof, proof_of
from app.store.leases import Owed
from app.store.store import Store
from app.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Finding:
    """Something amiss: what, and what mending it would do."""

    id: str
    tenant_id: str | None
    what: str
    mend: str
    do: Callable[[], None]


class Doctor:
    """Looks once over a store and a driver."""

    def __init__(self, store: Store, driver: Driver) -> None:
        self._store = store
        self._driver = driver

    def examine(self) -> list[Finding]:
        """Compare rows and bytes. Raises Unsure if the storage does not answer."""
        before = self._store.every_record()
        held = self._driver.inventory()
        after = self._store.every_record()
        seen = {(row.id, row.revision) for row in before}
        steady = [row for row in after if (row.id, row.revision) in seen]
        return [*self._rows_amiss(steady, held), *self._strays([*before, *after], held)]

    def _rows_amiss(self, rows: Iterable[Owed], held: Inventory) -> Iterator[Finding]:
        for row in rows:
            if isinstance(row, Volume):
                yield from self._volume_amiss(row, held.volumes.get(row.id))
            else:
                yield from self._snapshot_amiss(row, whole=held.snapshots.get(row.id) == row.size_gb * GB)

    def _snapshot_amiss(self, snapshot: Snapshot, *, whole: bool) -> Iterator[Finding]:
        if snapshot.status == SnapshotStatus.AVAILABLE and not whole:
            yield self._move(snapshot, NOT_HELD, lifecycle.LOST, SnapshotStatus.ERROR, held=False)
        elif snapshot.status in (SnapshotStatus.ERROR, SnapshotStatus.ERROR_DELETING) and snapshot.held != whole:
            what = f"{snapshot.status}, and the storage {'holds' if whole else 'does not hold'} its bytes"
            yield self._mending(snapshot, what, "note that", lambda work: work.change(snapshot, held=whole))

    def _volume_amiss(self, volume: Volume, size: int | None) -> Iterator[Finding]:
        whole = size is not None and size >= volume.size_gb * GB
        if volume.status in (VolumeStatus.AVAILABLE, VolumeStatus.IN_USE) and not whole:
            yield self._move(volume, NOT_HELD, lifecycle.LOST, VolumeStatus.UNMANAGED, **DETACHED)
        elif volume.status == VolumeStatus.UNMANAGED:
            to = VolumeStatus.AVAILABLE if whole else VolumeStatus.ERROR
            what = "UNMANAGED, and the storage holds its bytes" if whole else "UNMANAGED, and its bytes are gone"
            yield self._move(volume, what, lifecycle.MEND, to)
        elif volume.status == VolumeStatus.ERROR_DELETING:
            yield self._move(volume, "deleting it failed", lifecycle.MEND, VolumeStatus.DELETING)

    def _strays(self, rows: Iterable[Owed], held: Inventory) -> Iterator[Finding]:
        known = {row.id for row in rows}
        proofs = {proof_of(row.id) for row in rows if isinstance(row, Volume) and may_have_proof(row)}
        for id_ in sorted(held.volumes.keys() - known):
            yield self._delete(id_, self._driver.delete_volume)
        for id_ in sorted(held.snapshots.keys() - known - proofs):
            yield self._delete(id_, self._driver.delete_snapshot)

    def _delete(self, id_: str, delete: Callable[[str], None]) -> Finding:
        return Finding(id_, None, "bytes without a row", "delete the bytes", lambda: delete(id_))

    def _move(self, row: Record, what: str, by: str, to: str, **values: Any) -> Finding:
        def move(work: UnitOfWork) -> None:
            work.move(row, by, to=to, status_reason=what, **values)

        def detach() -> None:
            if isinstance(row, Volume):  # no server keeps a way in to what is given up, or was meanwhile replaced
                self._driver.detach_volume(row.id)

        return self._mending(row, f"{row.status}, but {what}", f"set the status to {to}", move, detach)

    def _mending(
        self,
        row: Record,
        what: str,
        mend: str,
        change: Callable[[UnitOfWork], object],
        afterwards: Callable[[], None] = lambda: None,
    ) -> Finding:
        def do() -> None:
            with suppress(InvalidState, NotFound):
                with self._store.unit_of_work(row.tenant_id, DOCTOR) as work:
                    change(work)
                    work.commit()
                afterwards()  # the storage may take its time, and nobody else should wait for it

        return Finding(row.id, row.tenant_id, what, mend, do)
