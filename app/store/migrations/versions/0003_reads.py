"""Indexes: of rows in a status by their time, of servers' volumes, and of what workers look for every moment."""

import sqlalchemy as sa
import structlog
from alembic import op

revision = "0003"
down_revision = "0002"

_ON_THE_WAY = {
    "snapshot": "status IN ('CREATING', 'DELETING')",
    "volume": "status IN ('CREATING', 'ATTACHING', 'DETACHING', 'EXTENDING', 'DELETING')",
}
_TEXTS = {"name": "gin_trgm_ops", "description": "gin_trgm_ops"}
_NOT_TO_BE_HAD = {"0A000", "58P01", "42501", "42704"}  # not supported; no such file, right, or operator class

log = structlog.get_logger()


def upgrade() -> None:
    for table, on_the_way in _ON_THE_WAY.items():
        op.create_index(f"{table}_in_status", table, ["tenant_id", "status", "created_at", "id"])
        _create_partial_index(f"{table}_on_the_way", table, ["owed_at"], on_the_way)
        _create_partial_index(f"{table}_leased", table, ["lease"], "lease IS NOT NULL")
        _create_partial_index(f"{table}_tried", table, ["owed_at"], "attempts > 0")
    _create_partial_index("volume_of_server", "volume", ["tenant_id", "created_at", "id"], "category = 'ROOT'")
    if op.get_bind().dialect.name == "postgresql":
        _index_texts()


def _create_partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _index_texts() -> None:
    """PostgreSQL lets the owner of a database add pg_trgm, if it is installed at all. A search can do without it."""
    connection = op.get_bind()
    try:
        with connection.begin_nested():
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            for table in _ON_THE_WAY:
                op.create_index(f"{table}_by_text", table, list(_TEXTS), postgresql_using="gin", postgresql_ops=_TEXTS)
    except sa.exc.DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _NOT_TO_BE_HAD:
            raise
        log.warning("searches will look at every row: pg_trgm could not be added", reason=str(error.orig).strip())
