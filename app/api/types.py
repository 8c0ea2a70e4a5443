"""Volume, Snapshot and Event as types of the schema. They refer to each other, so they live together."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import cast

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
from app.domain.snapshot import Snapshot as SnapshotRow
from app.domain.snapshot import SnapshotFilter
from app.domain.volume import Volume as VolumeRow
from app.domain.volume import VolumeFilter

_VOLUME = re.compile(r"\bvolume\b")
CURSOR = "The place of this edge in the list, for `after` and `before`."


@strawberry.interface(description="An object with an id of its own.")
class Node:
    id: strawberry.ID = strawberry.field(description="Its id: opaque, unique, never used again.")


async def find_node(context: Context, id_: str) -> Node | None:
    """Look an object up by its id alone, whatever it is; None if the tenant has none of that id."""
    if VolumeRow.is_id(id_):
        volume = await context.load.volume.load(id_)
        return None if volume is None else Volume.of(volume)
    snapshot = await context.load.snapshot.load(id_)
    return None if snapshot is None else Snapshot.of(snapshot)


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

    @strawberry.field(description="The object as it is now; null once deleted.")
    async def subject(self, info: Info) -> Node | None:
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
    row: strawberry.Private[VolumeRow]

    @strawberry.field(description="The snapshot that it was restored from; null if none, or once that is deleted.")
    async def source_snapshot(self, info: Info) -> "Snapshot | None":
        if self.row.source_snapshot_id is None:
            return None
        row = await info.context.load.snapshot.load(self.row.source_snapshot_id)
        return None if row is None else Snapshot.of(row)

    @strawberry.field(description="Its snapshots.")
    async def snapshots(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: OfSnapshots = None,
        order_by: BySnapshot = None,
    ) -> "SnapshotConnection":
        wanted = snapshot_filter(filter, volume_id=self.id)
        name = ListName(info.context.caller.tenant_id, f"snapshots of {self.id}", order_of(order_by))
        return await SnapshotConnection.read(info, name, Window.of(first, after, last, before), wanted)

    @strawberry.field(
        description="What the viewer may do with it now, decided by the very rule that the mutation obeys."
    )
    async def actions(self, info: Info) -> list[VolumeActionState]:
        facts = await info.context.load.volume_facts.load(self.id)
        return VolumeActionState.all_of(self.row, facts, info.context.locale)

    @strawberry.field(description="Its history, the oldest line first.")
    async def events(self, info: Info, first: First = None, after: After = None) -> EventConnection:
        return await EventConnection.read(info, self.id, Window.of(first, after))

    @classmethod
    def of(cls, row: VolumeRow) -> "Volume":
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            name=row.name,
            description=row.description,
            category=VolumeCategory(row.category),
            product=row.product,
            size_gb=row.size_gb,
            status=VolumeStatus(row.status),
            status_reason=row.status_reason,
            progress_percent=row.progress_percent,
            protected=row.protected,
            attachment=Attachment.of(row),
            created_by=row.created_by,
            updated_by=row.updated_by,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
        )


@strawberry.type(description="A volume and its place in a list.")
class VolumeEdge:
    cursor: str = strawberry.field(description=CURSOR)
    node: Volume = strawberry.field(description="The volume.")


@strawberry.type(description="A page of a list of volumes.")
class VolumeConnection:
    page: strawberry.Private[Page[VolumeRow]]
    wanted: strawberry.Private[VolumeFilter]

    @strawberry.field(description="The volumes, each with its place.")
    def edges(self) -> list[VolumeEdge]:
        return [VolumeEdge(cursor=self.page.cursor(row), node=Volume.of(row)) for row in self.page.items]

    @strawberry.field(description="The volumes alone.")
    def nodes(self) -> list[Volume]:
        return [Volume.of(row) for row in self.page.items]

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
    volume: Volume | None = strawberry.field(
        description="The volume that it was cut from. 원본 Volume.", graphql_type=Volume
    )
    row: strawberry.Private[SnapshotRow]

    @strawberry.field(description="The volumes that were restored from it, the newest first.")
    async def restored_volumes(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> VolumeConnection:
        name = ListName(info.context.caller.tenant_id, f"volumes restored from {self.id}")
        wanted = VolumeFilter(source_snapshot_id=self.id)
        return await VolumeConnection.read(info, name, Window.of(first, after, last, before), wanted)

    @strawberry.field(
        description="What the viewer may do with it now, decided by the very rule that the mutation obeys."
    )
    async def actions(self, info: Info) -> list[SnapshotActionState]:
        facts = await info.context.load.snapshot_facts.load(self.id)
        return SnapshotActionState.all_of(self.row, facts, info.context.locale)

    @strawberry.field(description="Its history, the oldest line first.")
    async def events(self, info: Info, first: First = None, after: After = None) -> EventConnection:
        return await EventConnection.read(info, self.id, Window.of(first, after))

    @classmethod
    def of(cls, row: SnapshotRow) -> "Snapshot":
        return cls(
            row=row,
            id=strawberry.ID(row.id),
            name=row.name,
            description=row.description,
            size_gb=row.size_gb,
            product=row.product,
            status=SnapshotStatus(row.status),
            status_reason=row.status_reason,
            progress_percent=row.progress_percent,
            consistency=None if row.consistency is None else SnapshotConsistency(row.consistency),
            used_bytes=None if row.used_bytes is None else ByteCount(row.used_bytes),
            volume=None if row.volume is None else Volume.of(row.volume),
            checksum=row.checksum,
            created_by=row.created_by,
            updated_by=row.updated_by,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
        )


@strawberry.type(description="A snapshot and its place in a list.")
class SnapshotEdge:
    cursor: str = strawberry.field(description=CURSOR)
    node: Snapshot = strawberry.field(description="The snapshot.")


@strawberry.type(description="A page of a list of snapshots.")
class SnapshotConnection:
    page: strawberry.Private[Page[SnapshotRow]]
    wanted: strawberry.Private[SnapshotFilter]

    @strawberry.field(description="The snapshots, each with its place.")
    def edges(self) -> list[SnapshotEdge]:
        return [SnapshotEdge(cursor=self.page.cursor(row), node=Snapshot.of(row)) for row in self.page.items]

    @strawberry.field(description="The snapshots alone.")
    def nodes(self) -> list[Snapshot]:
        return [Snapshot.of(row) for row in self.page.items]

    @strawberry.field(description="Where the page lies.")
    def page_info(self) -> PageInfo:
        return PageInfo.of(self.page)

    @strawberry.field(description="How many snapshots the whole list holds. Counted only when asked for.")
    async def total_count(self, info: Info) -> int:
        return await info.context.load.snapshot_count.load(self.wanted)

    @classmethod
    async def read(cls, info: Info, name: ListName, window: Window, wanted: SnapshotFilter) -> "SnapshotConnection":
        load = info.context.load.snapshots_with_volumes if _names_volume(info) else info.context.load.snapshots
        return cls(page=await load.load((name, window, wanted)), wanted=wanted)


def _names_volume(info: Info) -> bool:
    """Whether a volume may be asked for: the word stands somewhere in the document, be it for another reason."""
    written = info.operation.loc
    return written is None or _VOLUME.search(written.source.body) is not None


@strawberry.type(description="The volume still has snapshots: delete them first.")
class SnapshotsExist(Problem):
    snapshots: list[Snapshot] = strawberry.field(description="The newest of them, ten at most.")
    total_count: int = strawberry.field(description="How many there are.")


@problem_of.register
def _snapshots_exist(problem: domain.SnapshotsExist, locale: Locale) -> SnapshotsExist:
    rows = cast(Sequence[SnapshotRow], problem.snapshots)
    for row in rows:
        row.volume = cast(VolumeRow, problem.volume)
    shown = [Snapshot.of(row) for row in rows]
    return SnapshotsExist(**told(problem, locale), snapshots=shown, total_count=problem.total)
