"""Tables of rules written out as text, so that a test holds the guide's own table beside what the code says."""

from collections.abc import Callable, Iterable
from enum import StrEnum

from app.domain.problems import Problem, ProblemCode

SAID = {
    ProblemCode.INVALID_STATE: "no",
    ProblemCode.VOLUME_ATTACHED: "attached",
    ProblemCode.ROOT_VOLUME_NOT_SUPPORTED: "root",
    ProblemCode.VOLUME_PROTECTED: "protected",
    ProblemCode.SNAPSHOTS_EXIST: "snapshots",
    ProblemCode.QUOTA_EXCEEDED: "quota",
    ProblemCode.FORBIDDEN: "forbidden",
}
"""How the tables call a problem. What is allowed is `yes`, and `warned` with a warning."""


def said(check: Callable[[], object]) -> str:
    """What a rule says, in the words of the tables; what it returns are warnings."""
    try:
        return "warned" if check() else "yes"
    except Problem as problem:
        return SAID[problem.code]


def table(
    statuses: Iterable[StrEnum], actions: Iterable[StrEnum], cell: Callable[[StrEnum, StrEnum], str]
) -> dict[str, dict[str, str]]:
    """What every status says to every action."""
    columns = tuple(actions)
    return {status.value: {action.value: cell(status, action) for action in columns} for status in statuses}


def written(text: str) -> dict[str, dict[str, str]]:
    """Read a table from a text: actions above, statuses at the left."""
    (actions, *rows) = (line.split() for line in text.strip().splitlines())
    return {status: dict(zip(actions, cells, strict=True)) for status, *cells in rows}
