"""The statements about snapshots."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, false, select
from sqlmodel import col

from app.domain.page import OrderField
from app.domain.snapshot import Snapshot, SnapshotFilter, SnapshotStatus
from app.domain.volume import Volume
from app.store.columns import as_read, columns_of
from app.store.rows import Rows, containing, one_of
from app.store.words import unindexed


class Snapshots(Rows[Snapshot, SnapshotFilter]):
    """The snapshots of one tenant, each with its volume, within one transaction."""

    model = Snapshot
    counter = "snapshots"

    @classmethod
    def fits(cls, wanted: SnapshotFilter) -> list[ColumnElement[bool]]:
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

    @classmethod
    def walks(cls, wanted: SnapshotFilter) -> Sequence[SnapshotFilter]:
        """Return a share for each status. A volume's own list needs none: few are of one volume."""
        if wanted.volume_id is not None or not wanted.status:
            return [wanted]
        return [replace(wanted, status=(status,)) for status in wanted.status]

    @classmethod
    def better_sorted(cls, wanted: SnapshotFilter, by: OrderField) -> bool:
        """Of one volume there are few, and of every status but the one in which snapshots rest."""
        if wanted.volume_id is not None:
            return by is not OrderField.CREATED_AT
        rest = wanted.status in ((), (SnapshotStatus.AVAILABLE,))
        return not rest and by in (OrderField.NAME, OrderField.SIZE)

    @classmethod
    def whole(cls, rows: Select[Any] | CompoundSelect[Any]) -> Select[Any]:
        """Return what reads the volume of each of the snapshots too. They are found first, whatever is joined."""
        found = rows.subquery()
        return select(found, *columns_of(Volume)).join(Volume, col(Volume.id) == found.c.volume_id)

    @classmethod
    def made(cls, row: Any) -> Snapshot:
        """Make the snapshot, and its volume."""
        snapshot = as_read(Snapshot, row)
        snapshot.cut_from(as_read(Volume, row[-len(columns_of(Volume)) :]))
        return snapshot
