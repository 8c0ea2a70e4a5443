"""The statements about idempotency keys."""

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app.domain.idempotency import KEPT_FOR, IdempotencyKey
from app.domain.record import now


class IdempotencyKeys:
    """The keys of one tenant, within one transaction."""

    def __init__(self, session: Session, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def find(self, key: str) -> IdempotencyKey | None:
        """Return what the key was used for, if that was within the last 24 hours."""
        kept = select(IdempotencyKey).where(
            IdempotencyKey.tenant_id == self._tenant_id,
            IdempotencyKey.key == key,
            col(IdempotencyKey.made_at) > now() - KEPT_FOR,
        )
        return self._session.exec(kept).first()

    def add(self, key: str, digest: str, answer: str) -> None:
        """Remember a first result, and forget those that are too old."""
        old = delete(IdempotencyKey).where(
            col(IdempotencyKey.tenant_id) == self._tenant_id, col(IdempotencyKey.made_at) <= now() - KEPT_FOR
        )
        self._session.connection().execute(old)
        self._session.add(IdempotencyKey(tenant_id=self._tenant_id, key=key, digest=digest, answer=answer))
