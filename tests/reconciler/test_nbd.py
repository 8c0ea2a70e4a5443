"""No server is left over a volume that is given up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.volume import Volume
from app.drivers.faults import Hold
from tests.drivers.conftest import disk
from tests.drivers.nbd import exporting, files_over_nbd, read, servers, short_folder
from tests.reconciler.bench import GB, Bench, Moment, reached


@pytest.fixture
def exports(bench: Bench) -> Iterator[Bench]:
    """Volumes that are attached over NBD, on a file system that shares bytes."""
    with short_folder() as folder, disk(folder, "xfs") as place, exporting(place):
        bench.folder = place / "s"
        bench.over(files_over_nbd(bench.folder))
        yield bench


def mend(bench: Bench) -> None:
    for finding in bench.findings():
        finding.do()


def attached(bench: Bench) -> Volume:
    volume = bench.attached()
    assert len(servers(bench.folder)) == 1
    return volume


def test_a_volume_that_is_not_what_it_was_restored_from_is_served_no_more(exports: Bench) -> None:
    snapshot = exports.snapshot()
    exports.write(snapshot, b"rotten", at=GB)
    volume = exports.ask_restore(snapshot)
    assert exports.reconciler().work_once()
    exports.ask_attach(volume)
    assert exports.reconciler().work_once()
    assert len(servers(exports.folder)) == 1
    exports.work()
    assert exports.now(volume).status == "ERROR"
    assert servers(exports.folder) == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_a_late_worker_attaches_though_it_was_detached_meanwhile_is_served_no_more(
    exports: Bench, moment: Moment
) -> None:
    volume = exports.ask_attach(exports.volume())
    exports.over(exports.driver)
    exports.at(moment, "attach_volume", late := Hold())
    with exports.aside():
        reached(late.reached)
        exports.time_passes()
        exports.work()
        exports.ask_detach(exports.now(volume))
        exports.work()
        late.released.set()
    assert exports.now(volume).status == "AVAILABLE"
    assert servers(exports.folder) == []


def test_what_a_late_worker_detaches_though_it_was_attached_anew_is_served(exports: Bench) -> None:
    volume = exports.ask_detach(attached(exports))
    exports.over(exports.driver)
    exports.at("before", "detach_volume", late := Hold())
    with exports.aside():
        reached(late.reached)
        exports.time_passes()
        exports.work()
        exports.ask_attach(exports.now(volume))
        exports.work()
        late.released.set()
    assert exports.now(volume).status == "IN_USE"
    assert len(servers(exports.folder)) == 1


def test_a_volume_that_the_doctor_finds_cut_short_is_served_no_more(exports: Bench) -> None:
    volume = attached(exports)
    with exports.path(volume).open("r+b") as file:
        file.truncate(5 * GB)
    mend(exports)
    assert exports.now(volume).status == "UNMANAGED"
    assert servers(exports.folder) == []


def test_a_volume_whose_bytes_came_back_is_not_served_by_who_has_the_old_ones_open(
    exports: Bench, tmp_path: Path
) -> None:
    volume = attached(exports)
    path = exports.path(volume)
    path.unlink()
    exports.ask_snapshot(volume)
    exports.work()
    assert exports.now(volume).status == "UNMANAGED"
    with path.open("wb") as file:
        file.write(b"from a backup")
        file.truncate(10 * GB)
    mend(exports)
    assert exports.now(volume).status == "AVAILABLE"
    exports.ask_attach(volume)
    exports.work()
    connection = exports.now(volume).connection
    assert connection is not None
    assert read(connection, tmp_path / "read", size=512).startswith(b"from a backup")


def test_a_volume_that_is_deleted_after_it_was_lost_is_served_no_more(exports: Bench) -> None:
    volume = attached(exports)
    exports.path(volume).unlink()
    for _ in range(2):
        mend(exports)
    assert exports.now(volume).status == "ERROR"
    exports.ask_delete(volume)
    exports.work()
    assert exports.find(volume) is None
    assert servers(exports.folder) == []
