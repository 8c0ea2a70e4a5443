"""UnitOfWork: one transaction of one tenant. Leaving it without `commit` changes nothing.

Every change of an object goes through `add`, `change` or `remove`: each is one statement, guarded by what must still
hold, together with its line in the journal and the quotas that it moves.
"""

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Executable, bindparam, delete, insert, update
from sqlmodel import col

from app.domain import deadline
from app.domain.journal import EventKind
from app.domain.problems import InvalidState, NotFound
from app.domain.record import Record, now
from app.domain.snapshot import Snapshot
from app.domain.tenant import Tenant
from app.domain.volume import Volume
from app.store import tenants
from app.store.columns import as_read, columns_of, names_of
from app.store.idempotency import IdempotencyKeys
from app.store.journal import Journal
from app.store.notify import Bell, announce
from app.store.snapshots import Snapshots
from app.store.volumes import Volumes

_STATEMENTS_KEPT = 256

Row = TypeVar("Row", bound=Record)


class LeaseLost(Exception):
    """The lease under which a change was to be made has passed to another, or the row was changed meanwhile."""


class Reading:
    """What one tenant's rows say, in one transaction or, where but one question is asked, in none."""

    def __init__(self, connection: Connection, tenant_id: str, find_tenant: Callable[[], Tenant]) -> None:
        self.volumes = Volumes(connection, tenant_id)
        self.snapshots = Snapshots(connection, tenant_id)
        self.journal = Journal(connection, tenant_id)
        self._connection = connection
        self._find_tenant = find_tenant

    @cached_property
    def tenant(self) -> Tenant:
        """The tenant itself, which few questions are about."""
        return self._find_tenant()


class UnitOfWork(Reading):
    """A transaction that may change rows; the tenant's row is locked, so that changes of one tenant queue up."""

    def __init__(self, connection: Connection, tenant: Tenant, actor: str, request_id: str | None, bell: Bell) -> None:
        super().__init__(connection, tenant.id, lambda: tenant)
        self.keys = IdempotencyKeys(connection, tenant.id)
        self._actor = actor
        self._request_id = request_id
        self._bell = bell
        self._since = tenant.revision
        self._owing = False

    def commit(self) -> None:
        """Make everything that was done here durable, all at once, and tell those who wait.

        Raises TooLate if nobody waits for it any more: who was told that it took too long may have begun again.
        """
        deadline.must_not_have_passed()
        tenants.keep(self._connection, self.tenant)
        announce(self._connection, self.tenant, owing=self._owing)
        self._connection.commit()
        self._bell.ring(self.tenant.id, self._since, self.tenant.revision, owing=self._owing)

    def add(self, record: Record) -> None:
        """Let an object come to be."""
        self.tenant.count(**record.counted)
        record.revision = self._write(EventKind.CREATED, record, None, record.status, None)
        self._owing |= record.owed_at is not None
        columns = {column: getattr(record, column) for column in names_of(type(record))}
        self._connection.execute(insert(type(record)), columns)

    def move(self, record: Row, by: str, *, to: str | None = None, under: str | None = None, **values: Any) -> Row:
        """Follow the arrow `by` from the status that the row was read in; what is owed follows the new status.

        Raises as `change` does, and InvalidState if there is no such arrow.
        """
        record.lifecycle.require(by, record)
        targets = record.lifecycle.targets(by, record.status)
        target = to or targets[0]
        if target is None or target not in targets:
            raise ValueError(f"{by} does not move {record.id} from {record.status} to {target}")
        owed_at = now() if target in record.lifecycle.transitional or record.owes_at_rest else None
        rest = {"status_reason": None, "progress_percent": None, "attempts": 0, "lease": None, "leased_until": None}
        return self.change(record, under=under, **{**rest, "owed_at": owed_at, **values, "status": target})

    def change(self, record: Row, *, under: str | None = None, **values: Any) -> Row:
        """Change columns while the row still has the status that it was read with and, if given, that lease.

        Raises InvalidState, NotFound or, if a lease was given, LeaseLost when it no longer is so. Returns the row anew.
        """
        previous, counted = record.status, record.counted
        model = type(record)
        columns = {**values, "revision": self.tenant.revision + 1, "updated_at": now()}
        change = _changing(model, frozenset(columns), leased=under is not None)
        places = {_place(column): value for column, value in columns.items()}
        row = self._connection.execute(change, {**self._still(record, under), **places}).first()
        if row is None:
            raise self._why_not(record, under)
        changed = as_read(model, row)
        if isinstance(record, Snapshot) and isinstance(changed, Snapshot):
            changed.cut_from(record.volume)
        self._owing |= values.get("owed_at") is not None
        self.tenant.count(**{name: amount - counted[name] for name, amount in changed.counted.items()})
        self._write(EventKind.CHANGED, changed, previous, changed.status, values.get("status_reason"))
        return changed

    def remove(self, record: Record, *, under: str) -> None:
        """Let an object be gone; LeaseLost if the row no longer is as it was read."""
        removal = delete(type(record)).where(*_as_it_was(type(record), leased=True))
        if not self._connection.execute(removal, self._still(record, under)).rowcount:
            raise LeaseLost(record.id)
        self.tenant.count(**{name: -amount for name, amount in record.counted.items()})
        self._write(EventKind.DELETED, record, record.status, None, None)

    def _still(self, record: Record, lease: str | None) -> dict[str, Any]:
        return {"its_id": record.id, "its_tenant": self.tenant.id, "its_status": record.status, "its_lease": lease}

    def _why_not(self, record: Record, lease: str | None) -> Exception:
        if lease is not None:
            return LeaseLost(record.id)
        expected = record.status
        rows = self.volumes if isinstance(record, Volume) else self.snapshots
        found = rows.find([record.id]).get(record.id)
        return NotFound(record.id) if found is None else InvalidState.of(found, (expected,))

    def _write(
        self, kind: EventKind, record: Record, previous: str | None, status: str | None, reason: str | None
    ) -> int:
        self.tenant.revision += 1
        self.journal.add(
            number=self.tenant.revision,
            kind=kind,
            subject_id=record.id,
            subject_name=record.name,
            volume_id=record.about_volume,
            previous_status=previous,
            status=status,
            reason=reason,
            actor=self._actor,
            request_id=self._request_id,
        )
        return self.tenant.revision


@lru_cache(_STATEMENTS_KEPT)
def _changing(model: type[Record], columns: frozenset[str], *, leased: bool) -> Executable:
    """Return what changes those columns of a row that is still as it was; it tells the row anew."""
    values: dict[str, Any] = {column: bindparam(_place(column)) for column in columns}
    values["version"] = col(model.version) + 1
    return update(model).where(*_as_it_was(model, leased=leased)).values(values).returning(*columns_of(model))


def _as_it_was(model: type[Record], *, leased: bool) -> list[ColumnElement[bool]]:
    same = [
        col(model.id) == bindparam("its_id"),
        col(model.tenant_id) == bindparam("its_tenant"),
        col(model.status) == bindparam("its_status"),
    ]
    return [*same, col(model.lease) == bindparam("its_lease")] if leased else same


def _place(column: str) -> str:
    return f"new_{column}"  # by their own names SQLAlchemy would have them for itself
