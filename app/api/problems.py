"""Problems: the domain's failures as types of the schema, and what turns the one into the other."""

from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry

from app.api.attachment import Attachment
from app.api.enums import ProblemCode, QuotaName
from app.api.locale import Locale
from app.domain import problems as domain
from app.domain.snapshot import Snapshot as SnapshotRow

if TYPE_CHECKING:
    from app.api.types import Snapshot

CODE = "Why it was not done; stable, for programs."
MESSAGE = "What was wrong, with what, and what was expected; in the caller's language."


@strawberry.interface(description="An expected failure: nothing was changed.")
class Problem:
    code: ProblemCode = strawberry.field(description=CODE)
    message: str = strawberry.field(description=MESSAGE)


@strawberry.type(description="No such object in the caller's tenant; absent and foreign ones are never told apart.")
class NotFound(Problem):
    id: strawberry.ID = strawberry.field(description="The id that was asked for.")


@strawberry.type(description="What is wrong with one field of an input.")
class InvalidField:
    path: list[str] = strawberry.field(description="Where the field is, within the input.")
    message: str = strawberry.field(description="The rule that it breaks.")


@strawberry.type(description="Fields of the input are at fault: all of them, at once.")
class InvalidInput(Problem):
    fields: list[InvalidField] = strawberry.field(description="Each fault with its place.")


@strawberry.type(description="The object's status does not allow it.")
class InvalidState(Problem):
    status: str = strawberry.field(description="The status found.")
    allowed_statuses: list[str] = strawberry.field(description="The statuses that would do.")


@strawberry.type(description="The volume is attached to a server: detach it first.")
class VolumeInUse(Problem):
    attachment: Attachment | None = strawberry.field(description="The server that it is attached to.")


@strawberry.type(description="The volume still has snapshots: delete them first.")
class SnapshotsExist(Problem):
    snapshots: list[Annotated["Snapshot", strawberry.lazy("app.api.types")]] = strawberry.field(
        description="The newest of them, ten at most."
    )
    total_count: int = strawberry.field(description="How many there are.")


@strawberry.type(description="A limit of the tenant would be passed.")
class QuotaExceeded(Problem):
    quota: QuotaName = strawberry.field(description="What is counted.")
    limit: int = strawberry.field(description="The limit.")
    used: int = strawberry.field(description="What is used now.")
    requested: int = strawberry.field(description="What was asked for on top.")


@strawberry.type(description="Every other reason, told by the code.")
class Refused(Problem):
    pass


@strawberry.type(description="Somebody changed the object in between: look again, then decide.")
class VersionConflict(Problem):
    current: int = strawberry.field(description="The version that it has now.")


def problem_of(problem: domain.Problem, locale: Locale) -> Problem:  # noqa: PLR0911  a case, a return
    """Spell a failure of the domain in the caller's language."""
    told: dict[str, Any] = {"code": problem.code, "message": locale.say(problem.message)}
    match problem:
        case domain.NotFound():
            return NotFound(**told, id=strawberry.ID(problem.id))
        case domain.InvalidInput():
            faults = [
                InvalidField(path=list(fault.path), message=locale.say(fault.message)) for fault in problem.faults
            ]
            return InvalidInput(**told, fields=faults)
        case domain.InvalidState():
            return InvalidState(**told, status=str(problem.status), allowed_statuses=[*map(str, problem.allowed)])
        case domain.VolumeInUse():
            return VolumeInUse(**told, attachment=Attachment.of(problem.volume))
        case domain.SnapshotsExist():
            return SnapshotsExist(**told, snapshots=_snapshots(problem), total_count=problem.total)
        case domain.QuotaExceeded():
            told |= {"limit": problem.limit, "used": problem.used, "requested": problem.requested}
            return QuotaExceeded(**told, quota=QuotaName(problem.quota))
        case domain.VersionConflict():
            return VersionConflict(**told, current=problem.current)
    return Refused(**told)


def _snapshots(problem: domain.SnapshotsExist) -> "list[Snapshot]":
    from app.api.types import Snapshot  # a snapshot's actions tell problems, so it imports this module

    return [Snapshot.of(cast(SnapshotRow, row)) for row in problem.snapshots]


class _Handler:
    """Turns one kind of failure into the member of a mutation's union that stands for it."""

    def __init__(self, exception_type: type[domain.Problem], error_type: type[Problem]) -> None:
        self.exception_type = exception_type
        self.error_type = error_type

    def handle(self, exception: domain.Problem, *, field: Any, info: Any) -> Problem:
        return problem_of(exception, info.context.locale)


def exception_handlers() -> list[_Handler]:
    """Pair each failure of the domain with its type of the schema."""
    pairs = {
        domain.NotFound: NotFound,
        domain.InvalidInput: InvalidInput,
        domain.InvalidState: InvalidState,
        domain.VolumeInUse: VolumeInUse,
        domain.SnapshotsExist: SnapshotsExist,
        domain.QuotaExceeded: QuotaExceeded,
        domain.VersionConflict: VersionConflict,
        domain.Refused: Refused,
    }
    return [_Handler(exception_type, error_type) for exception_type, error_type in pairs.items()]
