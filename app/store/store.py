"""Store: where rows are kept. Hands out transactions, one tenant each."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection, select
from sqlmodel import col

from app.domain.installation import Installation
from app.domain.record import now
from app.domain.snapshot import Snapshot
from app.domain.tenant import Tenant
from app.domain.volume import Volume
from app.store import idempotency, journal, schema, tenants
from app.store.columns import Row, as_read, columns_of
from app.store.database import answering, asking, is_sqlite, open_engine, reading, writing
from app.store.debts import Debt, debts
from app.store.leases import Leases, Owed
from app.store.notify import Bell, hearing_other_processes
from app.store.standing import standings
from app.store.unit_of_work import Reading, UnitOfWork

_FORGOTTEN_AT_ONCE = 1000


@dataclass(frozen=True)
class Quotas:
    """The limits that a tenant gets at its first sight; -1: none."""

    volumes: int
    snapshots: int
    gigabytes: int


class Store:
    """One database."""

    def __init__(self, url: str, quotas: Quotas, lease_length: timedelta) -> None:
        self._engine = open_engine(url)
        self.quotas = quotas
        self.leases = Leases(self._engine, lease_length)
        self.bell = Bell()
        self.standings = standings(self._engine)

    def close(self) -> None:
        """Let go of every connection."""
        self.standings.close()
        self._engine.dispose()

    def migrate(self) -> None:
        """Bring the database's schema to the newest. Raises WrongSchema if it is another version's."""
        schema.migrate(self._engine)

    def make_ready(self) -> None:
        """Migrate a database that is a file of our own. Raises WrongSchema if one that others run lacks something."""
        if is_sqlite(self._engine.url):
            self.migrate()
        else:
            schema.must_fit(self._engine)

    def check(self) -> None:
        """Raise Unavailable if the database does not answer, WrongSchema if it lacks something."""
        with answering():
            schema.must_fit(self._engine)

    def hearing_other_processes(self) -> AbstractContextManager[None]:
        """Ring the bell for commits of other processes too, while the block runs."""
        return hearing_other_processes(self._engine, self.bell)

    def reading(self, tenant_id: str) -> AbstractContextManager[Reading]:
        """Open a transaction that only reads: all that it sees is of one instant."""
        return self._seeing(tenant_id, reading(self._engine))

    def asking(self, tenant_id: str) -> AbstractContextManager[Reading]:
        """Open for one question, which is of one instant anyway; several need `reading`."""
        return self._seeing(tenant_id, asking(self._engine))

    @contextlib.contextmanager
    def _seeing(self, tenant_id: str, opened: AbstractContextManager[Connection]) -> Iterator[Reading]:
        with opened as connection:
            yield Reading(
                connection, tenant_id, lambda: tenants.find(connection, tenant_id) or self._new_tenant(tenant_id)
            )

    @contextlib.contextmanager
    def unit_of_work(self, tenant_id: str, actor: str, request_id: str | None = None) -> Iterator[UnitOfWork]:
        """Open a transaction that may write. Leaving it without `commit` changes nothing."""
        with writing(self._engine) as connection:
            tenant = tenants.locked(connection, tenant_id) or tenants.met(connection, self._new_tenant(tenant_id))
            yield UnitOfWork(connection, tenant, actor, request_id, self.bell)

    def installation(self) -> str:
        """Return the id that the database was given when it was made; its storage bears it."""
        with asking(self._engine) as connection:
            return connection.execute(select(col(Installation.id))).scalar_one()

    def knows_any_tenant(self) -> bool:
        """Whether any tenant was ever seen here."""
        with asking(self._engine) as connection:
            return tenants.exist(connection)

    def knows(self, tenant_id: str) -> bool:
        """Whether that tenant was ever seen here."""
        with asking(self._engine) as connection:
            return tenants.find(connection, tenant_id) is not None

    def known_as(self, id_: str) -> tuple[str, str] | None:
        """Return the tenant and the name of a volume or a snapshot, whosever it is; None if there is none."""
        model = Volume if Volume.is_id(id_) else Snapshot
        named = select(col(model.tenant_id), col(model.name)).where(col(model.id) == id_)
        with asking(self._engine) as connection:
            row = connection.execute(named).first()
        return None if row is None else (row.tenant_id, row.name)

    def every_record(self) -> list[Owed]:
        """Return all rows of all tenants, for the comparison with the storage."""
        with reading(self._engine) as connection:
            return [*_all(connection, Volume), *_all(connection, Snapshot)]

    def debts(self) -> list[Debt]:
        """Sum up what the rows of all tenants owe now."""
        with asking(self._engine) as connection:
            return debts(connection)

    def forget_journal(self, kept_for: timedelta) -> int:
        """Remove lines of the journal that are older, some at a time so that nobody waits; return how many."""
        with asking(self._engine) as connection:
            old = journal.older_than(connection, now() - kept_for)
        return sum(self.forget_journal_of(id_, upto) for id_, upto in old)

    def forget_journal_of(self, tenant_id: str, upto: int) -> int:
        """Remove a tenant's lines up to that number, some at a time so that nobody waits; return how many."""
        return self._forget(partial(journal.forget_some, tenant_id=tenant_id, upto=upto))

    def forget_keys(self) -> int:
        """Remove idempotency keys that are no longer promised, some at a time; return how many."""
        return self._forget(idempotency.forget_some)

    def _forget(self, forget_some: Callable[..., int]) -> int:
        forgotten = 0
        while True:
            with writing(self._engine) as connection:
                some = forget_some(connection, at_most=_FORGOTTEN_AT_ONCE)
                connection.commit()
            forgotten += some
            if not some:
                return forgotten

    def _new_tenant(self, tenant_id: str) -> Tenant:
        return Tenant(
            id=tenant_id,
            name=tenant_id,
            max_volumes=self.quotas.volumes,
            max_snapshots=self.quotas.snapshots,
            max_gigabytes=self.quotas.gigabytes,
        )


def _all(connection: Connection, kind: type[Row]) -> Iterator[Row]:
    return (as_read(kind, row) for row in connection.execute(select(*columns_of(kind))))
