"""Debts: what the rows of all tenants owe, summed up for those who watch over the service."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, func, select, union_all
from sqlmodel import col

from app.domain.record import now
from app.domain.snapshot import Snapshot
from app.domain.volume import Volume
from app.store.leases import Owed


@dataclass(frozen=True)
class Debt:
    """How many rows of one kind and status owe work, and for how long the one has that came to owe it first."""

    kind: str
    status: str
    rows: int
    oldest: timedelta


def debts(connection: Connection) -> list[Debt]:
    """Sum up what is owed now, be it put off to be tried again. A transitional status has its line even if none is."""
    kinds: tuple[type[Owed], ...] = (Snapshot, Volume)
    return [debt for model in kinds for debt in _debts(connection, model)]


def _debts(connection: Connection, model: type[Owed]) -> Iterator[Debt]:
    moment = now()
    # What will be owed some day, such as to be measured again, is no debt yet, unless it was put off. Each of the two
    # has an index, and both together may have none.
    row = select(col(model.status), _since(model).label("since"))
    tried = col(model.attempts) > 0
    owing = union_all(row.where(col(model.owed_at) <= moment), row.where(col(model.owed_at) > moment, tried)).subquery()
    summed = select(owing.c.status, func.count(), func.min(owing.c.since)).group_by(owing.c.status)
    found: dict[str, tuple[int, datetime]] = dict.fromkeys(map(str, model.lifecycle.transitional), (0, moment))
    found |= {status: (rows, since) for status, rows, since in connection.execute(summed)}
    for status, (rows, since) in found.items():
        # A row at rest that was put off tells only when it will be tried again.
        yield Debt(str(model.__tablename__), status, rows, max(timedelta(0), moment - since))


def _since(model: type[Owed]) -> Any:
    """When a row came to owe: `owed_at`, but each try that fails moves that on, to the next one.

    A row is CREATING from its beginning. In the other transitional statuses the first failure is what a row was last
    changed by, unless its tenant renamed it since. At rest a row that was tried tells no more than the next try.
    """
    tried = and_(col(model.attempts) > 0, col(model.status).in_(model.lifecycle.transitional))
    return case(
        (col(model.status) == "CREATING", model.created_at),
        (tried, model.updated_at),
        else_=model.owed_at,
    )
