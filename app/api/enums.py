"""The enumerations of the domain, with the words that the user guide has for their values."""

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Any

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from app.api.locale import Locale
from app.domain.caller import Role
from app.domain.journal import EventKind
from app.domain.lifecycle import Lifecycle
from app.domain.problems import ProblemCode
from app.domain.snapshot import SNAPSHOT_LIFECYCLE, SnapshotAction, SnapshotConsistency, SnapshotStatus
from app.domain.tenant import QuotaName
from app.domain.volume import VOLUME_LIFECYCLE, VolumeAction, VolumeCategory, VolumeStatus
from app.domain.warning import WarningCode
from app.service.sandbox import Outcome, StorageVerb

__all__ = [
    "EventKind",
    "OrderDirection",
    "Outcome",
    "ProblemCode",
    "QuotaName",
    "Role",
    "SnapshotAction",
    "SnapshotConsistency",
    "SnapshotOrderField",
    "SnapshotStatus",
    "StorageVerb",
    "StreamKind",
    "VolumeAction",
    "VolumeCategory",
    "VolumeOrderField",
    "VolumeStatus",
    "WarningCode",
]


class OrderDirection(StrEnum):
    ASC = "ASC"
    DESC = "DESC"


class SnapshotOrderField(StrEnum):
    CREATED_AT = "CREATED_AT"
    NAME = "NAME"
    SIZE = "SIZE"
    STATUS = "STATUS"


class VolumeOrderField(StrEnum):
    CREATED_AT = "CREATED_AT"
    NAME = "NAME"
    SIZE = "SIZE"
    STATUS = "STATUS"


class StreamKind(StrEnum):
    CURRENT = "CURRENT"
    CREATED = "CREATED"
    CHANGED = "CHANGED"
    DELETED = "DELETED"
    BOOKMARK = "BOOKMARK"


def _describe(enum: type[Enum], description: str, values: Mapping[Any, str]) -> None:
    strawberry.enum(enum, description=description)
    definition: StrawberryEnumDefinition = enum.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values[enum[value.name]]


def _meanings(lifecycle: Lifecycle[Any]) -> dict[Any, str]:
    """A status is described by its meaning and, for those who know the console, its Korean name."""
    return {
        status: f"{str(meaning.description)[0].upper()}{str(meaning.description)[1:]}. {Locale.KO.say(meaning.label)}."
        for status, meaning in lifecycle.meanings.items()
    }


_ORDER = ("When it was made.", "Its name, by bytes.", "Its size.", "Its status, by the alphabet.")

