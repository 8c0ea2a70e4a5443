"""Volume: a block device of a tenant; its statuses, the arrows between them and the rules that it obeys."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlmodel import AutoString, Field, Index

from app.domain import lifecycle
from app.domain.attachment import Attachment
from app.domain.input import Input
from app.domain.lifecycle import Lifecycle, Meaning
from app.domain.message import say
from app.domain.problems import InvalidState, ProblemCode, Refused, SnapshotsExist, VolumeInUse
from app.domain.record import Record, owed_indexes, partial_index, text_index
from app.domain.tenant import Tenant
from app.domain.warning import Warning, WarningCode


class VolumeCategory(StrEnum):
    """How a volume came to be: with a server, or on its own."""

    ROOT = "ROOT"
    DATA = "DATA"


class VolumeStatus(StrEnum):
    """Where a volume stands."""

    CREATING = "CREATING"
    AVAILABLE = "AVAILABLE"
    ATTACHING = "ATTACHING"
    IN_USE = "IN_USE"
    DETACHING = "DETACHING"
    EXTENDING = "EXTENDING"
    DELETING = "DELETING"
    ERROR = "ERROR"
    ERROR_DELETING = "ERROR_DELETING"
    UNMANAGED = "UNMANAGED"


class VolumeAction(StrEnum):
    """What a tenant may do with a volume."""

    UPDATE = "UPDATE"
    DELETE = "DELETE"
    EXTEND = "EXTEND"
    ATTACH = "ATTACH"
    DETACH = "DETACH"
    CREATE_SNAPSHOT = "CREATE_SNAPSHOT"


_S = VolumeStatus

VOLUME_LIFECYCLE = Lifecycle(
    {
        _S.CREATING: Meaning(say("Creating"), say("being made, or being filled from a snapshot"), transitional=True),
        _S.AVAILABLE: Meaning(say("Available"), say("may be attached to a server")),
        _S.ATTACHING: Meaning(say("Attaching"), say("being attached to a server"), transitional=True),
        _S.IN_USE: Meaning(say("In use"), say("attached to a server")),
        _S.DETACHING: Meaning(say("Detaching"), say("being detached from its server"), transitional=True),
        _S.EXTENDING: Meaning(say("Extending"), say("being made larger"), transitional=True),
        _S.DELETING: Meaning(say("Deleting"), say("being deleted"), transitional=True),
        _S.ERROR: Meaning(say("Failed"), say("making it failed")),
        _S.ERROR_DELETING: Meaning(say("Deletion failed"), say("deleting it failed")),
        _S.UNMANAGED: Meaning(say("Unmanaged"), say("the storage no longer knows it; ask the administrator")),
    },
    [
        ("createVolume", None, _S.CREATING),
        ("restoreVolume", None, _S.CREATING),
        ("extendVolume", _S.AVAILABLE, _S.EXTENDING),
        ("attachVolume", _S.AVAILABLE, _S.ATTACHING),
        ("detachVolume", _S.IN_USE, _S.DETACHING),
        ("deleteVolume", _S.AVAILABLE, _S.DELETING),
        ("deleteVolume", _S.ERROR, _S.DELETING),
        (lifecycle.DONE, _S.CREATING, _S.AVAILABLE),
        (lifecycle.DONE, _S.ATTACHING, _S.IN_USE),
        (lifecycle.DONE, _S.DETACHING, _S.AVAILABLE),
        (lifecycle.DONE, _S.EXTENDING, _S.AVAILABLE),
        (lifecycle.DONE, _S.DELETING, None),
        (lifecycle.REFUSED, _S.CREATING, _S.ERROR),
        (lifecycle.REFUSED, _S.ATTACHING, _S.AVAILABLE),
        (lifecycle.REFUSED, _S.DETACHING, _S.IN_USE),
        (lifecycle.REFUSED, _S.EXTENDING, _S.AVAILABLE),
        (lifecycle.REFUSED, _S.DELETING, _S.ERROR_DELETING),
        (lifecycle.REFUSED, _S.AVAILABLE, _S.ERROR),
        (lifecycle.REFUSED, _S.IN_USE, _S.ERROR),
        (lifecycle.LOST, _S.AVAILABLE, _S.UNMANAGED),
        (lifecycle.LOST, _S.IN_USE, _S.UNMANAGED),
        (lifecycle.LOST, _S.ATTACHING, _S.UNMANAGED),
        (lifecycle.LOST, _S.EXTENDING, _S.UNMANAGED),
        (lifecycle.MEND, _S.UNMANAGED, _S.AVAILABLE),
        (lifecycle.MEND, _S.UNMANAGED, _S.ERROR),
        (lifecycle.MEND, _S.ERROR_DELETING, _S.DELETING),
    ],
)
DETACHED = {"server_id": None, "server_name": None, "device": None, "attached_at": None}
UPDATABLE = tuple(status for status in _S if status is not _S.DELETING)
SNAPSHOTTABLE = (_S.AVAILABLE, _S.IN_USE)


def unmanaged(reason: str) -> Mapping[str, Any]:
    """Return what becomes of a volume whose bytes are not in the storage: no server reaches it, nothing goes on."""
    return {**DETACHED, "extending_to_gb": None, "status_reason": reason}


DOCTOR = "doctor"
"""Who finds that bytes are lost, and says so."""
NOT_HELD = "the storage does not hold its bytes"


@dataclass(frozen=True)
class VolumeFilter:
    """Which volumes a list holds; None and empty ask nothing. `search` looks in names and descriptions."""

    status: tuple[VolumeStatus, ...] = ()
    category: VolumeCategory | None = None
    search: str | None = None
    source_snapshot_id: str | None = None


@dataclass(frozen=True)
class VolumeFacts:
    """What the rules look at beside the volume itself: its tenant's quotas, its first snapshots and how many."""

    tenant: Tenant
    snapshots: Sequence[Record] = ()
    snapshot_count: int = 0


