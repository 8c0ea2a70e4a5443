"""Torture: whatever strikes, and whenever, nothing that was promised is broken."""

import random
import time
from pathlib import Path

import pytest

from tests.drivers.conftest import disk
from tests.torture.house import House
from tests.torture.machine import torture
from tests.torture.run import Tally
from tests.torture.storage import Disk

SEEDS = [62, 72]  # between them they strike with every fault
STEPS = 20


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_whatever_strikes(house: House, seed: int) -> None:
    torture(house, seed, Tally(), steps=STEPS)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_nothing_is_lost_for_as_long_as_wished(house: House, pytestconfig: pytest.Config) -> None:
    """One run after the other; `--hypothesis-seed` is the seed of the first."""
    tally, until = Tally(), time.monotonic() + 60 * pytestconfig.getoption("minutes")
    first = int(pytestconfig.getoption("hypothesis_seed") or random.randrange(10**9))
    while time.monotonic() < until:
        torture(house, first + tally.runs, tally, steps=STEPS)
        pytestconfig.get_terminal_writer().line(f"{tally}")


@pytest.mark.parametrize("ill", ["disk full", "folder read-only"])
def test_this_ill_can_be_given_to_a_disk_here(tmp_path: Path, ill: str) -> None:
    """Where it cannot, this is skipped, and the houses are spared it."""
    with disk(tmp_path, "ext4") as place:
        for name in ("volumes", "snapshots", "trash"):
            (place / "storage" / name).mkdir(parents=True)
        file = place / "storage" / "volumes" / "file"
        with Disk(place, ills=True).ills[ill](0), pytest.raises(OSError, match=r"No space left|not permitted"):
            file.write_bytes(bytes(2**20))
        file.write_bytes(bytes(2**20))
