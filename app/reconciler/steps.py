"""Steps: what each status owes to the storage, and how the row goes on when the storage has answered.

A step asks the driver and returns an outcome; it commits nothing. So it may be broken off anywhere, and be taken again
by anybody. A row at rest may owe something too: a checksum to take, a restored volume to compare.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from app.domain import lifecycle
from app.domain.journal import EventKind
from app.domain.record import now
from app.domain.snapshot import Snapshot, SnapshotConsistency, SnapshotStatus
from app.domain.volume import DETACHED, Volume, VolumeStatus
from app.drivers.contract import Cut, Driver, Missing, Refused, Report, Unsure
from app.store.journal import Stretch
from app.store.leases import Owed
from app.store.store import Store

GB = 2**30
_MEASURE_AGAIN_AFTER = timedelta(minutes=10)
_REACHED = (VolumeStatus.ATTACHING, VolumeStatus.IN_USE)
_ATTACHED = (VolumeStatus.ATTACHING, VolumeStatus.IN_USE, VolumeStatus.DETACHING)


@dataclass(frozen=True)
class Outcome:
    """How a row goes on: along the arrow `by`, or staying in its status if None.

    `values` are columns that a tenant can see change; `quiet` ones are between the workers and leave no line in the
    journal. `lost` is a volume whose bytes were found missing on the way.
    """

    by: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    quiet: Mapping[str, Any] = field(default_factory=dict)
    lost: str | None = None


class Different(Refused):
    """The bytes restored are not those of the snapshot."""


class Telling(Protocol):
    """Tells the tenant how far the work is; `aside` tells nobody, and raises the same."""

    def __call__(self, percent: int) -> None: ...
    def aside(self, percent: int) -> None: ...


_PROVEN = Outcome(values={"unproven": False, "progress_percent": None})


class Steps:
    """The steps, over one store and one driver."""

    def __init__(self, store: Store, driver: Driver) -> None:
        self._store = store
        self._driver = driver

    def take(self, record: Owed, report: Telling) -> Outcome:
        """Take the first step that the row owes. Raises what the driver and `report` raise."""
        if isinstance(record, Snapshot):
            return self._snapshot_steps().get(record.status, _nothing)(record, report)
        return self._volume_steps().get(record.status, _nothing)(record, report)

    def refused(self, record: Owed, refusal: Refused) -> Outcome:
        """Say how a row goes on that the storage refused for good.

        Raises Unsure for a row at rest whose bytes it merely would not show: nothing was said against them.
        """
        if record.status not in record.lifecycle.transitional and not isinstance(refusal, (Missing, Different)):
            raise Unsure(str(refusal)) from refusal
        missing = isinstance(refusal, Missing)
        values: dict[str, Any] = {"status_reason": str(refusal)}
        if isinstance(record, Volume):
            values["extending_to_gb"] = None
            if record.status != VolumeStatus.DETACHING:
                values |= DETACHED
        elif record.status == SnapshotStatus.CREATING:
            return Outcome(lifecycle.REFUSED, values, lost=record.volume_id if missing else None)
        else:
            values["held"] = self._holds(record)
        lost = missing and record.lifecycle.targets(lifecycle.LOST, record.status)
        return Outcome(lifecycle.LOST if lost else lifecycle.REFUSED, values)

    def sweep_up(self, record: Owed) -> None:
        """Undo what a late worker may have done to a row that went on meanwhile: bytes, or a server's way to them."""
        row = self._row(record)
        if row is None and isinstance(record, Snapshot):
            self._driver.delete_snapshot(record.id)
        elif row is None and isinstance(record, Volume):
            self._delete_volume(record, lambda _: None)
        elif record.status in (VolumeStatus.ATTACHING, VolumeStatus.DETACHING):
            self._connect(record)

    def _connect(self, record: Owed) -> None:
        """Let servers reach a volume if its row says so, and else not; the row may change meanwhile."""
        done = None
        while (row := self._row(record)) is not None and (wanted := row.status in _REACHED) != done:
            (self._driver.attach_volume if wanted else self._driver.detach_volume)(record.id)
            done = wanted

    def _row(self, record: Owed) -> Owed | None:
        with self._store.reading(record.tenant_id) as reading:
            rows = reading.volumes if isinstance(record, Volume) else reading.snapshots
            return rows.find([record.id]).get(record.id)

    def _volume_steps(self) -> Mapping[str, Callable[[Volume, Telling], Outcome]]:
        return {
            VolumeStatus.CREATING: self._create_volume,
            VolumeStatus.ATTACHING: self._attach_volume,
            VolumeStatus.DETACHING: self._detach_volume,
            VolumeStatus.EXTENDING: self._extend_volume,
            VolumeStatus.DELETING: self._delete_volume,
            VolumeStatus.AVAILABLE: self._prove,
            VolumeStatus.IN_USE: self._prove,
        }

    def _snapshot_steps(self) -> Mapping[str, Callable[[Snapshot, Telling], Outcome]]:
        return {
            SnapshotStatus.CREATING: self._create_snapshot,
            SnapshotStatus.DELETING: self._delete_snapshot,
            SnapshotStatus.AVAILABLE: self._look_again,
        }

    def _create_volume(self, volume: Volume, report: Report) -> Outcome:
        if volume.source_snapshot_id is not None:
            return self._restore_volume(volume, volume.source_snapshot_id, report)
        self._driver.create_volume(volume.id, volume.size_gb * GB)
        return self._created(volume)

    def _restore_volume(self, volume: Volume, snapshot_id: str, report: Report) -> Outcome:
        copied = self._driver.restore_volume(volume.id, snapshot_id, volume.size_gb * GB, report)
        if copied is None:
            # The two share their bytes and none was read. A server may soon write to the volume, so what is to be
            # compared is kept aside, by a snapshot that costs nothing either.
            self._driver.create_snapshot(proof_of(volume.id), volume.id, volume.size_gb * GB, report)
            return self._created(volume, unproven=True, owed_at=now())
        self._must_equal(volume, copied, report)
        return self._created(volume)

    def _created(self, volume: Volume, **values: Any) -> Outcome:
        return Outcome(lifecycle.DONE, {"connection": self._driver.connection(volume.id), **values})

    def _prove(self, volume: Volume, report: Telling) -> Outcome:
        """Compare what a restored volume was made of with its snapshot, as far as both are still there.

        Before that it is made to stand on its own, so that what was copied for it is compared too; that is told.
        """
        proof = proof_of(volume.id)
        self._driver.flatten_volume(volume.id, report)
        try:
            found = self._driver.checksum_snapshot(proof, report.aside)
        except Missing:
            return _PROVEN  # found equal before, and cut off before that was recorded
        try:
            self._must_equal(volume, found, report.aside)
        except Different:
            self._driver.detach_volume(volume.id)
            raise  # the proof stays until the volume is deleted, so that a worker that dies here has forgotten nothing
        self._driver.delete_snapshot(proof)
        return _PROVEN

    def _attach_volume(self, volume: Volume, _: Report) -> Outcome:
        self._driver.attach_volume(volume.id)
        return Outcome(lifecycle.DONE, {"connection": self._driver.connection(volume.id)})

    def _detach_volume(self, volume: Volume, _: Report) -> Outcome:
        self._driver.detach_volume(volume.id)
        return Outcome(lifecycle.DONE, DETACHED)

    def _extend_volume(self, volume: Volume, _: Report) -> Outcome:
        size_gb = volume.extending_to_gb or volume.size_gb
        self._driver.extend_volume(volume.id, size_gb * GB)
        return Outcome(lifecycle.DONE, {"size_gb": size_gb, "extending_to_gb": None})

    def _delete_volume(self, volume: Volume, _: Report) -> Outcome:
        if volume.source_snapshot_id is not None:
            self._driver.delete_snapshot(proof_of(volume.id))
        self._driver.delete_volume(volume.id)
        return Outcome(lifecycle.DONE)

    def _create_snapshot(self, snapshot: Snapshot, report: Report) -> Outcome:
        cut = self._driver.create_snapshot(snapshot.id, snapshot.volume_id, snapshot.size_gb * GB, report)
        made = {
            "checksum": cut.checksum,
            "used_bytes": cut.used_bytes,
            "consistency": self._consistency(snapshot, cut),
            "held": True,
            "shared": cut.instant,
            "owed_at": _looked_at_next(cut.checksum, shared=cut.instant),
        }
        return Outcome(lifecycle.DONE, made)

    def _delete_snapshot(self, snapshot: Snapshot, _: Report) -> Outcome:
        self._driver.delete_snapshot(snapshot.id)
        return Outcome(lifecycle.DONE)

    def _look_again(self, snapshot: Snapshot, report: Telling) -> Outcome:
        """Take the checksum if none was taken, and measure again what the snapshot alone holds."""
        checksum = snapshot.checksum or self._driver.checksum_snapshot(snapshot.id, report.aside)
        seen = {"checksum": checksum, "used_bytes": self._driver.used_bytes(snapshot.id)}
        news = {key: value for key, value in seen.items() if value != getattr(snapshot, key)}
        return Outcome(values=news, quiet={"owed_at": _looked_at_next(checksum, shared=snapshot.shared)})

    def _consistency(self, snapshot: Snapshot, cut: Cut) -> SnapshotConsistency:
        if self._detached_since_asked_for(snapshot):
            return SnapshotConsistency.OFFLINE
        return SnapshotConsistency.CRASH_CONSISTENT if cut.instant else SnapshotConsistency.UNCERTAIN

    def _detached_since_asked_for(self, snapshot: Snapshot) -> bool:
        """Whether the volume was attached at no time since. What the journal no longer tells may have been."""
        with self._store.reading(snapshot.tenant_id) as reading:
            (lines,) = reading.journal.read([Stretch(0, 1, subject_id=snapshot.id)])
            if not lines or lines[0].kind != EventKind.CREATED:
                return False
            attached = reading.volumes.get(snapshot.volume_id).attached_at is not None
            return not attached and not reading.journal.was_in(snapshot.volume_id, _ATTACHED, lines[0].number)

    def _must_equal(self, volume: Volume, found: str, report: Report) -> None:
        """Raise Different unless the snapshot's content has that checksum; one that is gone has nothing to say."""
        id_ = volume.source_snapshot_id or ""
        with self._store.reading(volume.tenant_id) as reading:
            snapshot = reading.snapshots.find([id_]).get(id_)
        if snapshot is None:
            return
        try:
            expected = snapshot.checksum or self._driver.checksum_snapshot(snapshot.id, report)
        except Missing:
            return
        if found != expected:
            raise Different(f"the bytes restored ({found}) are not those of snapshot {snapshot.id} ({expected})")

    def _holds(self, snapshot: Snapshot) -> bool:
        try:
            self._driver.used_bytes(snapshot.id)
        except Refused as refusal:
            return not isinstance(refusal, Missing)
        return True


def proof_of(volume_id: str) -> str:
    """Name the snapshot that keeps what a restored volume was made with until it is compared."""
    return f"proof-{volume_id}"


def may_have_proof(volume: Volume) -> bool:
    """Whether the storage may hold that snapshot: it is to be compared, or about to be."""
    return volume.unproven or volume.status == VolumeStatus.CREATING


def _nothing(*_: object) -> Outcome:
    """What was owed at rest is no longer: the row went on, and what comes next will owe it anew."""
    return Outcome()


def _looked_at_next(checksum: str | None, *, shared: bool) -> Any:
    if checksum is None:
        return now()
    return now() + _MEASURE_AGAIN_AFTER if shared else None
