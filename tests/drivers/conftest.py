"""File systems to try the file driver on. What cannot be mounted here is skipped, and says so."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .ceph import Cluster, running_cluster


@contextmanager
def mounted(place: Path, *options: str) -> Iterator[Path]:
    """Mount a file system for a while, or skip the test."""
    place.mkdir()
    _run("mount", *options, str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


MAKERS = {
    "xfs": ("mkfs.xfs", "-q", "-m", "reflink=1"),
    "xfs-without-reflink": ("mkfs.xfs", "-q", "-m", "reflink=0,rmapbt=0"),
    "ext4": ("mkfs.ext4", "-q"),
}
"""Of a file system that can share bytes, and of two that cannot and order their writes differently."""


@contextmanager
def disk(folder: Path, kind: str) -> Iterator[Path]:
    """Mount a new file system from `<folder>/image`, or skip the test."""
    image = folder / "image"
    with image.open("wb") as file:
        file.truncate(400 << 20)
    _run(*MAKERS[kind], str(image))
    with mounted(folder / kind, "-o", "loop", str(image)) as place:
        yield place
    image.unlink()


def _run(*command: str) -> None:
    if not shutil.which(command[0]):
        pytest.skip(f"NOT TESTED: there is no {command[0]} here")
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"NOT TESTED: {' '.join(command)} (it needs root and loop devices): {done.stderr.strip()}")


@pytest.fixture(scope="session")
def xfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with disk(tmp_path_factory.mktemp("disk"), "xfs") as place:
        yield place


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 32 MiB."""
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=32m", "tmpfs") as place:
        yield place


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A Ceph cluster, brought up once for all its tests."""
    with running_cluster() as cluster:
        yield cluster
