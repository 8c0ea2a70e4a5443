"""A folder of finished files.

A file is seen under its final name, `<handle>.raw`, only when it is whole and on stable storage. Until then it has a
temporary name of its own, `.<handle>.<random>.tmp`, and is locked by who writes it: the kernel lets the lock go when
that process ends, however it ends, so a file that anybody can lock is of the dead and may be swept.

O_TMPFILE would leave nothing to sweep, but NFS, many FUSE and older overlay file systems lack it. This works on all.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from app.drivers.contract import Missing

SUFFIX = ".raw"


@contextmanager
def opened(path: str | os.PathLike[str], flags: int, *, within: int | None = None) -> Iterator[int]:
    """Open a file or folder, by a name relative to the open folder `within`, and close it at the end."""
    file = os.open(path, flags, 0o600, dir_fd=within)
    try:
        yield file
    finally:
        os.close(file)


class Draft:
    """A file in the making. `published`: whether it got its final name; false where somebody had finished it before."""

    def __init__(self, file: int) -> None:
        self.file = file
        self.published = False


class Folder:
    """`place` is the open folder, `noun` what a file in it is to a tenant. Everything may raise OSError besides."""

    def __init__(self, place: int, noun: str) -> None:
        self.place, self._noun = place, noun

    @contextmanager
    def open(self, handle: str, flags: int = os.O_RDONLY) -> Iterator[int]:
        """Open a finished file. Raises Missing if there is none."""
        if not self.has(handle):
            raise Missing(f"the {self._noun} is not in the storage")
        with opened(final(handle), flags, within=self.place) as file:
            yield file

    def settled(self, handle: str) -> bool:
        """Whether the file is there, and stays: who published it may have died before the folder was on the disk."""
        found = self.has(handle)
        if found:
            self.sync()
        return found

    def sizes(self) -> dict[str, int]:
        """List the finished files with their lengths; one that goes meanwhile may be left out."""
        found = {}
        for name in os.listdir(self.place):
            if name.endswith(SUFFIX) and not name.startswith("."):
                with suppress(FileNotFoundError):
                    found[name.removesuffix(SUFFIX)] = os.stat(name, dir_fd=self.place).st_size
        return found

    @contextmanager
    def draft(self, handle: str, mode: int) -> Iterator[Draft]:
        """Make a new file; published at the end of the `with`, or gone if an exception leaves it."""
        name = f".{handle}.{secrets.token_hex(8)}.tmp"
        with opened(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, within=self.place) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX)  # a sweep just before this makes the link fail: Unsure, once
                draft = Draft(file)
                yield draft
                os.fchmod(file, mode)
                os.fsync(file)
                draft.published = self._link(name, final(handle))
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=self.place)
        self.sync()

    def discard(self, handle: str, trash: "Folder") -> None:
        """Move a file to the trash folder; one that is not there may have been moved by who died then."""
        with suppress(FileNotFoundError):
            trashed = f"{handle}.{secrets.token_hex(8)}"
            os.rename(final(handle), trashed, src_dir_fd=self.place, dst_dir_fd=trash.place)
        trash.sync()
        self.sync()

    def empty(self) -> None:
        """Remove every file."""
        for name in os.listdir(self.place):
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self.place)

    def sweep(self) -> None:
        """Remove the drafts of the dead."""
        for name in os.listdir(self.place):
            if name.startswith(".") and name.endswith(".tmp"):
                self._remove_unless_locked(name)

    def sync(self) -> None:
        os.fsync(self.place)

    def has(self, handle: str) -> bool:
        """Whether the file is there."""
        try:
            os.stat(final(handle), dir_fd=self.place)
        except FileNotFoundError:
            return False
        return True

    def _link(self, name: str, to: str) -> bool:
        """Give a draft its final name, never in place of another file, as a rename would."""
        try:
            os.link(name, to, src_dir_fd=self.place, dst_dir_fd=self.place)
        except FileExistsError:
            return False
        return True

    def _remove_unless_locked(self, name: str) -> None:
        with suppress(FileNotFoundError, BlockingIOError), opened(name, os.O_RDONLY, within=self.place) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(name, dir_fd=self.place)


def final(handle: str) -> str:
    """Name the finished file."""
    return plain(handle) + SUFFIX


def plain(handle: str) -> str:
    """Return a handle. One that is no plain name is a programming error: ValueError."""
    if not handle or handle.startswith(".") or "/" in handle:
        raise ValueError(f"{handle!r} is no handle")
    return handle