_describe(Locale, "A language of labels and messages.", {Locale.EN: "English.", Locale.KO: "Korean. 한국어."})
_describe(VolumeStatus, "Where a volume stands.", _meanings(VOLUME_LIFECYCLE))
_describe(SnapshotStatus, "Where a snapshot stands.", _meanings(SNAPSHOT_LIFECYCLE))
_describe(
    VolumeCategory,
    "How a volume came to be.",
    {
        VolumeCategory.ROOT: "Made with a server, and bound to it; it cannot be snapshotted, detached or deleted here.",
        VolumeCategory.DATA: "Made on its own, or restored from a snapshot.",
    },
)
_describe(
    SnapshotConsistency,
    "What the bytes of a snapshot are worth, recorded at the cut.",
    {
        SnapshotConsistency.OFFLINE: "Cut while the volume was attached to no server.",
        SnapshotConsistency.CRASH_CONSISTENT: "Cut at one instant while attached: as after a power cut.",
        SnapshotConsistency.UNCERTAIN: "Copied while a server could write: parts may be damaged.",
    },
)
_describe(
    VolumeAction,
    "What a tenant may do with a volume.",
    {
        VolumeAction.UPDATE: "Change its name, description or protection: every status but DELETING.",
        VolumeAction.DELETE: "Delete it: AVAILABLE or ERROR, DATA only, not attached, not protected, no snapshots.",
        VolumeAction.EXTEND: "Make it larger: AVAILABLE only.",
        VolumeAction.ATTACH: "Attach it to a server: AVAILABLE only.",
        VolumeAction.DETACH: "Detach it from its server: IN_USE only, never ROOT.",
        VolumeAction.CREATE_SNAPSHOT: "Cut a snapshot of it: AVAILABLE or IN_USE, DATA only.",
    },
)
_describe(
    SnapshotAction,
    "What a tenant may do with a snapshot.",
    {
        SnapshotAction.UPDATE: "Change its name or description: every status but DELETING.",
        SnapshotAction.DELETE: "Delete it: AVAILABLE or ERROR, while no volume is being restored from it.",
        SnapshotAction.RESTORE: "Restore a volume from it: AVAILABLE only. Volume 복원.",
        SnapshotAction.RETRY_DELETION: "Try once more to delete it: ERROR_DELETING, administrators only. 삭제 재시도.",
        SnapshotAction.RESET_STATUS: "Set its status by hand: administrators only. 상태 재설정.",
    },
)
_describe(
    WarningCode,
    "What a caller should know though it was done.",
    {
        WarningCode.VOLUME_ATTACHED: "The volume is attached: parts of a snapshot's data may be damaged.",
        WarningCode.SNAPSHOTS_EXIST: "The volume has snapshots; they keep their own size.",
    },
)
_describe(
    ProblemCode,
    "Why something was not done; stable, for programs.",
    {
        ProblemCode.NOT_FOUND: "No such object in the caller's tenant.",
        ProblemCode.INVALID_INPUT: "Fields of the input are at fault.",
        ProblemCode.INVALID_STATE: "The object's status does not allow it.",
        ProblemCode.ROOT_VOLUME_NOT_SUPPORTED: "A ROOT volume cannot be used for this.",
        ProblemCode.VOLUME_ATTACHED: "The volume is attached to a server.",
        ProblemCode.VOLUME_PROTECTED: "The volume is protected from deletion. 반납보호.",
        ProblemCode.SNAPSHOTS_EXIST: "The volume still has snapshots.",
        ProblemCode.QUOTA_EXCEEDED: "A limit of the tenant would be passed.",
        ProblemCode.FORBIDDEN: "The caller may not do this.",
        ProblemCode.VERSION_CONFLICT: "Somebody changed the object in between.",
        ProblemCode.IDEMPOTENCY_KEY_REUSED: "The idempotency key was used with another input.",
    },
)
_describe(
    EventKind,
    "What happened to an object.",
    {
        EventKind.CREATED: "It came to be.",
        EventKind.CHANGED: "Its status, its progress or one of its fields changed.",
        EventKind.DELETED: "It is gone.",
    },
)
_describe(
    StreamKind,
    "What a message of a stream tells.",
    {
        StreamKind.CURRENT: "An object as it was when the stream began.",
        StreamKind.CREATED: "An object came to be.",
        StreamKind.CHANGED: "An object changed.",
        StreamKind.DELETED: "An object is gone.",
        StreamKind.BOOKMARK: "Nothing happened; the cursor is the place to come back to.",
    },
)
_describe(
    Role,
    "What a caller may be in its tenant.",
    {
        Role.MEMBER: "May do everything with the tenant's volumes and snapshots that the statuses allow.",
        Role.ADMINISTRATOR: "May also retry failed deletions and reset statuses.",
    },
)
_describe(
    QuotaName,
    "What is counted.",
    {
        QuotaName.VOLUMES: "Volumes, whatever their status.",
        QuotaName.SNAPSHOTS: "Snapshots, whatever their status.",
        QuotaName.GIGABYTES: "The sizes of volumes and snapshots together, in GB of 2^30 bytes.",
    },
)
_describe(
    OrderDirection,
    "Which end of a list comes first.",
    {OrderDirection.ASC: "The least first.", OrderDirection.DESC: "The greatest first."},
)
_describe(
    SnapshotOrderField, "What a list of snapshots is sorted by.", dict(zip(SnapshotOrderField, _ORDER, strict=True))
)
_describe(VolumeOrderField, "What a list of volumes is sorted by.", dict(zip(VolumeOrderField, _ORDER, strict=True)))
_describe(
    StorageVerb,
    "What the storage is asked to do for an object that is on its way.",
    {
        StorageVerb.CREATE_VOLUME: "Make a volume of zeros: CREATING.",
        StorageVerb.RESTORE_VOLUME: "Make a volume from a snapshot: CREATING.",
        StorageVerb.EXTEND_VOLUME: "Make a volume larger: EXTENDING.",
        StorageVerb.ATTACH_VOLUME: "Let a server reach a volume: ATTACHING.",
        StorageVerb.DETACH_VOLUME: "Let a server reach it no more: DETACHING.",
        StorageVerb.DELETE_VOLUME: "Delete a volume: DELETING.",
        StorageVerb.CREATE_SNAPSHOT: "Cut a snapshot: CREATING.",
        StorageVerb.DELETE_SNAPSHOT: "Delete a snapshot: DELETING.",
    },
)
_describe(
    Outcome,
    "How a call of the storage fails.",
    {
        Outcome.REFUSED: "It is refused for good, and nothing is done.",
        Outcome.UNKNOWN: "It is done, and the answer is lost: it is tried again after a pause.",
        Outcome.CRASH: "It is done, and the worker dies: another goes on when its lease has lapsed.",
    },
)
