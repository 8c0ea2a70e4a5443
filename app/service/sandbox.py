"""What a tenant may ask of its sandbox: failures, waits and losses of its own objects, on demand.

What is planned lies with the storage, which this floor never sees: it is handed in what takes the plans.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Protocol

from app.domain import lifecycle
from app.domain.caller import Caller
from app.domain.input import Input
from app.domain.message import say
from app.domain.problems import InvalidState, ProblemCode, Refused, Unanswerable
from app.domain.record import Record
from app.domain.snapshot import Snapshot, SnapshotStatus
from app.domain.tenant import UNLIMITED
from app.domain.volume import DOCTOR, NOT_HELD, VOLUME_LIFECYCLE, Volume, VolumeStatus, unmanaged
from app.service.watch import journal_of
from app.store.store import Store

_MOST_PLANNED = 100
_MOST_TIMES = 1000
_HIGHEST_LIMIT = 2**31 - 1


class StorageVerb(StrEnum):
    """What the storage is asked to do for an object on its way; the values are the driver's own names."""

    CREATE_VOLUME = "create_volume"
    RESTORE_VOLUME = "restore_volume"
    EXTEND_VOLUME = "extend_volume"
    ATTACH_VOLUME = "attach_volume"
    DETACH_VOLUME = "detach_volume"
    DELETE_VOLUME = "delete_volume"
    CREATE_SNAPSHOT = "create_snapshot"
    DELETE_SNAPSHOT = "delete_snapshot"


class Outcome(StrEnum):
    """How the storage fails."""

    REFUSED = "REFUSED"
    UNKNOWN = "UNKNOWN"
    CRASH = "CRASH"


_VOLUME_OWES: Mapping[str, StorageVerb] = {
    VolumeStatus.CREATING: StorageVerb.CREATE_VOLUME,
    VolumeStatus.EXTENDING: StorageVerb.EXTEND_VOLUME,
    VolumeStatus.ATTACHING: StorageVerb.ATTACH_VOLUME,
    VolumeStatus.DETACHING: StorageVerb.DETACH_VOLUME,
    VolumeStatus.DELETING: StorageVerb.DELETE_VOLUME,
}
_SNAPSHOT_OWES: Mapping[str, StorageVerb] = {
    SnapshotStatus.CREATING: StorageVerb.CREATE_SNAPSHOT,
    SnapshotStatus.DELETING: StorageVerb.DELETE_SNAPSHOT,
}


class Faults(Protocol):
    """Takes the plans of tenants, ends them and then forgets them."""

    def fail(self, tenant_id: str, verb: str, outcome: str, *, times: int, matching: str) -> str: ...
    def hold(self, tenant_id: str, verb: str, *, percent: int | None, matching: str) -> str: ...
    def count(self, tenant_id: str) -> int: ...
    def end(self, tenant_id: str, id_: str) -> bool: ...
    def forget(self, tenant_id: str, id_: str) -> None: ...
    def let_go(self, tenant_id: str, verb: str, id_: str, name: str) -> bool: ...
    def reset(self, tenant_id: str) -> None: ...


