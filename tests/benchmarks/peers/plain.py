"""What a Python team writes in an afternoon: Strawberry and SQLAlchemy's ORM, with Strawberry's caches of documents.

A tenant is whom the caller says: no token is checked, no journal is written, no quota is counted.
"""

import asyncio
import base64
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import strawberry
import uvicorn
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel import col, select, tuple_
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from app.domain.snapshot import Snapshot as SnapshotRow
from app.domain.volume import Volume as VolumeRow

sessions = async_sessionmaker(expire_on_commit=False)
listening: dict[str, set[asyncio.Queue["SnapshotMessage"]]] = defaultdict(set)
Info = strawberry.Info[dict[str, Any], None]


@strawberry.type
class Volume:
    id: strawberry.ID
    name: str
    status: str


@strawberry.type
class Snapshot:
    id: strawberry.ID
    name: str
    description: str
    status: str
    status_reason: str | None
    size_gb: int
    product: str
    used_bytes: int | None
    consistency: str | None
    created_by: str
    created_at: datetime
    version: int
    volume: Volume


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class SnapshotEdge:
    cursor: str


@strawberry.type
class SnapshotConnection:
    nodes: list[Snapshot]
    edges: list[SnapshotEdge]
    page_info: PageInfo


@strawberry.type
class SnapshotPayload:
    snapshot: Snapshot


@strawberry.type
class SnapshotMessage:
    kind: str
    status: str | None
    snapshot: Snapshot | None


@strawberry.input
class UpdateSnapshotInput:
    id: strawberry.ID
    name: str


@strawberry.type
class Query:
    @strawberry.field
    async def snapshots(self, info: Info, first: int = 20, after: str | None = None) -> SnapshotConnection:
        place = (col(SnapshotRow.created_at), col(SnapshotRow.id))
        wanted = _mine(info).order_by(*(column.desc() for column in place)).limit(first + 1)
        if after is not None:
            at, id_ = base64.urlsafe_b64decode(after).decode().split("|")
            wanted = wanted.where(tuple_(*place) < (datetime.fromisoformat(at), id_))
        async with sessions() as session:
            rows = (await session.execute(wanted)).all()
        edges = [SnapshotEdge(cursor=_cursor(row)) for row, _ in rows[:first]]
        info_ = PageInfo(has_next_page=len(rows) > first, end_cursor=edges[-1].cursor if edges else None)
        return SnapshotConnection(nodes=[_told(*found) for found in rows[:first]], edges=edges, page_info=info_)

    @strawberry.field
    async def snapshot(self, info: Info, id: strawberry.ID) -> Snapshot | None:
        async with sessions() as session:
            found = (await session.execute(_mine(info).where(col(SnapshotRow.id) == id))).first()
        return None if found is None else _told(*found)


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def update_snapshot(self, info: Info, input: UpdateSnapshotInput) -> SnapshotPayload:
        async with sessions.begin() as session:
            row, volume = (await session.execute(_mine(info).where(col(SnapshotRow.id) == input.id))).one()
            row.name = input.name
            row.version += 1
        snapshot = _told(row, volume)
        for queue in listening[row.tenant_id]:
            queue.put_nowait(SnapshotMessage(kind="CHANGED", status=row.status, snapshot=snapshot))
        return SnapshotPayload(snapshot=snapshot)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def snapshot_changes(self, info: Info, after: str | None = None) -> AsyncIterator[SnapshotMessage]:
        queue: asyncio.Queue[SnapshotMessage] = asyncio.Queue()
        mine = listening[info.context["connection_params"]["tenant"]]
        mine.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            mine.discard(queue)


def _mine(info: Info) -> Any:
    wanted = select(SnapshotRow, VolumeRow).join(VolumeRow, col(VolumeRow.id) == SnapshotRow.volume_id)
    return wanted.where(SnapshotRow.tenant_id == info.context["request"].headers["x-tenant"])


def _told(row: SnapshotRow, volume: VolumeRow) -> Snapshot:
    told = {name: getattr(row, name) for name in Snapshot.__annotations__ if name != "volume"}
    return Snapshot(volume=Volume(id=strawberry.ID(volume.id), name=volume.name, status=volume.status), **told)


def _cursor(row: SnapshotRow) -> str:
    return base64.urlsafe_b64encode(f"{row.created_at.isoformat()}|{row.id}".encode()).decode()


if __name__ == "__main__":
    sessions.configure(bind=create_async_engine(sys.argv[2], pool_size=16))
    schema = strawberry.Schema(Query, Mutation, Subscription, extensions=[ParserCache, ValidationCache])
    uvicorn.run(GraphQL(schema), port=int(sys.argv[1]), access_log=False, log_level="warning")
