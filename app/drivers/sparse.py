"""Bytes with holes: hashed and copied without reading a hole or writing zeros.

A checksum is a matter of content alone: a hole and zeros, and any layout on the disk, are alike.

    checksum  "blake3:" + hex of blake3(size, digest of each piece that is not all zeros, in order)
    digest    blake3(offset, length, bytes, for each longest run of pages in the piece that are not all zeros)

A piece is 1 MiB and a page 4 KiB, both aligned to the start of the file; numbers are 64 bits, little endian. The size
is in it because zeros at the end are content too. Pieces have digests of their own so that several threads can take
them. Checksums are kept for years: a change of this definition needs another prefix.
"""

import errno
import os
import struct
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import cycle, groupby
from typing import NamedTuple

from blake3 import blake3

from app.drivers.contract import Report

PAGE = 4096
PIECE = 1 << 20
ZEROS = bytes(PIECE)
WORKERS = 4  # so one reads while others hash and write; each has a buffer of one piece, and that is all the memory

Range = tuple[int, int]
"""Offsets of the first byte and of the one after the last."""


class Piece(NamedTuple):
    """One aligned piece of a file that has data in it; its length is PIECE, or less at the end of the file."""

    offset: int
    length: int
    data: list[Range]

    @property
    def weight(self) -> int:
        """Bytes of data, to be read."""
        return sum(end - start for start, end in self.data)


Work = Callable[[Piece, memoryview], bytes]
"""Takes a piece through a buffer to its digest."""


def checksum(source: int, size: int, report: Report) -> str:
    """Hash the first `size` bytes of an open file, as if zeros followed its end. Raises OSError."""
    return _run(source, size, report, partial(_hash, source))


def checksum_of(pieces: Iterable[tuple[int, memoryview]], size: int) -> str:
    """Hash content of `size` bytes that is read elsewhere: its pieces in order, with their offsets, but for holes."""
    total = blake3(struct.pack("<Q", size))
    for offset, content in pieces:
        total.update(_digest(Piece(offset, len(content), []), content, list(_runs(content))))
    return f"blake3:{total.hexdigest()}"


def copy(source: int, target: int, size: int, report: Report) -> str:
    """Copy the first `size` bytes into an empty open file; returns their checksum. Raises OSError.

    The target's length is the caller's to set: zeros at the end are not written.
    """
    return _run(source, size, report, partial(_copy, source, target))


def _run(source: int, size: int, report: Report, work: Work) -> str:
    total = blake3(struct.pack("<Q", size))
    meter = _Meter(report, min(size, allocated(source)))
    with closing(_in_order(_pieces(source, size), work)) as results:  # no thread outlives the files it works on
        for piece, digest in results:
            total.update(digest)
            meter.add(piece.weight)
    report(100)
    return f"blake3:{total.hexdigest()}"


def allocated(file: int) -> int:
    """Bytes of storage that an open file takes."""
    return os.fstat(file).st_blocks * 512


def _in_order(pieces: Iterable[Piece], work: Work) -> Generator[tuple[Piece, bytes]]:
    """Yield each piece with what the work made of it; WORKERS pieces at a time, each with a buffer of its own."""
    buffers = cycle([memoryview(bytearray(PIECE)) for _ in range(WORKERS)])
    under_way: deque[tuple[Piece, Future[bytes]]] = deque()
    with ThreadPoolExecutor(WORKERS) as pool:
        for piece in pieces:
            if len(under_way) == WORKERS:  # the oldest is awaited, and the next buffer in the cycle is the one it used
                done, result = under_way.popleft()
                yield done, result.result()
            under_way.append((piece, pool.submit(work, piece, next(buffers))))
        for done, result in under_way:
            yield done, result.result()


class _Meter:
    """Tells a report the percentage, ten times a second at most."""

    def __init__(self, report: Report, total: int) -> None:
        self._report, self._total = report, max(total, 1)
        self._done, self._due = 0, 0.0

    def add(self, moved: int) -> None:
        self._done += moved
        if time.monotonic() >= self._due:
            self._report(min(100, 100 * self._done // self._total))
            self._due = time.monotonic() + 0.1


def _pieces(file: int, size: int) -> Iterator[Piece]:
    cuts = (
        (max(start, cut), min(end, cut + PIECE))
        for start, end in _data(file, size)
        for cut in range(start - start % PIECE, end, PIECE)
    )
    for number, data in groupby(cuts, key=lambda cut: cut[0] // PIECE):
        yield Piece(number * PIECE, min(PIECE, size - number * PIECE), list(data))


def _data(file: int, size: int) -> Iterator[Range]:
    """Yield the ranges that are no holes, in order."""
    end = 0
    while end < size:
        try:
            start = os.lseek(file, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # the rest is one hole
                return
            raise
        if start >= size:
            return
        end = min(os.lseek(file, start, os.SEEK_HOLE), size)
        yield start, end


def _copy(source: int, target: int, piece: Piece, buffer: memoryview) -> bytes:
    content = _load(source, piece, buffer)
    runs = list(_runs(content))
    for start, end in runs:
        _write(target, content[start:end], piece.offset + start)
    # This starts the write-back at once; else it waits for the fsync, and the copy takes half as long again.
    os.posix_fadvise(target, piece.offset, piece.length, os.POSIX_FADV_DONTNEED)
    return _digest(piece, content, runs)


def _hash(source: int, piece: Piece, buffer: memoryview) -> bytes:
    content = _load(source, piece, buffer)
    return _digest(piece, content, list(_runs(content)))


def _load(source: int, piece: Piece, buffer: memoryview) -> memoryview:
    content = buffer[: piece.length]
    if piece.weight < piece.length:
        content[:] = ZEROS[: piece.length]
    for start, end in piece.data:
        _read(source, content[start - piece.offset : end - piece.offset], start)
    return content


def _read(source: int, into: memoryview, offset: int) -> None:
    while into:
        length = os.preadv(source, [into], offset)
        if not length:
            raise OSError(errno.EIO, "the file was cut short while it was read")
        into, offset = into[length:], offset + length


def _write(target: int, data: memoryview, offset: int) -> None:
    while data:  # a disk that gets full takes a part first, and only then says so
        length = os.pwrite(target, data, offset)
        data, offset = data[length:], offset + length


def _digest(piece: Piece, content: memoryview, runs: list[Range]) -> bytes:
    """Hash one piece; nothing for one that is all zeros."""
    digest = blake3()
    for start, end in runs:
        digest.update(struct.pack("<QQ", piece.offset + start, end - start))
        digest.update(content[start:end])
    return digest.digest() if runs else b""


def _runs(content: memoryview) -> Iterator[Range]:
    """Yield the longest runs of pages that are not all zeros."""
    for blank, pages in groupby(range(0, len(content), PAGE), key=lambda at: ZEROS.startswith(content[at : at + PAGE])):
        if not blank:
            run = list(pages)
            yield run[0], min(run[-1] + PAGE, len(content))
