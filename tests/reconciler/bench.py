"""A workbench: the real store and files, workers that go one step at a time, a clock to turn, a back door to bytes."""

import hashlib
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Literal, TypeVar

from sqlalchemy import update
from sqlmodel import col

from app.domain.caller import Caller, Role
from app.domain.record import now
from app.domain.snapshot import Snapshot
from app.domain.tenant import Tenant
from app.domain.volume import Volume
from app.drivers.contract import Driver
from app.drivers.faults import Action
from app.drivers.sandbox import Sandbox
from app.reconciler.doctor import Doctor, Finding
from app.reconciler.loop import Reconciler
from app.service.snapshots import SnapshotService
from app.service.volumes import VolumeService
from app.store.database import writing
from app.store.journal import Stretch
from app.store.leases import Owed
from app.store.notify import Bell
from app.store.store import Quotas, Store
from tests.reconciler.engines import Copying

WAIT_S = 20.0
_LOOK_EVERY_S = 0.05
ADMINISTRATOR = Caller("ann", "ann", "t-1", frozenset({Role.MEMBER, Role.ADMINISTRATOR}))
GB = 2**30
_BLOCK = 2**20
BYTES = random.Random("a volume's bytes").randbytes(2**20)


Moment = Literal["before", "after"]
Row = TypeVar("Row", Volume, Snapshot, Owed)


