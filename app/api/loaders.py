"""Loaders: gather what the resolvers of one operation ask for, so that a list costs no more statements than one object.

They remember what they saw, so they live as long as one answer: one operation, or one event of a stream.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
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
    """One loader for each kind of question, made when it is first asked."""

    def __init__(
        self, run: Run, caller: Caller, volumes: VolumeService, snapshots: SnapshotService, watch: Watch
    ) -> None:
        self._run, self._caller = run, caller
        self._volumes, self._snapshots, self._watch = volumes, snapshots, watch

    @cached_property
    def volume(self) -> DataLoader[str, Volume | None]:
        return self._by_id(self._volumes.find)

    @cached_property
    def snapshot(self) -> DataLoader[str, Snapshot | None]:
        return self._by_id(self._snapshots.find)

    @cached_property
    def volume_facts(self) -> DataLoader[str, VolumeFacts]:
        return self._in_order(self._volumes.facts)

    @cached_property
    def snapshot_facts(self) -> DataLoader[str, SnapshotFacts]:
        return self._in_order(self._snapshots.facts)

    @cached_property
    def volumes(self) -> DataLoader[tuple[ListName, Window, VolumeFilter], Page[Volume]]:
        return self._in_order(self._volumes.pages)

    @cached_property
    def snapshots(self) -> DataLoader[tuple[ListName, Window, SnapshotFilter], Page[Snapshot]]:
        return self._in_order(self._snapshots.pages)

    @cached_property
    def volume_count(self) -> DataLoader[VolumeFilter, int]:
        return self._in_order(self._volumes.counts)

    @cached_property
    def snapshot_count(self) -> DataLoader[SnapshotFilter, int]:
        return self._in_order(self._snapshots.counts)

    @cached_property
    def events(self) -> DataLoader[tuple[str | None, Window], Page[Entry]]:
        return self._in_order(self._watch.events)

    @cached_property
    def tenant(self) -> DataLoader[None, Tenant]:
        async def tenant(keys: list[None]) -> list[Tenant]:
            return [await self._run(self._watch.tenant, self._caller)] * len(keys)

        return DataLoader(tenant)

    def _by_id(self, find: Callable[..., dict[str, Any]]) -> DataLoader[str, Any]:
        async def by_id(ids: list[str]) -> list[Any]:
            found = await self._run(find, self._caller, ids)
            return [found.get(id_) for id_ in ids]

        return DataLoader(by_id)

    def _in_order(self, ask: Callable[..., Sequence[Any]]) -> DataLoader[Any, Any]:
        async def in_order(keys: list[Any]) -> Sequence[Any]:
            found: Sequence[Any] = await self._run(ask, self._caller, keys)
            return found

        return DataLoader(in_order, max_batch_size=_AT_ONCE)
