"""The house: tenants, volumes, snapshots, the journal and idempotency keys."""

import sqlalchemy as sa
from alembic import op

# Sorted as Python and SQLite do, whatever language the database speaks: cursors are compared there and here.
TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "tenant",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("max_volumes", sa.Integer(), nullable=False),
        sa.Column("max_snapshots", sa.Integer(), nullable=False),
        sa.Column("max_gigabytes", sa.Integer(), nullable=False),
        sa.Column("volumes", sa.Integer(), nullable=False),
        sa.Column("snapshots", sa.Integer(), nullable=False),
        sa.Column("gigabytes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("answer", TEXT, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("tenant_id", "key"),
    )
    op.create_index("ix_idempotency_key_made_at", "idempotency_key", ["made_at"])
    op.create_table(
        "journal",
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("subject_name", TEXT, nullable=False),
        sa.Column("volume_id", TEXT, nullable=False),
        sa.Column("previous_status", TEXT, nullable=True),
        sa.Column("status", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("request_id", TEXT, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("tenant_id", "number"),
    )
    op.create_index("journal_by_time", "journal", ["at"])
    op.create_index("journal_of_subject", "journal", ["tenant_id", "subject_id", "number"])
    op.create_table(
        "volume",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("size_gb", sa.Integer(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("status_reason", TEXT, nullable=True),
        sa.Column("progress_percent", sa.Integer(), nullable=True),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("updated_by", TEXT, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("owed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", TEXT, nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("category", TEXT, nullable=False),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("source_snapshot_id", TEXT, nullable=True),
        sa.Column("unproven", sa.Boolean(), nullable=False),
        sa.Column("extending_to_gb", sa.Integer(), nullable=True),
        sa.Column("server_id", TEXT, nullable=True),
        sa.Column("server_name", TEXT, nullable=True),
        sa.Column("device", TEXT, nullable=True),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("connection", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("volume_by_creation", "volume", ["tenant_id", "created_at", "id"])
    op.create_index("volume_by_name", "volume", ["tenant_id", "name", "id"])
    op.create_index("volume_by_size", "volume", ["tenant_id", "size_gb", "id"])
    op.create_index("volume_by_source", "volume", ["tenant_id", "source_snapshot_id", "created_at", "id"])
    op.create_index("volume_by_status", "volume", ["tenant_id", "status", "id"])
    op.create_index(
        "volume_owed",
        "volume",
        ["owed_at"],
        sqlite_where=sa.text("owed_at IS NOT NULL"),
        postgresql_where=sa.text("owed_at IS NOT NULL"),
    )
    op.create_table(
        "snapshot",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("tenant_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("size_gb", sa.Integer(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("status_reason", TEXT, nullable=True),
        sa.Column("progress_percent", sa.Integer(), nullable=True),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("updated_by", TEXT, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("owed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", TEXT, nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("volume_id", TEXT, nullable=False),
        sa.Column("consistency", TEXT, nullable=True),
        sa.Column("used_bytes", sa.BigInteger(), nullable=True),
        sa.Column("checksum", TEXT, nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        sa.ForeignKeyConstraint(["volume_id"], ["volume.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("snapshot_by_creation", "snapshot", ["tenant_id", "created_at", "id"])
    op.create_index("snapshot_by_name", "snapshot", ["tenant_id", "name", "id"])
    op.create_index("snapshot_by_size", "snapshot", ["tenant_id", "size_gb", "id"])
    op.create_index("snapshot_by_status", "snapshot", ["tenant_id", "status", "id"])
    op.create_index("snapshot_by_volume", "snapshot", ["tenant_id", "volume_id", "created_at", "id"])
    op.create_index(
        "snapshot_owed",
        "snapshot",
        ["owed_at"],
        sqlite_where=sa.text("owed_at IS NOT NULL"),
        postgresql_where=sa.text("owed_at IS NOT NULL"),
    )
