"""House: the services over one store. No driver is anywhere near: what the storage would answer is said by hand."""

from collections.abc import Mapping
from typing import Any, TypeVar

from app.domain import lifecycle
from app.domain.caller import Caller
from app.domain.snapshot import Snapshot
from app.domain.volume import Volume, VolumeStatus
from app.service.snapshots import SnapshotService
from app.service.volumes import VolumeService
from app.service.watch import Watch
from app.store.leases import Owed, Reach
from app.store.rows import Rows
from app.store.store import Store
from tests.domain.make import a_member, an_administrator
from tests.store.opened import change

Row = TypeVar("Row", bound=Owed)
MEMBER, ADMINISTRATOR, STRANGER = a_member(), an_administrator(), a_member("another")
VOLUME: Mapping[str, Any] = {
    "name": "data",
    "description": "",
    "size_gb": 10,
    "product": "SSD",
    "protected": False,
    "idempotency_key": None,
}
SNAPSHOT: Mapping[str, Any] = {"name": "cut", "description": "", "idempotency_key": None}
RESTORE: Mapping[str, Any] = {"name": "data-R", "description": "", "protected": False, "idempotency_key": None}
SERVER: Mapping[str, Any] = {"server_id": "srv-1", "server_name": "web", "device": "/dev/vdb"}


class House:
    """What a test asks things of, and the storage that it plays itself."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.volumes = VolumeService(store, {"SSD": "fast", "HDD": "large"})
        self.snapshots = SnapshotService(store, "storage@example")
        self.watch = Watch(store)

    def volume(self, by: Caller = MEMBER, **given: Any) -> Volume:
        """Create a volume and let the storage make it."""
        made, _ = self.volumes.create(by, **{**VOLUME, **given})
        self.settle()
        return self.now(made)

    def snapshot(self, volume: Volume, by: Caller = MEMBER, **given: Any) -> Snapshot:
        """Cut a snapshot and let the storage cut it."""
        made, _ = self.snapshots.create(by, **{**SNAPSHOT, "volume_id": volume.id, **given})
        self.settle()
        return self.now(made)

    def attached(self, **given: Any) -> Volume:
        """Create a volume and attach it to a server."""
        volume = self.volume(**given)
        self.volumes.attach(MEMBER, volume.id, **SERVER)
        self.settle()
        return self.now(volume)

    def now(self, row: Row) -> Row:
        """The object as it is now."""
        with self.store.reading(row.tenant_id) as reading:
            rows: Rows[Any, Any] = reading.volumes if isinstance(row, Volume) else reading.snapshots
            found: Row = rows.get(row.id)
            return found

    def settle(self, by: str = lifecycle.DONE) -> None:
        """Let the storage answer everything that is owed: done, or refused."""
        while (row := self.store.leases.claim(Reach.OWED)) is not None:
            with self.store.unit_of_work(row.tenant_id, "storage") as work:
                if row.lifecycle.targets(by, row.status) == (None,):
                    work.remove(row, under=row.lease or "")
                else:
                    work.move(row, by, under=row.lease, **_answer(row, by))
                work.commit()

    def force(self, row: Owed, status: str, **values: Any) -> None:
        """Put an object into a status by other ways than a verb."""
        change(self.store, self.now(row), status=status, owed_at=None, **values)


def _answer(row: Owed, by: str) -> dict[str, Any]:
    """What the reconciler would write beside the status."""
    if isinstance(row, Snapshot):
        return {"held": by == lifecycle.DONE}
    if row.status == VolumeStatus.EXTENDING:
        size_gb = row.extending_to_gb if by == lifecycle.DONE else row.size_gb
        return {"size_gb": size_gb, "extending_to_gb": None}
    leaves = by == lifecycle.DONE if row.status == VolumeStatus.DETACHING else by != lifecycle.DONE
    return dict.fromkeys([*SERVER, "attached_at"]) if leaves else {}
