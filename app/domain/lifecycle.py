"""Lifecycle: the one table of an object's statuses and of the arrows between them.

The mutations, the `actions` field, the lifecycle query, the reconciler and the tests all read the same table.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from app.domain.message import Message
from app.domain.problems import InvalidState
from app.domain.record import Record

Status = TypeVar("Status", bound=StrEnum)

DONE = "storage: done"
REFUSED = "storage: refused"
LOST = "storage: lost"
MEND = "doctor: mend"


@dataclass(frozen=True)
class Meaning:
    """What a status is called and what it says; `transitional`: work is owed."""

    label: Message
    description: Message
    transitional: bool = False


@dataclass(frozen=True)
class Transition(Generic[Status]):
    """An arrow: from None the object comes to be, to None it is gone."""

    source: Status | None
    target: Status | None
    by: str


class Lifecycle(Generic[Status]):
    """A state machine as data."""

    def __init__(
        self, meanings: Mapping[Status, Meaning], arrows: Iterable[tuple[str, Status | None, Status | None]]
    ) -> None:
        self.meanings = meanings
        self._transitions = tuple(Transition(source, target, by) for by, source, target in arrows)

    def __iter__(self) -> Iterator[Transition[Status]]:
        return iter(self._transitions)

    def sources(self, by: str) -> tuple[Status, ...]:
        """Return the statuses in which `by` may happen."""
        found = (arrow.source for arrow in self._transitions if arrow.by == by and arrow.source is not None)
        return tuple(dict.fromkeys(found))

    def targets(self, by: str, source: str) -> tuple[Status | None, ...]:
        """Return the statuses to which `by` leads from `source`; empty if there is no such arrow."""
        return tuple(arrow.target for arrow in self._transitions if arrow.by == by and arrow.source == source)

    def require(self, by: str, record: Record) -> None:
        """Raise InvalidState unless `by` may happen to the record now."""
        InvalidState.unless_in(self.sources(by), record)

    @property
    def transitional(self) -> tuple[Status, ...]:
        """The statuses in which work is owed."""
        return tuple(status for status, meaning in self.meanings.items() if meaning.transitional)
