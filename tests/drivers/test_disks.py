"""The file driver on disks with real ills: full, read-only, failing, and without power of a sudden."""

import fcntl
import os
import resource
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.drivers.contract import Driver, Inventory, Refused, Unsure
from app.drivers.files import Files
from app.drivers.folder import opened

from .conftest import MAKERS, disk
from .contract import MIB, OWNER, SIZE, content, cut, ignore, written
from .interruptions import Crash
from .test_files import VERBS, FilesBackDoor, files


class TestFull:
    def test_a_copy_that_cannot_fit_is_refused_before_it_starts(self, small_disk: Path) -> None:
        driver, back_door = files(small_disk / "storage")
        driver.create_volume("volume", 24 * MIB)
        back_door.write("volume", 0, os.urandom(20 * MIB))
        with pytest.raises(Refused, match=r"^not enough free space: needs 0\.02 GB, 0\.01 GB free$"):
            cut(driver, size=24 * MIB)
        assert driver.inventory().snapshots == {}
        assert back_door.strays() == []

    def test_a_disk_that_gets_full_meanwhile_refuses_and_a_later_call_completes(self, small_disk: Path) -> None:
        driver, back_door = files(small_disk / "storage")
        driver.create_volume("volume", 3 * SIZE)
        back_door.write("volume", 0, os.urandom(3 * SIZE))
        hog = small_disk / "hog"

        def fill(percent: int) -> None:
            with suppress(OSError), hog.open("ab", buffering=0) as file:
                while file.write(bytes(MIB)):
                    pass

        with pytest.raises(Refused, match=r"^no space is left on the storage$"):
            driver.create_snapshot("snapshot", "volume", 3 * SIZE, fill)
        assert driver.inventory().snapshots == {}
        assert back_door.strays() == []
        hog.unlink()
        cut(driver, size=3 * SIZE)
        assert back_door.read_snapshot("snapshot") == back_door.read_volume("volume")

    def test_a_full_disk_still_starts_and_deletes(self, small_disk: Path) -> None:
        driver, back_door = files(small_disk / "storage")
        driver.create_volume("volume", 64 * MIB)
        back_door.write("volume", 0, os.urandom(free(small_disk)))
        Files(small_disk / "storage", OWNER).delete_volume("volume")
        driver.tidy()
        assert free(small_disk) > 30 * MIB


class TestUnwilling:
    def test_a_read_only_disk_refuses_but_can_be_looked_at(self, small_disk: Path) -> None:
        driver, back_door = files(small_disk / "storage")
        told = cut(driver, volume=written(driver, back_door)).checksum
        driver.delete_volume("volume")
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
        for verb in ("create_volume", "create_snapshot"):
            with pytest.raises(Refused):
                VERBS[verb](driver)
        with pytest.raises(Refused, match=r"^the storage allows no writing$"):
            driver.restore_volume("restored", "snapshot", SIZE, ignore)
        with pytest.raises(Unsure):
            driver.tidy()
        assert driver.checksum_snapshot("snapshot", ignore) == told

    def test_a_volume_larger_than_any_file_is_refused(self, tmp_path: Path) -> None:
        driver, back_door = files(tmp_path / "storage")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, hard))
        try:
            with pytest.raises(Refused, match=r"^the size is more than the storage can hold$"):
                driver.create_volume("volume", SIZE)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert driver.inventory().volumes == {}
        assert back_door.strays() == []


class Fallible:
    """A storage on a disk of its own, whose power can go: then what is not on the disk is lost."""

    def __init__(self, place: Path, image: Path) -> None:
        self._place, self._image = place, image
        self.driver, self.back_door = files(place / "storage")

    def lose_power(self) -> None:
        """Shut the file system down without writing its log; every call fails from then on."""
        shut_down, without_log = 0x8004587D, 2  # XFS_IOC_GOINGDOWN, which ext4 has too
        with opened(self._place, os.O_DIRECTORY) as root:
            fcntl.ioctl(root, shut_down, struct.pack("I", without_log))

    def mount_again(self) -> None:
        subprocess.run(["umount", str(self._place)], check=True)
        subprocess.run(["mount", "-o", "loop", str(self._image), str(self._place)], check=True)


