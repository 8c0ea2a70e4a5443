"""What holds for every driver when its work is interrupted: by a report, by others at the same time, by death."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import count
from typing import Literal

import pytest

from app.drivers.contract import Cut, Driver, Inventory

from .contract import SIZE, BackDoor, checksum_of, content, cut, ignore, written

Moment = Literal["before", "after"]


class Crash(BaseException):
    """The process is dead: nothing that it calls has any effect after this."""


Dying = Callable[[int, Moment], AbstractContextManager[None]]
"""Within it, the nth call that changes the storage raises Crash, before or after its effect, and so do all later."""


class InterruptionContract:
    """Goes with `DriverContract`, and takes its fixtures and this one."""

    @pytest.fixture
    def dying(self) -> Dying:
        raise NotImplementedError

    # By a report

    @pytest.mark.parametrize("raised", [RuntimeError("stop"), OSError(28, "of the report"), Crash()], ids=repr)
    @pytest.mark.parametrize("verb", ["cut", "restore", "checksum"])
    def test_a_report_that_raises_ends_the_work_and_leaves_nothing(
        self, driver: Driver, back_door: BackDoor, verb: str, raised: BaseException
    ) -> None:
        cut(driver, volume=written(driver, back_door))
        told: list[int] = []

        def stop(percent: int) -> None:
            told.append(percent)
            raise raised

        verbs: dict[str, Callable[[], object]] = {
            "cut": lambda: driver.create_snapshot("other", "volume", SIZE, stop),
            "restore": lambda: driver.restore_volume("restored", "snapshot", SIZE, stop),
            "checksum": lambda: driver.checksum_snapshot("snapshot", stop),
        }
        try:
            verbs[verb]()
        except BaseException as passed:  # noqa: BLE001 - a Crash is one
            assert passed is raised  # noqa: PT017 - whoever moves no bytes tells nothing, and nothing passes
            assert driver.inventory() == Inventory({"volume": SIZE}, {"snapshot": SIZE})
            assert back_door.strays() == []
            assert len(told) == 1
        else:
            assert not told

    # By others at the same time

    def test_two_who_cut_at_once_agree(self, reopen: Callable[[], Driver], driver: Driver, back_door: BackDoor) -> None:
        written(driver, back_door)
        with ThreadPoolExecutor(4) as pool:
            cuts = list(pool.map(cut, [reopen() for _ in range(4)]))
        told = driver.checksum_snapshot("snapshot", ignore)
        assert {cut.checksum for cut in cuts} <= {None, told}
        assert back_door.read_snapshot("snapshot") == content()
        assert back_door.strays() == []

    def test_who_cuts_second_tells_no_checksum_of_bytes_thrown_away(
        self, reopen: Callable[[], Driver], driver: Driver, back_door: BackDoor
    ) -> None:
        """Else a late worker's checksum, of another instant, would condemn a good snapshot."""
        written(driver, back_door)

        first: list[Cut] = []

        def overtaken(percent: int) -> None:
            if not first:
                back_door.write("volume", SIZE // 2, b"changed meanwhile")
                first.append(cut(reopen()))

        second = driver.create_snapshot("snapshot", "volume", SIZE, overtaken)
        kept = driver.checksum_snapshot("snapshot", ignore)
        assert {told.checksum for told in (*first, second)} <= {None, kept}

    def test_who_restores_second_tells_the_checksum_of_the_volume_that_stays(
        self, reopen: Callable[[], Driver], driver: Driver, back_door: BackDoor
    ) -> None:
        cut(driver, volume=written(driver, back_door))
        first: list[str | None] = []

        def overtaken(percent: int) -> None:
            if not first:
                first.append(reopen().restore_volume("restored", "snapshot", SIZE, ignore))
                back_door.write("restored", SIZE // 2, b"damaged")

        second = driver.restore_volume("restored", "snapshot", SIZE, overtaken)
        assert second in (None, checksum_of(driver, "restored"))

    def test_tidying_takes_nothing_from_a_living_worker(
        self, reopen: Callable[[], Driver], driver: Driver, back_door: BackDoor
    ) -> None:
        written(driver, back_door)
        driver.create_snapshot("snapshot", "volume", SIZE, lambda _: reopen().tidy())
        driver.restore_volume("restored", "snapshot", SIZE, lambda _: reopen().tidy())
        assert back_door.read_snapshot("snapshot") == back_door.read_volume("restored") == content()

    # By death

    @pytest.fixture(params=["before", "after"])
    def crashes(
        self, request: pytest.FixtureRequest, dying: Dying, reopen: Callable[[], Driver], back_door: BackDoor
    ) -> Iterator["Crashes"]:
        crashes = Crashes(dying, request.param, reopen, back_door)
        yield crashes
        assert crashes.steps, "the verb has steps to die at"
        assert back_door.strays() == []

    def test_creating_a_volume_survives_a_crash_at_any_step(self, crashes: "Crashes", driver: Driver) -> None:
        for volume in crashes.at_each_step(lambda driver, volume: driver.create_volume(volume, SIZE)):
            assert driver.inventory().volumes[volume] == SIZE

    def test_a_snapshot_survives_a_crash_at_any_step(
        self, crashes: "Crashes", driver: Driver, back_door: BackDoor
    ) -> None:
        written(driver, back_door)
        for snapshot in crashes.at_each_step(cut):
            assert back_door.read_snapshot(snapshot) == content()

    def test_restoring_survives_a_crash_at_any_step(
        self, crashes: "Crashes", driver: Driver, back_door: BackDoor
    ) -> None:
        cut(driver, volume=written(driver, back_door))
        for volume in crashes.at_each_step(lambda driver, it: driver.restore_volume(it, "snapshot", SIZE, ignore)):
            assert back_door.read_volume(volume) == content()

    def test_extending_survives_a_crash_at_any_step(
        self, crashes: "Crashes", driver: Driver, back_door: BackDoor
    ) -> None:
        for handle in crashes.handles:
            written(driver, back_door, handle)
        for volume in crashes.at_each_step(lambda driver, volume: driver.extend_volume(volume, SIZE * 2)):
            assert back_door.read_volume(volume) == content() + bytes(SIZE)

    def test_deleting_a_volume_survives_a_crash_at_any_step(
        self, crashes: "Crashes", driver: Driver, back_door: BackDoor
    ) -> None:
        for handle in crashes.handles:
            written(driver, back_door, handle)
        for volume in crashes.at_each_step(lambda driver, volume: driver.delete_volume(volume)):
            assert volume not in driver.inventory().volumes

    def test_deleting_a_snapshot_survives_a_crash_at_any_step(
        self, crashes: "Crashes", driver: Driver, back_door: BackDoor
    ) -> None:
        written(driver, back_door)
        for handle in crashes.handles:
            cut(driver, handle)
        for snapshot in crashes.at_each_step(lambda driver, snapshot: driver.delete_snapshot(snapshot)):
            assert snapshot not in driver.inventory().snapshots
        assert back_door.read_volume("volume") == content()


class Crashes:
    """Lets a verb die at its first step, at its second … each time on another handle, and calls it again."""

    handles = tuple(f"handle-{step}" for step in range(1, 12))

    def __init__(self, dying: Dying, moment: Moment, reopen: Callable[[], Driver], back_door: BackDoor) -> None:
        self._dying, self._moment, self._reopen, self._back_door = dying, moment, reopen, back_door
        self.steps = 0

    def at_each_step(self, verb: Callable[[Driver, str], object]) -> Iterator[str]:
        """Yield the handle of each verb that died and was called again; ends when there is no step left to die at."""
        for self.steps in count():
            handle = f"handle-{self.steps + 1}"
            if not self._dies(verb, handle):
                return
            successor = self._reopen()
            self._all_is_whole(successor)
            successor.tidy()
            self._all_is_whole(successor)
            assert self._back_door.strays() == []
            verb(successor, handle)
            successor.tidy()
            yield handle

    def _dies(self, verb: Callable[[Driver, str], object], handle: str) -> bool:
        driver = self._reopen()
        try:
            with self._dying(self.steps + 1, self._moment):
                verb(driver, handle)
        except Crash:
            return True
        driver.tidy()
        return False

    def _all_is_whole(self, driver: Driver) -> None:
        """What is seen under a final name is as a verb that returned leaves it."""
        seen = driver.inventory()
        for volume, size in seen.volumes.items():
            assert self._back_door.read_volume(volume) in (content(size), bytes(size))
        for snapshot in seen.snapshots:
            assert self._back_door.read_snapshot(snapshot) == content()
