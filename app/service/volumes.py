"""What a tenant may ask of its volumes."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, cast

from app.domain.caller import Caller
from app.domain.input import Input
from app.domain.page import ListName, Page, Window
from app.domain.problems import VersionConflict
from app.domain.record import now
from app.domain.snapshot import SnapshotFilter
from app.domain.volume import Volume, VolumeAction, VolumeFacts, VolumeFilter, VolumeStatus
from app.domain.warning import Warning
from app.service.once import Made, once
from app.store.store import Store
from app.store.unit_of_work import Reading, UnitOfWork

_NAMED_SNAPSHOTS = 10
Done = tuple[Volume, list[Warning]]


class VolumeService:
    """The verbs about volumes. Each raises the problems that its result in the schema names."""

    def __init__(self, store: Store, products: Mapping[str, str]) -> None:
        self._store = store
        self._products = products

    def find(self, caller: Caller, ids: Sequence[str]) -> dict[str, Volume]:
        """Return those of the volumes that are the caller's, by id."""
        with self._store.asking(caller.tenant_id) as reading:
            return reading.volumes.find(ids)

    def pages(self, caller: Caller, wanted: Sequence[tuple[ListName, Window, VolumeFilter]]) -> list[Page[Volume]]:
        """Return a page of each of the lists. Raises Unanswerable for a cursor that is not of its list."""
        with self._store.asking(caller.tenant_id) as reading:
            return reading.volumes.pages(wanted)

    def counts(self, caller: Caller, filters: Sequence[VolumeFilter]) -> list[int]:
        """Return how many volumes fit each of the filters."""
        with self._store.asking(caller.tenant_id) as reading:
            return reading.volumes.counts(filters)

    def facts(self, caller: Caller, ids: Sequence[str]) -> list[VolumeFacts]:
        """Return what the rules look at beside each of the volumes."""
        with self._store.reading(caller.tenant_id) as reading:
            return _facts(reading, ids)

    def create(
        self,
        caller: Caller,
        *,
        name: str,
        description: str,
        size_gb: int,
        product: str,
        protected: bool,
        idempotency_key: str | None,
    ) -> Done:
        """Create a DATA volume of zeros; the answer is CREATING."""
        given = Input()
        given.name("name", name)
        given.description("description", description)
        given.size_gb("sizeGb", size_gb)
        given.product("product", product, self._products)
        given.idempotency_key("idempotencyKey", idempotency_key)
        given.done()
        values: Mapping[str, Any] = {
            "name": name,
            "description": description,
            "size_gb": size_gb,
            "product": product,
            "protected": protected,
        }
        with self._changing(caller) as work:

            def make() -> Made:
                volume = Volume.begin(caller.tenant_id, caller.name, **values)
                work.tenant.admit(**volume.counted)
                work.add(volume)
                return [volume], []

            (volume,), warnings = once(work, idempotency_key, "createVolume", values, make)
            work.commit()
        return cast(Volume, volume), warnings

    def update(self, caller: Caller, id_: str, changes: Mapping[str, Any], *, expected_version: int | None) -> Done:
        """Change name, description or protection, whichever is given."""
        given = Input()
        given.changes(changes)
        given.done()
        with self._changing(caller) as work:
            volume, warnings = _ask(work, id_, VolumeAction.UPDATE)
            VersionConflict.unless_at(expected_version, volume)
            news = {field: value for field, value in changes.items() if value != getattr(volume, field)}
            if news:
                volume = work.change(volume, updated_by=caller.name, **news)
                work.commit()
        return volume, warnings

    def delete(self, caller: Caller, id_: str) -> Done:
        """Begin to delete; the answer is DELETING, also when it was so before."""
        with self._changing(caller) as work:
            volume, warnings = _ask(work, id_, VolumeAction.DELETE)
            if volume.status != VolumeStatus.DELETING:
                volume = work.move(volume, "deleteVolume", updated_by=caller.name)
                work.commit()
        return volume, warnings

    def extend(self, caller: Caller, id_: str, *, size_gb: int) -> Done:
        """Begin to make it larger; the new size counts from now on, and shows when the storage has it."""
        with self._changing(caller) as work:
            volume = work.volumes.get(id_)
            warnings = volume.may_extend(_facts(work, [id_])[0], size_gb)
            volume = work.move(volume, "extendVolume", updated_by=caller.name, extending_to_gb=size_gb)
            work.commit()
        return volume, warnings

    def attach(self, caller: Caller, id_: str, *, server_id: str, server_name: str | None, device: str | None) -> Done:
        """Begin to attach it to a server."""
        given = Input()
        given.label("serverId", server_id)
        given.label("serverName", server_name)
        given.label("device", device)
        given.done()
        server: Mapping[str, Any] = {
            "server_id": server_id,
            "server_name": server_name,
            "device": device,
            "attached_at": now(),
        }
        with self._changing(caller) as work:
            volume, warnings = _ask(work, id_, VolumeAction.ATTACH)
            volume = work.move(volume, "attachVolume", updated_by=caller.name, **server)
            work.commit()
        return volume, warnings

    def detach(self, caller: Caller, id_: str) -> Done:
        """Begin to detach it from its server."""
        with self._changing(caller) as work:
            volume, warnings = _ask(work, id_, VolumeAction.DETACH)
            volume = work.move(volume, "detachVolume", updated_by=caller.name)
            work.commit()
        return volume, warnings

    def _changing(self, caller: Caller) -> AbstractContextManager[UnitOfWork]:
        return self._store.unit_of_work(caller.tenant_id, caller.name, caller.request_id)


def _ask(work: UnitOfWork, id_: str, action: VolumeAction) -> Done:
    volume = work.volumes.get(id_)
    return volume, volume.check(action, _facts(work, [id_])[0])


def _facts(reading: Reading, ids: Sequence[str]) -> list[VolumeFacts]:
    lists = [SnapshotFilter(volume_id=id_) for id_ in ids]
    name = ListName(reading.tenant.id, "snapshots")
    pages = reading.snapshots.pages([(name, Window(_NAMED_SNAPSHOTS), wanted) for wanted in lists])
    counts = reading.snapshots.counts(lists)
    return [VolumeFacts(reading.tenant, page.items, count) for page, count in zip(pages, counts, strict=True)]
