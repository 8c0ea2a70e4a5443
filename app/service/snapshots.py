"""What a tenant may ask of its snapshots."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, cast

from app.domain.caller import Caller
from app.domain.input import Input
from app.domain.page import ListName, Page, Window
from app.domain.problems import InvalidState, VersionConflict
from app.domain.record import now
from app.domain.snapshot import Snapshot, SnapshotAction, SnapshotFacts, SnapshotFilter, SnapshotStatus
from app.domain.volume import Volume, VolumeAction, VolumeFacts
from app.domain.warning import Warning
from app.service.once import Made, once
from app.store.store import Store
from app.store.unit_of_work import Reading, UnitOfWork

Done = tuple[Snapshot, list[Warning]]


class SnapshotService:
    """The verbs about snapshots. Each raises the problems that its result in the schema names.

    `contact` is whom a tenant asks when only an administrator can help.
    """

    def __init__(self, store: Store, contact: str) -> None:
        self._store = store
        self._contact = contact

    def find(self, caller: Caller, ids: Sequence[str]) -> dict[str, Snapshot]:
        """Return those of the snapshots that are the caller's, by id, each with its volume."""
        with self._store.asking(caller.tenant_id) as reading:
            return reading.snapshots.find(ids)

    def pages(self, caller: Caller, wanted: Sequence[tuple[ListName, Window, SnapshotFilter]]) -> list[Page[Snapshot]]:
        """Return a page of each of the lists, each snapshot with its volume.

        Raises Unanswerable for a cursor that is not of its list.
        """
        with self._store.asking(caller.tenant_id) as reading:
            return reading.snapshots.pages(wanted)

    def counts(self, caller: Caller, filters: Sequence[SnapshotFilter]) -> list[int]:
        """Return how many snapshots fit each of the filters."""
        with self._store.asking(caller.tenant_id) as reading:
            return reading.snapshots.counts(filters)

    def facts(self, caller: Caller, ids: Sequence[str]) -> list[SnapshotFacts]:
        """Return what the rules look at beside each of the snapshots."""
        with self._store.reading(caller.tenant_id) as reading:
            return self._facts(reading, caller, ids)

    def create(
        self, caller: Caller, *, volume_id: str, name: str, description: str, idempotency_key: str | None
    ) -> Done:
        """Begin to cut a snapshot of a volume; the answer is CREATING."""
        given = _named(name, description, idempotency_key)
        given.done()
        values = {"volume_id": volume_id, "name": name, "description": description}
        with self._changing(caller) as work:

            def make() -> Made:
                volume = work.volumes.get(volume_id)
                warnings = volume.check(VolumeAction.CREATE_SNAPSHOT, VolumeFacts(work.tenant))
                kept = {"size_gb": volume.size_gb, "product": volume.product}
                snapshot = Snapshot.begin(caller.tenant_id, caller.name, **values, **kept)
                snapshot.cut_from(volume)
                work.add(snapshot)
                return [snapshot], warnings

            (snapshot,), warnings = once(work, idempotency_key, "createSnapshot", values, make)
            work.commit()
        return cast(Snapshot, snapshot), warnings

    def update(self, caller: Caller, id_: str, changes: Mapping[str, Any], *, expected_version: int | None) -> Done:
        """Change name or description, whichever is given."""
        given = Input()
        given.changes(changes)
        given.done()
        with self._changing(caller) as work:
            snapshot, warnings = self._ask(work, caller, id_, SnapshotAction.UPDATE)
            VersionConflict.unless_at(expected_version, snapshot)
            news = {field: value for field, value in changes.items() if value != getattr(snapshot, field)}
            if news:
                snapshot = work.change(snapshot, updated_by=caller.name, **news)
                work.commit()
        return snapshot, warnings

    def delete(self, caller: Caller, id_: str) -> Done:
        """Begin to delete; the answer is DELETING, also when it was so before."""
        with self._changing(caller) as work:
            snapshot, warnings = self._ask(work, caller, id_, SnapshotAction.DELETE)
            if snapshot.status != SnapshotStatus.DELETING:
                snapshot = work.move(snapshot, "deleteSnapshot", updated_by=caller.name)
                work.commit()
        return snapshot, warnings

    def restore(
        self,
        caller: Caller,
        *,
        snapshot_id: str,
        name: str,
        description: str,
        protected: bool,
        idempotency_key: str | None,
    ) -> tuple[Volume, Snapshot]:
        """Begin to make a new DATA volume from a snapshot, with its size and product; the answer is CREATING."""
        given = _named(name, description, idempotency_key)
        given.done()
        values = {"name": name, "description": description, "protected": protected}
        with self._changing(caller) as work:

            def make() -> Made:
                snapshot, warnings = self._ask(work, caller, snapshot_id, SnapshotAction.RESTORE)
                kept = {"size_gb": snapshot.size_gb, "product": snapshot.product, "source_snapshot_id": snapshot.id}
                volume = Volume.begin(caller.tenant_id, caller.name, **values, **kept)
                work.add(volume)
                return [volume, snapshot], warnings

            identity = {**values, "snapshot_id": snapshot_id}
            (volume, snapshot), _ = once(work, idempotency_key, "restoreVolume", identity, make)
            work.commit()
        return cast(Volume, volume), cast(Snapshot, snapshot)

    def retry_deletion(self, caller: Caller, id_: str) -> Done:
        """Begin once more to delete what could not be deleted. Administrators."""
        caller.must_be_administrator()
        with self._changing(caller) as work:
            snapshot, warnings = self._ask(work, caller, id_, SnapshotAction.RETRY_DELETION)
            snapshot = work.move(snapshot, "retrySnapshotDeletion", updated_by=caller.name)
            work.commit()
        return snapshot, warnings

    def reset_status(
        self, caller: Caller, id_: str, *, expected: SnapshotStatus, to: SnapshotStatus, reason: str
    ) -> Done:
        """Set the status by hand, if it is the one expected. Administrators.

        A snapshot set to AVAILABLE is looked at once more in the background.
        """
        caller.must_be_administrator()
        given = Input()
        given.reason("reason", reason)
        given.done()
        with self._changing(caller) as work:
            snapshot = work.snapshots.get(id_)
            InvalidState.unless_in([expected], snapshot)
            snapshot.may_reset_status(self._facts(work, caller, [id_])[0], to)
            owed_at = now() if to == SnapshotStatus.AVAILABLE else None
            news: Mapping[str, Any] = {"status_reason": reason, "owed_at": owed_at, "updated_by": caller.name}
            snapshot = work.move(snapshot, "resetSnapshotStatus", to=to, **news)
            work.commit()
        return snapshot, []

    def _changing(self, caller: Caller) -> AbstractContextManager[UnitOfWork]:
        return self._store.unit_of_work(caller.tenant_id, caller.name, caller.request_id)

    def _ask(self, work: UnitOfWork, caller: Caller, id_: str, action: SnapshotAction) -> Done:
        snapshot = work.snapshots.get(id_)
        restoring = work.volumes.restoring([id_])[id_] if action is SnapshotAction.DELETE else []
        return snapshot, snapshot.check(action, SnapshotFacts(caller, work.tenant, self._contact, restoring))

    def _facts(self, reading: Reading, caller: Caller, ids: Sequence[str]) -> list[SnapshotFacts]:
        restoring = reading.volumes.restoring(ids)
        return [SnapshotFacts(caller, reading.tenant, self._contact, restoring[id_]) for id_ in ids]


def _named(name: str, description: str, idempotency_key: str | None) -> Input:
    given = Input()
    given.name("name", name)
    given.description("description", description)
    given.idempotency_key("idempotencyKey", idempotency_key)
    return given
