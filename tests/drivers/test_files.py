"""The file driver keeps the contract where files are copied and where they share bytes, and knows the ills of disks."""

import fcntl
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from app.drivers.contract import Cut, Driver, Inventory, Unsure
from app.drivers.files import MARKER, Files

from .contract import MIB, SIZE, BackDoor, DriverContract, content, cut, ignore, written
from .interruptions import Crash, Dying, InterruptionContract, Moment

CHANGES = {
    os: ["link", "unlink", "rename", "fsync", "ftruncate", "fchmod", "pwrite"],
    fcntl: ["flock", "ioctl"],
}
"""The calls that change the storage or lock it."""


class FilesBackDoor:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, volume: str, offset: int, data: bytes) -> None:
        with self.path("volumes", volume).open("r+b") as file:
            file.seek(offset)
            file.write(data)

    def read_volume(self, volume: str) -> bytes:
        return self.path("volumes", volume).read_bytes()

    def read_snapshot(self, snapshot: str) -> bytes:
        return self.path("snapshots", snapshot).read_bytes()

    def strays(self) -> list[str]:
        return [path.name for path in self._folder.glob("*/*") if path.suffix != ".raw" or path.name.startswith(".")]

    def path(self, kind: str, handle: str) -> Path:
        return self._folder / kind / f"{handle}.raw"


