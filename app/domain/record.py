"""Record: what a Volume and a Snapshot both carry, so that the store and the reconciler can treat them alike."""

import re
import secrets
from collections.abc import Iterable, Mapping
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

    def __eq__(self, other: object) -> bool:
        """Whether both say the same, however they were read."""
        if not isinstance(other, type(self)):
            return NotImplemented
        return all(getattr(self, column) == getattr(other, column) for column in type(self).model_fields)

    __hash__ = None  # type: ignore[assignment]

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


def owed_indexes(kind: str, transitional: Iterable[str]) -> tuple[Index, ...]:
    """Indexes that the workers find rows by. All rows at rest may be owed something some day, as to be measured again.

    So what is looked for every moment has indexes of its own: they hold the few rows that somebody waits for, has in
    hand, or tried in vain. A statement has to say the condition of an index, word for word, to be served by it.
    """
    statuses = ", ".join(f"'{status}'" for status in transitional)
    return (
        partial_index(f"{kind}_owed", "owed_at", where="owed_at IS NOT NULL"),
        partial_index(f"{kind}_on_the_way", "owed_at", where=f"status IN ({statuses})"),
        partial_index(f"{kind}_leased", "lease", where="lease IS NOT NULL"),
        partial_index(f"{kind}_tried", "owed_at", where="attempts > 0"),
    )


def text_index(name: str) -> Index:
    """An index by which PostgreSQL finds any part of a name or a description, if it has its extension pg_trgm."""
    ops = {"name": "gin_trgm_ops", "description": "gin_trgm_ops"}
    return Index(name, *ops, postgresql_using="gin", postgresql_ops=ops).ddl_if(dialect="postgresql")


def partial_index(name: str, *columns: str, where: str) -> Index:
    """An index of the rows that a condition is true of; the others cost nothing."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
