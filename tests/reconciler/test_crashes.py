"""Never stuck, nothing lost: a worker dies at every instant of every work, and another one brings the row to rest."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.snapshot import Snapshot
from app.drivers.contract import Driver
from app.store.leases import Owed
from tests.reconciler.bench import GB, Bench
from tests.reconciler.deaths import Deaths
from tests.reconciler.engines import Copying, Sharing
from tests.reconciler.works import WORKS

RESTING = {
    "create volume": "AVAILABLE",
    "restore volume": "AVAILABLE",
    "attach volume": "IN_USE",
    "detach volume": "AVAILABLE",
    "extend volume": "AVAILABLE",
    "delete volume": None,
    "create snapshot": "AVAILABLE",
    "delete snapshot": None,
}


@pytest.fixture(params=[Copying, Sharing])
def engine(bench: Bench, request: pytest.FixtureRequest) -> None:
    """Both kinds of storage: with one that shares bytes, there is work left to do in the background."""
    driver: Callable[[Path], Driver] = request.param
    bench.over(driver(bench.folder))


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("name", WORKS)
def test_a_row_comes_to_rest_whenever_its_worker_dies(bench: Bench, deaths: Deaths, name: str) -> None:
    for row in deaths.of(WORKS[name].ask):
        found = bench.find(row)
        assert (found.status if found else None) == RESTING[name]
        if found:
            assert (found.owed_at is None, found.lease, found.attempts) == (True, None, 0) or is_looked_at_again(found)
        assert not any("ERROR" in line for line in bench.story(row))
        assert bench.findings() == [], "every row has its bytes, and all bytes have a row"
    assert deaths.deaths >= 1


def is_looked_at_again(row: Owed) -> bool:
    """Whether it only owes what a snapshot that shares bytes does all its life: to be measured now and then."""
    return isinstance(row, Snapshot) and row.shared and row.checksum is not None


@pytest.mark.usefixtures("engine")
def test_a_snapshot_has_the_bytes_of_its_volume_whenever_its_worker_dies(bench: Bench, deaths: Deaths) -> None:
    volume = bench.volume()
    for snapshot in deaths.of(lambda bench: bench.ask_snapshot(volume)):
        assert bench.content(snapshot) == bench.content(volume)
        assert bench.now(snapshot).checksum is not None


@pytest.mark.usefixtures("engine")
def test_a_restored_volume_has_the_bytes_of_its_snapshot_whenever_its_worker_dies(bench: Bench, deaths: Deaths) -> None:
    snapshot = bench.snapshot()
    for volume in deaths.of(lambda bench: bench.ask_restore(snapshot)):
        assert bench.content(volume) == bench.content(snapshot)
        assert not bench.now(volume).unproven


def test_an_extended_volume_has_its_bytes_and_zeros_behind_whenever_its_worker_dies(
    bench: Bench, deaths: Deaths
) -> None:
    twin = bench.volume()
    bench.driver.extend_volume(twin.id, 25 * GB)
    for volume in deaths.of(lambda bench: bench.ask_extend(bench.volume())):
        assert bench.content(volume) == bench.content(twin)


def test_what_a_server_wrote_is_there_whenever_the_worker_that_detaches_dies(bench: Bench, deaths: Deaths) -> None:
    volume = bench.attached()
    bench.write(volume, b"written by the server", at=3 * GB)
    written = bench.content(volume)
    for _ in deaths.of(lambda bench: bench.ask_detach(volume)):
        assert bench.content(volume) == written
        bench.ask_attach(volume)
        bench.work()


@pytest.mark.usefixtures("engine")
def test_deleting_a_snapshot_does_no_harm_to_what_was_restored_from_it_whenever_the_worker_dies(
    bench: Bench, deaths: Deaths
) -> None:
    original = bench.volume()
    restored = bench.ask_restore(bench.snapshot(original))
    bench.work()
    for _ in deaths.of(lambda bench: bench.ask_delete(bench.snapshot(original))):
        assert bench.content(restored) == bench.content(original)
