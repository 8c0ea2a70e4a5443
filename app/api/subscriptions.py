"""Subscriptions: changes as they commit, with a way back in after a lost connection."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import strawberry

from app.api.context import Context, Info
from app.api.enums import SnapshotStatus, StreamKind, VolumeStatus
from app.api.types import Snapshot, Volume
from app.domain.record import Record, now
from app.domain.snapshot import Snapshot as SnapshotRow
from app.domain.volume import Volume as VolumeRow
from app.service.watch import Change, Topic

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

    @strawberry.field(description="The snapshot as it is when the message is sent; null once deleted.")
    async def snapshot(self, info: Info) -> Snapshot | None:
        load = info.context.load
        row = None if self.snapshot_id is None else await load.snapshot.load(self.snapshot_id)
        # A volume outlives its snapshots: if it is gone by now, so is the snapshot, and the stream goes on to tell so.
        if row is None or await load.volume.load(row.volume_id) is None:
            return None
        return Snapshot.of(row)


@strawberry.type(description="A message about a volume.")
class VolumeMessage:
    kind: StreamKind = strawberry.field(description=KIND)
    cursor: str = strawberry.field(description=CURSOR)
    volume_id: strawberry.ID | None = strawberry.field(description="The volume's id; null in a BOOKMARK.")
    previous_status: VolumeStatus | None = strawberry.field(description=PREVIOUS)
    status: VolumeStatus | None = strawberry.field(description=STATUS)
    at: datetime = strawberry.field(description=AT)

    @strawberry.field(description="The volume as it is when the message is sent; null once deleted.")
    async def volume(self, info: Info) -> Volume | None:
        row = None if self.volume_id is None else await info.context.load.volume.load(self.volume_id)
        return None if row is None else Volume.of(row)


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
        async with contextlib.aclosing(_follow(info.context, topic, after)) as told:
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
        async with contextlib.aclosing(_follow(info.context, topic, after)) as told:
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
    """A message before it is spelled for its kind of object."""

    kind: StreamKind
    cursor: str
    at: datetime
    id: str | None = None
    previous_status: str | None = None
    status: str | None = None

    @classmethod
    def current(cls, record: Record, cursor: str) -> "_News":
        return cls(StreamKind.CURRENT, cursor, now(), record.id, status=record.status)

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


async def _follow(context: Context, topic: Topic, after: str | None) -> AsyncGenerator[_News, None]:
    """Tell what there is, unless a cursor says that it is known; then what changes, for ever."""
    watch, caller = context.services.watch, context.caller
    bell = _Bell()
    every = context.services.bookmark_every_s
    with watch.listening(caller, bell.ring):
        place = await context.run(watch.begin, caller, after)
        if after is None:
            async for news in _current(context, topic, place):
                yield news
        due = bell.time() + every  # however much else is told meanwhile
        while True:
            bell.muffle()
            batch = await context.run(watch.changes, caller, topic, place)
            for change in batch.changes:
                context.forget()
                yield _News.change(change)
            place = batch.upto
            if due <= bell.time() or not (batch.more or await bell.heard_within(due - bell.time())):
                yield _News(StreamKind.BOOKMARK, watch.cursor(caller, place), now())
                due = bell.time() + every


async def _current(context: Context, topic: Topic, place: int) -> AsyncGenerator[_News, None]:
    watch, caller = context.services.watch, context.caller
    cursor = watch.cursor(caller, place)
    read_on: str | None = None
    while True:
        records, read_on = await context.run(watch.current, caller, topic, upto=place, after=read_on)
        for record in records:
            context.forget()
            yield _News.current(record, cursor)
        if read_on is None:
            break
    yield _News(StreamKind.BOOKMARK, cursor, now())


class _Bell:
    """Lets a stream sleep until a commit, made in whatever thread, wakes it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rang = asyncio.Event()

    def ring(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop ended while a thread still committed
            self._loop.call_soon_threadsafe(self._rang.set)

    def time(self) -> float:
        """Return the seconds of the clock by which it waits."""
        return self._loop.time()

    def muffle(self) -> None:
        """Begin to listen anew; call this before looking, so that nothing is missed in between."""
        self._rang.clear()

    async def heard_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._rang.wait(), seconds)
        except TimeoutError:
            return False
        return True
