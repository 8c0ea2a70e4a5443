"""Rows written past the verbs: in any status, of any category. Beside a service without a worker they stay so."""

from collections.abc import Sequence
from typing import Any, TypeVar

from app.domain.record import Record, now
from app.domain.snapshot import Snapshot, SnapshotStatus
from app.domain.volume import Volume, VolumeStatus
from app.store.store import Store

Row = TypeVar("Row", bound=Record)
LEASE = "a lease of the tests"


class Rows:
    """The rows of one tenant, written by a store of the tests' own, as another process would."""

    def __init__(self, store: Store, tenant: str) -> None:
        self._store = store
        self.tenant = tenant

    def volume(self, **values: Any) -> Volume:
        """Add a volume, AVAILABLE unless told otherwise; with a server where its status says that it has one."""
        return self.volumes(1, **values)[0]

    def volumes(self, count: int, **values: Any) -> list[Volume]:
        """Add equal volumes, all in one commit."""
        status = values.get("status", VolumeStatus.AVAILABLE)
        attached = status in (VolumeStatus.ATTACHING, VolumeStatus.IN_USE, VolumeStatus.DETACHING)
        server = {"server_id": "srv-1", "attached_at": now()} if attached else {}
        asked = {"name": "data", "size_gb": 10, "product": "SSD", "connection": "file:///nowhere", **server, **values}
        return self._add([Volume.begin(self.tenant, "tester") for _ in range(count)], {**asked, "status": status})

    def snapshot(self, volume: Volume, **values: Any) -> Snapshot:
        """Add a snapshot of a volume, AVAILABLE unless told otherwise."""
        return self.snapshots([volume], **values)[0]

    def snapshots(self, volumes: Sequence[Volume], **values: Any) -> list[Snapshot]:
        """Add an equal snapshot of each of the volumes, all in one commit."""
        made = [
            Snapshot.begin(self.tenant, "tester", volume_id=volume.id, size_gb=volume.size_gb, product=volume.product)
            for volume in volumes
        ]
        return self._add(made, {"name": "cut", "held": True, "status": SnapshotStatus.AVAILABLE, **values})

    def change(self, record: Row, *changes: dict[str, Any]) -> Row:
        """Change columns of a row, once for each of the changes, all in one commit."""
        with self._store.unit_of_work(self.tenant, "tester") as work:
            for values in changes:
                record = work.change(record, **values)
            work.commit()
        return record

    def remove(self, *records: Record) -> None:
        """Let rows be gone, as a worker does at the end of a deletion."""
        with self._store.unit_of_work(self.tenant, "storage") as work:
            for record in records:
                work.remove(record, under=LEASE)
            work.commit()

    def fill_quotas(self) -> None:
        """Leave the tenant no room: its limits are what it uses now."""
        with self._store.unit_of_work(self.tenant, "tester") as work:
            tenant = work.tenant
            tenant.max_volumes, tenant.max_snapshots = tenant.volumes, tenant.snapshots
            tenant.max_gigabytes = tenant.gigabytes
            work.commit()

    def revision(self) -> int:
        """Return how many changes the tenant has seen."""
        with self._store.reading(self.tenant) as reading:
            return reading.tenant.revision

    def _add(self, records: list[Row], values: dict[str, Any]) -> list[Row]:
        with self._store.unit_of_work(self.tenant, "tester") as work:
            for record in records:
                for column, value in {"owed_at": None, "lease": LEASE, **values}.items():
                    setattr(record, column, value)
                work.add(record)
            work.commit()
        return records
