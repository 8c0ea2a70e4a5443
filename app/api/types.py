"""Volume, Snapshot and Event as types of the schema. They refer to each other, so they live together.

A volume or snapshot is shown as it stands in its row: no object of its type is ever made. `shows` names the rows.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, cast

import strawberry

from app.api.actions import SnapshotActionState, VolumeActionState
from app.api.attachment import Attachment
from app.api.connections import (
    After,
    Before,
    BySnapshot,
    First,
    Last,
    OfSnapshots,
    PageInfo,
    order_of,
    snapshot_filter,
)
from app.api.context import Context, Info
from app.api.enums import EventKind, SnapshotConsistency, SnapshotStatus, VolumeCategory, VolumeStatus
from app.api.locale import Locale
from app.api.problems import Problem, problem_of, told
from app.api.scalars import ByteCount
from app.domain import problems as domain
from app.domain.journal import Entry
from app.domain.page import ListName, Page, Window
from app.domain.record import Record
from app.domain.snapshot import Snapshot as SnapshotRow
from app.domain.snapshot import SnapshotFilter
from app.domain.volume import Volume as VolumeRow
from app.domain.volume import VolumeFilter

VolumeItself = strawberry.Parent[VolumeRow]
SnapshotItself = strawberry.Parent[SnapshotRow]
CURSOR = "The place of this edge in the list, for `after` and `before`."


@strawberry.interface(description="An object with an id of its own.")
class Node:
    shows: ClassVar[type[Record]]

    id: strawberry.ID = strawberry.field(description="Its id: opaque, unique, never used again.")

    @classmethod
    def is_type_of(cls, shown: object, _: object) -> bool:
        return isinstance(shown, cls.shows)


async def find_node(context: Context, id_: str) -> Record | None:
    """Look an object up by its id alone, whatever it is; None if the tenant has none of that id."""
    return await (context.load.volume if VolumeRow.is_id(id_) else context.load.snapshot).load(id_)


@strawberry.type(description="One line of the tenant's journal. It is kept after the object is gone.")
class Event:
    cursor: str = strawberry.field(description="Its place in the journal; a stream can be resumed behind it.")
    kind: EventKind = strawberry.field(description="What happened.")
    subject_id: strawberry.ID = strawberry.field(description="The id of the object.")
    subject_name: str = strawberry.field(description="The object's name after the change.")
    previous_status: str | None = strawberry.field(description="The status before; null when it came to be.")
    status: str | None = strawberry.field(description="The status after; null when it is gone.")
    reason: str | None = strawberry.field(description="Why, where there is something to say.")
    actor: str = strawberry.field(description="Who did it: a caller's name, `storage` or `doctor`.")
    request_id: str | None = strawberry.field(description="The id of the request that did it; null for the storage.")
    at: datetime = strawberry.field(description="When.")

    @strawberry.field(description="The object as it is now; null once deleted.", graphql_type=Node | None)
    async def subject(self, info: Info) -> Record | None:
        return await find_node(info.context, self.subject_id)

    @classmethod
    def of(cls, entry: Entry, cursor: str) -> "Event":
        return cls(
            cursor=cursor,
            kind=EventKind(entry.kind),
            subject_id=strawberry.ID(entry.subject_id),
            subject_name=entry.subject_name,
            previous_status=entry.previous_status,
            status=entry.status,
            reason=entry.reason,
            actor=entry.actor,
            request_id=entry.request_id,
            at=entry.at,
        )


@strawberry.type(description="An event and its place.")
class EventEdge:
    cursor: str = strawberry.field(description=CURSOR)
    node: Event = strawberry.field(description="The event.")


@strawberry.type(description="A page of a journal, the oldest line first.")
class EventConnection:
    edges: list[EventEdge] = strawberry.field(description="The events, each with its place.")
    nodes: list[Event] = strawberry.field(description="The events alone.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")

    @classmethod
    async def read(cls, info: Info, subject_id: str | None, window: Window) -> "EventConnection":
        info.context.receipt.fleeting = True  # lines are forgotten one day, and that is no change
        page = await info.context.load.events.load((subject_id, window))
        nodes = [Event.of(entry, cursor) for entry, cursor in zip(page.items, page.cursors, strict=True)]
        edges = [EventEdge(cursor=node.cursor, node=node) for node in nodes]
        return cls(edges=edges, nodes=nodes, page_info=PageInfo.of(page))


@strawberry.type(description="A block device of 10 to 1000 GB. One GB is 2^30 bytes.")
class Volume(Node):
    shows = VolumeRow

    name: str = strawberry.field(description="Its name: 3 to 20 bytes of A-Z, a-z, 0-9 and `-`. Not unique.")
    description: str = strawberry.field(description="What its owner says of it: at most 100 characters.")
    category: VolumeCategory = strawberry.field(description="How it came to be. 카테고리.")
    product: str = strawberry.field(description="Its product. 상품 유형.")
    size_gb: int = strawberry.field(description="Its size in GB.")
    status: VolumeStatus = strawberry.field(description="Where it stands. 상태.")
    status_reason: str | None = strawberry.field(description="Why it stands there, where there is something to say.")
    progress_percent: int | None = strawberry.field(description="How far the work on it is, 0 to 100, while it lasts.")
    protected: bool = strawberry.field(description="Whether it is protected from deletion. 반납보호.")
    attachment: Attachment | None = strawberry.field(
        description="The server that it is attached to, from ATTACHING to DETACHING. 연결된 서버."
    )
    created_by: str = strawberry.field(description="Who made it. 생성자.")
    updated_by: str = strawberry.field(description="Which person changed it last.")
    created_at: datetime = strawberry.field(description="When it was made. 생성일시.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    version: int = strawberry.field(description="Grows with every change; for `expectedVersion`.")

    @strawberry.field(
        description="The snapshot that it was restored from; null if none, or once that is deleted.",
        graphql_type="Snapshot | None",
    )
    @staticmethod
    async def source_snapshot(volume: VolumeItself, info: Info) -> SnapshotRow | None:
        id_ = volume.source_snapshot_id
        return None if id_ is None else await info.context.load.snapshot.load(id_)

    @strawberry.field(description="Its snapshots.")
    @staticmethod
    async def snapshots(
        volume: VolumeItself,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: OfSnapshots = None,
        order_by: BySnapshot = None,
    ) -> "SnapshotConnection":
        wanted = snapshot_filter(filter, volume_id=volume.id)
        name = ListName(info.context.caller.tenant_id, f"snapshots of {volume.id}", order_of(order_by))
        return await SnapshotConnection.read(info, name, Window.of(first, after, last, before), wanted)

    @strawberry.field(
        description="What the viewer may do with it now, decided by the very rule that the mutation obeys."
    )
    @staticmethod
    async def actions(volume: VolumeItself, info: Info) -> list[VolumeActionState]:
        facts = await info.context.load.volume_facts.load(volume.id)
        return VolumeActionState.all_of(volume, facts, info.context.locale)

    @strawberry.field(description="Its history, the oldest line first.")
    @staticmethod
    async def events(volume: VolumeItself, info: Info, first: First = None, after: After = None) -> EventConnection:
        return await EventConnection.read(info, volume.id, Window.of(first, after))


@strawberry.type(description="A volume and its place in a list.")
class VolumeEdge:
    cursor: str = strawberry.field(description=CURSOR)
    node: VolumeRow = strawberry.field(description="The volume.", graphql_type=Volume)


@strawberry.type(description="A page of a list of volumes.")
class VolumeConnection:
    page: strawberry.Private[Page[VolumeRow]]
    wanted: strawberry.Private[VolumeFilter]

    @strawberry.field(description="The volumes, each with its place.")
    def edges(self) -> list[VolumeEdge]:
        return [VolumeEdge(cursor=self.page.cursor(row), node=row) for row in self.page.items]

    @strawberry.field(description="The volumes alone.", graphql_type=list[Volume])
    def nodes(self) -> Sequence[VolumeRow]:
        return self.page.items

    @strawberry.field(description="Where the page lies.")
    def page_info(self) -> PageInfo:
        return PageInfo.of(self.page)

    @strawberry.field(description="How many volumes the whole list holds. Counted only when asked for.")
    async def total_count(self, info: Info) -> int:
        return await info.context.load.volume_count.load(self.wanted)

    @classmethod
    async def read(cls, info: Info, name: ListName, window: Window, wanted: VolumeFilter) -> "VolumeConnection":
        return cls(page=await info.context.load.volumes.load((name, window, wanted)), wanted=wanted)


@strawberry.type(
    description="A copy of a DATA volume at one instant. Its size and product are the volume's at that instant."
)
class Snapshot(Node):
    shows = SnapshotRow

    name: str = strawberry.field(description="Its name: 3 to 20 bytes of A-Z, a-z, 0-9 and `-`. Not unique.")
    description: str = strawberry.field(description="What its owner says of it: at most 100 characters.")
    size_gb: int = strawberry.field(description="The size of its volume at the cut, in GB.")
    product: str = strawberry.field(description="The product of its volume at the cut. 상품 유형.")
    status: SnapshotStatus = strawberry.field(description="Where it stands. 상태.")
    status_reason: str | None = strawberry.field(description="Why it stands there, where there is something to say.")
    progress_percent: int | None = strawberry.field(description="How far the work on it is, 0 to 100, while it lasts.")
    consistency: SnapshotConsistency | None = strawberry.field(
        description="What its bytes are worth, recorded at the cut; null before."
    )
    used_bytes: ByteCount | None = strawberry.field(
        description="Bytes that only this snapshot holds; null where the storage cannot tell."
    )
    checksum: str | None = strawberry.field(
        description="A hash of its content, holes and zeros alike; null until it is taken."
    )
    created_by: str = strawberry.field(description="Who made it. 생성자.")
    updated_by: str = strawberry.field(description="Which person changed it last.")
    created_at: datetime = strawberry.field(description="When it was asked for. 생성일시.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    version: int = strawberry.field(description="Grows with every change; for `expectedVersion`.")
    volume: Volume = strawberry.field(description="The volume that it was cut from. 원본 Volume.")

    @strawberry.field(description="The volumes that were restored from it, the newest first.")
    @staticmethod
    async def restored_volumes(
        snapshot: SnapshotItself,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> VolumeConnection:
        name = ListName(info.context.caller.tenant_id, f"volumes restored from {snapshot.id}")
        wanted = VolumeFilter(source_snapshot_id=snapshot.id)
        return await VolumeConnection.read(info, name, Window.of(first, after, last, before), wanted)

    @strawberry.field(
        description="What the viewer may do with it now, decided by the very rule that the mutation obeys."
    )
    @staticmethod
    async def actions(snapshot: SnapshotItself, info: Info) -> list[SnapshotActionState]:
        facts = await info.context.load.snapshot_facts.load(snapshot.id)
        return SnapshotActionState.all_of(snapshot, facts, info.context.locale)

    @strawberry.field(description="Its history, the oldest line first.")
    @staticmethod
    async def events(snapshot: SnapshotItself, info: Info, first: First = None, after: After = None) -> EventConnection:
        return await EventConnection.read(info, snapshot.id, Window.of(first, after))


@strawberry.type(description="A snapshot and its place in a list.")
class SnapshotEdge:
    cursor: str = strawberry.field(description=CURSOR)
    node: SnapshotRow = strawberry.field(description="The snapshot.", graphql_type=Snapshot)


@strawberry.type(description="A page of a list of snapshots.")
class SnapshotConnection:
    page: strawberry.Private[Page[SnapshotRow]]
    wanted: strawberry.Private[SnapshotFilter]

    @strawberry.field(description="The snapshots, each with its place.")
    def edges(self) -> list[SnapshotEdge]:
        return [SnapshotEdge(cursor=self.page.cursor(row), node=row) for row in self.page.items]

    @strawberry.field(description="The snapshots alone.", graphql_type=list[Snapshot])
    def nodes(self) -> Sequence[SnapshotRow]:
        return self.page.items

    @strawberry.field(description="Where the page lies.")
    def page_info(self) -> PageInfo:
        return PageInfo.of(self.page)

    @strawberry.field(description="How many snapshots the whole list holds. Counted only when asked for.")
    async def total_count(self, info: Info) -> int:
        return await info.context.load.snapshot_count.load(self.wanted)

    @classmethod
    async def read(cls, info: Info, name: ListName, window: Window, wanted: SnapshotFilter) -> "SnapshotConnection":
        return cls(page=await info.context.load.snapshots.load((name, window, wanted)), wanted=wanted)


@strawberry.type(description="The volume still has snapshots: delete them first.")
class SnapshotsExist(Problem):
    snapshots: Sequence[SnapshotRow] = strawberry.field(
        description="The newest of them, ten at most.", graphql_type=list[Snapshot]
    )
    total_count: int = strawberry.field(description="How many there are.")


@problem_of.register
def _snapshots_exist(problem: domain.SnapshotsExist, locale: Locale) -> SnapshotsExist:
    rows = cast(Sequence[SnapshotRow], problem.snapshots)
    for row in rows:
        row.cut_from(cast(VolumeRow, problem.volume))
    return SnapshotsExist(**told(problem, locale), snapshots=rows, total_count=problem.total)
