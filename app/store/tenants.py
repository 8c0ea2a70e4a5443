"""The statements about tenants."""

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from app.domain.tenant import Tenant
from app.store.columns import columns_of, names_of


def find(session: Session, tenant_id: str) -> Tenant | None:
    """Return the tenant, or None before its first sight."""
    return session.get(Tenant, tenant_id)


def locked(session: Session, tenant_id: str) -> Tenant | None:
    """Return the tenant with its row locked until the commit, so that its numbers and quotas are nobody else's."""
    row = session.connection().execute(_LOCKED, {"its_id": tenant_id}).first()
    return None if row is None else Tenant(**dict(zip(names_of(Tenant), row, strict=True)))


def met(session: Session, tenant: Tenant) -> Tenant:
    """Add a tenant at its first sight, or return it, locked, if somebody else met it a moment ago."""
    try:
        with session.begin_nested():
            session.connection().execute(insert(Tenant), tenant.model_dump())
    except IntegrityError:
        found = locked(session, tenant.id)
        if found is None:
            raise
        return found
    return tenant


def keep(session: Session, tenant: Tenant) -> None:
    """Write what became of a tenant that is locked."""
    session.connection().execute(_KEPT, {f"new_{name}": value for name, value in tenant.model_dump().items()})


def exist(session: Session) -> bool:
    """Whether any tenant was ever seen."""
    return session.execute(select(col(Tenant.id)).limit(1)).first() is not None


_LOCKED = select(*columns_of(Tenant)).where(col(Tenant.id) == bindparam("its_id")).with_for_update()
_KEPT = (
    update(Tenant)
    .where(col(Tenant.id) == bindparam("new_id"))
    .values({name: bindparam(f"new_{name}") for name in names_of(Tenant) if name != "id"})
)