class Bench:
    """One tenant's volumes and snapshots, over a new database.

    `storage` is what the workers talk to: a Sandbox around `driver`.
    """

    def __init__(self, folder: Path, url: str, *, lease: timedelta = timedelta(seconds=10)) -> None:
        self.folder = folder / "storage"
        self.store = Store(url, Quotas(-1, -1, -1), lease)
        self.volumes = VolumeService(self.store, {"SSD": "fast"})
        self.snapshots = SnapshotService(self.store, "the desk")
        self.over(Copying(self.folder))

    def over(self, driver: Driver) -> None:
        """Work over another driver, or over the same one with nothing planned."""
        self.driver = driver
        self.storage = Sandbox(driver)

    def at(self, moment: Moment, verb: str, action: Action, *, call: int = 1) -> None:
        """Plan what happens before or after a call of the storage."""
        before, after = (action, None) if moment == "before" else (None, action)
        self.storage.on(verb, call=call, before=before, after=after)

    # What a tenant asks for

    def ask_volume(self, size_gb: int = 10) -> Volume:
        """Ask for a volume; it is CREATING."""
        return self.volumes.create(
            ADMINISTRATOR,
            name="data",
            description="",
            size_gb=size_gb,
            product="SSD",
            protected=False,
            idempotency_key=None,
        )[0]

    def ask_snapshot(self, volume: Volume) -> Snapshot:
        """Ask for a snapshot; it is CREATING."""
        return self.snapshots.create(
            ADMINISTRATOR, volume_id=volume.id, name="cut", description="", idempotency_key=None
        )[0]

    def ask_restore(self, snapshot: Snapshot) -> Volume:
        """Ask for a volume from a snapshot; it is CREATING."""
        return self.snapshots.restore(
            ADMINISTRATOR,
            snapshot_id=snapshot.id,
            name="again",
            description="",
            protected=False,
            idempotency_key=None,
        )[0]

    def ask_attach(self, volume: Volume) -> Volume:
        """Ask for an attachment; the volume is ATTACHING."""
        return self.volumes.attach(ADMINISTRATOR, volume.id, server_id="srv-1", server_name="web", device="/dev/vdb")[0]

    def ask_detach(self, volume: Volume) -> Volume:
        """Ask for the attachment's end; the volume is DETACHING."""
        return self.volumes.detach(ADMINISTRATOR, volume.id)[0]

    def ask_extend(self, volume: Volume, size_gb: int = 25) -> Volume:
        """Ask for more room; the volume is EXTENDING."""
        return self.volumes.extend(ADMINISTRATOR, volume.id, size_gb=size_gb)[0]

    def ask_delete(self, record: Row) -> Row:
        """Ask for the end; the row is DELETING."""
        verbs = self.volumes if isinstance(record, Volume) else self.snapshots
        verbs.delete(ADMINISTRATOR, record.id)
        return self.now(record)

    def volume(self, written: bytes = BYTES) -> Volume:
        """A volume at rest, with bytes at its start and others far behind."""
        volume = self.ask_volume()
        self.work()
        self.write(volume, written)
        self.write(volume, written, at=7 * GB)
        return self.now(volume)

    def attached(self) -> Volume:
        """A volume in use."""
        volume = self.ask_attach(self.volume())
        self.work()
        return self.now(volume)

    def snapshot(self, volume: Volume | None = None) -> Snapshot:
        """A snapshot that is cut, and looked at afterwards if that is owed."""
        snapshot = self.ask_snapshot(volume or self.volume())
        self.work()
        return self.now(snapshot)

    # The workers

    def reconciler(self, side_by_side: int = 1) -> Reconciler:
        """A worker like one in a process of its own."""
        return Reconciler(self.store, self.storage, side_by_side=side_by_side, journal_kept_for=timedelta(days=30))

    def work(self) -> None:
        """Do everything that is due, one row after the other, in this thread."""
        worker = self.reconciler()
        while worker.work_once():
            pass

    @contextmanager
    def running(self, side_by_side: int) -> Iterator[None]:
        """Workers in threads of their own, as in the service."""
        with self.store.hearing_other_processes(), self.reconciler(side_by_side).running():
            yield

    @contextmanager
    def aside(self, worker: Reconciler | None = None) -> Iterator[Future[bool]]:
        """A worker that takes one row in a thread of its own. It keeps no lease alive. Awaited at the end."""
        with ThreadPoolExecutor(1) as pool:
            taking = pool.submit((worker or self.reconciler()).work_once)
            yield taking
            taking.result(WAIT_S)

    def time_passes(self) -> None:
        """Let every pause be over and every lease lapse, as waiting would."""
        with writing(self.store._engine) as connection:
            for model in (Volume, Snapshot):
                owed, leased = col(model.owed_at).is_not(None), col(model.leased_until).is_not(None)
                past = now() - timedelta(seconds=1)
                connection.execute(update(model).where(owed).values(owed_at=past))
                connection.execute(update(model).where(leased).values(leased_until=past))
            connection.commit()

    def until(self, fits: Callable[[], bool]) -> None:
        """Wait for something to be so, whoever writes it."""
        until(self.store.bell, fits)

    # What there is now

    def find(self, record: Row) -> Row | None:
        """The row as it is, or None once it is gone."""
        with self.store.reading(record.tenant_id) as reading:
            rows = reading.volumes if isinstance(record, Volume) else reading.snapshots
            return rows.find([record.id]).get(record.id)

    def now(self, record: Row) -> Row:
        """The row as it is."""
        found = self.find(record)
        assert found is not None, f"{record.id} is gone"
        return found

    def story(self, record: Owed) -> list[str]:
        """The row's lines in the journal, as arrows, with their reasons."""
        with self.store.reading(record.tenant_id) as reading:
            (lines,) = reading.journal.read([Stretch(0, 1000, subject_id=record.id)])
        return [
            f"{line.previous_status or ''}→{line.status or ''}" + (f": {line.reason}" if line.reason else "")
            for line in lines
        ]

    def tenant(self) -> Tenant:
        """The tenant, with what it uses of its quotas."""
        with self.store.reading(ADMINISTRATOR.tenant_id) as reading:
            return reading.tenant

    def findings(self) -> list[Finding]:
        """What the doctor finds."""
        return Doctor(self.store, self.driver).examine()

    # The back door

    def path(self, record: Owed) -> Path:
        """The file that holds its bytes."""
        return self.folder / ("volumes" if isinstance(record, Volume) else "snapshots") / f"{record.id}.raw"

    def files(self) -> set[str]:
        """The names of all that lies in the storage, finished or not; finished ones without their suffix."""
        places = (self.folder / "volumes", self.folder / "snapshots")
        return {file.name.removesuffix(".raw") for place in places for file in place.iterdir()}

    def write(self, record: Owed, data: bytes, at: int = 0) -> None:
        """Change bytes as nobody should, or as a server would."""
        self.path(record).chmod(0o644)
        with self.path(record).open("r+b") as file:
            file.seek(at)
            file.write(data)

    def content(self, record: Owed) -> str:
        """A digest of its bytes, by other means than the driver's own."""
        return digest(self.path(record))


def until(bell: Bell, fits: Callable[[], bool]) -> None:
    """Wait for something to be so, looking whenever the bell rings, and now and then: for a lease it does not."""
    rang, give_up_at = threading.Event(), time.monotonic() + WAIT_S
    with bell.listening(lambda _: rang.set()):
        while not fits():
            assert time.monotonic() < give_up_at, "it did not come to be so"
            rang.wait(_LOOK_EVERY_S)
            rang.clear()


def reached(event: threading.Event) -> None:
    """Wait for something to be reached."""
    assert event.wait(WAIT_S), "it was not reached"


def digest(path: Path) -> str:
    """Hash a sparse file: its length, and each block that is not all zeros."""
    total = hashlib.sha256(str(path.stat().st_size).encode())
    with path.open("rb") as file:
        for at in _blocks(file.fileno(), path.stat().st_size):
            block = os.pread(file.fileno(), _BLOCK, at)
            if any(block):
                total.update(str(at).encode() + block)
    return total.hexdigest()


def _blocks(file: int, size: int) -> Iterator[int]:
    at = 0
    while at < size:
        try:
            data = os.lseek(file, at, os.SEEK_DATA)
        except OSError:  # the rest is one hole
            return
        yield data - data % _BLOCK
        at = data - data % _BLOCK + _BLOCK
