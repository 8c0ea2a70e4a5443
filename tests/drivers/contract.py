"""What holds for every driver. Its own test is a subclass of this and of `interruptions`, and says how to reach it."""

from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

import pytest

from app.drivers.contract import Cut, Driver, Inventory, Missing

OWNER = "this-installation"
MIB = 1 << 20
SIZE = 4 * MIB
SPOTS = [(0, b"boot" * 1024), (3 * MIB - 4096, b"over the edge of a piece" * 1024), (SIZE - 512, b"\xff" * 512)]
"""What `written` puts into a volume: at its start, somewhere inside, at its very end."""


class BackDoor(Protocol):
    """Reaches the bytes without the driver, as a server and an operator do."""

    def write(self, volume: str, offset: int, data: bytes) -> None: ...

    def read_volume(self, volume: str) -> bytes: ...

    def read_snapshot(self, snapshot: str) -> bytes: ...

    def strays(self) -> list[str]:
        """Name all that takes space and is neither a finished volume nor a finished snapshot."""


def ignore(percent: int) -> None:
    """A report that nobody reads."""


def content(size: int = SIZE) -> bytes:
    """What a volume holds that `written` made."""
    whole = bytearray(size)
    for offset, data in SPOTS:
        whole[offset : offset + len(data)] = data
    return bytes(whole)


def written(driver: Driver, back_door: BackDoor, volume: str = "volume") -> str:
    """Make a volume with something in it."""
    driver.create_volume(volume, SIZE)
    for offset, data in SPOTS:
        back_door.write(volume, offset, data)
    return volume


def cut(driver: Driver, snapshot: str = "snapshot", volume: str = "volume", size: int = SIZE) -> Cut:
    return driver.create_snapshot(snapshot, volume, size, ignore)


def checksum_of(driver: Driver, volume: str, size: int = SIZE) -> str:
    """Checksum a volume's bytes, by way of a snapshot of it."""
    driver.create_snapshot(f"of-{volume}", volume, size, ignore)
    return driver.checksum_snapshot(f"of-{volume}", ignore)


