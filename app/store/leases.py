"""Leases: who works on a row that is owed work, whichever tenant's it is.

A row is owed work since `owed_at`. To claim it is one guarded UPDATE that writes a lease nobody else knows; whatever is
recorded later is guarded by that lease, so a worker that comes late changes nothing. These columns are between the
workers alone: writing them is no change of the object and leaves no line in the journal. Nor need they outlast the fall
of the machine: who worked fell with it.
"""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Engine, Executable, bindparam, case, func, or_, select, update
from sqlmodel import col

from app.domain.record import now
from app.domain.snapshot import Snapshot
from app.domain.volume import Volume, VolumeStatus
from app.store.columns import as_read, columns_of
from app.store.database import asking, writing
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
            due = [(since, model) for since, model in self._due_since(part) if since is not None]
            for _, model in sorted(due, key=itemgetter(0)):
                if (claimed := self._claim(model, part)) is not None:
                    return claimed
        return None

    def next_due_in(self, reach: Reach) -> float | None:
        """Return the seconds until `claim` may find something, leases that lapse included; None if nothing is owed."""
        with asking(self._engine) as connection:
            times = connection.execute(_firsts_due(reach)).one()
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

    def hasten(self, tenant_id: str, id_: str | None = None) -> bool:
        """Let a tenant's rows on their way that were put off be due now, or one of them; tell whether any was."""
        hastened = 0
        with writing(self._engine, durably=False) as connection:
            for model in _KINDS:
                put_off = [col(model.tenant_id) == tenant_id, col(model.owed_at) > now(), *_within(model, Reach.OWED)]
                meant = put_off if id_ is None else [*put_off, col(model.id) == id_]
                hastened += connection.execute(update(model).where(*meant).values(owed_at=now())).rowcount
            connection.commit()
        return hastened > 0

    def _due_since(self, reach: Reach) -> Iterable[tuple[datetime | None, type[Owed]]]:
        with asking(self._engine) as connection:
            return zip(connection.execute(_longest_due(reach), {"moment": now()}).one(), _KINDS, strict=True)

    def _claim(self, model: type[Owed], reach: Reach) -> Owed | None:
        moment = now()
        lease = {"new_lease": secrets.token_hex(8), "until": moment + self.length}
        with writing(self._engine, durably=False) as connection:
            row = connection.execute(_claiming(model, reach), {"moment": moment, **lease}).first()
            connection.commit()
        return None if row is None else as_read(model, row)

    def _write(self, *changes: tuple[dict[str, Any], str]) -> int:
        """Write columns under each lease; return how many rows are still held by one."""
        if not changes:
            return 0
        written = 0
        with writing(self._engine, durably=False) as connection:
            for values, lease in changes:
                for model in _KINDS:
                    held = update(model).where(col(model.lease) == lease).values(values)
                    written += connection.execute(held).rowcount
            connection.commit()
        return written


@cache
def _longest_due(reach: Reach) -> Executable:
    """Since when a row of each kind is due."""
    return select(*(select(func.min(kind.owed_at)).where(*_free(kind, reach)).scalar_subquery() for kind in _KINDS))


@cache
def _claiming(model: type[Owed], reach: Reach) -> Executable:
    """Take the row that is due the longest."""
    free = _free(model, reach)
    longest = select(col(model.id)).where(*free).order_by(col(model.owed_at)).limit(1).with_for_update(skip_locked=True)
    taken = update(model).where(col(model.id) == longest.scalar_subquery(), *free)
    lease: dict[str, Any] = {"lease": bindparam("new_lease"), "leased_until": bindparam("until")}
    return taken.values(lease).returning(*columns_of(model))


@cache
def _firsts_due(reach: Reach) -> Executable:
    """When the first row of each kind may be claimed that is free, and that somebody has in hand: each by an index."""
    firsts: list[Any] = []
    for kind in _KINDS:
        owed = [col(kind.owed_at).is_not(None), *_within(kind, reach)]
        lapsing = case((col(kind.leased_until) > col(kind.owed_at), kind.leased_until), else_=kind.owed_at)
        firsts.append(select(func.min(kind.owed_at)).where(col(kind.lease).is_(None), *owed))
        firsts.append(select(func.min(lapsing)).where(col(kind.lease).is_not(None), *owed))
    return select(*(first.scalar_subquery() for first in firsts))


def _free(model: type[Owed], reach: Reach) -> list[Any]:
    moment = bindparam("moment", type_=model.owed_at.type)  # type: ignore[union-attr]
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
