"""The failures that a tenant can meet and is told about. No HTTP, no GraphQL.

Problem
├── NotFound          no such object in the caller's tenant: absent and foreign are never told apart
├── InvalidInput      every fault of one input, each with its path
├── InvalidState      the status does not allow it; says which would
├── VolumeInUse       a server is attached
├── SnapshotsExist    the volume still has snapshots
├── QuotaExceeded     the tenant's limit would be passed
├── VersionConflict   somebody changed the object in between
└── Refused           every other reason, named by its code

Unanswerable          a list or a stream was asked for in a way that has no answer
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.attachment import Attachment
from app.domain.message import Message, say
from app.domain.record import Record

_SHOWN = 64


class ProblemCode(StrEnum):
    """Why something was not done; stable, for programs."""

    NOT_FOUND = "NOT_FOUND"
    INVALID_INPUT = "INVALID_INPUT"
    INVALID_STATE = "INVALID_STATE"
    ROOT_VOLUME_NOT_SUPPORTED = "ROOT_VOLUME_NOT_SUPPORTED"
    VOLUME_ATTACHED = "VOLUME_ATTACHED"
    VOLUME_PROTECTED = "VOLUME_PROTECTED"
    SNAPSHOTS_EXIST = "SNAPSHOTS_EXIST"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    FORBIDDEN = "FORBIDDEN"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"


class Problem(Exception):
    """An expected failure: nothing was changed."""

    def __init__(self, code: ProblemCode, message: Message) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class NotFound(Problem):
    """No such object in the caller's tenant."""

    def __init__(self, id_: str) -> None:
        super().__init__(ProblemCode.NOT_FOUND, say("nothing with the id {id} is here", id=_shortened(id_)))
        self.id = id_


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field of an input."""

    path: tuple[str, ...]
    message: Message


class InvalidInput(Problem):
    """Every fault of one input."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        names = ", ".join(".".join(fault.path) for fault in self.faults)
        super().__init__(ProblemCode.INVALID_INPUT, say("the input has faults at: {names}", names=names))


class InvalidState(Problem):
    """The object's status does not allow it."""

    def __init__(self, message: Message, status: str, allowed: Sequence[str]) -> None:
        super().__init__(ProblemCode.INVALID_STATE, message)
        self.status = status
        self.allowed = tuple(allowed)

    @classmethod
    def unless_in(cls, allowed: Sequence[str], record: Record) -> None:
        """Raise unless the record is in one of those statuses."""
        if record.status not in allowed:
            raise cls.of(record, allowed)

    @classmethod
    def of(cls, record: Record, allowed: Sequence[str]) -> "InvalidState":
        """Say in which status the record is, and in which it would have to be."""
        message = say(
            "{id} is {status}; this can be done when it is {allowed}",
            id=record.id,
            status=str(record.status),
            allowed=", ".join(allowed),
        )
        return cls(message, record.status, allowed)


class VolumeInUse(Problem):
    """A server is attached to the volume."""

    def __init__(self, volume: Record, attachment: Attachment | None) -> None:
        server = attachment and attachment.server_id
        super().__init__(
            ProblemCode.VOLUME_ATTACHED,
            say("volume {id} is attached to server {server}; detach it first", id=volume.id, server=server),
        )
        self.attachment = attachment


class SnapshotsExist(Problem):
    """The volume still has snapshots; the first of them are named."""

    def __init__(self, volume: Record, snapshots: Sequence[Record], total: int) -> None:
        super().__init__(
            ProblemCode.SNAPSHOTS_EXIST,
            say("volume {id} has {total} snapshot(s); delete them first", id=volume.id, total=total),
        )
        self.volume = volume
        self.snapshots = tuple(snapshots)
        self.total = total


class QuotaExceeded(Problem):
    """The tenant's limit would be passed."""

    def __init__(self, quota: str, limit: int, used: int, requested: int) -> None:
        super().__init__(
            ProblemCode.QUOTA_EXCEEDED,
            say(
                "the quota {quota} allows {limit}; {used} are used and {requested} more were asked for",
                quota=quota,
                limit=limit,
                used=used,
                requested=requested,
            ),
        )
        self.quota = quota
        self.limit = limit
        self.used = used
        self.requested = requested


class VersionConflict(Problem):
    """Somebody changed the object in between."""

    def __init__(self, id_: str, expected: int, current: int) -> None:
        super().__init__(
            ProblemCode.VERSION_CONFLICT,
            say("{id} is at version {current}, not {expected}", id=id_, current=current, expected=expected),
        )
        self.current = current

    @classmethod
    def unless_at(cls, expected: int | None, record: Record) -> None:
        """Raise unless the record is at that version; None asks nothing."""
        if expected is not None and expected != record.version:
            raise cls(record.id, expected, record.version)


class Refused(Problem):
    """Every other reason, named by its code."""


class Unanswerable(Exception):
    """A list or a stream was asked for in a way that has no answer: its page, its cursor.

    `code`: INVALID_PAGE, INVALID_CURSOR, INVALID_FILTER or CURSOR_EXPIRED; `argument` names the culprit.
    """

    def __init__(self, code: str, argument: str, message: Message) -> None:
        super().__init__(code, argument, message)
        self.code = code
        self.argument = argument
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


def _shortened(id_: str) -> str:
    return id_ if len(id_) <= _SHOWN else id_[:_SHOWN] + "…"