class Fate:
    """Counts the calls of this process that change the storage, until it dies at one of them."""

    def __init__(self, step: int, moment: Moment) -> None:
        self._step, self._moment = step, moment
        self._seen = 0
        self._dead = False
        self._lock = threading.Lock()

    def wrap(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            with self._lock:
                self._die_if(self._moment == "before" and self._seen + 1 == self._step)
                result = real(*args, **kwargs)
                self._seen += 1
                self._die_if(self._moment == "after" and self._seen == self._step)
                return result

        return call

    def _die_if(self, now: bool) -> None:
        self._dead = self._dead or now
        if self._dead:
            raise Crash


class FilesContract(DriverContract, InterruptionContract):
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "storage"

    @pytest.fixture
    def reopen(self, folder: Path) -> Callable[[], Driver]:
        return lambda: Files(folder)

    @pytest.fixture
    def back_door(self, folder: Path) -> BackDoor:
        return FilesBackDoor(folder)

    @pytest.fixture
    def dying(self, monkeypatch: pytest.MonkeyPatch) -> Dying:
        @contextmanager
        def dying(step: int, moment: Moment) -> Iterator[None]:
            fate = Fate(step, moment)
            with monkeypatch.context() as patch:
                for module, names in CHANGES.items():
                    for name in names:
                        patch.setattr(module, name, fate.wrap(getattr(module, name)))
                yield

        return dying

    @pytest.fixture
    def bytes_read(self) -> Callable[[], int]:
        return lambda: int(Path("/proc/self/io").read_text().split()[1])


class TestInTheTemporaryFolder(FilesContract):
    """On whatever that is; mostly a file system that copies."""


class TestOnXfs(FilesContract):
    """Where files share bytes."""

    @pytest.fixture
    def folder(self, xfs: Path) -> Iterator[Path]:
        folder = xfs / "storage"
        yield folder
        shutil.rmtree(folder)

    def test_a_cut_is_instant_and_reads_nothing(self, driver: Driver, back_door: BackDoor) -> None:
        assert cut(driver, volume=written(driver, back_door)) == Cut(instant=True, checksum=None, used_bytes=0)
        assert driver.restore_volume("restored", "snapshot", SIZE, ignore) is None
        assert driver.restore_volume("restored", "snapshot", SIZE, ignore) is None

    def test_a_snapshot_holds_alone_what_was_overwritten_since(self, driver: Driver, back_door: BackDoor) -> None:
        back_door.write(written(driver, back_door), 0, b"\x01" * 2 * MIB)
        cut(driver)
        back_door.write("volume", MIB, b"\x02" * MIB)
        driver.detach_volume("volume")
        assert driver.used_bytes("snapshot") == MIB

    def test_hundreds_of_extents_are_counted(self, driver: Driver, back_door: BackDoor) -> None:
        driver.create_volume("volume", SIZE)
        for offset in range(0, SIZE, 8192):  # more than one request to the system can tell
            back_door.write("volume", offset, b"\x01" * 4096)
        cut(driver)
        back_door.write("volume", 0, b"\x02" * SIZE)
        driver.detach_volume("volume")
        assert driver.used_bytes("snapshot") == SIZE // 2


def files(folder: Path) -> tuple[Files, FilesBackDoor]:
    return Files(folder), FilesBackDoor(folder)


VERBS: dict[str, Callable[[Driver], object]] = {
    "create_volume": lambda driver: driver.create_volume("new", SIZE),
    "restore_volume": lambda driver: driver.restore_volume("new", "absent", SIZE, ignore),
    "flatten_volume": lambda driver: driver.flatten_volume("absent", ignore),
    "extend_volume": lambda driver: driver.extend_volume("absent", SIZE),
    "attach_volume": lambda driver: driver.attach_volume("absent"),
    "detach_volume": lambda driver: driver.detach_volume("absent"),
    "delete_volume": lambda driver: driver.delete_volume("absent"),
    "create_snapshot": lambda driver: driver.create_snapshot("new", "absent", SIZE, ignore),
    "delete_snapshot": lambda driver: driver.delete_snapshot("absent"),
    "checksum_snapshot": lambda driver: driver.checksum_snapshot("absent", ignore),
    "used_bytes": lambda driver: driver.used_bytes("absent"),
    "inventory": lambda driver: driver.inventory(),
    "tidy": lambda driver: driver.tidy(),
    "check": lambda driver: driver.check(),
}


class TestWhatIsNotThere:
    """A disk that is not mounted must never pass for volumes that are gone."""

    @pytest.mark.parametrize("lost", ["", MARKER, "volumes", "snapshots", "trash"])
    @pytest.mark.parametrize("verb", VERBS)
    def test_a_storage_that_is_away_is_unsure(self, tmp_path: Path, verb: str, lost: str) -> None:
        driver = Files(tmp_path / "storage")
        (tmp_path / "storage" / lost).rename(tmp_path / "away")
        with pytest.raises(Unsure):
            VERBS[verb](driver)
        if lost:
            (tmp_path / "away").rename(tmp_path / "storage" / lost)
            assert driver.inventory() == Inventory({}, {})

    def test_another_folder_is_not_taken_for_a_storage(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.txt").touch()
        with pytest.raises(Unsure):
            Files(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]

    def test_an_absent_or_empty_folder_becomes_a_storage(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        for folder in (tmp_path / "empty", tmp_path / "deep" / "down"):
            Files(folder).create_volume("volume", SIZE)
            assert Files(folder).inventory().volumes == {"volume": SIZE}

    def test_an_empty_folder_that_may_not_be_new_is_a_disk_that_is_not_mounted(self, tmp_path: Path) -> None:
        with pytest.raises(Unsure):
            Files(tmp_path, may_be_new=False)
        assert not any(tmp_path.iterdir())

    def test_a_start_that_died_half_way_is_mended_by_the_next(self, tmp_path: Path) -> None:
        (tmp_path / MARKER).touch()
        assert Files(tmp_path).inventory() == Inventory({}, {})


class TestNames:
    @pytest.mark.parametrize("handle", ["", "../volume", "a/b", ".hidden", "a\0b"])
    def test_a_handle_that_is_no_plain_name_is_a_programming_error(self, tmp_path: Path, handle: str) -> None:
        driver = Files(tmp_path / "storage")
        with pytest.raises(ValueError, match=r"handle|null"):
            driver.create_volume(handle, SIZE)
        with pytest.raises(ValueError, match=r"handle|null"):
            driver.delete_snapshot(handle)

    def test_a_connection_is_the_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        driver, back_door = files(Path("a storage"))
        written(driver, back_door)
        path = url2pathname(urlsplit(driver.connection("volume")).path)
        assert Path(path) == tmp_path / "a storage/volumes/volume.raw"

    def test_snapshots_are_read_only_and_what_is_restored_is_not(self, tmp_path: Path) -> None:
        driver, back_door = files(tmp_path / "storage")
        cut(driver, volume=written(driver, back_door))
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        for kind, handle, mode in (
            ("volumes", "volume", 0o644),
            ("snapshots", "snapshot", 0o444),
            ("volumes", "restored", 0o644),
        ):
            assert stat.S_IMODE(back_door.path(kind, handle).stat().st_mode) == mode


class TestOtherProcesses:
    def test_a_draft_is_left_alone_while_its_writer_lives_and_swept_when_it_is_dead(self, tmp_path: Path) -> None:
        driver, back_door = files(tmp_path / "storage")
        written(driver, back_door)
        half_way = """
            driver.create_snapshot("snapshot", "volume", 4 << 20, lambda percent: (print("half", flush=True), input()))
        """
        with child(half_way, tmp_path / "storage") as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "half\n"
            (draft,) = back_door.strays()
            driver.tidy()
            assert back_door.strays() == [draft]
            writer.kill()
        driver.tidy()
        assert back_door.strays() == []
        cut(driver)
        assert back_door.read_snapshot("snapshot") == content()

    def test_a_draft_swept_before_it_was_locked_is_unsure_and_the_next_call_completes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        driver = Files(tmp_path / "storage")
        lock = fcntl.flock

        def late(file: int, operation: int) -> None:
            monkeypatch.setattr(fcntl, "flock", lock)
            driver.tidy()
            lock(file, operation)

        monkeypatch.setattr(fcntl, "flock", late)
        with pytest.raises(Unsure):
            driver.create_volume("volume", SIZE)
        assert driver.inventory().volumes == {}
        driver.create_volume("volume", SIZE)
        assert driver.inventory().volumes == {"volume": SIZE}

    def test_copying_256_mib_takes_a_few_mib_of_memory(self, tmp_path: Path) -> None:
        driver, back_door = files(tmp_path / "storage")
        for volume, size in (("small", 8 * MIB), ("large", 256 * MIB)):
            driver.create_volume(volume, size)
            for offset in range(0, size, MIB):
                back_door.write(volume, offset, os.urandom(4096) * 256)
        measure = """
            import resource
            def peak(volume, size):
                driver.create_snapshot(volume, volume, size, lambda percent: None)
                driver.checksum_snapshot(volume, lambda percent: None)
                return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            small = peak("small", 8 << 20)
            print((peak("large", 256 << 20) - small) // 1024)
        """
        with child(measure, tmp_path / "storage") as copier:
            more, _ = copier.communicate()
        assert int(more) < 4, "MiB more than for a small volume"


@contextmanager
def child(program: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a program with a `driver` over the folder in a process of its own."""
    head = f"from pathlib import Path; from app.drivers.files import Files; driver = Files(Path({str(folder)!r}))\n"
    command = [sys.executable, "-c", head + dedent(program)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
