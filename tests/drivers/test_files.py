"""The file driver keeps the contract where files are copied and where they share bytes, and knows the ills of disks."""

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from textwrap import dedent
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from app.drivers.contract import Cut, Driver, Inventory, Unsure
from app.drivers.files import MARKER, Files

from .contract import MIB, OWNER, SIZE, BackDoor, DriverContract, content, cut, ignore, written
from .interruptions import Crash, Dying, InterruptionContract, Moment

CHANGES = {
    os: ["link", "unlink", "rename", "fsync", "ftruncate", "fchmod", "pwrite", "write", "mkdir"],
    fcntl: ["flock", "ioctl"],
    subprocess: ["run"],
    signal: ["pidfd_send_signal"],
}
"""The calls that change the storage, lock it, or start and end a server."""


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
        lying = [path for path in self._folder.glob("*/*") if path.suffix != ".raw" or path.name.startswith(".")]
        return [path.name for path in lying if path.parent.name != "exports" or not self._is_there(path.stem)]

    def _is_there(self, volume: str) -> bool:
        return self.path("volumes", volume).exists()

    def path(self, kind: str, handle: str) -> Path:
        return self._folder / kind / f"{handle}.raw"


class Fate:
    """Counts the calls that change the storage, until all that the test does dies at one of them.

    A service of another test, that still runs in this process, lives on.
    """

    def __init__(self, step: int, moment: Moment) -> None:
        self._step, self._moment = step, moment
        self._seen = 0
        self._dead = False
        self._lock = threading.Lock()
        self._others = set(threading.enumerate()) - {threading.current_thread()}

    def wrap(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if threading.current_thread() in self._others:
                return real(*args, **kwargs)
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


@contextmanager
def dying_at(step: int, moment: Moment, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process die at a call that changes the storage."""
    fate = Fate(step, moment)
    with monkeypatch.context() as patch:
        for module, names in CHANGES.items():
            for name in names:
                patch.setattr(module, name, fate.wrap(getattr(module, name)))
        yield


class FilesContract(DriverContract, InterruptionContract):
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "storage"

    @pytest.fixture
    def reopen(self, folder: Path) -> Callable[[], Driver]:
        return lambda: Files(folder, OWNER)

    @pytest.fixture
    def back_door(self, folder: Path) -> BackDoor:
        return FilesBackDoor(folder)

    @pytest.fixture
    def dying(self, monkeypatch: pytest.MonkeyPatch) -> Dying:
        return partial(dying_at, monkeypatch=monkeypatch)

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
    return Files(folder, OWNER), FilesBackDoor(folder)


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
        driver = Files(tmp_path / "storage", OWNER)
        (tmp_path / "storage" / lost).rename(tmp_path / "away")
        with pytest.raises(Unsure):
            VERBS[verb](driver)
        if lost:
            (tmp_path / "away").rename(tmp_path / "storage" / lost)
            assert driver.inventory() == Inventory({}, {})

    def test_another_folder_is_not_taken_for_a_storage(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.txt").touch()
        with pytest.raises(Unsure):
            Files(tmp_path, OWNER)
        assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]

    def test_an_absent_or_empty_folder_becomes_a_storage(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        for folder in (tmp_path / "empty", tmp_path / "deep" / "down"):
            Files(folder, OWNER).create_volume("volume", SIZE)
            assert Files(folder, OWNER).inventory().volumes == {"volume": SIZE}

    def test_an_empty_folder_that_may_not_be_new_is_a_disk_that_is_not_mounted(self, tmp_path: Path) -> None:
        with pytest.raises(Unsure):
            Files(tmp_path, OWNER, may_be_new=False)
        assert not any(tmp_path.iterdir())

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_a_start_that_died_at_any_step_is_mended_by_the_next(
        self, tmp_path: Path, moment: Moment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for step in range(1, 100):
            folder = tmp_path / str(step)
            try:
                with dying_at(step, moment, monkeypatch):
                    Files(folder, OWNER)
            except Crash:
                driver = Files(folder, OWNER)
                assert driver.inventory() == Inventory({}, {})
                assert sorted(path.name for path in folder.iterdir()) == [
                    MARKER,
                    "exports",
                    "snapshots",
                    "trash",
                    "volumes",
                ]
            else:
                break
        assert step > 5, "a start has steps to die at"


class TestWhoseItIs:
    """Two databases over one folder would each take the bytes of the other for strays."""

    @pytest.mark.parametrize("may_be_new", [True, False])
    def test_a_folder_of_another_owner_is_refused(self, tmp_path: Path, may_be_new: bool) -> None:
        Files(tmp_path, "another").create_volume("volume", SIZE)
        with pytest.raises(Unsure, match="marked as that of another database"):
            Files(tmp_path, OWNER, may_be_new=may_be_new)
        assert Files(tmp_path, "another").inventory().volumes == {"volume": SIZE}

    def test_of_two_new_owners_who_come_at_once_one_gets_it(self, tmp_path: Path) -> None:
        def come(number: int) -> Files | None:
            with suppress(Unsure):
                return Files(tmp_path / "storage", f"owner-{number % 2}")
            return None

        with ThreadPoolExecutor(8) as pool:
            got = list(pool.map(come, range(8)))
        (owner,) = {number % 2 for number, driver in enumerate(got) if driver}
        assert got[owner::2].count(None) == 0
        assert (tmp_path / "storage" / MARKER).read_text() == f"owner-{owner}"

    @pytest.mark.parametrize("verb", VERBS)
    def test_a_folder_that_another_takes_the_place_of_meanwhile_is_unsure(self, tmp_path: Path, verb: str) -> None:
        driver = Files(tmp_path / "storage", OWNER)
        Files(tmp_path / "other", "another")
        (tmp_path / "storage").rename(tmp_path / "away")
        (tmp_path / "other").rename(tmp_path / "storage")
        with pytest.raises(Unsure):
            VERBS[verb](driver)

    def test_a_folder_from_before_goes_to_the_first_owner_who_is_not_new(self, tmp_path: Path) -> None:
        Files(tmp_path, OWNER).create_volume("volume", SIZE)
        (tmp_path / MARKER).write_bytes(b"")
        with pytest.raises(Unsure, match="not marked as that of a database"):
            Files(tmp_path, "new")
        Files(tmp_path, OWNER, may_be_new=False)
        for may_be_new in (True, False):
            with pytest.raises(Unsure, match="marked as that of another database"):
                Files(tmp_path, "later", may_be_new=may_be_new)
            assert Files(tmp_path, OWNER, may_be_new=may_be_new).inventory().volumes == {"volume": SIZE}

    def test_the_marker_is_on_the_disk_before_it_has_its_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        link, fsync, synced = os.link, os.fsync, set[int]()

        def checked(draft: Path, marker: Path) -> None:
            assert draft.stat().st_ino in synced
            link(draft, marker)

        def noted(file: int) -> None:
            synced.add(os.fstat(file).st_ino)
            fsync(file)

        monkeypatch.setattr(os, "fsync", noted)
        monkeypatch.setattr(os, "link", checked)
        Files(tmp_path, OWNER)


class TestNames:
    @pytest.mark.parametrize("handle", ["", "../volume", "a/b", ".hidden", "a\0b"])
    def test_a_handle_that_is_no_plain_name_is_a_programming_error(self, tmp_path: Path, handle: str) -> None:
        driver = Files(tmp_path / "storage", OWNER)
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
        driver = Files(tmp_path / "storage", OWNER)
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
    opened = f"driver = Files(Path({str(folder)!r}), {OWNER!r})\n"
    head = f"from pathlib import Path; from app.drivers.files import Files; {opened}"
    command = [sys.executable, "-c", head + dedent(program)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
