"""The statements about tenants."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.domain.tenant import Tenant


def find(session: Session, tenant_id: str) -> Tenant | None:
    """Return the tenant, or None before its first sight."""
    return session.get(Tenant, tenant_id)


def locked(session: Session, tenant_id: str) -> Tenant | None:
    """Return the tenant with its row locked until the commit, so that its numbers and quotas are nobody else's."""
    return session.exec(select(Tenant).where(col(Tenant.id) == tenant_id).with_for_update()).first()


def met(session: Session, tenant: Tenant) -> Tenant:
    """Add a tenant at its first sight, or return it, locked, if somebody else met it a moment ago."""
    try:
        with session.begin_nested():
            session.add(tenant)
    except IntegrityError:
        return session.exec(select(Tenant).where(col(Tenant.id) == tenant.id).with_for_update()).one()
    return tenant


def exist(session: Session) -> bool:
    """Whether any tenant was ever seen."""
    return session.exec(select(Tenant.id).limit(1)).first() is not None
