"""Files that share bytes until one of them is written, as XFS and btrfs have them."""

import errno
import fcntl
import os
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FICLONE = 0x40049409  # fcntl.FICLONE has a name only since Python 3.12
FS_IOC_FIEMAP = 0xC020660B
FIEMAP_FLAG_SYNC = 0x1
EXTENT_LAST = 0x1
EXTENT_SHARED = 0x2000

_HEADER = struct.Struct("=QQIIII")  # start, length, flags, mapped, capacity, reserved
_EXTENT = struct.Struct("=QQQ16xI12x")  # logical offset, physical offset, length, flags
_CAPACITY = 500

_UNABLE = {errno.EOPNOTSUPP, errno.ENOTTY, errno.ENOSYS, errno.EINVAL, errno.EXDEV}


class Extent(NamedTuple):
    """A range of a file that lies in one place of the disk."""

    offset: int
    length: int
    flags: int


def clone(source: int, target: int) -> None:
    """Let the open file `target` have the bytes and the length of `source`, at one instant. Raises OSError."""
    fcntl.ioctl(target, FICLONE, source)


def supported(folder: Path) -> bool:
    """Find out by doing whether files in the folder can share bytes. Raises OSError if that cannot be told.

    The clone is of a hole, so that a full disk answers too.
    """
    with tempfile.TemporaryFile(dir=folder) as source, tempfile.TemporaryFile(dir=folder) as target:
        os.ftruncate(source.fileno(), 4096)
        try:
            clone(source.fileno(), target.fileno())
        except OSError as error:
            if error.errno in _UNABLE:
                return False
            raise
    return True


def unshared(file: int) -> int:
    """Count the bytes of storage that an open file shares with no other. Raises OSError."""
    return sum(extent.length for extent in _extents(file) if not extent.flags & EXTENT_SHARED)


def _extents(file: int) -> Iterator[Extent]:
    offset = 0
    while batch := _batch(file, offset):
        yield from batch
        if batch[-1].flags & EXTENT_LAST:
            return
        offset = batch[-1].offset + batch[-1].length


def _batch(file: int, offset: int) -> list[Extent]:
    room = bytearray(_HEADER.size + _CAPACITY * _EXTENT.size)
    _HEADER.pack_into(room, 0, offset, 2**64 - 1 - offset, FIEMAP_FLAG_SYNC, 0, _CAPACITY, 0)
    fcntl.ioctl(file, FS_IOC_FIEMAP, room)
    mapped = _HEADER.unpack_from(room)[3]
    found = _EXTENT.iter_unpack(room[_HEADER.size : _HEADER.size + mapped * _EXTENT.size])
    return [Extent(logical, length, flags) for logical, _, length, flags in found]
