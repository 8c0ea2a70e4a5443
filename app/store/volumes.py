"""The statements about volumes."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlmodel import col

from app.domain.volume import Volume, VolumeFilter, VolumeStatus
from app.store.rows import Rows, containing


class Volumes(Rows[Volume, VolumeFilter]):
    """The volumes of one tenant, within one transaction."""

    model = Volume

    def fits(self, wanted: VolumeFilter) -> list[ColumnElement[bool]]:
        """Return the conditions of a filter."""
        conditions: list[ColumnElement[bool]] = []
        if wanted.status:
            conditions.append(col(Volume.status).in_(wanted.status))
        if wanted.category is not None:
            conditions.append(col(Volume.category) == wanted.category)
        if wanted.search:
            conditions.append(containing(wanted.search, Volume.name, Volume.description))
        if wanted.source_snapshot_id is not None:
            conditions.append(col(Volume.source_snapshot_id) == wanted.source_snapshot_id)
        return conditions

    def restoring(self, snapshot_ids: Sequence[str]) -> dict[str, list[Volume]]:
        """Return the volumes that are being filled from each of the snapshots."""
        found: dict[str, list[Volume]] = {id_: [] for id_ in snapshot_ids}
        filling = self._mine().where(
            col(Volume.source_snapshot_id).in_(snapshot_ids), col(Volume.status) == VolumeStatus.CREATING
        )
        for volume in self._session.exec(filling):
            found[volume.source_snapshot_id].append(volume)
        return found
