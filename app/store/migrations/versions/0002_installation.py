"""The installation's id, so that the storage can say whose it is."""

import secrets

import sqlalchemy as sa
from alembic import op

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    installation = op.create_table("installation", sa.Column("id", TEXT, nullable=False), sa.PrimaryKeyConstraint("id"))
    op.bulk_insert(installation, [{"id": secrets.token_hex(16)}])
