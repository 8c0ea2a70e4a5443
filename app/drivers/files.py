"""Volumes and snapshots as sparse files in a local folder.

    <folder>/volumes/<id>.raw      read and written by the servers
    <folder>/snapshots/<id>.raw    read-only
    <folder>/trash/                deleted, to be emptied by `tidy`
    <folder>/MARKER                there as long as the storage is: without it an absent file says nothing

Where the file system can share bytes between files (XFS, btrfs), a snapshot is a clone: instant, atomic, of no size.
Elsewhere it is a copy that follows the holes, and not of one instant if somebody writes meanwhile.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from app.drivers import reflink, sparse
from app.drivers.contract import Cut, Inventory, Missing, Refused, Report, Unsure
from app.drivers.folder import Folder, final, opened

MARKER = ".volumes-and-snapshots"
WRITABLE = 0o644
READ_ONLY = 0o444

REFUSALS = {
    errno.ENOSPC: "no space is left on the storage",
    errno.EDQUOT: "no space is left on the storage",
    errno.EFBIG: "the size is more than the storage can hold",
    errno.EACCES: "the storage allows no writing",
    errno.EPERM: "the storage allows no writing",
    errno.EROFS: "the storage allows no writing",
}
"""What the system says that waiting does not change, in words for a tenant."""


class Storage(NamedTuple):
    """The folders, open and known to be the right ones, so that an absent name in them is truly absent."""

    volumes: Folder
    snapshots: Folder
    trash: Folder


class Files:
    """A driver over a folder. One without the marker is Unsure, but for an absent or empty one that `may_be_new`."""

    def __init__(self, folder: Path, *, may_be_new: bool = True) -> None:
        self._folder = folder.absolute()
        with _translated():
            if may_be_new:
                _lay_out(self._folder)
            self.check()
            self._shares = reflink.supported(self._folder / "trash")

    def create_volume(self, volume: str, size: int) -> None:
        with self._storage() as storage:
            if not storage.volumes.settled(volume):
                with storage.volumes.draft(volume, WRITABLE) as draft:
                    os.ftruncate(draft.file, size)

    def restore_volume(self, volume: str, snapshot: str, size: int, report: Report) -> str | None:
        with self._storage() as storage:
            if not storage.volumes.settled(volume):
                with storage.snapshots.open(snapshot) as source, storage.volumes.draft(volume, WRITABLE) as draft:
                    checksum = self._fill(storage, source, draft.file, size, report)
                if draft.published:
                    return checksum
            return None if self._shares else _checksum(storage.volumes, volume, report)

    def flatten_volume(self, volume: str, report: Report) -> None:
        with self._storage() as storage, storage.volumes.open(volume):
            pass  # the file system counts who shares a block, and frees it with the last

    def extend_volume(self, volume: str, size: int) -> None:
        with self._storage() as storage, storage.volumes.open(volume, os.O_RDWR) as file:
            if os.fstat(file).st_size < size:
                os.ftruncate(file, size)
            os.fsync(file)

    def attach_volume(self, volume: str) -> None:
        with self._storage() as storage, storage.volumes.open(volume):
            pass  # a server that runs on this machine reaches the file as it is

    def detach_volume(self, volume: str) -> None:
        with suppress(Missing), self._storage() as storage, storage.volumes.open(volume) as file:
            os.fsync(file)

    def delete_volume(self, volume: str) -> None:
        with self._storage() as storage:
            storage.volumes.discard(volume, storage.trash)

    def create_snapshot(self, snapshot: str, volume: str, size: int, report: Report) -> Cut:
        checksum = None
        with self._storage() as storage:
            if not storage.snapshots.settled(snapshot):
                with storage.volumes.open(volume) as source, storage.snapshots.draft(snapshot, READ_ONLY) as draft:
                    taken = self._fill(storage, source, draft.file, size, report)
                if draft.published:  # else the bytes that stay are another's copy, perhaps of another instant
                    checksum = taken
            return Cut(instant=self._shares, checksum=checksum, used_bytes=self._used(storage, snapshot))

    def delete_snapshot(self, snapshot: str) -> None:
        with self._storage() as storage:
            storage.snapshots.discard(snapshot, storage.trash)

    def checksum_snapshot(self, snapshot: str, report: Report) -> str:
        with self._storage() as storage:
            return _checksum(storage.snapshots, snapshot, report)

    def used_bytes(self, snapshot: str) -> int:
        with self._storage() as storage:
            return self._used(storage, snapshot)

    def connection(self, volume: str) -> str:
        return (self._folder / "volumes" / final(volume)).as_uri()

    def inventory(self) -> Inventory:
        with self._storage() as storage:
            return Inventory(storage.volumes.sizes(), storage.snapshots.sizes())

    def tidy(self) -> None:
        try:
            with self._storage() as storage:
                storage.volumes.sweep()
                storage.snapshots.sweep()
                storage.trash.empty()
                for folder in storage:
                    folder.sync()
        except Refused as refused:  # nothing is lost by not tidying; the next time it may go
            raise Unsure(str(refused)) from refused

    def check(self) -> None:
        with self._storage() as storage:
            storage.volumes.sync()  # asks the disk itself: of one that failed, the cache still answers

    @contextmanager
    def _storage(self) -> Iterator[Storage]:
        with _translated(), ExitStack() as stack:
            root = stack.enter_context(opened(self._folder, os.O_DIRECTORY))
            os.stat(MARKER, dir_fd=root)

            def folder(name: str, noun: str) -> Folder:
                return Folder(stack.enter_context(opened(name, os.O_DIRECTORY, within=root)), noun)

            yield Storage(folder("volumes", "volume"), folder("snapshots", "snapshot"), folder("trash", "file"))

    def _fill(self, storage: Storage, source: int, target: int, size: int, report: Report) -> str | None:
        """Give the target the first `size` bytes of the source; returns their checksum if they were copied."""
        if os.fstat(source).st_size < size:
            raise Refused("the bytes in the storage are fewer than there should be")
        if self._shares:
            os.fsync(source)  # a clone keeps the volume's writers waiting while it flushes: let that be little
            reflink.clone(source, target)
            os.ftruncate(target, size)
            return None
        needed = min(size, sparse.allocated(source))
        if needed > _free(target):
            storage.trash.empty()
        if needed > (free := _free(target)):  # a copy that fails half-way would take the room from all others
            raise Refused(f"not enough free space: needs {needed / 1e9:.2f} GB, {free / 1e9:.2f} GB free")
        os.ftruncate(target, size)
        return sparse.copy(source, target, size, _carried(report))

    def _used(self, storage: Storage, snapshot: str) -> int:
        with storage.snapshots.open(snapshot) as file:
            return reflink.unshared(file) if self._shares else sparse.allocated(file)


def _checksum(folder: Folder, handle: str, report: Report) -> str:
    with folder.open(handle) as file:
        return sparse.checksum(file, os.fstat(file).st_size, _carried(report))


def _free(file: int) -> int:
    """Bytes that may still be written where the file is."""
    room = os.fstatvfs(file)
    return room.f_bavail * room.f_frsize


def _lay_out(folder: Path) -> None:
    """Make an empty folder into a storage, and see that any other is one.

    The marker comes first, so that two processes may start at once and a crash half-way is mended by the next start.
    """
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        (folder / MARKER).touch()
    (folder / MARKER).stat()
    for name in ("volumes", "snapshots", "trash"):
        (folder / name).mkdir(exist_ok=True)
    for place in (folder, *(made.parent for made in new)):
        with opened(place, os.O_DIRECTORY) as entries:
            os.fsync(entries)


class _Carried(Exception):
    """Carries an OSError of a report past the translation: it says nothing of the storage."""

    def __init__(self, error: OSError) -> None:
        self.error = error


def _carried(report: Report) -> Report:
    def told(percent: int) -> None:
        try:
            report(percent)
        except OSError as error:
            raise _Carried(error) from error

    return told


@contextmanager
def _translated() -> Iterator[None]:
    """The one place where the system's errors become the contract's. ENOENT is unknown too: see `Storage`."""
    try:
        yield
    except _Carried as carried:
        raise carried.error from None
    except OSError as error:
        if error.errno in REFUSALS:
            raise Refused(REFUSALS[error.errno]) from error
        raise Unsure(f"the storage did not answer: {error.strerror}") from error
