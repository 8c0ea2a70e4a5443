"""What a volume should hold: the test's own model of its bytes, to be compared with what the storage gives back."""

import random
from collections.abc import Iterator, Mapping
from itertools import groupby

from app.drivers.sparse import PIECE, checksum_of

BLOCK = 64 * 2**10
GB = 2**30
_NOISE = random.Random("torture").randbytes(2**23)
_ZEROS = bytes(BLOCK)

Content = Mapping[int, bytes]
"""The blocks that are not all zeros, by their offsets."""


def noise(chance: random.Random, blocks: int) -> dict[int, bytes]:
    """Make some blocks in a row, somewhere in the smallest volume; now and then zeros."""
    start = BLOCK * chance.randrange(10 * GB // BLOCK - blocks)
    made = {}
    for offset in range(start, start + BLOCK * blocks, BLOCK):
        at = chance.randrange(len(_NOISE) - BLOCK)
        made[offset] = _ZEROS if chance.random() < 0.05 else _NOISE[at : at + BLOCK]
    return made


def overwritten(content: Content, blocks: Content) -> Content:
    """Return the content after the blocks were written to it."""
    return {offset: block for offset, block in {**content, **blocks}.items() if block != _ZEROS}


def of_pieces(pieces: Iterator[tuple[int, memoryview]]) -> Content:
    """Cut what was read, in pieces that begin where blocks do, into blocks."""
    blocks = {
        start + at: bytes(piece[at : at + BLOCK]) for start, piece in pieces for at in range(0, len(piece), BLOCK)
    }
    return overwritten(blocks, {})


def checksum(content: Content, size: int) -> str:
    """Return the checksum that the service should tell."""
    return checksum_of(_pieces(content), size)


def _pieces(content: Content) -> Iterator[tuple[int, memoryview]]:
    for number, offsets in groupby(sorted(content), key=lambda offset: offset // PIECE):
        piece = bytearray(PIECE)
        for offset in offsets:
            at = offset - number * PIECE
            piece[at : at + BLOCK] = content[offset]
        yield number * PIECE, memoryview(piece)
