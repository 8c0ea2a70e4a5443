"""Tenant: the owner of volumes and snapshots; its quotas and its revision, the counter of its journal."""

from collections.abc import Mapping
from enum import StrEnum

from sqlmodel import BigInteger, Field, SQLModel

from app.domain.problems import QuotaExceeded

UNLIMITED = -1


class QuotaName(StrEnum):
    """What is counted. A row counts from the commit that makes it to the commit that removes it."""

    VOLUMES = "VOLUMES"
    SNAPSHOTS = "SNAPSHOTS"
    GIGABYTES = "GIGABYTES"


class Tenant(SQLModel, table=True):
    """`max_*` are limits (-1: none), the plain names what is used. Gigabytes are of volumes and snapshots together."""

    id: str = Field(primary_key=True)
    name: str
    revision: int = Field(default=0, sa_type=BigInteger)
    max_volumes: int
    max_snapshots: int
    max_gigabytes: int
    volumes: int = 0
    snapshots: int = 0
    gigabytes: int = 0

    def quotas(self) -> Mapping[QuotaName, tuple[int, int]]:
        """Return the limit and what is used of it, by name."""
        return {
            QuotaName.VOLUMES: (self.max_volumes, self.volumes),
            QuotaName.SNAPSHOTS: (self.max_snapshots, self.snapshots),
            QuotaName.GIGABYTES: (self.max_gigabytes, self.gigabytes),
        }

    def admit(self, *, volumes: int = 0, snapshots: int = 0, gigabytes: int = 0) -> None:
        """Raise QuotaExceeded if so much more would pass a limit."""
        requested = {
            QuotaName.VOLUMES: volumes,
            QuotaName.SNAPSHOTS: snapshots,
            QuotaName.GIGABYTES: gigabytes,
        }
        for name, (limit, used) in self.quotas().items():
            more = requested[name]
            if more > 0 and limit != UNLIMITED and used + more > limit:
                raise QuotaExceeded(name, limit, used, more)

    def count(self, *, volumes: int = 0, snapshots: int = 0, gigabytes: int = 0) -> None:
        """Add to what is used; negative numbers give back."""
        self.volumes += volumes
        self.snapshots += snapshots
        self.gigabytes += gigabytes