class Volume(Record, table=True):
    """A row. `attached_at` is set from ATTACHING to DETACHING, with the fields of the server beside it.

    `connection` is how a server reaches the bytes, known once they exist. `unproven`: restored by sharing bytes
    with the snapshot, and not yet compared with its checksum. `extending_to_gb` is set while EXTENDING.
    """

    __table_args__ = (
        Index("volume_by_creation", "tenant_id", "created_at", "id"),
        Index("volume_by_name", "tenant_id", "name", "id"),
        Index("volume_by_size", "tenant_id", "size_gb", "id"),
        Index("volume_by_status", "tenant_id", "status", "id"),
        Index("volume_by_source", "tenant_id", "source_snapshot_id", "created_at", "id"),
        Index("volume_in_status", "tenant_id", "status", "created_at", "id"),
        partial_index("volume_of_server", "tenant_id", "created_at", "id", where="category = 'ROOT'"),
        text_index("volume_by_text"),
        *owed_indexes("volume", VOLUME_LIFECYCLE.transitional),
    )
    id_prefix: ClassVar[str] = "vol"
    lifecycle: ClassVar[Lifecycle[VolumeStatus]] = VOLUME_LIFECYCLE

    category: VolumeCategory = Field(default=VolumeCategory.DATA, sa_type=AutoString)
    protected: bool = False
    source_snapshot_id: str | None = None
    unproven: bool = False
    extending_to_gb: int | None = None
    server_id: str | None = None
    server_name: str | None = None
    device: str | None = None
    attached_at: datetime | None = None
    connection: str | None = None

    @property
    def attachment(self) -> Attachment | None:
        """The server, from ATTACHING to DETACHING."""
        if self.attached_at is None:
            return None
        return Attachment(self.server_id, self.server_name, self.device, self.attached_at, self.connection)

    @property
    def about_volume(self) -> str:
        return self.id

    @property
    def counted(self) -> Mapping[str, int]:
        return {"volumes": 1, "gigabytes": self.extending_to_gb or self.size_gb}

    @property
    def owes_at_rest(self) -> bool:
        return self.unproven

    def check(self, action: VolumeAction, facts: VolumeFacts) -> list[Warning]:
        """Raise the problem that keeps the action from being done now, or return what the caller should know."""
        return _RULES[action](self, facts)

    def may_update(self, _: VolumeFacts) -> list[Warning]:
        """Every status but DELETING."""
        InvalidState.unless_in(UPDATABLE, self)
        return []

    def may_delete(self, facts: VolumeFacts) -> list[Warning]:
        """AVAILABLE or ERROR; DATA only; not attached, not protected, without snapshots. DELETING: once more."""
        if self.status == _S.DELETING:
            return []
        self._must_be_data()
        self._must_be_detached()
        if self.protected:
            raise Refused(ProblemCode.VOLUME_PROTECTED, say("volume {id} is protected from deletion", id=self.id))
        VOLUME_LIFECYCLE.require("deleteVolume", self)
        if facts.snapshot_count:
            raise SnapshotsExist(self, facts.snapshots, facts.snapshot_count)
        return []

    def may_extend(self, facts: VolumeFacts, to_gb: int | None = None) -> list[Warning]:
        """AVAILABLE only. Without `to_gb` the smallest extension is asked about: one more GB."""
        self._must_be_detached()
        VOLUME_LIFECYCLE.require("extendVolume", self)
        size_gb = self.size_gb + 1 if to_gb is None else to_gb
        given = Input()
        given.new_size_gb("sizeGb", size_gb, self.size_gb)
        given.done()
        facts.tenant.admit(gigabytes=size_gb - self.size_gb)
        return [Warning(WarningCode.SNAPSHOTS_EXIST)] if facts.snapshot_count else []

    def may_attach(self, _: VolumeFacts) -> list[Warning]:
        """AVAILABLE only."""
        self._must_be_detached()
        VOLUME_LIFECYCLE.require("attachVolume", self)
        return []

    def may_detach(self, _: VolumeFacts) -> list[Warning]:
        """IN_USE only; never ROOT."""
        self._must_be_data()
        VOLUME_LIFECYCLE.require("detachVolume", self)
        return []

    def may_create_snapshot(self, facts: VolumeFacts) -> list[Warning]:
        """AVAILABLE or IN_USE; DATA only. Attached: the bytes may be torn, and the caller is told."""
        self._must_be_data()
        InvalidState.unless_in(SNAPSHOTTABLE, self)
        facts.tenant.admit(snapshots=1, gigabytes=self.size_gb)
        return [Warning(WarningCode.VOLUME_ATTACHED)] if self.status == _S.IN_USE else []

    def _must_be_data(self) -> None:
        if self.category == VolumeCategory.ROOT:
            raise Refused(
                ProblemCode.ROOT_VOLUME_NOT_SUPPORTED,
                say("volume {id} is the ROOT volume of a server; only a DATA volume will do", id=self.id),
            )

    def _must_be_detached(self) -> None:
        if self.status == _S.IN_USE:
            raise VolumeInUse(self, self.attachment)


_RULES: Mapping[VolumeAction, Callable[[Volume, VolumeFacts], list[Warning]]] = {
    VolumeAction.UPDATE: Volume.may_update,
    VolumeAction.DELETE: Volume.may_delete,
    VolumeAction.EXTEND: Volume.may_extend,
    VolumeAction.ATTACH: Volume.may_attach,
    VolumeAction.DETACH: Volume.may_detach,
    VolumeAction.CREATE_SNAPSHOT: Volume.may_create_snapshot,
}
