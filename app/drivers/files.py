"""Volumes and snapshots as sparse files in a local folder.

    <folder>/volumes/<id>.raw      read and written by the servers
    <folder>/snapshots/<id>.raw    read-only
    <folder>/trash/                deleted, to be emptied by `tidy`
    <folder>/exports/              what is served over NBD: see there
    <folder>/MARKER                names whose storage it is: without it an absent file says nothing

Where the file system can share bytes between files (XFS, btrfs), a snapshot is a clone: instant, atomic, of no size.
Elsewhere it is a copy that follows the holes, and not of one instant if somebody writes meanwhile.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from app.drivers import nbd, reflink, sparse
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
    exports: nbd.Exports


class Files:
    """A driver over the folder of an `owner`. Any other is Unsure, but for an absent or empty one that `may_be_new`.

    Markers of former versions are empty. Such a storage goes to the first owner who comes to it and is not new.

    Volumes that are attached from now on are reached over NBD if `over_nbd`; how the others are reached stays.
    """

    def __init__(self, folder: Path, owner: str, *, may_be_new: bool = True, over_nbd: bool = False) -> None:
        self._folder, self._owner = folder.absolute(), owner.encode()
        self._over_nbd = over_nbd
        with _translated():
            if may_be_new:
                _lay_out(self._folder, self._owner)
            else:
                _adopt(self._folder, self._owner)
            with self._root() as root, suppress(FileExistsError):  # former versions had no exports
                os.mkdir("exports", dir_fd=root)
                os.fsync(root)
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
            if self._over_nbd:  # else a server that runs on this machine reaches the file as it is
                storage.exports.begin(volume)

    def detach_volume(self, volume: str) -> None:
        with self._storage() as storage:
            storage.exports.end(volume)
            with suppress(Missing), storage.volumes.open(volume) as file:
                os.fsync(file)

    def delete_volume(self, volume: str) -> None:
        with self._storage() as storage:
            storage.exports.end(volume)
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
        if self._over_nbd:
            return nbd.uri(self._folder, volume)
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
                for folder in (storage.volumes, storage.snapshots, storage.trash):
                    folder.sync()
                storage.exports.mend(storage.volumes)
        except Refused as refused:  # nothing is lost by not tidying; the next time it may go
            raise Unsure(str(refused)) from refused

    def check(self) -> None:
        with self._storage() as storage:
            storage.volumes.sync()  # asks the disk itself: of one that failed, the cache still answers

    @contextmanager
    def _storage(self) -> Iterator[Storage]:
        with _translated(), ExitStack() as stack:
            root = stack.enter_context(self._root())

            def place(name: str) -> int:
                return stack.enter_context(opened(name, os.O_DIRECTORY, within=root))

            yield Storage(
                Folder(place("volumes"), "volume"),
                Folder(place("snapshots"), "snapshot"),
                Folder(place("trash"), "file"),
                nbd.Exports(self._folder, place("exports")),
            )

    @contextmanager
    def _root(self) -> Iterator[int]:
        """Open the folder, and see that it is the owner's."""
        with opened(self._folder, os.O_DIRECTORY) as root:
            _must_name(self._owner, root)
            yield root

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


def _lay_out(folder: Path, owner: bytes) -> None:
    """Make an empty folder into a storage, and see that any other is the owner's.

    The marker comes first, so that two processes may start at once and a crash half-way is mended by the next start.
    """
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    if all(entry.name.startswith(MARKER) for entry in folder.iterdir()):
        _mark(folder, owner, os.link)
    with opened(folder, os.O_DIRECTORY) as root:
        _must_name(owner, root)
    for name in ("volumes", "snapshots", "trash"):
        (folder / name).mkdir(exist_ok=True)
    for place in (folder, *(made.parent for made in new)):
        with opened(place, os.O_DIRECTORY) as entries:
            os.fsync(entries)


def _adopt(folder: Path, owner: bytes) -> None:
    """Let a marker that names nobody name the owner."""
    if not (folder / MARKER).stat().st_size:
        _mark(folder, owner, os.replace)
        with opened(folder, os.O_DIRECTORY) as entries:
            os.fsync(entries)


def _mark(folder: Path, owner: bytes, publish: Callable[[Path, Path], None]) -> None:
    """Write the marker. The draft has the owner's name: two processes that write it at once write the same."""
    draft = folder / f"{MARKER}.{owner.decode()}"
    with opened(draft, os.O_WRONLY | os.O_CREAT) as file:
        os.write(file, owner)
        os.fchmod(file, WRITABLE)
        os.fsync(file)
    with suppress(FileExistsError, FileNotFoundError):  # another process was first: whose the marker is, is seen next
        publish(draft, folder / MARKER)
    draft.unlink(missing_ok=True)


def _must_name(owner: bytes, root: int) -> None:
    """Raise Unsure unless the marker in the open folder names the owner."""
    with opened(MARKER, os.O_RDONLY, within=root) as file:
        found = os.read(file, len(owner) + 1)
    if found != owner:
        raise Unsure(f"it is {'marked as that of another' if found else 'not marked as that of a'} database")


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
