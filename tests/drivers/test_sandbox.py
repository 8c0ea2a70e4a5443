"""The sandbox does what it is told at the call it is told, and is else the driver that it wraps."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.drivers.contract import Died, Driver, Refused, Unsure
from app.drivers.faults import Hold
from app.drivers.files import Files
from app.drivers.sandbox import Sandbox

from .contract import OWNER
from .test_files import FilesContract

SIZE = 1 << 20


class TestLeftAlone(FilesContract):
    """It keeps the contract of the driver that it wraps."""

    @pytest.fixture
    def reopen(self, folder: Path) -> Callable[[], Driver]:
        return lambda: Sandbox(Files(folder, OWNER))


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox(Files(tmp_path / "storage", OWNER))


def test_before_a_call_it_fails_and_nothing_is_done(sandbox: Sandbox) -> None:
    sandbox.on("create_volume", call=2, before=Unsure("timed out"))
    sandbox.create_volume("first", SIZE)
    with pytest.raises(Unsure, match="timed out"):
        sandbox.create_volume("second", SIZE)
    sandbox.create_volume("third", SIZE)
    assert set(sandbox.inventory().volumes) == {"first", "third"}


def test_after_a_call_it_dies_and_all_is_done(sandbox: Sandbox) -> None:
    sandbox.on("*", call=2, after=Died())
    sandbox.tidy()
    with pytest.raises(Died):
        sandbox.create_volume("volume", SIZE)
    assert set(sandbox.inventory().volumes) == {"volume"}
    assert sandbox.calls == ["tidy", "create_volume", "inventory"]


def test_it_holds_a_call_until_it_is_released(sandbox: Sandbox) -> None:
    hold = Hold()
    sandbox.on("create_volume", before=hold)
    with ThreadPoolExecutor(1) as pool:
        creation = pool.submit(sandbox.create_volume, "volume", SIZE)
        hold.reached.wait()
        assert sandbox.inventory().volumes == {}
        hold.released.set()
        creation.result()
    assert set(sandbox.inventory().volumes) == {"volume"}


def test_it_asks_whose_an_object_is_at_each_call_that_changes_it(tmp_path: Path) -> None:
    names = iter(["fail-create-1", "renamed"])
    sandbox = Sandbox(Files(tmp_path / "storage", OWNER), whose=lambda _: ("acme", next(names)))
    with pytest.raises(Refused):
        sandbox.create_volume("volume", SIZE)
    sandbox.create_volume("volume", SIZE)
    sandbox.connection("volume")
    assert set(sandbox.inventory().volumes) == {"volume"}


def test_a_volume_is_lost_whatever_is_planned(sandbox: Sandbox) -> None:
    sandbox.create_volume("volume", SIZE)
    sandbox.on("*", call=2, before=Unsure("timed out"))
    sandbox.lose_volume("volume")
    with pytest.raises(Unsure):
        sandbox.inventory()
    assert sandbox.inventory().volumes == {}


def test_what_is_raised_again_and_again_keeps_no_trace_of_before(sandbox: Sandbox) -> None:
    error = Unsure("timed out")
    sandbox.on("check", before=error)
    with pytest.raises(Unsure):
        sandbox.check()
    assert error.__traceback__ is None
