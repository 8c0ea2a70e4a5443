"""Failures: what a mutation raises becomes the member of its result that stands for it."""

from typing import Any

from app.api.problems import (
    InvalidInput,
    InvalidState,
    NotFound,
    Problem,
    QuotaExceeded,
    Refused,
    VersionConflict,
    VolumeInUse,
    problem_of,
)
from app.api.types import SnapshotsExist
from app.domain import problems as domain


class _Handler:
    def __init__(self, exception_type: type[domain.Problem], error_type: type[Problem]) -> None:
        self.exception_type = exception_type
        self.error_type = error_type

    def handle(self, exception: domain.Problem, *, field: Any, info: Any) -> Problem:
        return problem_of(exception, info.context.locale)


def exception_handlers() -> list[_Handler]:
    """Pair each failure of the domain with its type of the schema."""
    pairs: dict[type[domain.Problem], type[Problem]] = {
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
