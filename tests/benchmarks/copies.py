"""Copies: how fast bytes are cut and restored, against `cp`; and against the bare ioctl where they can be shared.

The storage is asked directly: what rows and journal take is in CREATE. All end on stable storage.
"""

import fcntl
import os
import random
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.drivers.files import Files
from app.drivers.reflink import supported
from tests.benchmarks.load import WrongAnswer
from tests.benchmarks.results import SERVICE, Measure, Results
from tests.benchmarks.scale import Scale

CP, IOCTL = "`cp`, then `sync`", "`FICLONE`, then `fsync`"
_GIB, _MIB = 1 << 30, 1 << 20
_SIZE = 10 * _GIB
_STRETCHES = 16
_FICLONE = 0x40049409


def measure(scale: Scale, folder: Path, results: Results) -> None:
    """Measure on the folder's own disk and on an XFS, or say why not."""
    if supported(folder):
        results.notes.append("`cp` is left out: the disk here shares bytes, so nothing is copied.")
    else:
        results.bytes += _in_turn(folder, scale, "copied", "s", CP, _cp)
    try:
        with _xfs(folder) as disk:
            results.bytes += _in_turn(disk, scale, "shared, XFS", "ms", IOCTL, _clone)
    except (OSError, subprocess.CalledProcessError) as error:
        results.notes.append(f"`FICLONE` is left out, for want of an XFS on a loop device: {error}.")


def _in_turn(
    folder: Path, scale: Scale, how: str, unit: str, peer: str, copy: Callable[[Path, Path], None]
) -> list[Measure]:
    """Cut a snapshot and restore it, by the driver and by the other, in each round."""
    driver, other = Files(folder / "storage", "bench"), folder / "other"
    driver.create_volume("volume", _SIZE)
    volume = folder / "storage" / "volumes" / "volume.raw"
    _write(volume, scale.copied_mib)
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for number in range(scale.rounds):
        cut, restored = f"cut-{number}", f"restored-{number}"
        snapshot = folder / "storage" / "snapshots" / f"{cut}.raw"
        turns: list[tuple[str, str, Callable[[], object]]] = [
            ("snapshot", SERVICE, lambda: driver.create_snapshot(cut, "volume", _SIZE, lambda _: None)),  # noqa: B023
            ("snapshot", peer, lambda: copy(volume, other)),
            ("restore", SERVICE, lambda: driver.restore_volume(restored, cut, _SIZE, lambda _: None)),  # noqa: B023
            ("restore", peer, lambda: copy(snapshot, other)),  # noqa: B023
        ]
        for what, column, turn in turns:
            other.unlink(missing_ok=True)
            for source in filter(Path.exists, (volume, snapshot)):
                _forget(source)
            began = time.perf_counter()
            turn()
            seconds = time.perf_counter() - began
            found[what, column].append(seconds if unit == "s" else 1000 * seconds)
        for made in (folder / "storage" / "volumes" / f"{restored}.raw", other):
            _must_be_alike(volume, made, scale.copied_mib)
        driver.delete_volume(restored)
        driver.delete_snapshot(cut)
        driver.tidy()
    row = f"{scale.copied_mib} MiB in {_SIZE // _GIB} GiB, {how}"
    return [Measure(f"{what} of {row}", column, unit, values) for (what, column), values in found.items()]


def _write(volume: Path, mib: int) -> None:
    """Write stretches of data that no disk can make smaller, with holes between them."""
    chance = random.Random("copies")
    with volume.open("r+b") as file:
        for stretch in range(_STRETCHES):
            file.seek(stretch * _SIZE // _STRETCHES)
            for _ in range(mib // _STRETCHES):
                file.write(chance.randbytes(_MIB))
        os.fsync(file.fileno())


def _forget(source: Path) -> None:
    """Let it be read from the disk by whoever copies it: what was just written or read is else in memory for some."""
    with source.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _cp(source: Path, target: Path) -> None:
    subprocess.run(["cp", "--sparse=always", "--reflink=never", source, target], check=True)
    subprocess.run(["sync", target], check=True)


def _clone(source: Path, target: Path) -> None:
    with source.open("rb") as read, target.open("wb") as written:
        fcntl.ioctl(written, _FICLONE, read.fileno())
        os.fsync(written.fileno())


def _must_be_alike(volume: Path, made: Path, mib: int) -> None:
    with volume.open("rb") as left, made.open("rb") as right:
        for stretch in range(_STRETCHES):
            at, length = stretch * _SIZE // _STRETCHES, mib * _MIB // _STRETCHES
            read = {os.pread(file.fileno(), length + _MIB, at) for file in (left, right)}
            if len(read) != 1 or made.stat().st_size != _SIZE:
                raise WrongAnswer(f"{made} is not what was copied")


@contextmanager
def _xfs(folder: Path) -> Iterator[Path]:
    """Mount a new XFS from an image while the block runs. Raises OSError or CalledProcessError."""
    image, place = folder / "xfs.image", folder / "xfs"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(4 * _GIB)
    subprocess.run(["mkfs.xfs", "-q", "-m", "reflink=1", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)
