"""What `rbd export-diff` tells is read as it is meant, and hashed as the same bytes in a file are."""

import io
import os
import random
import struct
from pathlib import Path

import pytest

from app.drivers import diff, sparse
from app.drivers.contract import Unsure
from app.drivers.folder import opened

from .contract import MIB, ignore

HEADER = b"rbd diff v1\n"


def writing(offset: int, data: bytes) -> bytes:
    return b"w" + struct.pack("<QQ", offset, len(data)) + data


def read(*records: bytes, size: int) -> list[tuple[int, bytes]]:
    stream = io.BytesIO(HEADER + b"".join(records))
    return [(offset, bytes(content)) for offset, content in diff.pieces(stream, size)]


def test_what_is_no_data_is_passed_over() -> None:
    told = [b"f\x03\0\0\0one", b"t\x03\0\0\0two", b"s" + struct.pack("<Q", MIB), b"z" + struct.pack("<QQ", 0, 4096)]
    assert read(*told, b"e", size=MIB) == []


def test_a_range_over_the_edge_of_a_piece_is_in_both() -> None:
    assert read(writing(MIB - 2, b"abcd"), b"e", size=2 * MIB) == [
        (0, bytes(MIB - 2) + b"ab"),
        (MIB, b"cd" + bytes(MIB - 2)),
    ]


def test_ranges_in_one_piece_are_one_piece() -> None:
    ((offset, content),) = read(writing(4096, b"a"), writing(8192, b"b"), b"e", size=MIB)
    assert (offset, content.rstrip(b"\0")) == (0, bytes(4096) + b"a" + bytes(4095) + b"b")


def test_what_is_beyond_the_size_is_left_out() -> None:
    assert read(writing(4094, b"abcd"), writing(MIB, b"far"), b"e", size=4096) == [(0, bytes(4094) + b"ab")]


@pytest.mark.parametrize("length", range(len(HEADER) + 18))
def test_a_stream_that_is_cut_short_is_unsure(length: int) -> None:
    stream = io.BytesIO((HEADER + writing(0, b"a") + b"e")[:length])
    with pytest.raises(Unsure):
        list(diff.pieces(stream, MIB))


@pytest.mark.parametrize("told", [b"rbd diff v2\n" + b"e", HEADER + b"x"])
def test_what_is_not_known_is_unsure(told: bytes) -> None:
    with pytest.raises(Unsure):
        list(diff.pieces(io.BytesIO(told), MIB))


@pytest.mark.parametrize("seed", range(8))
def test_a_stream_has_the_checksum_of_the_file_with_its_bytes(tmp_path: Path, seed: int) -> None:
    dice, size, records, end = random.Random(seed), 5 * MIB + 12345, [], 0
    with opened(tmp_path / "file", os.O_RDWR | os.O_CREAT) as file:
        os.ftruncate(file, size)
        while (offset := end + dice.randrange(MIB)) < size:
            data = dice.randbytes(min(dice.randrange(1, MIB), size - offset)) if dice.random() < 0.7 else bytes(4096)
            data = data[: size - offset]
            os.pwrite(file, data, offset)
            records.append(writing(offset, data))
            end = offset + len(data)
        expected = sparse.checksum(file, size, ignore)
    stream = io.BytesIO(HEADER + b"".join(records) + b"e")
    assert sparse.checksum_of(diff.pieces(stream, size), size) == expected
