"""The statements about a tenant's journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Executable,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlmodel import col

from app.domain.journal import Entry
from app.domain.record import now
from app.domain.tenant import Tenant
from app.store.columns import as_read, columns_of


@dataclass(frozen=True)
class Stretch:
    """Which lines are wanted: after a number, at most so many; of one object or volume, or one kind of object."""

    after: int
    limit: int
    subject_id: str | None = None
    volume_id: str | None = None
    subject_prefix: str | None = None


_STATEMENTS_KEPT = 256
_LINE = insert(Entry)


class Journal:
    """The journal of one tenant, within one transaction."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def add(self, **line: Any) -> None:
        """Write a line."""
        self._connection.execute(_LINE, {"tenant_id": self._tenant_id, "at": now(), **line})

    def reach(self) -> tuple[int, int]:
        """Return the number of the last line, and that behind which every line is still kept."""
        oldest, newest = self._connection.execute(_REACH, {"tenant": self._tenant_id}).one()
        newest = newest or 0
        return newest, newest if oldest is None else oldest - 1

    def read(self, stretches: Sequence[Stretch]) -> list[list[Entry]]:
        """Read lines of many stretches, in their order, in one statement."""
        statement, places = _statement(stretches)
        found: list[list[Entry]] = [[] for _ in stretches]
        for row in self._connection.execute(statement, {"tenant": self._tenant_id, **places}).all():
            found[row.list].append(as_read(Entry, row))
        return [sorted(entries, key=lambda entry: entry.number) for entries in found]

    def was_in(self, subject_id: str, statuses: Sequence[str], since: int) -> bool:
        """Whether a line after that number, about that object, tells of one of the statuses, entered or left."""
        places = {"tenant": self._tenant_id, "subject": subject_id, "since": since, "statuses": list(statuses)}
        return self._connection.execute(_WAS_IN, places).first() is not None


_WAS_IN = (
    select(col(Entry.number))
    .where(
        col(Entry.tenant_id) == bindparam("tenant"),
        col(Entry.subject_id) == bindparam("subject"),
        col(Entry.number) > bindparam("since"),
        or_(
            col(Entry.status).in_(bindparam("statuses", expanding=True)),
            col(Entry.previous_status).in_(bindparam("statuses", expanding=True)),
        ),
    )
    .limit(1)
)
_REACH = select(
    select(func.min(col(Entry.number))).where(col(Entry.tenant_id) == bindparam("tenant")).scalar_subquery(),
    select(col(Tenant.revision)).where(col(Tenant.id) == bindparam("tenant")).scalar_subquery(),
)


def _statement(stretches: Sequence[Stretch]) -> tuple[Executable, Mapping[str, Any]]:
    """Return the statement of stretches, and the values of its places. That of one alone is made but once."""
    shapes: list[tuple[int, frozenset[str], int]] = []
    places: dict[str, Any] = {}
    for number, want in enumerate(stretches):
        given = {name: value for name, value in vars(want).items() if value is not None and name != "limit"}
        shapes.append((number, frozenset(given), want.limit))
        places |= {f"{name}_{number}": _known(value) for name, value in given.items()}
    if len(shapes) == 1:
        return _lines(*shapes[0]), places
    return union_all(*(select(_lines(*shape).subquery()) for shape in shapes)), places


def _known(value: Any) -> Any:
    return "" if isinstance(value, str) and "\0" in value else value  # no line has either; PostgreSQL takes no NUL


@lru_cache(_STATEMENTS_KEPT)
def _lines(number: int, given: frozenset[str], limit: int) -> Select[Any]:
    lines = select(*columns_of(Entry), literal_column(str(number)).label("list"))
    lines = lines.where(col(Entry.tenant_id) == bindparam("tenant"))
    for name, condition in (
        ("after", col(Entry.number) > bindparam(f"after_{number}")),
        ("subject_id", col(Entry.subject_id) == bindparam(f"subject_id_{number}")),
        ("volume_id", col(Entry.volume_id) == bindparam(f"volume_id_{number}")),
        ("subject_prefix", col(Entry.subject_id).startswith(bindparam(f"subject_prefix_{number}"))),
    ):
        if name in given:
            lines = lines.where(condition)
    return lines.order_by(col(Entry.number)).limit(limit)


def older_than(connection: Connection, oldest: datetime) -> list[tuple[str, int]]:
    """Return for each tenant the last number of the lines that are older; none where there are none."""
    tenant_id = col(Entry.tenant_id)
    last = select(tenant_id, func.max(Entry.number)).where(col(Entry.at) < oldest).group_by(tenant_id)
    return [(id_, number) for id_, number in connection.execute(last)]


def forget_some(connection: Connection, *, tenant_id: str, upto: int, at_most: int) -> int:
    """Remove the oldest lines up to that number, in order and not too many at once; return how many."""
    mine = col(Entry.tenant_id) == tenant_id
    first = connection.execute(select(func.min(col(Entry.number))).where(mine)).scalar_one()
    if first is None or first > upto:
        return 0
    some = col(Entry.number) <= min(upto, first + at_most - 1)
    return connection.execute(delete(Entry).where(mine, some)).rowcount
