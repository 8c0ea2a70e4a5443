"""The statements about idempotency keys."""

from sqlalchemy import ColumnElement, Connection, delete, insert, select, tuple_
from sqlmodel import col

from app.domain.idempotency import KEPT_FOR, IdempotencyKey
from app.domain.record import now
from app.store.columns import as_read, columns_of


class IdempotencyKeys:
    """The keys of one tenant, within one transaction."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def find(self, key: str) -> IdempotencyKey | None:
        """Return what the key was used for, if that was within the last 24 hours."""
        kept = select(*columns_of(IdempotencyKey)).where(
            col(IdempotencyKey.tenant_id) == self._tenant_id,
            col(IdempotencyKey.key) == key,
            col(IdempotencyKey.made_at) > now() - KEPT_FOR,
        )
        row = self._connection.execute(kept).first()
        return None if row is None else as_read(IdempotencyKey, row)

    def add(self, key: str, digest: str, answer: str) -> None:
        """Remember a first result. What the key was used for too long ago is forgotten."""
        old = delete(IdempotencyKey).where(
            col(IdempotencyKey.tenant_id) == self._tenant_id, col(IdempotencyKey.key) == key, _too_old()
        )
        self._connection.execute(old)
        made = {"tenant_id": self._tenant_id, "key": key, "digest": digest, "answer": answer, "made_at": now()}
        self._connection.execute(insert(IdempotencyKey), made)


def forget_some(connection: Connection, *, at_most: int) -> int:
    """Remove keys of any tenant that are too old, the oldest first and not too many at once; return how many."""
    name = tuple_(col(IdempotencyKey.tenant_id), col(IdempotencyKey.key))
    oldest = select(col(IdempotencyKey.tenant_id), col(IdempotencyKey.key)).where(_too_old())
    some = oldest.order_by(col(IdempotencyKey.made_at)).limit(at_most).with_for_update(skip_locked=True)
    return connection.execute(delete(IdempotencyKey).where(name.in_(some))).rowcount


def _too_old() -> ColumnElement[bool]:
    return col(IdempotencyKey.made_at) <= now() - KEPT_FOR
