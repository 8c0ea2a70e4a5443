"""Problems: the domain's failures as types of the schema, and what turns the one into the other.

The one that shows snapshots stands beside them, in `types`.
"""

from functools import singledispatch
from typing import Any

import strawberry

from app.api.attachment import Attachment
from app.api.enums import ProblemCode, QuotaName
from app.api.locale import Locale
from app.domain import problems as domain
from app.domain.attachment import Attachment as Known

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
    attachment: Known | None = strawberry.field(
        description="The server that it is attached to.", graphql_type=Attachment | None
    )


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


@singledispatch
def problem_of(problem: domain.Problem, locale: Locale) -> Problem:
    """Spell a failure of the domain in the caller's language, as the type that is registered for it."""
    return Refused(**told(problem, locale))


def told(problem: domain.Problem, locale: Locale) -> dict[str, Any]:
    """Return what every type of problem carries."""
    return {"code": problem.code, "message": locale.say(problem.message)}


@problem_of.register
def _not_found(problem: domain.NotFound, locale: Locale) -> NotFound:
    return NotFound(**told(problem, locale), id=strawberry.ID(problem.id))


@problem_of.register
def _invalid_input(problem: domain.InvalidInput, locale: Locale) -> InvalidInput:
    fields = [InvalidField(path=list(fault.path), message=locale.say(fault.message)) for fault in problem.faults]
    return InvalidInput(**told(problem, locale), fields=fields)


@problem_of.register
def _invalid_state(problem: domain.InvalidState, locale: Locale) -> InvalidState:
    allowed = [str(status) for status in problem.allowed]
    return InvalidState(**told(problem, locale), status=str(problem.status), allowed_statuses=allowed)


@problem_of.register
def _volume_in_use(problem: domain.VolumeInUse, locale: Locale) -> VolumeInUse:
    return VolumeInUse(**told(problem, locale), attachment=problem.attachment)


@problem_of.register
def _quota_exceeded(problem: domain.QuotaExceeded, locale: Locale) -> QuotaExceeded:
    return QuotaExceeded(
        **told(problem, locale),
        quota=QuotaName(problem.quota),
        limit=problem.limit,
        used=problem.used,
        requested=problem.requested,
    )


@problem_of.register
def _version_conflict(problem: domain.VersionConflict, locale: Locale) -> VersionConflict:
    return VersionConflict(**told(problem, locale), current=problem.current)