class SandboxService:
    """The verbs of the sandbox. Each raises the problems that its result in the schema names.

    `lose` takes a volume's bytes away; `drop` cuts a tenant's streams and says how many, in the event loop's thread.
    """

    def __init__(
        self, store: Store, faults: Faults, *, lose: Callable[[str], None], drop: Callable[[str], int]
    ) -> None:
        self._store = store
        self._faults = faults
        self._lose = lose
        self._drop = drop

    def fail_next(self, caller: Caller, verb: StorageVerb, outcome: Outcome, *, times: int, matching: str) -> str:
        """Plan how the next calls end that match; return the plan's id."""
        given = Input()
        given.number("times", times, 1, _MOST_TIMES)
        given.label("matching", matching)
        given.done()
        self._must_have_room(caller)
        return self._faults.fail(caller.tenant_id, verb, outcome, times=times, matching=matching)

    def hold(self, caller: Caller, verb: StorageVerb, *, matching: str, at_percent: int | None) -> str:
        """Let every call that matches come so far, and wait; return the plan's id."""
        given = Input()
        given.label("matching", matching)
        if at_percent is not None:
            given.number("atPercent", at_percent, 0, 100)
        given.done()
        self._must_have_room(caller)
        return self._faults.hold(caller.tenant_id, verb, percent=at_percent, matching=matching)

    def release(self, caller: Caller, id_: str) -> None:
        """End a plan by its id, or let one object by its own go on. Where that fails it can be asked again."""
        if self._faults.end(caller.tenant_id, id_):
            self._hasten(caller)
            self._faults.forget(caller.tenant_id, id_)
        else:
            self._let_go(caller, id_)
            self._hasten(caller, id_)

    def set_quota(self, caller: Caller, limits: Mapping[str, int | None]) -> None:
        """Change those of the tenant's limits that are given; -1: none."""
        wanted = {name: limit for name, limit in limits.items() if limit is not None}
        given = Input()
        for name, limit in wanted.items():
            given.number(name, limit, UNLIMITED, _HIGHEST_LIMIT)
        given.done()
        self._limit(caller, wanted)

    def lose_storage(self, caller: Caller, volume_id: str) -> Volume:
        """Take a volume's bytes away behind the service's back, and let that be found out: UNMANAGED."""
        with self._store.reading(caller.tenant_id) as reading:
            VOLUME_LIFECYCLE.require(lifecycle.LOST, reading.volumes.get(volume_id))
        self._lose(volume_id)
        with self._store.unit_of_work(caller.tenant_id, DOCTOR, caller.request_id) as work:
            volume = work.move(work.volumes.get(volume_id), lifecycle.LOST, **unmanaged(NOT_HELD))
            work.commit()
        return volume

    def expire_journal(self, caller: Caller, before: str | None) -> int:
        """Forget the journal's lines up to a cursor and with it, or all of them; return how many."""
        with self._store.reading(caller.tenant_id) as reading:
            number = reading.tenant.revision
        if before is not None:
            try:
                number, _ = journal_of(caller).stop(before, "before")
            except Unanswerable as error:
                given = Input()
                given.fault("before", error.message)
                given.done()
        return self._store.forget_journal_of(caller.tenant_id, number)

    def drop_connections(self, caller: Caller) -> int:
        """Cut every stream of the tenant, as a lost network would; return how many there were."""
        return self._drop(caller.tenant_id)

    def reset(self, caller: Caller) -> None:
        """Forget all that the tenant planned, let on what was put off, and give it the limits of a new one."""
        self._faults.reset(caller.tenant_id)
        self._hasten(caller)
        self._limit(caller, asdict(self._store.quotas))

    def _must_have_room(self, caller: Caller) -> None:
        if self._faults.count(caller.tenant_id) >= _MOST_PLANNED:
            raise Refused(
                ProblemCode.QUOTA_EXCEEDED,
                say("a sandbox keeps {most} faults and holds; release some, or reset it", most=_MOST_PLANNED),
            )

    def _let_go(self, caller: Caller, id_: str) -> None:
        with self._store.reading(caller.tenant_id) as reading:
            record: Record = (reading.volumes if Volume.is_id(id_) else reading.snapshots).get(id_)
        verb = _owed(record)
        if verb is None or not self._faults.let_go(caller.tenant_id, verb, id_, record.name):
            message = say("nothing holds {id}, which is {status}", id=id_, status=str(record.status))
            raise InvalidState(message, record.status, record.lifecycle.transitional)

    def _hasten(self, caller: Caller, id_: str | None = None) -> None:
        if self._store.leases.hasten(caller.tenant_id, id_):
            self._store.bell.ring(caller.tenant_id, 0, 0, owing=True)  # the journal stays as it was

    def _limit(self, caller: Caller, limits: Mapping[str, int]) -> None:
        with self._store.unit_of_work(caller.tenant_id, caller.name, caller.request_id) as work:
            for name, limit in limits.items():
                setattr(work.tenant, f"max_{name}", limit)
            work.commit()


def _owed(record: Record) -> StorageVerb | None:
    """Name what the storage is asked for a row that is on its way."""
    if isinstance(record, Snapshot):
        return _SNAPSHOT_OWES.get(record.status)
    if isinstance(record, Volume) and record.status == VolumeStatus.CREATING and record.source_snapshot_id is not None:
        return StorageVerb.RESTORE_VOLUME
    return _VOLUME_OWES.get(record.status)
