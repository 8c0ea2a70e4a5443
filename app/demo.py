"""Demo: what there is to look at in a fresh development service: real rows over real bytes, made once."""

import contextlib
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import structlog

from app.domain.caller import Caller, Role
from app.domain.record import Record, now
from app.domain.snapshot import Snapshot, SnapshotConsistency, SnapshotStatus
from app.domain.volume import Volume, VolumeCategory, VolumeStatus
from app.drivers.contract import Driver, Unsure
from app.service.snapshots import SnapshotService
from app.store.store import Store
from app.store.unit_of_work import UnitOfWork

GB = 2**30
LARGE = 2 * GB
_CHUNK = 2**20

Row = TypeVar("Row", bound=Record)

log = structlog.get_logger()


class Demo:
    """Two tenants, `demo` and `other`, with something in every status that rests."""

    def __init__(self, store: Store, driver: Driver, snapshots: SnapshotService) -> None:
        self._store = store
        self._driver = driver
        self._snapshots = snapshots
        self._stop = threading.Event()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Make the demo data of each tenant that is not known yet; what takes long goes on while the block runs."""
        if not self._store.knows("other"):
            with self._store.unit_of_work("other", "other") as work:
                self._make_other(work)
                work.commit()
        if self._store.knows("demo"):
            yield
            return
        with self._store.unit_of_work("demo", "demo") as work:
            large = self._make_demo(work)
            work.commit()
        filling = threading.Thread(target=self._fill, args=(large,), name="demo", daemon=True)
        filling.start()
        try:
            yield
        finally:
            self._stop.set()
            filling.join()

    def _make_other(self, work: UnitOfWork) -> None:
        self._snapshot(work, self._volume(work, "secret-plans", "SSD", 10, b"nobody else sees this"), "plans-monday")

    def _make_demo(self, work: UnitOfWork) -> Volume:
        web = {"server_id": "srv-web-1", "server_name": "web-1", "attached_at": now(), "status": VolumeStatus.IN_USE}
        root = {**web, "device": "/dev/vda", "category": VolumeCategory.ROOT}
        self._volume(work, "web-1-root", "SSD", 20, b"the system of web-1", **root)
        files = self._volume(work, "web-files", "SSD", 50, b"uploads", device="/dev/vdb", protected=True, **web)
        database = self._volume(work, "orders-db", "SSD", 100, b"orders", description="주문 데이터베이스")
        logs = self._volume(work, "logs", "HDD", 200, b"GET / 200")
        self._volume(
            work, "scratch", "HDD", 10, b"", status=VolumeStatus.ERROR, status_reason="no space is left on the storage"
        )
        self._snapshot(work, database, "orders-monday", description="before the migration")
        self._snapshot(work, database, "orders-tuesday")
        self._snapshot(work, files, "web-files-nightly")
        failed = {"status": SnapshotStatus.ERROR, "status_reason": "no space is left on the storage", "held": False}
        self._snapshot(work, logs, "logs-failed", **failed)
        stuck = {"status": SnapshotStatus.ERROR_DELETING, "status_reason": "the storage allows no writing"}
        self._snapshot(work, logs, "logs-stuck", **stuck)
        return self._volume(work, "archive", "HDD", 40, b"archive", description="2 GiB, to watch a snapshot grow")

    def _volume(self, work: UnitOfWork, name: str, product: str, size_gb: int, start: bytes, **values: Any) -> Volume:
        volume = Volume.begin(work.tenant.id, work.tenant.id, name=name, product=product, size_gb=size_gb)
        with contextlib.suppress(Unsure):  # a worker that tidies up at this moment may take the draft away
            self._driver.create_volume(volume.id, size_gb * GB)
        self._driver.create_volume(volume.id, size_gb * GB)
        with self._path(volume).open("r+b") as file:
            file.write(start)
            file.seek(GB)
            file.write(random.Random(name).randbytes(2**20))  # noqa: S311  something to look at, no secret
        rest: dict[str, Any] = {"status": VolumeStatus.AVAILABLE, "owed_at": None}
        return self._keep(work, volume, {**rest, "connection": self._driver.connection(volume.id), **values})

    def _snapshot(self, work: UnitOfWork, volume: Volume, name: str, **values: Any) -> Snapshot:
        kept = {"volume_id": volume.id, "size_gb": volume.size_gb, "product": volume.product}
        snapshot = Snapshot.begin(work.tenant.id, work.tenant.id, name=name, **kept)
        made: dict[str, Any] = {"status": SnapshotStatus.AVAILABLE, "owed_at": None}
        if values.get("held", True):
            cut = self._driver.create_snapshot(snapshot.id, volume.id, volume.size_gb * GB, lambda _: None)
            attached = SnapshotConsistency.CRASH_CONSISTENT if cut.instant else SnapshotConsistency.UNCERTAIN
            made |= {
                "held": True,
                "shared": cut.instant,
                "checksum": cut.checksum,
                "used_bytes": cut.used_bytes,
                "consistency": attached if volume.attached_at else SnapshotConsistency.OFFLINE,
                "owed_at": now() if cut.checksum is None else None,
            }
        return self._keep(work, snapshot, {**made, **values})

    def _keep(self, work: UnitOfWork, record: Row, values: dict[str, Any]) -> Row:
        for column, value in values.items():
            setattr(record, column, value)
        work.tenant.admit(**record.counted)
        work.add(record)
        return record

    def _fill(self, volume: Volume) -> None:
        """Write enough into a volume that a snapshot of it takes a while, and ask for one as a tenant would."""
        chunk = random.Random("archive").randbytes(_CHUNK)  # noqa: S311  something to look at, no secret
        try:
            with self._path(volume).open("r+b") as file:
                for _ in range(LARGE // _CHUNK):
                    if self._stop.is_set():
                        return
                    file.write(chunk)
            caller = Caller("demo", "demo", "demo", frozenset({Role.MEMBER}))
            self._snapshots.create(
                caller, volume_id=volume.id, name="archive-large", description="", idempotency_key=None
            )
        except Exception:
            log.exception("the large part of the demo data could not be made")

    def _path(self, volume: Volume) -> Path:
        return Path(unquote(urlsplit(self._driver.connection(volume.id)).path))
