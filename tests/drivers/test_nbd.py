"""The file driver keeps the contract over NBD too, and each attached volume has one server, whatever dies."""

import itertools
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import pytest

from app.drivers import nbd
from app.drivers.contract import Driver, Unsure
from app.drivers.files import Files
from tests.programs import run

from .conftest import disk
from .contract import MIB, OWNER, SIZE, BackDoor, content, cut, written
from .interruptions import Crashes
from .nbd import (
    answers,
    exporting,
    files_over_nbd,
    killed,
    nothing_is_left,
    read,
    server_of,
    servers,
    short_folder,
    write,
)
from .test_disks import Fallible
from .test_files import FilesBackDoor, FilesContract, child


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


@pytest.fixture
def driver(folder: Path) -> Files:
    return files_over_nbd(folder)


@pytest.fixture
def back_door(folder: Path) -> FilesBackDoor:
    return FilesBackDoor(folder)


@pytest.fixture
def uri(driver: Files, back_door: FilesBackDoor) -> str:
    """Where a volume is that is attached, and that `written` made."""
    driver.attach_volume(written(driver, back_door))
    return driver.connection("volume")


class TestOverNbd(FilesContract):
    @pytest.fixture
    def folder(self, folder: Path) -> Path:
        return folder

    @pytest.fixture
    def reopen(self, folder: Path) -> Callable[[], Driver]:
        return lambda: files_over_nbd(folder)

    def test_attaching_survives_a_crash_at_any_step(
        self, crashes: Crashes, driver: Driver, back_door: BackDoor, folder: Path, tmp_path: Path
    ) -> None:
        for handle in crashes.handles:
            written(driver, back_door, handle)
        for attached, volume in enumerate(crashes.at_each_step(lambda driver, it: driver.attach_volume(it)), start=1):
            assert read(driver.connection(volume), tmp_path / "read") == content()
            assert len(servers(folder)) == attached

    def test_detaching_survives_a_crash_at_any_step(
        self, crashes: Crashes, driver: Driver, back_door: BackDoor, folder: Path
    ) -> None:
        for handle in crashes.handles:
            driver.attach_volume(written(driver, back_door, handle))
        for volume in crashes.at_each_step(lambda driver, it: driver.detach_volume(it)):
            assert not answers(driver.connection(volume))
            assert not [*folder.glob(f"exports/{volume}.*")]

    def test_deleting_what_is_attached_survives_a_crash_at_any_step(
        self, crashes: Crashes, driver: Driver, back_door: BackDoor, folder: Path
    ) -> None:
        for handle in crashes.handles:
            driver.attach_volume(written(driver, back_door, handle))
        for volume in crashes.at_each_step(lambda driver, it: driver.delete_volume(it)):
            assert not answers(driver.connection(volume))
            assert not [*folder.glob(f"*/{volume}.*")]


class TestAttached:
    def test_a_client_reads_and_writes_the_volume(
        self, driver: Files, back_door: FilesBackDoor, uri: str, tmp_path: Path
    ) -> None:
        assert read(uri, tmp_path / "read") == content()
        write(uri, "write -P 0x55 0 1M", "discard 3M 1M")
        assert back_door.read_volume("volume") == b"\x55" * MIB + content()[MIB : 3 * MIB] + bytes(MIB)

    def test_a_connection_is_what_clients_of_nbd_take_whatever_the_folder_s_name(
        self, folder: Path, tmp_path: Path
    ) -> None:
        driver = files_over_nbd(folder / "100 % ours & theirs?")
        driver.create_volume("volume", SIZE)
        driver.attach_volume("volume")
        assert driver.connection("volume").startswith("nbd+unix:///volume?socket=/")
        assert read(driver.connection("volume"), tmp_path / "read") == bytes(SIZE)

    def test_attaching_again_finds_the_same_server(self, driver: Files, folder: Path, uri: str) -> None:
        server = server_of(uri)
        driver.attach_volume("volume")
        files_over_nbd(folder).attach_volume("volume")
        assert server_of(uri) == server
        assert servers(folder) == [server]

    def test_a_detached_volume_is_served_no_more_and_its_clients_are_cut_off(
        self, driver: Files, folder: Path, uri: str
    ) -> None:
        command = ["qemu-io", "-f", "raw", uri]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
            assert client.stdin is not None
            assert client.stdout is not None
            client.stdin.write("read 0 4k\n")
            client.stdin.flush()
            assert "read 4096/4096 bytes" in client.stdout.readline()
            driver.detach_volume("volume")
            told, _ = client.communicate("read 0 4k\n")
        assert "read 4096/4096 bytes" not in told
        assert not answers(uri)
        assert nothing_is_left(folder)

    def test_a_volume_that_is_attached_anew_has_the_size_to_which_it_was_extended(
        self, driver: Files, uri: str, tmp_path: Path
    ) -> None:
        driver.detach_volume("volume")
        driver.extend_volume("volume", 2 * SIZE)
        driver.attach_volume("volume")
        assert read(uri, tmp_path / "read") == content(2 * SIZE)

    def test_a_deleted_volume_is_served_no_more(self, driver: Files, folder: Path, uri: str) -> None:
        driver.delete_volume("volume")
        assert not answers(uri)
        assert nothing_is_left(folder)

    def test_what_was_attached_over_nbd_stays_so_until_it_is_detached_though_the_setting_changed(
        self, folder: Path, uri: str
    ) -> None:
        later = Files(folder, OWNER)
        killed(uri)
        later.tidy()
        assert answers(uri)
        later.detach_volume("volume")
        assert servers(folder) == []

    def test_without_the_setting_nothing_is_served(self, folder: Path, back_door: FilesBackDoor) -> None:
        driver = Files(folder, OWNER)
        driver.attach_volume(written(driver, back_door))
        driver.tidy()
        assert nothing_is_left(folder)