AFTERWARDS: dict[str, tuple[Callable[[Driver], object], Callable[[Driver, FilesBackDoor], bool]]] = {
    "create_volume": (
        lambda driver: driver.create_volume("new", SIZE),
        lambda _, back_door: back_door.read_volume("new") == bytes(SIZE),
    ),
    "create_snapshot": (
        lambda driver: cut(driver, "new"),
        lambda _, back_door: back_door.read_snapshot("new") == content(),
    ),
    "restore_volume": (
        lambda driver: driver.restore_volume("new", "snapshot", SIZE, ignore),
        lambda _, back_door: back_door.read_volume("new") == content(),
    ),
    "extend_volume": (
        lambda driver: driver.extend_volume("volume", SIZE * 2),
        lambda _, back_door: back_door.read_volume("volume") == content(SIZE * 2),
    ),
    "delete_volume": (
        lambda driver: driver.delete_volume("volume"),
        lambda driver, _: driver.inventory() == Inventory({}, {"snapshot": SIZE}),
    ),
    "delete_snapshot": (
        lambda driver: driver.delete_snapshot("snapshot"),
        lambda driver, _: driver.inventory() == Inventory({"volume": SIZE}, {}),
    ),
}
"""A verb, and whether its result is there."""


class TestPowerCut:
    @pytest.fixture(params=MAKERS)
    def fallible(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fallible]:
        with disk(tmp_path, request.param) as place:
            fallible = Fallible(place, tmp_path / "image")
            cut(fallible.driver, volume=written(fallible.driver, fallible.back_door))
            subprocess.run(["sync", "-f", str(place)], check=True)
            yield fallible

    @pytest.mark.parametrize("verb", AFTERWARDS)
    def test_what_returned_is_there_after_a_power_cut(self, fallible: Fallible, verb: str) -> None:
        act, holds = AFTERWARDS[verb]
        act(fallible.driver)
        fallible.lose_power()
        fallible.mount_again()
        assert holds(fallible.driver, fallible.back_door)

    @pytest.mark.parametrize("verb", AFTERWARDS)
    def test_what_a_dead_worker_had_done_is_there_once_a_second_call_returned(
        self, fallible: Fallible, verb: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        act, holds = AFTERWARDS[verb]
        with monkeypatch.context() as patch:
            for name in ("link", "rename", "ftruncate" if verb == "extend_volume" else "link"):
                patch.setattr(os, name, dying_after(getattr(os, name)))
            with pytest.raises(Crash):
                act(fallible.driver)
        act(fallible.driver)
        fallible.lose_power()
        fallible.mount_again()
        assert holds(fallible.driver, fallible.back_door)

    def test_what_a_server_wrote_is_there_once_it_is_detached(self, fallible: Fallible) -> None:
        fallible.back_door.write("volume", MIB, b"written by the server")
        fallible.driver.detach_volume("volume")
        fallible.lose_power()
        fallible.mount_again()
        assert fallible.back_door.read_volume("volume")[MIB:].startswith(b"written by the server")

    @pytest.mark.parametrize("verb", ["create_volume", "delete_volume", "tidy"])
    def test_a_disk_that_fails_is_unsure(self, fallible: Fallible, verb: str) -> None:
        fallible.lose_power()
        with pytest.raises(Unsure):
            VERBS[verb](fallible.driver)


@pytest.mark.parametrize("verb", ["create_volume", "create_snapshot", "restore_volume"])
def test_a_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """A power cut here seldom shows it: the file systems at hand mostly write the one before the other anyway."""
    driver, back_door = files(tmp_path / "storage")
    cut(driver, volume=written(driver, back_door))
    synced: set[int] = set()
    fsync, link = os.fsync, os.link

    def noted(file: int) -> None:
        synced.add(os.fstat(file).st_ino)
        fsync(file)

    def checked(name: str, to: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        assert os.stat(name, dir_fd=src_dir_fd).st_ino in synced
        link(name, to, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(os, "link", checked)
    AFTERWARDS[verb][0](driver)


def dying_after(real: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise Crash

    return call


def free(place: Path) -> int:
    room = os.statvfs(place)
    return room.f_bavail * room.f_frsize