class DriverContract:
    """Subclass it as `Test…` and give these fixtures."""

    @pytest.fixture
    def reopen(self) -> Callable[[], Driver]:
        """A driver over the same storage, as another process or the next one would open it."""
        raise NotImplementedError

    @pytest.fixture
    def driver(self, reopen: Callable[[], Driver]) -> Driver:
        return reopen()

    @pytest.fixture
    def back_door(self) -> BackDoor:
        raise NotImplementedError

    @pytest.fixture
    def bytes_read(self) -> Callable[[], int]:
        """Counts what this process has read so far, from anywhere."""
        raise NotImplementedError

    # Volumes

    def test_a_new_volume_is_zeros_of_its_size(self, driver: Driver, back_door: BackDoor) -> None:
        driver.create_volume("volume", SIZE)
        assert back_door.read_volume("volume") == bytes(SIZE)

    def test_creating_a_volume_again_keeps_what_was_written(self, driver: Driver, back_door: BackDoor) -> None:
        written(driver, back_door)
        driver.create_volume("volume", SIZE)
        assert back_door.read_volume("volume") == content()

    def test_an_extended_volume_keeps_its_bytes_and_gains_zeros(self, driver: Driver, back_door: BackDoor) -> None:
        driver.extend_volume(written(driver, back_door), SIZE + 4 * MIB)
        assert back_door.read_volume("volume") == content() + bytes(4 * MIB)

    def test_extending_again_changes_nothing(self, driver: Driver, back_door: BackDoor) -> None:
        driver.extend_volume(written(driver, back_door), SIZE + 4 * MIB)
        driver.extend_volume("volume", SIZE + 4 * MIB)
        assert back_door.read_volume("volume") == content() + bytes(4 * MIB)

    def test_extending_never_shrinks(self, driver: Driver, back_door: BackDoor) -> None:
        driver.extend_volume(written(driver, back_door), SIZE // 2)
        assert back_door.read_volume("volume") == content()

    def test_extending_an_absent_volume_is_missing(self, driver: Driver) -> None:
        with pytest.raises(Missing):
            driver.extend_volume("volume", SIZE)
        assert driver.inventory().volumes == {}

    def test_a_volume_is_attached_and_detached_any_number_of_times(self, driver: Driver, back_door: BackDoor) -> None:
        written(driver, back_door)
        for verb in (driver.attach_volume, driver.attach_volume, driver.detach_volume, driver.detach_volume):
            verb("volume")
        assert back_door.read_volume("volume") == content()

    def test_attaching_an_absent_volume_is_missing(self, driver: Driver) -> None:
        with pytest.raises(Missing):
            driver.attach_volume("volume")

    def test_an_absent_volume_is_detached(self, driver: Driver) -> None:
        driver.detach_volume("volume")
        assert driver.inventory().volumes == {}

    def test_a_deleted_volume_is_gone(self, driver: Driver, back_door: BackDoor) -> None:
        driver.delete_volume(written(driver, back_door))
        assert driver.inventory().volumes == {}
        with pytest.raises(Missing):
            driver.attach_volume("volume")

    def test_an_absent_volume_is_deleted(self, driver: Driver, back_door: BackDoor) -> None:
        driver.delete_volume("volume")
        driver.delete_volume(written(driver, back_door))
        driver.delete_volume("volume")
        assert driver.inventory().volumes == {}

    def test_deleting_takes_no_other_volume_along(self, driver: Driver, back_door: BackDoor) -> None:
        written(driver, back_door, "kept")
        driver.delete_volume(written(driver, back_door, "kep"))
        driver.tidy()
        assert back_door.read_volume("kept") == content()

    def test_a_connection_is_a_matter_of_names(self, driver: Driver) -> None:
        connections = {driver.connection(volume) for volume in ("a", "b", "a")}
        assert len(connections) == 2
        assert all(urlsplit(connection).scheme for connection in connections)
        assert driver.inventory().volumes == {}

    # Snapshots

    def test_a_snapshot_equals_its_volume(self, driver: Driver, back_door: BackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        assert back_door.read_snapshot("snapshot") == content()
        assert back_door.read_volume("volume") == content()

    @pytest.mark.parametrize("fate", ["overwritten", "extended", "deleted", "deleted and tidied"])
    def test_a_snapshot_keeps_its_bytes(self, driver: Driver, back_door: BackDoor, fate: str) -> None:
        cut(driver, volume=written(driver, back_door))
        if fate == "overwritten":
            back_door.write("volume", 0, b"\x55" * SIZE)
        elif fate == "extended":
            driver.extend_volume("volume", SIZE * 2)
        else:
            driver.delete_volume("volume")
        if fate == "deleted and tidied":
            driver.tidy()
        assert back_door.read_snapshot("snapshot") == content()

    def test_a_snapshot_has_the_first_bytes_of_a_volume_that_grew(self, driver: Driver, back_door: BackDoor) -> None:
        driver.extend_volume(written(driver, back_door), SIZE * 2)
        back_door.write("volume", SIZE - 512, b"\xff" * 4096)
        cut(driver, size=SIZE)
        assert back_door.read_snapshot("snapshot") == content()
        assert driver.inventory().snapshots == {"snapshot": SIZE}

    def test_a_volume_of_zeros_has_a_snapshot_of_zeros(self, driver: Driver, back_door: BackDoor) -> None:
        driver.create_volume("volume", SIZE)
        cut(driver)
        assert back_door.read_snapshot("snapshot") == bytes(SIZE)

    def test_a_snapshot_of_an_absent_volume_is_missing(self, driver: Driver) -> None:
        with pytest.raises(Missing):
            cut(driver)
        assert driver.inventory().snapshots == {}

    def test_cutting_again_keeps_the_first_bytes(self, driver: Driver, back_door: BackDoor) -> None:
        first = cut(driver, volume=written(driver, back_door))
        back_door.write("volume", 0, b"later")
        again = cut(driver)
        assert back_door.read_snapshot("snapshot") == content()
        assert again.instant == first.instant
        assert again.checksum in (None, driver.checksum_snapshot("snapshot", ignore))

    def test_cutting_again_needs_no_volume(self, driver: Driver, back_door: BackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        driver.delete_volume("volume")
        cut(driver)
        assert back_door.read_snapshot("snapshot") == content()

    def test_a_deleted_snapshot_is_gone(self, driver: Driver, back_door: BackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        driver.delete_snapshot("snapshot")
        assert driver.inventory().snapshots == {}
        assert back_door.read_volume("volume") == content()

    def test_an_absent_snapshot_is_deleted(self, driver: Driver, back_door: BackDoor) -> None:
        driver.delete_snapshot("snapshot")
        cut(driver, volume=written(driver, back_door))
        driver.delete_snapshot("snapshot")
        driver.delete_snapshot("snapshot")
        assert driver.inventory().snapshots == {}

    def test_an_absent_snapshot_has_no_checksum_and_no_bytes(self, driver: Driver) -> None:
        with pytest.raises(Missing):
            driver.checksum_snapshot("snapshot", ignore)
        with pytest.raises(Missing):
            driver.used_bytes("snapshot")

    def test_a_snapshot_holds_alone_what_its_volume_has_no_more(self, driver: Driver, back_door: BackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        back_door.write("volume", 0, b"\x55" * SIZE)
        driver.detach_volume("volume")
        used = driver.used_bytes("snapshot")
        assert used is None or sum(len(data) for _, data in SPOTS) <= used < SIZE

    # Restoring

    def test_a_restored_volume_equals_the_snapshot(self, driver: Driver, back_door: BackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        back_door.write("volume", 0, b"later")
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        assert back_door.read_volume("restored") == content()

    def test_a_restored_volume_goes_its_own_way(self, driver: Driver, back_door: BackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        back_door.write("restored", 0, b"restored")
        back_door.write("volume", 0, b"original")
        assert back_door.read_snapshot("snapshot") == content()
        assert back_door.read_volume("restored")[:8] == b"restored"
        assert back_door.read_volume("volume")[:8] == b"original"

    def test_a_restored_volume_outlives_all_that_it_came_from(self, driver: Driver, back_door: BackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        driver.delete_volume("volume")
        driver.delete_snapshot("snapshot")
        driver.tidy()
        assert back_door.read_volume("restored") == content()
        assert driver.inventory() == Inventory({"restored": SIZE}, {})

    def test_a_snapshot_outlives_what_was_restored_from_it(self, driver: Driver, back_door: BackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        driver.delete_volume("restored")
        driver.tidy()
        assert back_door.read_snapshot("snapshot") == content()

    def test_restoring_again_keeps_what_was_written(self, driver: Driver, back_door: BackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        back_door.write("restored", 0, b"newer")
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        assert back_door.read_volume("restored")[:5] == b"newer"

    def test_restoring_again_needs_no_snapshot(self, driver: Driver, back_door: BackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        driver.delete_snapshot("snapshot")
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        assert back_door.read_volume("restored") == content()

    def test_restoring_an_absent_snapshot_is_missing(self, driver: Driver) -> None:
        with pytest.raises(Missing):
            driver.restore_volume("restored", "snapshot", SIZE, ignore)
        assert driver.inventory().volumes == {}

    def test_a_flattened_volume_keeps_its_bytes(self, driver: Driver, back_door: BackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        back_door.write("restored", MIB, b"newer")
        cut(driver, "of-restored", "restored")
        before = back_door.read_volume("restored")
        for _ in range(2):
            driver.flatten_volume("restored", ignore)
        assert back_door.read_volume("restored") == back_door.read_snapshot("of-restored") == before
        assert before[MIB:].startswith(b"newer")

    def test_a_volume_that_shares_with_none_is_flat(self, driver: Driver, back_door: BackDoor) -> None:
        driver.flatten_volume(written(driver, back_door), ignore)
        assert back_door.read_volume("volume") == content()

    def test_flattening_an_absent_volume_is_missing(self, driver: Driver) -> None:
        with pytest.raises(Missing):
            driver.flatten_volume("volume", ignore)

    # Checksums

    def test_copying_tells_the_checksum_that_hashing_tells(self, driver: Driver, back_door: BackDoor) -> None:
        told = cut(driver, volume=written(driver, back_door)).checksum
        hashed = driver.checksum_snapshot("snapshot", ignore)
        assert told in (None, hashed)
        for _ in range(2):  # the second finds the volume made
            assert driver.restore_volume("restored", "snapshot", SIZE, ignore) in (None, hashed)

    def test_a_restored_volume_has_the_checksum_of_its_snapshot(self, driver: Driver, back_door: BackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        assert checksum_of(driver, "restored") == driver.checksum_snapshot("snapshot", ignore)

    def test_holes_and_zeros_have_one_checksum(self, driver: Driver, back_door: BackDoor) -> None:
        written(driver, back_door, "holes")
        driver.create_volume("zeros", SIZE)
        back_door.write("zeros", 0, content())
        assert checksum_of(driver, "holes") == checksum_of(driver, "zeros")

    def test_overwriting_with_zeros_gives_the_checksum_of_nothing(self, driver: Driver, back_door: BackDoor) -> None:
        driver.create_volume("nothing", SIZE)
        back_door.write(written(driver, back_door), 0, bytes(SIZE))
        assert checksum_of(driver, "nothing") == checksum_of(driver, "volume")

    @pytest.mark.parametrize("offset", [0, 1, 4096, MIB, SIZE // 2, SIZE - 513, SIZE - 1])
    def test_one_other_byte_is_another_checksum(self, driver: Driver, back_door: BackDoor, offset: int) -> None:
        written(driver, back_door, "one")
        back_door.write(written(driver, back_door, "other"), offset, b"\x01")
        assert checksum_of(driver, "one") != checksum_of(driver, "other")

    def test_the_same_bytes_elsewhere_are_another_checksum(self, driver: Driver, back_door: BackDoor) -> None:
        for volume, offset in (("here", 0), ("there", 4096), ("far", 2 * MIB)):
            driver.create_volume(volume, SIZE)
            back_door.write(volume, offset, b"\x07" * 4096)
        assert len({checksum_of(driver, volume) for volume in ("here", "there", "far")}) == 3

    def test_zeros_of_another_size_are_another_checksum(self, driver: Driver) -> None:
        driver.create_volume("small", SIZE)
        driver.create_volume("large", SIZE * 2)
        assert checksum_of(driver, "small") != checksum_of(driver, "large", SIZE * 2)

    def test_an_empty_volume_of_1000_gb_costs_no_reading(self, driver: Driver, bytes_read: Callable[[], int]) -> None:
        size = 1000 << 30
        driver.create_volume("volume", size)
        start = bytes_read()
        cut(driver, size=size)
        driver.checksum_snapshot("snapshot", ignore)
        driver.restore_volume("restored", "snapshot", size, ignore)
        assert bytes_read() - start < MIB
        assert driver.inventory() == Inventory({"volume": size, "restored": size}, {"snapshot": size})

    # Reports

    def test_a_report_is_told_a_growing_percentage(self, driver: Driver, back_door: BackDoor) -> None:
        told: dict[str, list[int]] = {"cut": [], "checksum": [], "restore": [], "flatten": []}
        written(driver, back_door)
        driver.create_snapshot("snapshot", "volume", SIZE, told["cut"].append)
        driver.checksum_snapshot("snapshot", told["checksum"].append)
        driver.restore_volume("restored", "snapshot", SIZE, told["restore"].append)
        driver.flatten_volume("restored", told["flatten"].append)
        assert told["checksum"]
        for percents in told.values():
            assert percents == sorted(percents)
            assert all(0 <= percent <= 100 for percent in percents)

    # What is there

    def test_the_inventory_shows_what_is_there(self, driver: Driver, back_door: BackDoor) -> None:
        assert driver.inventory() == Inventory({}, {})
        cut(driver, volume=written(driver, back_door))
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        driver.extend_volume("restored", SIZE * 2)
        driver.create_volume("deleted", SIZE)
        driver.delete_volume("deleted")
        assert driver.inventory() == Inventory({"volume": SIZE, "restored": SIZE * 2}, {"snapshot": SIZE})

    def test_tidying_takes_the_deleted_and_nothing_else(self, driver: Driver, back_door: BackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        cut(driver, "deleted")
        driver.delete_snapshot("deleted")
        driver.delete_volume(written(driver, back_door, "deleted"))
        for _ in range(2):
            driver.tidy()
        assert back_door.strays() == []
        assert back_door.read_volume("volume") == back_door.read_snapshot("snapshot") == content()

    def test_another_process_finds_all(self, driver: Driver, back_door: BackDoor, reopen: Callable[[], Driver]) -> None:
        first = cut(driver, volume=written(driver, back_door))
        other = reopen()
        assert other.inventory() == driver.inventory()
        assert cut(other).instant == first.instant
        assert other.connection("volume") == driver.connection("volume")