class TestDeaths:
    def test_a_server_outlives_the_worker_that_started_it(self, folder: Path, tmp_path: Path) -> None:
        driver, back_door = files_over_nbd(folder), FilesBackDoor(folder)
        written(driver, back_door)
        attach = """
            Files(driver._folder, driver._owner.decode(), over_nbd=True).attach_volume("volume")
            print("attached", flush=True)
            input()
        """
        with child(attach, folder) as worker:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "attached\n"
            os.killpg(os.getpgid(server_of(driver.connection("volume"))), 0)
            worker.kill()
        server = server_of(driver.connection("volume"))
        assert os.getsid(server) == server
        driver.tidy()
        driver.attach_volume("volume")
        assert servers(folder) == [server]
        assert read(driver.connection("volume"), tmp_path / "read") == content()

    def test_a_server_that_was_killed_is_there_again_after_tidying(
        self, driver: Files, folder: Path, uri: str, tmp_path: Path
    ) -> None:
        first = killed(uri)
        assert not answers(uri)
        for _ in range(2):
            driver.tidy()
        assert servers(folder) == [server_of(uri)] != [first]
        assert read(uri, tmp_path / "read") == content()

    def test_a_server_that_was_killed_is_there_again_after_attaching(
        self, driver: Files, folder: Path, uri: str
    ) -> None:
        killed(uri)
        driver.attach_volume("volume")
        assert servers(folder) == [server_of(uri)]

    def test_a_server_that_was_killed_is_not_there_again_once_its_volume_is_detached(
        self, driver: Files, folder: Path, uri: str
    ) -> None:
        killed(uri)
        driver.detach_volume("volume")
        driver.tidy()
        assert nothing_is_left(folder)

    def test_a_server_that_hangs_is_killed(
        self, driver: Files, folder: Path, uri: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(nbd._ENDS_WITHIN_S, signal.SIGTERM, 0.1)
        os.kill(server_of(uri), signal.SIGSTOP)
        driver.detach_volume("volume")
        assert servers(folder) == []

    def test_a_server_out_of_reach_is_unsure_and_no_second_one_is_started(
        self, driver: Files, folder: Path, uri: str
    ) -> None:
        server = server_of(uri)
        hidden = (folder / "exports" / "volume.sock").rename(folder / "hidden")
        for verb in (driver.attach_volume, driver.detach_volume, driver.delete_volume):
            with pytest.raises(Unsure, match="does not answer"):
                verb("volume")
        driver.tidy()
        assert servers(folder) == [server]
        hidden.rename(folder / "exports" / "volume.sock")
        driver.detach_volume("volume")
        assert servers(folder) == []

    def test_a_volume_that_is_lost_is_served_no_more_after_tidying(
        self, driver: Files, back_door: FilesBackDoor, folder: Path, uri: str
    ) -> None:
        back_door.path("volumes", "volume").unlink()
        driver.tidy()
        assert nothing_is_left(folder)

    def test_a_server_that_cannot_start_is_unsure_and_keeps_no_other_from_starting(
        self, driver: Files, back_door: FilesBackDoor, folder: Path, uri: str
    ) -> None:
        for broken in ("a-broken", "z-broken"):
            back_door.path("volumes", broken).mkdir()
            with pytest.raises(Unsure, match=r"qemu-nbd did not start: .*Is a directory"):
                driver.attach_volume(broken)
        killed(uri)
        with pytest.raises(Unsure, match="qemu-nbd did not start"):
            driver.tidy()
        assert answers(uri)

    def test_without_the_program_attaching_is_unsure(
        self, driver: Files, back_door: FilesBackDoor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written(driver, back_door)
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(Unsure, match="qemu-nbd cannot be run"):
            driver.attach_volume("volume")


class TestPowerCut:
    @pytest.fixture
    def fallible(self, tmp_path: Path) -> Iterator[Fallible]:
        with disk(tmp_path, "xfs") as place, exporting(tmp_path):
            fallible = Fallible(place, tmp_path / "image")
            fallible.driver = files_over_nbd(place / "storage")
            written(fallible.driver, fallible.back_door)
            run("sync", "-f", place)
            yield fallible

    @staticmethod
    def lose_power(fallible: Fallible, uri: str) -> None:
        fallible.lose_power()
        if answers(uri):
            killed(uri)
        fallible.mount_again()

    def test_what_is_attached_is_served_again_after_a_power_cut(self, fallible: Fallible, tmp_path: Path) -> None:
        fallible.driver.attach_volume("volume")
        uri = fallible.driver.connection("volume")
        self.lose_power(fallible, uri)
        fallible.driver.tidy()
        assert read(uri, tmp_path / "read") == content()

    def test_what_is_detached_is_not_served_after_a_power_cut_and_has_what_was_written(
        self, fallible: Fallible
    ) -> None:
        fallible.driver.attach_volume("volume")
        uri = fallible.driver.connection("volume")
        run("qemu-io", "-f", "raw", "-t", "unsafe", "-c", "write -P 0x55 1M 4k", uri)
        fallible.driver.detach_volume("volume")
        self.lose_power(fallible, uri)
        fallible.driver.tidy()
        assert not answers(uri)
        assert fallible.back_door.read_volume("volume")[MIB : MIB + 4096] == b"\x55" * 4096


class TestCutsWhileAClientWrites:
    """On XFS, where files share bytes."""

    @pytest.fixture
    def folder(self, xfs: Path) -> Iterator[Path]:
        folder = xfs / "storage"
        with exporting(folder):
            yield folder
        shutil.rmtree(folder)

    def test_a_snapshot_has_what_a_client_has_flushed(self, driver: Files, back_door: FilesBackDoor, uri: str) -> None:
        write(uri, "write -P 0x55 1M 1M")
        cut(driver)
        write(uri, "write -P 0x66 1M 1M")
        assert back_door.read_snapshot("snapshot")[MIB : 2 * MIB] == b"\x55" * MIB

    def test_every_snapshot_is_of_one_instant(self, driver: Files, back_door: FilesBackDoor, uri: str) -> None:
        """The client writes the same number first here, then there: no cut may have it there and not here."""
        write(uri, "write -P 1 0 64k", "write -P 1 2M 64k")
        stop = threading.Event()

        def feed(commands: IO[str]) -> None:
            numbers = itertools.cycle(range(1, 251))
            with suppress(BrokenPipeError), commands:
                while not stop.is_set():
                    number = next(numbers)
                    commands.write(f"write -q -P {number} 0 64k\nwrite -q -P {number} 2M 64k\n")

        command = ["qemu-io", "-f", "raw", uri]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as client:
            feeder = threading.Thread(target=feed, args=(client.stdin,))
            feeder.start()
            try:
                seen = set[int]()
                for snapshot in map(str, itertools.count()):  # until the client has written meanwhile, again and again
                    cut(driver, snapshot)
                    bytes_ = back_door.read_snapshot(snapshot)
                    (here,), (there,) = set(bytes_[: 64 << 10]), set(bytes_[2 * MIB : 2 * MIB + (64 << 10)])
                    assert (here - there) % 250 in (0, 1)
                    seen.add(here)
                    if len(seen) > 5:
                        break
            finally:
                stop.set()
                client.kill()
                feeder.join()
