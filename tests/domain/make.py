"""Things to try the rules on: each is ordinary but for what the test names."""

from typing import Any, TypeVar

from hypothesis import HealthCheck, settings

from app.domain.caller import Caller, Role
from app.domain.record import Record, now
from app.domain.snapshot import Snapshot, SnapshotStatus
from app.domain.tenant import UNLIMITED, Tenant
from app.domain.volume import Volume, VolumeStatus

Row = TypeVar("Row", bound=Record)

some = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""For properties: no example is slow because a machine is; and each brings a tenant of its own, if it needs a store."""


def a_tenant(**given: Any) -> Tenant:
    """A tenant without limits."""
    limits = {"max_volumes": UNLIMITED, "max_snapshots": UNLIMITED, "max_gigabytes": UNLIMITED}
    return Tenant(**{"id": "t", "name": "t", **limits, **given})


def a_member(tenant_id: str = "t", name: str = "tester") -> Caller:
    """Somebody who works for the tenant."""
    return Caller(f"{name}@example", name, tenant_id, frozenset({Role.MEMBER}))


def an_administrator(tenant_id: str = "t") -> Caller:
    """Somebody who may do more."""
    return Caller("root@example", "root", tenant_id, frozenset({Role.MEMBER, Role.ADMINISTRATOR}))


def a_volume(tenant_id: str = "t", *, status: VolumeStatus = VolumeStatus.AVAILABLE, **given: Any) -> Volume:
    """A DATA volume of 10 GB."""
    return _in(status, Volume.begin(tenant_id, "tester", name="data", product="SSD", size_gb=10), given)


def a_snapshot(
    volume: Volume | None = None, *, status: SnapshotStatus = SnapshotStatus.AVAILABLE, **given: Any
) -> Snapshot:
    """A snapshot that the storage holds, of a volume."""
    of = volume or a_volume()
    cut = Snapshot.begin(of.tenant_id, "tester", name="cut", product=of.product, size_gb=of.size_gb, volume_id=of.id)
    return _in(status, cut, {"held": True, **given})


def _in(status: str, row: Row, given: dict[str, Any]) -> Row:
    row.status = status
    row.owed_at = now() if status in row.lifecycle.transitional else None
    return row.sqlmodel_update(given)
