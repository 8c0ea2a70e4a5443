"""The doctor: compares rows and bytes, both ways; says what is amiss, and mends it if told to."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.volume import Volume
from app.drivers.contract import Refused, Unsure
from app.drivers.faults import Hold
from app.reconciler.doctor import Doctor
from app.reconciler.steps import GB, proof_of
from app.store.leases import Owed, Reach
from tests.reconciler.bench import WAIT_S, Bench, Moment, Row, reached
from tests.reconciler.engines import Sharing
from tests.reconciler.works import WORKS

NO = Refused("the storage said no")


def lost(bench: Bench, row: Row) -> Row:
    """A row at rest whose bytes are gone."""
    bench.path(row).unlink()
    return bench.now(row)


def cut_short(bench: Bench, row: Row) -> Row:
    """A row at rest that has too few bytes."""
    bench.path(row).chmod(0o644)
    with bench.path(row).open("r+b") as file:
        file.truncate(5 * GB)
    return bench.now(row)


def unmanaged(bench: Bench) -> Volume:
    """A volume of which the storage once said that it does not know it."""
    volume = bench.volume()
    hidden = bench.path(volume).rename(bench.folder / "hidden")
    bench.ask_attach(volume)
    bench.work()
    assert bench.now(volume).status == "UNMANAGED"
    hidden.rename(bench.path(volume))
    return bench.now(volume)


def undeletable(bench: Bench, row: Row) -> Row:
    """A row whose deletion failed."""
    row = bench.ask_delete(row)
    bench.over(bench.driver)
    bench.storage.on("delete_volume", before=NO)
    bench.storage.on("delete_snapshot", before=NO)
    bench.work()
    return bench.now(row)


AMISS: dict[str, tuple[Callable[[Bench], Owed], str | None]] = {
    "a volume without its bytes": (lambda bench: lost(bench, bench.volume()), "UNMANAGED"),
    "a volume in use without its bytes": (lambda bench: lost(bench, bench.attached()), "UNMANAGED"),
    "a volume with too few bytes": (lambda bench: cut_short(bench, bench.volume()), "UNMANAGED"),
    "a snapshot without its bytes": (lambda bench: lost(bench, bench.snapshot()), "ERROR"),
    "a snapshot with too few bytes": (lambda bench: cut_short(bench, bench.snapshot()), "ERROR"),
    "unmanaged, and the bytes are there": (unmanaged, "AVAILABLE"),
    "unmanaged, and they are not": (lambda bench: lost(bench, unmanaged(bench)), "ERROR"),
    "a volume that could not be deleted": (lambda bench: undeletable(bench, bench.volume()), None),
}
"""What is amiss, and the status once it is mended and the reconciler has done what is then owed."""


@pytest.fixture(params=AMISS)
def amiss(bench: Bench, request: pytest.FixtureRequest) -> tuple[Owed, str | None]:
    make, after = AMISS[request.param]
    return make(bench), after


def test_it_says_what_is_amiss_and_changes_nothing(bench: Bench, amiss: tuple[Owed, str | None]) -> None:
    row, _ = amiss
    files = bench.files()
    (finding,) = bench.findings()
    assert (finding.id, finding.tenant_id) == (row.id, row.tenant_id)
    assert finding.what.startswith(row.status)
    assert (bench.now(row), bench.files()) == (row, files)


def test_it_mends_what_is_amiss_with_a_line_in_the_journal(bench: Bench, amiss: tuple[Owed, str | None]) -> None:
    row, after = amiss
    lines = len(bench.story(row))
    mend(bench)
    found = bench.find(row)
    assert (found.status if found else None) == after
    assert bench.story(row)[lines].startswith(f"{row.status}→")
    assert " bytes" in bench.story(row)[lines] or "deleting it failed" in bench.story(row)[lines]


def test_a_row_that_it_mended_is_attached_to_nothing(bench: Bench) -> None:
    volume = lost(bench, bench.attached())
    mend(bench)
    assert bench.now(volume).server_id is None
    assert bench.now(volume).attached_at is None


def test_a_snapshot_that_it_found_without_bytes_is_no_longer_held(bench: Bench) -> None:
    snapshot = lost(bench, bench.snapshot())
    mend(bench)
    assert not bench.now(snapshot).held


def test_once_mended_nothing_is_amiss(bench: Bench, amiss: tuple[Owed, str | None]) -> None:
    _, after = amiss
    mend(bench)
    if after == "UNMANAGED":  # asks for an administrator; the second look is theirs, and says that the bytes stay away
        mend(bench)
    assert bench.findings() == []


def test_a_volume_that_was_lost_can_be_deleted_by_its_tenant_after_a_second_look(bench: Bench) -> None:
    volume = lost(bench, bench.volume())
    mend(bench)
    mend(bench)
    bench.ask_delete(bench.now(volume))
    bench.work()
    assert bench.find(volume) is None


def test_a_volume_whose_bytes_come_back_is_available_after_a_second_look(bench: Bench) -> None:
    volume = bench.volume()
    hidden = bench.path(volume).rename(bench.folder / "hidden")
    mend(bench)
    hidden.rename(bench.path(volume))
    mend(bench)
    assert bench.now(volume).status == "AVAILABLE"


@pytest.mark.parametrize("place", ["volumes", "snapshots"])
def test_bytes_without_a_row_are_deleted(bench: Bench, place: str) -> None:
    stray = bench.folder / place / "vol-of-nobody.raw"
    stray.write_bytes(b"of nobody")
    (finding,) = bench.findings()
    assert (finding.id, finding.tenant_id, finding.what) == ("vol-of-nobody", None, "bytes without a row")
    assert stray.exists()
    finding.do()
    assert not stray.exists()
    assert bench.findings() == []


def test_a_snapshot_that_could_not_be_deleted_is_left_to_the_administrator(bench: Bench) -> None:
    snapshot = undeletable(bench, bench.snapshot())
    assert bench.findings() == []
    assert bench.now(snapshot).status == "ERROR_DELETING"


def test_a_proof_that_nobody_waits_for_is_deleted(bench: Bench) -> None:
    bench.over(Sharing(bench.folder))
    volume = bench.ask_restore(bench.snapshot())
    bench.work()
    bench.driver.create_snapshot(proof_of(volume.id), volume.id, GB, lambda _: None)
    mend(bench)
    assert proof_of(volume.id) not in bench.files()


def test_a_proof_that_is_still_to_be_compared_is_left_alone(bench: Bench) -> None:
    bench.over(Sharing(bench.folder))
    snapshot = bench.snapshot()
    volume = bench.ask_restore(snapshot)
    bench.reconciler().work_once(Reach.OWED)
    assert proof_of(volume.id) in bench.files()
    assert bench.findings() == []


def test_storage_that_does_not_answer_is_not_taken_for_empty(bench: Bench) -> None:
    bench.volume()
    bench.folder.rename(bench.folder.with_name("unmounted"))
    with pytest.raises(Unsure):
        bench.findings()


# Beside a working service


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("name", WORKS)
def test_rows_in_flight_are_left_alone(bench: Bench, name: str, moment: Moment) -> None:
    WORKS[name].ask(bench)
    bench.over(bench.driver)
    bench.at(moment, WORKS[name].verb, hold := Hold())
    with bench.aside():
        reached(hold.reached)
        assert bench.findings() == []
        hold.released.set()
    assert bench.findings() == []


def everything_happens(bench: Bench) -> None:
    """Rows come, change and go."""
    old = bench.snapshot()
    bench.ask_delete(bench.volume())
    bench.work()
    bench.ask_restore(old)
    bench.work()
    bench.ask_delete(old)
    bench.ask_extend(bench.volume())
    bench.work()


@pytest.mark.parametrize("driver", ["Copying", "Sharing"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_changes_while_it_looks_is_left_alone(bench: Bench, moment: Moment, driver: str) -> None:
    if driver == "Sharing":
        bench.over(Sharing(bench.folder))
    deleted, snapshot = bench.volume(), bench.snapshot()
    unproven = bench.ask_restore(snapshot)
    bench.reconciler().work_once(Reach.OWED)
    bench.at(moment, "inventory", hold := Hold())
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(Doctor(bench.store, bench.storage).examine)
        reached(hold.reached)
        everything_happens(bench)
        bench.ask_delete(bench.now(deleted))
        bench.work()
        hold.released.set()
        assert looking.result(WAIT_S) == []
    assert bench.now(unproven).status == "AVAILABLE"


@pytest.mark.parametrize("gone", [False, True])
def test_what_changed_after_it_looked_is_not_mended(bench: Bench, gone: bool) -> None:
    snapshot = lost(bench, bench.snapshot())
    (finding,) = bench.findings()
    bench.ask_delete(snapshot)
    if gone:
        bench.work()
    found = bench.find(snapshot)
    finding.do()
    assert bench.find(snapshot) == found


def mend(bench: Bench) -> None:
    """Look, mend, and let the reconciler do what is then owed."""
    for finding in bench.findings():
        finding.do()
    bench.work()


def test_an_administrator_can_reset_a_snapshot_whose_bytes_came_back_once_the_doctor_noted_it(bench: Bench) -> None:
    snapshot = bench.snapshot()
    bench.path(snapshot).rename(bench.folder / "aside")
    mend(bench)
    assert (bench.now(snapshot).status, bench.now(snapshot).held) == ("ERROR", False)
    (bench.folder / "aside").rename(bench.path(snapshot))
    mend(bench)
    assert (bench.now(snapshot).status, bench.now(snapshot).held) == ("ERROR", True)
    assert bench.findings() == []
