"""Record: what a Volume and a Snapshot both carry, so that the store and the reconciler can treat them alike."""

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from sqlmodel import BigInteger, Field, Index, SQLModel, text


def now() -> datetime:
    """Return this instant, in UTC."""
    return datetime.now(UTC)


class Record(SQLModel):
    """One object of a tenant.

    `revision` is the number of the journal's line that last changed it. The last four fields are the debt to the
    storage: since when work is owed (null: none), under which lease it is being done, and how often it was tried.
    """

    id_prefix: ClassVar[str]
    lifecycle: ClassVar[Any]  # a Lifecycle of the kind's own statuses

    id: str = Field(primary_key=True)
    tenant_id: str = Field(foreign_key="tenant.id")
    name: str
    description: str = ""
    product: str
    size_gb: int
    status: str
    status_reason: str | None = None
    progress_percent: int | None = None
    created_by: str
    updated_by: str
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)
    version: int = 1
    revision: int = Field(default=0, sa_type=BigInteger)

    owed_at: datetime | None = None
    lease: str | None = None
    leased_until: datetime | None = None
    attempts: int = 0

    @property
    def about_volume(self) -> str:
        """The volume that a line of the journal about this object concerns."""
        raise NotImplementedError

    @property
    def counted(self) -> Mapping[str, int]:
        """What the object takes of its tenant's quotas, by the names of `Tenant.count`."""
        raise NotImplementedError

    @property
    def owes_at_rest(self) -> bool:
        """Whether work is owed though the status is not transitional."""
        return False

    @classmethod
    def begin(cls, tenant_id: str, by: str, **values: Any) -> Self:
        """Make a row whose bytes are owed by the storage: CREATING."""
        moment = now()
        return cls(
            id=cls.new_id(),
            tenant_id=tenant_id,
            status="CREATING",
            created_by=by,
            updated_by=by,
            created_at=moment,
            updated_at=moment,
            owed_at=moment,
            **values,
        )

    @classmethod
    def new_id(cls) -> str:
        """Make an id: opaque to clients, but its prefix tells operators and logs what it names."""
        return f"{cls.id_prefix}-{secrets.token_hex(12)}"

    @classmethod
    def is_id(cls, text: str) -> bool:
        """Whether the text could be an id of this kind; any other text names nothing and need not be looked up."""
        return re.fullmatch(rf"{cls.id_prefix}-[0-9a-f]{{24}}", text) is not None


def owed_index(name: str) -> Index:
    """An index of the few rows that are owed work, small whatever the number of rows at rest."""
    owed = text("owed_at IS NOT NULL")
    return Index(name, "owed_at", sqlite_where=owed, postgresql_where=owed)
