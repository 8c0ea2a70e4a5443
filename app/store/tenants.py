"""The statements about tenants."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from app.domain.tenant import Tenant
from app.store.columns import columns_of, names_of


def find(connection: Connection, tenant_id: str) -> Tenant | None:
    """Return the tenant, or None before its first sight."""
    row = connection.execute(_FOUND, {"its_id": tenant_id}).first()
    return None if row is None else _made(row)


def locked(connection: Connection, tenant_id: str) -> Tenant | None:
    """Return the tenant with its row locked until the commit, so that its numbers and quotas are nobody else's."""
    row = connection.execute(_LOCKED, {"its_id": tenant_id}).first()
    return None if row is None else _made(row)


def met(connection: Connection, tenant: Tenant) -> Tenant:
    """Add a tenant at its first sight, or return it, locked, if somebody else met it a moment ago."""
    try:
        with connection.begin_nested():
            connection.execute(insert(Tenant), tenant.model_dump())
    except IntegrityError:
        found = locked(connection, tenant.id)
        if found is None:
            raise
        return found
    return tenant


def keep(connection: Connection, tenant: Tenant) -> None:
    """Write what became of a tenant that is locked."""
    connection.execute(_KEPT, {f"new_{name}": value for name, value in tenant.model_dump().items()})


def exist(connection: Connection) -> bool:
    """Whether any tenant was ever seen."""
    return connection.execute(select(col(Tenant.id)).limit(1)).first() is not None


def _made(row: Row[Any]) -> Tenant:
    """Make a tenant that can be changed."""
    return Tenant(**dict(zip(names_of(Tenant), row, strict=True)))


_FOUND = select(*columns_of(Tenant)).where(col(Tenant.id) == bindparam("its_id"))
_LOCKED = _FOUND.with_for_update()
_KEPT = (
    update(Tenant)
    .where(col(Tenant.id) == bindparam("new_id"))
    .values({name: bindparam(f"new_{name}") for name in names_of(Tenant) if name != "id"})
)
