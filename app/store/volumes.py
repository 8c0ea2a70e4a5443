"""The statements about volumes."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, bindparam, select
from sqlmodel import col

from app.domain.page import OrderField
from app.domain.volume import Volume, VolumeCategory, VolumeFilter, VolumeStatus
from app.store.columns import columns_of
from app.store.rows import Rows, containing, one_of
from app.store.words import unindexed


class Volumes(Rows[Volume, VolumeFilter]):
    """The volumes of one tenant, within one transaction."""

    model = Volume
    counter = "volumes"

    @classmethod
    def fits(cls, wanted: VolumeFilter) -> list[ColumnElement[bool]]:
        """Return the conditions of a filter."""
        conditions: list[ColumnElement[bool]] = []
        if wanted.status:
            status = unindexed(Volume.status) if _are_few(wanted) else Volume.status
            conditions.append(one_of(status, wanted.status))
        if wanted.category is not None:
            conditions.append(col(Volume.category) == wanted.category)
        if wanted.search:
            conditions.append(containing(wanted.search, Volume.name, Volume.description))
        if wanted.source_snapshot_id is not None:
            conditions.append(col(Volume.source_snapshot_id) == wanted.source_snapshot_id)
        return conditions

    @classmethod
    def walks(cls, wanted: VolumeFilter) -> Sequence[VolumeFilter]:
        """Return a share for each status, unless all of them are few."""
        if _are_few(wanted) or not wanted.status:
            return [wanted]
        return [replace(wanted, status=(status,)) for status in wanted.status]

    @classmethod
    def better_sorted(cls, wanted: VolumeFilter, by: OrderField) -> bool:
        """Few are of a status in which volumes do not rest."""
        if _are_few(wanted):
            return by is not OrderField.CREATED_AT
        rest = wanted.status in ((), (VolumeStatus.AVAILABLE,), (VolumeStatus.IN_USE,))
        return not rest and by in (OrderField.NAME, OrderField.SIZE)

    def restoring(self, snapshot_ids: Sequence[str]) -> dict[str, list[Volume]]:
        """Return the volumes that are being filled from each of the snapshots."""
        found: dict[str, list[Volume]] = {id_: [] for id_ in snapshot_ids}
        for _, volume in self._read(_FILLING, snapshots=snapshot_ids):
            found[str(volume.source_snapshot_id)].append(volume)
        return found


_FILLING = select(*columns_of(Volume)).where(
    col(Volume.tenant_id) == bindparam("tenant"),
    col(Volume.source_snapshot_id).in_(bindparam("snapshots", expanding=True)),
    col(Volume.status) == VolumeStatus.CREATING,
)


def _are_few(wanted: VolumeFilter) -> bool:
    """Whether all are restored from one snapshot, or servers' own."""
    return wanted.source_snapshot_id is not None or wanted.category == VolumeCategory.ROOT
