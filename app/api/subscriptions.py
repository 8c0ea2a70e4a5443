"""Subscriptions: changes as they commit, with a way back in after a lost connection."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from app.api.context import Context, Info
from app.api.enums import SnapshotStatus, StreamKind, VolumeStatus
from app.api.tail import Tail
from app.api.types import Snapshot, Volume
from app.domain.record import now
from app.domain.snapshot import Snapshot as SnapshotRow
from app.domain.volume import Volume as VolumeRow
from app.service.watch import Change, Current, Topic

KIND = "What the message tells."
CURSOR = "The place to come back to: everything up to here was sent."
PREVIOUS = "The status before the change."
STATUS = "The status after the change."
AT = "When it happened; for CURRENT and BOOKMARK: when it was sent."
AfterCursor = Annotated[
    str | None,
    strawberry.argument(
        description="Send every change since this cursor, none missed, none twice. Without it: first what there is, "
        "then a BOOKMARK, then every change."
    ),
]
OfVolume = Annotated[strawberry.ID | None, strawberry.argument(description="Only of this volume.")]


@strawberry.type(description="A message about a snapshot.")
class SnapshotMessage:
    kind: StreamKind = strawberry.field(description=KIND)
    cursor: str = strawberry.field(description=CURSOR)
    snapshot_id: strawberry.ID | None = strawberry.field(description="The snapshot's id; null in a BOOKMARK.")
    previous_status: SnapshotStatus | None = strawberry.field(description=PREVIOUS)
    status: SnapshotStatus | None = strawberry.field(description=STATUS)
    at: datetime = strawberry.field(description=AT)

    @strawberry.field(
        description="The snapshot as it is when the message is sent; null once deleted.", graphql_type=Snapshot | None
    )
    async def snapshot(self, info: Info) -> SnapshotRow | None:
        return None if self.snapshot_id is None else await info.context.load.snapshot.load(self.snapshot_id)


@strawberry.type(description="A message about a volume.")
class VolumeMessage:
    kind: StreamKind = strawberry.field(description=KIND)
    cursor: str = strawberry.field(description=CURSOR)
    volume_id: strawberry.ID | None = strawberry.field(description="The volume's id; null in a BOOKMARK.")
    previous_status: VolumeStatus | None = strawberry.field(description=PREVIOUS)
    status: VolumeStatus | None = strawberry.field(description=STATUS)
    at: datetime = strawberry.field(description=AT)

    @strawberry.field(
        description="The volume as it is when the message is sent; null once deleted.", graphql_type=Volume | None
    )
    async def volume(self, info: Info) -> VolumeRow | None:
        return None if self.volume_id is None else await info.context.load.volume.load(self.volume_id)


@strawberry.type(description="What can be watched. Each stream is of the caller's tenant only.")
class Subscription:
    @strawberry.subscription(description="The snapshots as they change.")
    async def snapshot_changes(
        self,
        info: Info,
        after: AfterCursor = None,
        snapshot_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only this snapshot.")] = None,
        volume_id: OfVolume = None,
    ) -> AsyncGenerator[SnapshotMessage, None]:
        topic = Topic(SnapshotRow, subject_id=snapshot_id, volume_id=volume_id)
        async with contextlib.aclosing(_follow(info, topic, after)) as told:
            async for news in told:
                yield SnapshotMessage(
                    kind=news.kind,
                    cursor=news.cursor,
                    snapshot_id=None if news.id is None else strawberry.ID(news.id),
                    previous_status=None if news.previous_status is None else SnapshotStatus(news.previous_status),
                    status=None if news.status is None else SnapshotStatus(news.status),
                    at=news.at,
                )

    @strawberry.subscription(description="The volumes as they change.")
    async def volume_changes(
        self, info: Info, after: AfterCursor = None, volume_id: OfVolume = None
    ) -> AsyncGenerator[VolumeMessage, None]:
        topic = Topic(VolumeRow, subject_id=volume_id)
        async with contextlib.aclosing(_follow(info, topic, after)) as told:
            async for news in told:
                yield VolumeMessage(
                    kind=news.kind,
                    cursor=news.cursor,
                    volume_id=None if news.id is None else strawberry.ID(news.id),
                    previous_status=None if news.previous_status is None else VolumeStatus(news.previous_status),
                    status=None if news.status is None else VolumeStatus(news.status),
                    at=news.at,
                )


@dataclass(frozen=True)
class _News:
    """A message before it is spelled for its kind of object. `at`: when it happened, or was told."""

    kind: StreamKind
    cursor: str
    at: datetime
    id: str | None = None
    previous_status: str | None = None
    status: str | None = None

    @property
    def is_change(self) -> bool:
        return self.kind not in (StreamKind.CURRENT, StreamKind.BOOKMARK)

    @classmethod
    def current(cls, current: Current) -> "_News":
        return cls(StreamKind.CURRENT, current.cursor, now(), current.record.id, status=current.record.status)

    @classmethod
    def bookmark(cls, cursor: str) -> "_News":
        return cls(StreamKind.BOOKMARK, cursor, now())

    @classmethod
    def change(cls, change: Change) -> "_News":
        entry = change.entry
        return cls(
            StreamKind(entry.kind),
            change.cursor,
            entry.at,
            entry.subject_id,
            entry.previous_status,
            entry.status,
        )


async def _follow(info: Info, topic: Topic, after: str | None) -> AsyncGenerator[_News, None]:
    """Tell what there is, unless a cursor says that it is known; then what changes, for ever."""
    context, audience = info.context, _audience(info)
    with context.services.tails.of(context.caller) as tail:
        async with contextlib.aclosing(_news(context, tail, topic, context.resume_after or after)) as told:
            async for news in told:
                context.forget()
                context.told = news
                context.once = partial(tail.once, (audience, news.cursor)) if news.is_change else None
                yield news


def _audience(info: Info) -> Hashable:
    """Say to whom a change is told in the same words: whoever has the same rights and asks the same."""
    caller, source = info.context.caller, info.operation.loc and info.operation.loc.source.body
    who = caller.subject, caller.name, caller.roles, info.context.locale
    return source, info.operation.name and info.operation.name.value, repr(info.variable_values), who


async def _news(context: Context, tail: Tail, topic: Topic, after: str | None) -> AsyncGenerator[_News, None]:
    watch, caller, every = context.services.watch, context.caller, context.services.bookmark_every_s
    clock = asyncio.get_running_loop().time
    place = await context.run(watch.begin, caller, after)
    while place.opening:
        found, place = await context.run(watch.current, caller, topic, place)
        for current in found:
            yield _News.current(current)
        if not place.opening:
            yield _News.bookmark(watch.cursor(caller, place.number))
    number = place.number
    due = clock() + every  # however much else is told meanwhile
    while True:
        ring = tail.next_ring  # before looking, so that nothing is missed in between
        batch = await tail.once((topic, number), partial(context.run, watch.changes, caller, topic, number))
        for change in batch.changes:
            yield _News.change(change)
        number = batch.upto
        if due <= clock() or not (batch.more or await _heard(ring, due - clock())):
            tail.forget()  # should rings be lost, as while the database is away, this finds what they told of
            yield _News.bookmark(watch.cursor(caller, number))
            due = clock() + every


async def _heard(ring: asyncio.Event, within_s: float) -> bool:
    try:  # not `wait_for`, which loses a cancellation that comes with the ring before Python 3.12
        async with asyncio.timeout(within_s):
            return await ring.wait()
    except TimeoutError:
        return False
