"""Entry: one line of a tenant's journal. Its number is the cursor of every stream and the way back into one."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import AutoString, BigInteger, Field, Index, SQLModel

from app.domain.record import now


class EventKind(StrEnum):
    """What happened to an object."""

    CREATED = "CREATED"
    CHANGED = "CHANGED"
    DELETED = "DELETED"


class Entry(SQLModel, table=True):
    """Written in the transaction of the change that it tells; kept after the object is gone.

    `number` counts from 1 without gaps within the tenant, in the order of commits. `volume_id` is the volume
    itself, or the source volume of a snapshot, so that a stream about one volume needs no other table.
    """

    __tablename__ = "journal"
    __table_args__ = (
        Index("journal_of_subject", "tenant_id", "subject_id", "number"),
        Index("journal_by_time", "at"),
    )

    tenant_id: str = Field(primary_key=True, foreign_key="tenant.id")
    number: int = Field(primary_key=True, sa_type=BigInteger)
    kind: EventKind = Field(sa_type=AutoString)
    subject_id: str
    subject_name: str
    volume_id: str
    previous_status: str | None = None
    status: str | None = None
    reason: str | None = None
    actor: str
    request_id: str | None = None
    at: datetime = Field(default_factory=now)
