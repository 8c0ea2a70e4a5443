"""The statements about snapshots."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, false
from sqlmodel import col, select

from app.domain.page import OrderField
from app.domain.snapshot import Snapshot, SnapshotFilter, SnapshotStatus
from app.domain.volume import Volume
from app.store.rows import Rows, containing, one_of
from app.store.words import unindexed


class Snapshots(Rows[Snapshot, SnapshotFilter]):
    """The snapshots of one tenant, within one transaction."""

    model = Snapshot
    counter = "snapshots"

    def fits(self, wanted: SnapshotFilter) -> list[ColumnElement[bool]]:
        """Return the conditions of a filter."""
        conditions: list[ColumnElement[bool]] = []
        if wanted.status:
            status = Snapshot.status if wanted.volume_id is None else unindexed(Snapshot.status)
            conditions.append(one_of(status, wanted.status))
        if wanted.volume_id is not None:
            conditions.append(
                col(Snapshot.volume_id) == wanted.volume_id if Volume.is_id(wanted.volume_id) else false()
            )
        if wanted.search:
            conditions.append(containing(wanted.search, Snapshot.name, Snapshot.description))
        return conditions

    def walks(self, wanted: SnapshotFilter) -> Sequence[SnapshotFilter]:
        """Return a share for each status. A volume's own list needs none: few are of one volume."""
        if wanted.volume_id is not None or not wanted.status:
            return [wanted]
        return [replace(wanted, status=(status,)) for status in wanted.status]

    def better_sorted(self, wanted: SnapshotFilter, by: OrderField) -> bool:
        """Of one volume there are few, and of every status but the one in which snapshots rest."""
        if wanted.volume_id is not None:
            return by is not OrderField.CREATED_AT
        rest = wanted.status in ((), (SnapshotStatus.AVAILABLE,))
        return not rest and by in (OrderField.NAME, OrderField.SIZE)

    def find(self, ids: Collection[str]) -> dict[str, Snapshot]:
        """Return those of the snapshots that the tenant has, by id, each with its volume."""
        known = self._known(ids)
        if not known:
            return {}
        both = select(Snapshot, Volume).join(Volume, col(Volume.id) == Snapshot.volume_id)
        mine = both.where(Snapshot.tenant_id == self._tenant_id, one_of(Snapshot.id, known))
        found = {}
        for snapshot, volume in self._session.exec(mine):
            snapshot.volume = volume
            found[snapshot.id] = snapshot
        return found

    def bring_volumes(self, snapshots: Iterable[Snapshot]) -> None:
        """Read the volume of each of the snapshots along with it."""
        of = {snapshot.volume_id for snapshot in snapshots}
        volumes = self._session.exec(select(Volume).where(Volume.tenant_id == self._tenant_id, col(Volume.id).in_(of)))
        found = {volume.id: volume for volume in volumes}
        for snapshot in snapshots:
            snapshot.volume = found[snapshot.volume_id]
