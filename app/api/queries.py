"""Queries: what can be looked at."""

from typing import Annotated

import strawberry

from app.api.connections import (
    After,
    Before,
    BySnapshot,
    ByVolume,
    First,
    Last,
    OfSnapshots,
    OfVolumes,
    order_of,
    snapshot_filter,
    volume_filter,
)
from app.api.context import Info
from app.api.lifecycle import Lifecycle
from app.api.types import EventConnection, Node, Snapshot, SnapshotConnection, Volume, VolumeConnection, find_node
from app.api.viewer import Product, RateLimit, Viewer
from app.domain.page import ListName, Window
from app.domain.record import Record
from app.domain.snapshot import SNAPSHOT_LIFECYCLE
from app.domain.snapshot import Snapshot as SnapshotRow
from app.domain.volume import VOLUME_LIFECYCLE
from app.domain.volume import Volume as VolumeRow

Id = Annotated[strawberry.ID, strawberry.argument(description="Its id.")]


@strawberry.type(
    description="What can be looked at. A tenant sees its own objects only; a foreign id is an absent one."
)
class Query:
    @strawberry.field(
        description="Any object by its id alone; null if the tenant has none of that id.", graphql_type=Node | None
    )
    async def node(self, info: Info, id: Id) -> Record | None:
        return await find_node(info.context, id)

    @strawberry.field(description="Who is asking.")
    async def viewer(self, info: Info) -> Viewer | None:
        return Viewer.of(info.context.caller)

    @strawberry.field(description="What the caller may still ask for, in points of cost; null where nothing limits it.")
    async def rate_limit(self, info: Info) -> RateLimit | None:
        info.context.receipt.fleeting = True
        allowance = info.context.allowance
        return None if allowance is None else RateLimit.of(allowance)

    @strawberry.field(description="One volume; null if the tenant has none of that id.", graphql_type=Volume | None)
    async def volume(self, info: Info, id: Id) -> VolumeRow | None:
        return await info.context.load.volume.load(id)

    @strawberry.field(description="The tenant's volumes.")
    async def volumes(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: OfVolumes = None,
        order_by: ByVolume = None,
    ) -> VolumeConnection | None:
        name = ListName(info.context.caller.tenant_id, "volumes", order_of(order_by))
        return await VolumeConnection.read(info, name, Window.of(first, after, last, before), volume_filter(filter))

    @strawberry.field(description="One snapshot; null if the tenant has none of that id.", graphql_type=Snapshot | None)
    async def snapshot(self, info: Info, id: Id) -> SnapshotRow | None:
        return await info.context.load.snapshot.load(id)

    @strawberry.field(description="The tenant's snapshots.")
    async def snapshots(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: OfSnapshots = None,
        order_by: BySnapshot = None,
    ) -> SnapshotConnection | None:
        name = ListName(info.context.caller.tenant_id, "snapshots", order_of(order_by))
        return await SnapshotConnection.read(info, name, Window.of(first, after, last, before), snapshot_filter(filter))

    @strawberry.field(description="The tenant's journal, the oldest line first.")
    async def events(self, info: Info, first: First = None, after: After = None) -> EventConnection | None:
        return await EventConnection.read(info, None, Window.of(first, after))

    @strawberry.field(description="The products that a volume can be of.")
    async def products(self, info: Info) -> list[Product] | None:
        return [Product(name=name, description=text) for name, text in info.context.services.products.items()]

    @strawberry.field(description="The state machine of volumes, as the code enforces it.")
    async def volume_lifecycle(self) -> Lifecycle | None:
        return Lifecycle.of(VOLUME_LIFECYCLE)

    @strawberry.field(description="The state machine of snapshots, as the code enforces it.")
    async def snapshot_lifecycle(self) -> Lifecycle | None:
        return Lifecycle.of(SNAPSHOT_LIFECYCLE)
