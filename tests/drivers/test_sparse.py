"""Copies and checksums of files with holes, against a plain reading of the definition."""

import os
import resource
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from app.drivers import sparse

PAGE, PIECE = 4096, 1 << 20


def ignore(percent: int) -> None:
    """A report that nobody reads."""


def naive(content: bytes) -> str:
    """The definition, word by word, over bytes in memory."""
    total = blake3(struct.pack("<Q", len(content)))
    for start in range(0, len(content), PIECE):
        runs: list[tuple[int, bytes]] = []
        for at in range(start, min(start + PIECE, len(content)), PAGE):
            page = content[at : min(at + PAGE, start + PIECE)]
            if not page.strip(b"\0"):
                continue
            if runs and sum(map(len, runs[-1][1:]), runs[-1][0]) == at:
                runs[-1] = (runs[-1][0], runs[-1][1] + page)
            else:
                runs.append((at, page))
        if runs:
            total.update(blake3(b"".join(struct.pack("<QQ", at, len(run)) + run for at, run in runs)).digest())
    return f"blake3:{total.hexdigest()}"


writes = st.lists(
    st.tuples(
        st.integers(0, 900).map(lambda page: page * PAGE) | st.integers(0, 900 * PAGE),
        st.sampled_from([1, 511, PAGE, 3 * PAGE, PIECE]) | st.integers(1, 2 * PIECE),
        st.sampled_from([b"\0", b"\x01", b"\0\0\0\0\0\0\0\x02"]),
    ),
    max_size=8,
)
"""Offset, length and what is repeated; zeros too, so that there are blocks of data without content."""


@contextmanager
def file_of(pattern: list[tuple[int, int, bytes]], size: int) -> Iterator[int]:
    with tempfile.TemporaryFile(buffering=0) as file:
        for offset, length, filling in pattern:
            os.pwrite(file.fileno(), (filling * length)[:length], offset)
        os.ftruncate(file.fileno(), size)
        yield file.fileno()


def read(file: int) -> bytes:
    return os.pread(file, os.fstat(file).st_size, 0)


@given(pattern=writes, size=st.integers(1, 4 * PIECE))
@settings(deadline=None, max_examples=60)
def test_any_file_is_hashed_as_defined_and_copied_as_it_is(pattern: list[tuple[int, int, bytes]], size: int) -> None:
    with file_of(pattern, size) as source, file_of([], size) as target:
        expected = naive(read(source))
        assert sparse.checksum(source, size, ignore) == expected
        assert sparse.copy(source, target, size, ignore) == expected
        assert read(target) == read(source)
        assert sparse.checksum(target, size, ignore) == expected


@given(pattern=writes, size=st.integers(1, 4 * PIECE), wanted=st.integers(1, 5 * PIECE))
@settings(deadline=None, max_examples=60)
def test_as_many_bytes_as_wanted_are_taken_and_zeros_follow_the_end(
    pattern: list[tuple[int, int, bytes]], size: int, wanted: int
) -> None:
    with file_of(pattern, size) as source, file_of([], wanted) as target:
        told = sparse.copy(source, target, wanted, ignore)
        assert read(target) == read(source)[:wanted].ljust(wanted, b"\0")
        assert told == sparse.checksum(source, wanted, ignore) == naive(read(target))


def test_the_definition_does_not_drift() -> None:
    """Checksums are kept in databases for years."""
    with file_of([(5000, 3, b"abc"), (3 * PIECE, 10_000, b"x")], 5 * PIECE) as file:
        checksum = sparse.checksum(file, 5 * PIECE, ignore)
    assert checksum == "blake3:e11131ba5a073d45cee2e46f5e537d5cc9355e35a12f0fe7b16c80eb71cb0b91"


def test_zeros_are_not_written() -> None:
    zeros = [(0, 4 * PIECE, b"\0"), (PIECE, PAGE, b"x")]
    with file_of(zeros, 4 * PIECE) as source, file_of([], 4 * PIECE) as target:
        sparse.copy(source, target, 4 * PIECE, ignore)
        assert sparse.allocated(source) >= 4 * PIECE
        assert sparse.allocated(target) < PIECE


def test_holes_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = os.preadv

    def preadv(file: int, buffers: list[memoryview], offset: int) -> int:
        asked.append(sum(map(len, buffers)))
        return real(file, buffers, offset)

    with file_of([(PIECE + 3 * PAGE, PAGE, b"x"), (PIECE + 9 * PAGE, PAGE, b"y")], 9 * PIECE) as file:
        monkeypatch.setattr(os, "preadv", preadv)
        sparse.checksum(file, 9 * PIECE, ignore)
    assert sum(asked) == 2 * PAGE


def test_a_report_is_told_ten_times_a_second_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    clock = iter(range(1000))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock) * 0.04)
    with file_of([(0, 8 * PIECE, b"x")], 16 * PIECE) as file:
        sparse.checksum(file, 16 * PIECE, told.append)
    assert told == [12, 50, 87, 100]


def test_what_an_earlier_piece_left_in_a_buffer_is_not_seen() -> None:
    pattern = [(0, 12 * PIECE, b"\x09"), *((piece * PIECE + 5 * PAGE, PAGE, b"\x07") for piece in range(12, 24))]
    with file_of(pattern, 24 * PIECE) as source, file_of([], 24 * PIECE) as target:
        assert sparse.copy(source, target, 24 * PIECE, ignore) == naive(read(source))
        assert read(target) == read(source)


def test_data_past_what_is_wanted_does_not_count() -> None:
    told: list[int] = []
    with file_of([(3 * PAGE, PAGE, b"x")], PIECE) as file:
        sparse.checksum(file, PAGE, told.append)
    assert told == [100]


def test_a_write_that_is_cut_short_is_continued_until_the_system_says_why() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with file_of([(0, PIECE, b"x")], PIECE) as source, file_of([], PIECE) as target:
        resource.setrlimit(resource.RLIMIT_FSIZE, (PIECE // 2, hard))
        try:
            with pytest.raises(OSError, match="File too large"):
                sparse.copy(source, target, PIECE, ignore)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_cut_short_while_it_is_read_is_an_error() -> None:
    with file_of([(0, 8 * PIECE, b"x")], 8 * PIECE) as file, pytest.raises(OSError, match="cut short"):
        sparse.checksum(file, 8 * PIECE, lambda _: os.ftruncate(file, PIECE))
