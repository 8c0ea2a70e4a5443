"""The storages that are tortured, each with a back door to its bytes and the ills that it can be given."""

import io
import os
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from app.drivers import diff
from app.drivers.ceph import Ceph
from app.drivers.files import Files
from app.drivers.rbd import Rbd
from tests.drivers.ceph import USER, Cluster
from tests.drivers.test_rbd import RbdBackDoor
from tests.torture.content import BLOCK, Content, of_pieces

Ill = Callable[[int], AbstractContextManager[None]]
"""Strikes at once, and is over at the end of the block."""


class Storage(ABC):
    """Where the bytes are. `settings` are those of the service over it, `ills` what it can be given, by name.

    `may_refuse`: whether it answers an ill by refusing for good what it is asked. `slow`: whether there is no time to
    read every volume and snapshot past the service, nor to delete all after each run.
    """

    settings: Mapping[str, object]
    ills: Mapping[str, Ill]
    may_refuse: bool
    slow: bool

    def __init__(self) -> None:
        self._health = threading.Lock()
        self._ill = 0

    @contextmanager
    def well(self) -> Iterator[bool]:
        """Say whether nothing ails it, and let nothing befall it while the block runs."""
        with self._health:
            yield not self._ill

    @contextmanager
    def ailing(self) -> Iterator[None]:
        with self._health:
            self._ill += 1
        try:
            yield
        finally:
            self._ill -= 1

    @abstractmethod
    def write(self, volume: str, blocks: Content) -> None:
        """Write as a server would, while it is well."""

    @abstractmethod
    def read(self, id_: str) -> Content:
        """Read a volume or a snapshot, past the service."""

    @abstractmethod
    def strays(self, owner: str, known: Collection[str]) -> list[str]:
        """Tidy as a worker does, and list what then still lies about but for the bytes of those known."""


class Disk(Storage):
    """Files on a small disk of their own, which also holds the database if that is a file."""

    may_refuse = True
    slow = False

    def __init__(self, place: Path, *, ills: bool) -> None:
        super().__init__()
        self.settings = {"data": place}
        self.ills = {"disk full": self._full, "folder read-only": self._read_only} if ills else {}
        self._place = place
        self._folder = place / "storage"

    def write(self, volume: str, blocks: Content) -> None:
        with self._file(volume).open("r+b") as file:
            for offset, block in blocks.items():
                os.pwrite(file.fileno(), block, offset)

    def read(self, id_: str) -> Content:
        with self._file(id_).open("rb") as file:
            return of_pieces(_pieces(file.fileno(), os.fstat(file.fileno()).st_size))

    def strays(self, owner: str, known: Collection[str]) -> list[str]:
        Files(self._folder, owner).tidy()
        return [file.name for file in self._folder.glob("*/*") if file.suffix != ".raw" or file.stem not in known]

    @contextmanager
    def _full(self, _: int) -> Iterator[None]:
        hog, room = self._place / "hog", os.statvfs(self._place)
        with self.ailing():
            with hog.open("wb", buffering=0) as file, suppress(OSError):
                os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize // 100 * 97)
                file.seek(0, os.SEEK_END)
                while file.write(bytes(BLOCK)):
                    pass
            yield
        hog.unlink()

    @contextmanager
    def _read_only(self, _: int) -> Iterator[None]:
        # A file system with open files cannot be remounted; folders that nobody may change, not even root, can.
        folders = [self._folder / name for name in ("volumes", "snapshots", "trash")]
        with self.ailing():
            subprocess.run(["chattr", "+i", *folders], check=True)
            yield
            subprocess.run(["chattr", "-i", *folders], check=True)

    def _file(self, id_: str) -> Path:
        return self._folder / ("volumes" if id_.startswith("vol-") else "snapshots") / f"{id_}.raw"


class Pool(Storage):
    """A namespace of a Ceph cluster of its own."""

    may_refuse = False
    slow = True

    def __init__(self, cluster: Cluster, data: Path) -> None:
        super().__init__()
        self._cluster, self._name = cluster, cluster.new_namespace()
        self._door = RbdBackDoor(cluster, self._name)
        self.settings = {
            "data": data,
            "storage": f"rbd:{self._name}",
            "ceph_conf": cluster.conf,
            "ceph_user": USER,
        }
        self.ills = {"OSD killed": self._osd_killed}

    def write(self, volume: str, blocks: Content) -> None:
        for offset, block in blocks.items():
            self._door.write(volume, offset, block)

    def read(self, id_: str) -> Content:
        image = self._door.image(id_) if id_.startswith("vol-") else self._cut(id_)
        exported = self._door.rbd("export-diff", "--no-progress", "--whole-object", image, "-")
        return of_pieces(diff.pieces(io.BytesIO(exported), 1000 * 2**30))

    def strays(self, owner: str, known: Collection[str]) -> list[str]:
        driver = Rbd(Ceph(self._cluster.conf, USER), self._name, owner, dead_after=timedelta(0))
        driver.tidy()
        held = driver.inventory()
        return [*self._door.strays(), *({*held.volumes, *held.snapshots} - {*known})]

    @contextmanager
    def _osd_killed(self, _: int) -> Iterator[None]:
        with self.ailing():
            self._cluster.kill("osd")
            yield
            self._cluster.start_again("osd")

    def _cut(self, snapshot: str) -> str:
        for entry in self._door.read("ls", "-l", self._name):
            if entry.get("snapshot", "").rpartition(".")[0] == snapshot:
                return f"{self._door.image(entry['image'])}@{entry['snapshot']}"
        raise AssertionError(f"the cluster holds no {snapshot}")


def _pieces(file: int, size: int) -> Iterator[tuple[int, memoryview]]:
    end = 0
    while end < size:
        try:
            start = os.lseek(file, end, os.SEEK_DATA)
        except OSError:  # the rest is one hole
            return
        start -= start % BLOCK
        end = start + BLOCK
        yield start, memoryview(os.pread(file, BLOCK, start))
