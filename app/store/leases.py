"""Leases: who works on a row that is owed work, whichever tenant's it is.

A row is owed work since `owed_at`. To claim it is one guarded UPDATE that writes a lease nobody else knows; whatever is
recorded later is guarded by that lease, so a worker that comes late changes nothing. These columns are between the
workers alone: writing them is no change of the object and leaves no line in the journal. Nor need they outlast the fall
of the machine: who worked fell with it.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import Enum
from operator import itemgetter
from typing import Any

from sqlalchemy import Engine, case, func, or_, update
from sqlmodel import Session, col, select

from app.domain.record import now
from app.domain.snapshot import Snapshot
from app.domain.volume import Volume, VolumeStatus
from app.store.database import answering, writing
from app.store.unit_of_work import LeaseLost
from app.store.words import in_so_many_words

Owed = Volume | Snapshot


class Reach(Enum):
    """How much of the work a worker takes on."""

    QUICK = "what moves no bytes: done in a moment, so that nobody waits behind a copy for it"
    OWED = "whatever a transitional status owes"
    ALL = "that first, then what rows at rest owe: a checksum to take, a restored volume to compare"


_KINDS: tuple[type[Owed], ...] = (Snapshot, Volume)


class Leases:
    """Claims rows, keeps the claims alive and gives them back."""

    def __init__(self, engine: Engine, length: timedelta) -> None:
        self._engine = engine
        self.length = length

    def claim(self, reach: Reach) -> Owed | None:
        """Take the row within reach that is owed work the longest, or None. What others take is passed over."""
        for part in (Reach.OWED, Reach.ALL) if reach is Reach.ALL else (reach,):
            due = [(since, model) for model in _KINDS if (since := self._due_since(model, part)) is not None]
            for _, model in sorted(due, key=itemgetter(0)):
                if (claimed := self._claim(model, part)) is not None:
                    return claimed
        return None

    def next_due_in(self, reach: Reach) -> float | None:
        """Return the seconds until `claim` may find something, leases that lapse included; None if nothing is owed."""
        with answering(), Session(self._engine) as session:
            times = [session.exec(first).one() for model in _KINDS for first in _firsts_due(model, reach)]
        soonest = min((time for time in times if time is not None), default=None)
        return None if soonest is None else max(0.0, (soonest - now()).total_seconds())

    def renew(self, leases: Collection[str]) -> None:
        """Move the end of those leases away, as far as they are still held."""
        self._write(*(({"leased_until": now() + self.length}, lease) for lease in leases))

    def end(self, lease: str, **values: Any) -> None:
        """End a lease, writing columns that are between the workers alone, such as when the work is owed again.

        LeaseLost if it is no longer held.
        """
        if not self._write(({"lease": None, "leased_until": None, **values}, lease)):
            raise LeaseLost(lease)

    def hasten(self, ids: Collection[str]) -> None:
        """Let those rows that were put off be due now."""
        with writing(self._engine, durably=False) as session:
            for model in _KINDS:
                put_off = [col(model.id).in_(ids), col(model.owed_at) > now()]
                session.connection().execute(update(model).where(*put_off).values(owed_at=now()))
            session.commit()

    def _due_since(self, model: type[Owed], reach: Reach) -> datetime | None:
        with answering(), Session(self._engine) as session:
            return session.exec(select(func.min(model.owed_at)).where(*_free(model, reach))).one()

    def _claim(self, model: type[Owed], reach: Reach) -> Owed | None:
        free = _free(model, reach)
        longest = select(model.id).where(*free).order_by(col(model.owed_at)).limit(1).with_for_update(skip_locked=True)
        values = {"lease": secrets.token_hex(8), "leased_until": now() + self.length}
        with writing(self._engine, durably=False) as session:
            taken = update(model).where(col(model.id) == longest.scalar_subquery(), *free).values(values)
            claimed = session.execute(taken.returning(model)).scalar()
            session.commit()
        return claimed

    def _write(self, *changes: tuple[dict[str, Any], str]) -> int:
        """Write columns under each lease; return how many rows are still held by one."""
        if not changes:
            return 0
        written = 0
        with writing(self._engine, durably=False) as session:
            for values, lease in changes:
                for model in _KINDS:
                    held = update(model).where(col(model.lease) == lease).values(values)
                    written += session.connection().execute(held).rowcount
            session.commit()
        return written


def _firsts_due(model: type[Owed], reach: Reach) -> list[Any]:
    """When the first row may be claimed that is free, and the first that somebody has in hand: each by an index."""
    owed = [col(model.owed_at).is_not(None), *_within(model, reach)]
    lapsing = case((col(model.leased_until) > col(model.owed_at), model.leased_until), else_=model.owed_at)
    return [
        select(func.min(model.owed_at)).where(col(model.lease).is_(None), *owed),
        select(func.min(lapsing)).where(col(model.lease).is_not(None), *owed),
    ]


def _free(model: type[Owed], reach: Reach) -> list[Any]:
    moment = now()
    lapsed = or_(col(model.leased_until).is_(None), col(model.leased_until) < moment)
    return [col(model.owed_at) <= moment, lapsed, *_within(model, reach)]


def _within(model: type[Owed], reach: Reach) -> list[Any]:
    if reach is Reach.ALL:
        return []
    on_the_way = col(model.status).in_(in_so_many_words(model.lifecycle.transitional))
    if reach is Reach.OWED:
        return [on_the_way]
    moves_none = col(model.status) != VolumeStatus.CREATING
    made_of_zeros = col(Volume.source_snapshot_id).is_(None)
    return [on_the_way, or_(moves_none, made_of_zeros) if model is Volume else moves_none]
