"""The statements about snapshots."""

from sqlalchemy import ColumnElement, false
from sqlmodel import col

from app.domain.snapshot import Snapshot, SnapshotFilter
from app.domain.volume import Volume
from app.store.rows import Rows, containing


class Snapshots(Rows[Snapshot, SnapshotFilter]):
    """The snapshots of one tenant, within one transaction."""

    model = Snapshot

    def fits(self, wanted: SnapshotFilter) -> list[ColumnElement[bool]]:
        """Return the conditions of a filter."""
        conditions: list[ColumnElement[bool]] = []
        if wanted.status:
            conditions.append(col(Snapshot.status).in_(wanted.status))
        if wanted.volume_id is not None:
            conditions.append(
                col(Snapshot.volume_id) == wanted.volume_id if Volume.is_id(wanted.volume_id) else false()
            )
        if wanted.search:
            conditions.append(containing(wanted.search, Snapshot.name, Snapshot.description))
        return conditions
