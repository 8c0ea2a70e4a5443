"""Loaders: gather what the resolvers of one operation ask for, so that a list costs no more statements than one object.

They remember what they saw, so they live as long as one answer: one operation, or one event of a stream.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from strawberry.dataloader import DataLoader

from app.domain.caller import Caller
from app.domain.journal import Entry
from app.domain.page import ListName, Page, Window
from app.domain.snapshot import Snapshot, SnapshotFacts, SnapshotFilter
from app.domain.tenant import Tenant
from app.domain.volume import Volume, VolumeFacts, VolumeFilter
from app.service.snapshots import SnapshotService
from app.service.volumes import VolumeService
from app.service.watch import Watch

Run = Callable[..., Awaitable[Any]]
_AT_ONCE = 100


class Loaders:
    """One loader for each kind of question."""

    def __init__(
        self, run: Run, caller: Caller, volumes: VolumeService, snapshots: SnapshotService, watch: Watch
    ) -> None:
        async def by_id(find: Callable[..., dict[str, Any]], ids: list[str]) -> list[Any]:
            found = await run(find, caller, ids)
            return [found.get(id_) for id_ in ids]

        async def in_order(ask: Callable[..., Sequence[Any]], keys: list[Any]) -> Sequence[Any]:
            found: Sequence[Any] = await run(ask, caller, keys)
            return found

        async def tenant(keys: list[None]) -> list[Tenant]:
            return [await run(watch.tenant, caller)] * len(keys)

        def asking(ask: Callable[..., Sequence[Any]]) -> DataLoader[Any, Any]:
            return DataLoader(partial(in_order, ask), max_batch_size=_AT_ONCE)

        self.volume: DataLoader[str, Volume | None] = DataLoader(partial(by_id, volumes.find))
        self.snapshot: DataLoader[str, Snapshot | None] = DataLoader(partial(by_id, snapshots.find))
        self.volume_facts: DataLoader[str, VolumeFacts] = asking(volumes.facts)
        self.snapshot_facts: DataLoader[str, SnapshotFacts] = asking(snapshots.facts)
        self.volumes: DataLoader[tuple[ListName, Window, VolumeFilter], Page[Volume]] = asking(volumes.pages)
        self.snapshots: DataLoader[tuple[ListName, Window, SnapshotFilter], Page[Snapshot]] = asking(snapshots.pages)
        self.snapshots_with_volumes: DataLoader[tuple[ListName, Window, SnapshotFilter], Page[Snapshot]] = asking(
            snapshots.pages_with_volumes
        )
        self.volume_count: DataLoader[VolumeFilter, int] = asking(volumes.counts)
        self.snapshot_count: DataLoader[SnapshotFilter, int] = asking(snapshots.counts)
        self.events: DataLoader[tuple[str | None, Window], Page[Entry]] = asking(watch.events)
        self.tenant: DataLoader[None, Tenant] = DataLoader(tenant)
