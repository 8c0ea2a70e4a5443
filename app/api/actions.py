"""Actions: what the viewer may do with an object now, decided by the very rule that the mutation obeys."""

from collections.abc import Callable
from typing import Any

import strawberry

from app.api.enums import SnapshotAction, VolumeAction
from app.api.locale import Locale
from app.api.problems import Problem, problem_of
from app.api.warning import Warning
from app.domain import problems as domain
from app.domain import warning
from app.domain.snapshot import Snapshot, SnapshotFacts
from app.domain.volume import Volume, VolumeFacts

ALLOWED = "Whether the mutation would do it now, given an input that is in order."
PROBLEM = "What the mutation would answer instead; null if it is allowed."
WARNINGS = "What the caller should know before doing it."


@strawberry.type(description="Whether something may be done with a volume now, and why not.")
class VolumeActionState:
    action: VolumeAction = strawberry.field(description="What might be done.")
    allowed: bool = strawberry.field(description=ALLOWED)
    problem: Problem | None = strawberry.field(description=PROBLEM)
    warnings: list[Warning] = strawberry.field(description=WARNINGS)

    @classmethod
    def all_of(cls, row: Volume, facts: VolumeFacts, locale: Locale) -> "list[VolumeActionState]":
        return [cls(action=action, **_state(row.check, action, facts, locale)) for action in VolumeAction]


@strawberry.type(description="Whether something may be done with a snapshot now, and why not.")
class SnapshotActionState:
    action: SnapshotAction = strawberry.field(description="What might be done.")
    allowed: bool = strawberry.field(description=ALLOWED)
    problem: Problem | None = strawberry.field(description=PROBLEM)
    warnings: list[Warning] = strawberry.field(description=WARNINGS)

    @classmethod
    def all_of(cls, row: Snapshot, facts: SnapshotFacts, locale: Locale) -> "list[SnapshotActionState]":
        return [cls(action=action, **_state(row.check, action, facts, locale)) for action in SnapshotAction]


def _state(
    check: Callable[[Any, Any], list[warning.Warning]], action: object, facts: object, locale: Locale
) -> dict[str, Any]:
    try:
        warnings = Warning.all_of(check(action, facts), locale)
    except domain.Problem as problem:
        return {"allowed": False, "problem": problem_of(problem, locale), "warnings": []}
    return {"allowed": True, "problem": None, "warnings": warnings}
