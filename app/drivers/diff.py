"""The stream of `rbd export-diff`: the content of an image without its holes.

    header   "rbd diff v1\\n"
    record   a tag and its fields; numbers are little endian, of 64 bits unless said otherwise
      f, t   from and to which snapshot: length (32 bits), name
      s      the image's size
      w      offset, length, that many bytes
      z      offset, length: zeros
      e      the end

Ranges come in the order of their offsets.
"""

import struct
from collections.abc import Iterator
from itertools import groupby
from typing import IO

from app.drivers.contract import Unsure
from app.drivers.sparse import PIECE

_HEADER = b"rbd diff v1\n"


def pieces(stream: IO[bytes], size: int) -> Iterator[tuple[int, memoryview]]:
    """Yield, in order, the pieces of the first `size` bytes that are no holes, each with its offset.

    Reads the stream to its end. Raises Unsure if it is cut short.
    """
    for number, chunks in groupby(_chunks(stream), key=lambda chunk: chunk[0] // PIECE):
        start = number * PIECE
        content = bytearray(max(0, min(PIECE, size - start)))
        for offset, data in chunks:
            kept = data[: max(0, size - offset)]
            content[offset - start : offset - start + len(kept)] = kept
        if content:
            yield start, memoryview(content)


def _chunks(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the bytes that the stream holds with their offsets; none crosses the edge of a piece."""
    if _take(stream, len(_HEADER)) != _HEADER:
        raise Unsure("the cluster exports in a format that is not known here")
    while (tag := _take(stream, 1)) != b"e":
        if tag == b"w":
            start, length = _numbers(stream, "<QQ")
            offset = start
            while offset < start + length:
                end = min(start + length, offset - offset % PIECE + PIECE)
                yield offset, _take(stream, end - offset)
                offset = end
        else:
            _skip(stream, tag)


def _skip(stream: IO[bytes], tag: bytes) -> None:
    if tag in (b"f", b"t"):
        _take(stream, *_numbers(stream, "<I"))
    elif tag in (b"s", b"z"):
        _take(stream, 8 if tag == b"s" else 16)
    else:
        raise Unsure(f"the cluster exports a record that is not known here: {tag!r}")


def _numbers(stream: IO[bytes], form: str) -> tuple[int, ...]:
    return struct.unpack(form, _take(stream, struct.calcsize(form)))


def _take(stream: IO[bytes], length: int) -> bytes:
    taken = stream.read(length)
    if len(taken) < length:
        raise Unsure("the cluster's export was cut short")
    return taken
