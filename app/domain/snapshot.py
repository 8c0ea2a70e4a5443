"""Snapshot: a copy of a DATA volume at one instant; its statuses, the arrows between them, the rules it obeys."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import ClassVar

from sqlmodel import AutoString, BigInteger, Field, Index

from app.domain import lifecycle
from app.domain.caller import Caller
from app.domain.lifecycle import Lifecycle, Meaning
from app.domain.message import say
from app.domain.problems import InvalidState
from app.domain.record import Record, owed_indexes, text_index
from app.domain.tenant import Tenant
from app.domain.volume import Volume
from app.domain.warning import Warning


class SnapshotStatus(StrEnum):
    """Where a snapshot stands."""

    CREATING = "CREATING"
    AVAILABLE = "AVAILABLE"
    DELETING = "DELETING"
    ERROR = "ERROR"
    ERROR_DELETING = "ERROR_DELETING"


class SnapshotConsistency(StrEnum):
    """What the bytes of a snapshot are worth, recorded at the cut."""

    OFFLINE = "OFFLINE"
    CRASH_CONSISTENT = "CRASH_CONSISTENT"
    UNCERTAIN = "UNCERTAIN"


class SnapshotAction(StrEnum):
    """What a tenant may do with a snapshot."""

    UPDATE = "UPDATE"
    DELETE = "DELETE"
    RESTORE = "RESTORE"
    RETRY_DELETION = "RETRY_DELETION"
    RESET_STATUS = "RESET_STATUS"


_S = SnapshotStatus

SNAPSHOT_LIFECYCLE = Lifecycle(
    {
        _S.CREATING: Meaning(say("Creating"), say("being cut"), transitional=True),
        _S.AVAILABLE: Meaning(say("Available"), say("made properly; a volume can be restored from it")),
        _S.DELETING: Meaning(say("Deleting"), say("being deleted"), transitional=True),
        _S.ERROR: Meaning(say("Error"), say("making it failed")),
        _S.ERROR_DELETING: Meaning(
            say("Deletion failed"),
            say("deleting it failed; only an administrator can delete it now"),
        ),
    },
    [
        ("createSnapshot", None, _S.CREATING),
        ("deleteSnapshot", _S.AVAILABLE, _S.DELETING),
        ("deleteSnapshot", _S.ERROR, _S.DELETING),
        ("retrySnapshotDeletion", _S.ERROR_DELETING, _S.DELETING),
        ("resetSnapshotStatus", _S.CREATING, _S.ERROR),
        ("resetSnapshotStatus", _S.AVAILABLE, _S.ERROR),
        ("resetSnapshotStatus", _S.ERROR, _S.AVAILABLE),
        ("resetSnapshotStatus", _S.ERROR_DELETING, _S.AVAILABLE),
        ("resetSnapshotStatus", _S.ERROR_DELETING, _S.ERROR),
        (lifecycle.DONE, _S.CREATING, _S.AVAILABLE),
        (lifecycle.DONE, _S.DELETING, None),
        (lifecycle.REFUSED, _S.CREATING, _S.ERROR),
        (lifecycle.REFUSED, _S.DELETING, _S.ERROR_DELETING),
        (lifecycle.LOST, _S.AVAILABLE, _S.ERROR),
    ],
)
UPDATABLE = tuple(status for status in _S if status is not _S.DELETING)
RESTORABLE = (_S.AVAILABLE,)


@dataclass(frozen=True)
class SnapshotFilter:
    """Which snapshots a list holds; None and empty ask nothing. `search` looks in names and descriptions."""

    status: tuple[SnapshotStatus, ...] = ()
    volume_id: str | None = None
    search: str | None = None


@dataclass(frozen=True)
class SnapshotFacts:
    """What the rules look at beside the snapshot itself.

    `restoring`: the volumes that are being filled from it. `contact`: whom a tenant asks for an administrator.
    """

    caller: Caller
    tenant: Tenant
    contact: str
    restoring: Sequence[Record] = ()


class Snapshot(Record, table=True):
    """A row. Name, description and size are its own; product and size are the volume's at the cut.

    `held`: whether the storage holds its bytes, as last seen. `shared`: they are shared with other bytes, so that
    what it alone holds changes with them.
    """

    __table_args__ = (
        Index("snapshot_by_creation", "tenant_id", "created_at", "id"),
        Index("snapshot_by_name", "tenant_id", "name", "id"),
        Index("snapshot_by_size", "tenant_id", "size_gb", "id"),
        Index("snapshot_by_status", "tenant_id", "status", "id"),
        Index("snapshot_by_volume", "tenant_id", "volume_id", "created_at", "id"),
        Index("snapshot_in_status", "tenant_id", "status", "created_at", "id"),
        text_index("snapshot_by_text"),
        *owed_indexes("snapshot", SNAPSHOT_LIFECYCLE.transitional),
    )
    id_prefix: ClassVar[str] = "snap"
    lifecycle: ClassVar[Lifecycle[SnapshotStatus]] = SNAPSHOT_LIFECYCLE

    volume_id: str = Field(foreign_key="volume.id")
    consistency: SnapshotConsistency | None = Field(default=None, sa_type=AutoString)
    used_bytes: int | None = Field(default=None, sa_type=BigInteger)
    checksum: str | None = None
    held: bool = False
    shared: bool = False

    @cached_property
    def volume(self) -> Volume | None:
        """The volume that it was cut from, at the instant at which it was read; None where that was not read along."""
        return None

    def cut_from(self, volume: Volume | None) -> None:
        """Remember the volume, that was read along with it."""
        self.__dict__["volume"] = volume

    @property
    def about_volume(self) -> str:
        return self.volume_id

    @property
    def counted(self) -> Mapping[str, int]:
        return {"snapshots": 1, "gigabytes": self.size_gb}

    def check(self, action: SnapshotAction, facts: SnapshotFacts) -> list[Warning]:
        """Raise the problem that keeps the action from being done now, or return what the caller should know."""
        _RULES[action](self, facts)
        return []

    def may_update(self, _: SnapshotFacts) -> None:
        """Every status but DELETING."""
        InvalidState.unless_in(UPDATABLE, self)

    def may_delete(self, facts: SnapshotFacts) -> None:
        """AVAILABLE or ERROR, and no volume is being filled from it. DELETING: once more."""
        if self.status == _S.DELETING:
            return
        allowed = SNAPSHOT_LIFECYCLE.sources("deleteSnapshot")
        if self.status == _S.ERROR_DELETING:
            raise InvalidState(
                say(
                    "deleting snapshot {id} failed; only an administrator can delete it: ask {contact}",
                    id=self.id,
                    contact=facts.contact,
                ),
                self.status,
                allowed,
            )
        InvalidState.unless_in(allowed, self)
        if facts.restoring:
            raise InvalidState(
                say(
                    "volume {volumes} is being restored from snapshot {id}; it can be deleted when that is done",
                    id=self.id,
                    volumes=", ".join(volume.id for volume in facts.restoring),
                ),
                self.status,
                allowed,
            )

    def may_restore(self, facts: SnapshotFacts) -> None:
        """AVAILABLE only; the new volume must fit the quotas."""
        InvalidState.unless_in(RESTORABLE, self)
        facts.tenant.admit(volumes=1, gigabytes=self.size_gb)

    def may_retry_deletion(self, facts: SnapshotFacts) -> None:
        """ERROR_DELETING only; administrators."""
        facts.caller.must_be_administrator()
        SNAPSHOT_LIFECYCLE.require("retrySnapshotDeletion", self)

    def may_reset_status(self, facts: SnapshotFacts, target: SnapshotStatus | None = None) -> None:
        """As the table says; to AVAILABLE only while the storage holds it. Administrators.

        Without `target`: whether any status would do.
        """
        facts.caller.must_be_administrator()
        SNAPSHOT_LIFECYCLE.require("resetSnapshotStatus", self)
        would_do = self._resettable_to()
        if not would_do or (target is not None and target not in would_do):
            raise InvalidState(
                say(
                    "snapshot {id} is {status}; it can be reset to {targets}",
                    id=self.id,
                    status=str(self.status),
                    targets=", ".join(map(str, would_do)) or say("nothing: the storage does not hold it"),
                ),
                self.status,
                SNAPSHOT_LIFECYCLE.sources("resetSnapshotStatus"),
            )

    def _resettable_to(self) -> list[SnapshotStatus | None]:
        targets = SNAPSHOT_LIFECYCLE.targets("resetSnapshotStatus", self.status)
        return [status for status in targets if status != _S.AVAILABLE or self.held]


_RULES: Mapping[SnapshotAction, Callable[[Snapshot, SnapshotFacts], None]] = {
    SnapshotAction.UPDATE: Snapshot.may_update,
    SnapshotAction.DELETE: Snapshot.may_delete,
    SnapshotAction.RESTORE: Snapshot.may_restore,
    SnapshotAction.RETRY_DELETION: Snapshot.may_retry_deletion,
    SnapshotAction.RESET_STATUS: Snapshot.may_reset_status,
}
