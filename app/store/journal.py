"""The statements about a tenant's journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, false, func, insert, literal, or_, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.domain.journal import Entry
from app.domain.record import now
from app.domain.tenant import Tenant


@dataclass(frozen=True)
class Stretch:
    """Which lines are wanted: after a number, at most so many; of one object or volume, or one kind of object."""

    after: int
    limit: int
    subject_id: str | None = None
    volume_id: str | None = None
    subject_prefix: str | None = None


_LINE = insert(Entry)


class Journal:
    """The journal of one tenant, within one transaction."""

    def __init__(self, session: Session, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def add(self, **line: Any) -> None:
        """Write a line."""
        self._session.connection().execute(_LINE, {"tenant_id": self._tenant_id, "at": now(), **line})

    def revision(self) -> int:
        """Return the number of the last line; 0 if there is none."""
        return self._session.exec(select(Tenant.revision).where(Tenant.id == self._tenant_id)).first() or 0

    def reaches_back_to(self, number: int) -> bool:
        """Whether every line after that number is still kept, and the number was ever reached."""
        oldest = self._session.exec(select(func.min(Entry.number)).where(Entry.tenant_id == self._tenant_id)).one()
        newest = self.revision()
        return (newest if oldest is None else oldest - 1) <= number <= newest

    def read(self, stretches: Sequence[Stretch]) -> list[list[Entry]]:
        """Read lines of many stretches, in their order, in one statement."""
        statements = [self._stretch(want).add_columns(literal(n).label("list")) for n, want in enumerate(stretches)]
        together = union_all(*(select(statement.subquery()) for statement in statements)).subquery()
        line = aliased(Entry, together)
        found: list[list[Entry]] = [[] for _ in stretches]
        for entry, number in self._session.execute(select(line, together.c.list)):
            found[number].append(entry)
        return [sorted(entries, key=lambda entry: entry.number) for entries in found]

    def was_in(self, subject_id: str, statuses: Sequence[str], since: int) -> bool:
        """Whether a line after that number, about that object, tells of one of the statuses, entered or left."""
        lines = select(Entry.number).where(
            Entry.tenant_id == self._tenant_id,
            Entry.subject_id == subject_id,
            Entry.number > since,
            or_(col(Entry.status).in_(statuses), col(Entry.previous_status).in_(statuses)),
        )
        return self._session.exec(lines.limit(1)).first() is not None

    def _stretch(self, want: Stretch) -> Any:
        lines = select(Entry).where(Entry.tenant_id == self._tenant_id, Entry.number > want.after)
        for column, id_ in ((Entry.subject_id, want.subject_id), (Entry.volume_id, want.volume_id)):
            if id_ is not None:  # PostgreSQL takes no NUL in a text, and no line has one
                lines = lines.where(false() if "\0" in id_ else col(column) == id_)
        if want.subject_prefix is not None:
            lines = lines.where(col(Entry.subject_id).startswith(want.subject_prefix))
        return lines.order_by(col(Entry.number)).limit(want.limit)


def older_than(session: Session, oldest: datetime) -> list[tuple[str, int]]:
    """Return for each tenant the last number of the lines that are older; none where there are none."""
    last = select(Entry.tenant_id, func.max(Entry.number)).where(col(Entry.at) < oldest).group_by(Entry.tenant_id)
    return [(tenant_id, number) for tenant_id, number in session.exec(last)]


def forget_some(session: Session, *, tenant_id: str, upto: int, at_most: int) -> int:
    """Remove the oldest lines up to that number, in order and not too many at once; return how many."""
    mine = col(Entry.tenant_id) == tenant_id
    first = session.exec(select(func.min(Entry.number)).where(mine)).one()
    if first is None or first > upto:
        return 0
    some = col(Entry.number) <= min(upto, first + at_most - 1)
    return session.connection().execute(delete(Entry).where(mine, some)).rowcount
