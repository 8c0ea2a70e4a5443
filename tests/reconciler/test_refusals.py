"""A refusal says something of the verb that was refused, and no more than that."""

from app.drivers.contract import Missing, Refused, Unsure
from app.reconciler.steps import proof_of
from tests.reconciler.bench import GB, Bench
from tests.reconciler.engines import Sharing

FORBIDDEN = Refused("the storage allows no writing")


def test_a_refused_deletion_ends_although_the_storage_will_not_show_the_bytes_either(bench: Bench) -> None:
    snapshot = bench.ask_delete(bench.snapshot())
    bench.storage.on("delete_snapshot", before=FORBIDDEN)
    bench.storage.on("used_bytes", before=FORBIDDEN)
    bench.work()

    assert (bench.now(snapshot).status, bench.now(snapshot).held) == ("ERROR_DELETING", True)


def test_a_refused_deletion_notes_that_the_bytes_are_gone_all_the_same(bench: Bench) -> None:
    snapshot = bench.ask_delete(bench.snapshot())
    bench.storage.on("delete_snapshot", before=FORBIDDEN)
    bench.storage.on("used_bytes", before=Missing("not there"))
    bench.work()

    assert bench.now(snapshot).held is False


def test_a_snapshot_that_may_not_be_looked_at_stays_available_and_is_looked_at_later(bench: Bench) -> None:
    bench.over(Sharing(bench.folder))
    bench.storage.on("checksum_snapshot", before=FORBIDDEN)
    snapshot = bench.snapshot()
    assert (snapshot.status, snapshot.checksum, snapshot.attempts) == ("AVAILABLE", None, 1)

    bench.time_passes()
    bench.work()
    assert bench.now(snapshot).checksum is not None


def test_a_restored_volume_that_may_not_be_compared_stays_available_and_is_compared_later(bench: Bench) -> None:
    bench.over(Sharing(bench.folder))
    snapshot = bench.snapshot()
    bench.over(bench.driver)
    bench.storage.on("checksum_snapshot", before=FORBIDDEN)
    volume = bench.ask_restore(snapshot)
    bench.work()
    assert (bench.now(volume).status, bench.now(volume).unproven) == ("AVAILABLE", True)

    bench.time_passes()
    bench.work()
    assert (bench.now(volume).status, bench.now(volume).unproven) == ("AVAILABLE", False)


def test_a_volume_whose_restoring_was_refused_half_way_leaves_nothing_when_it_is_deleted(bench: Bench) -> None:
    bench.over(Sharing(bench.folder))
    snapshot = bench.snapshot()
    bench.over(bench.driver)
    bench.storage.on("create_snapshot", after=Unsure("timed out"))
    bench.storage.on("restore_volume", call=2, before=FORBIDDEN)
    volume = bench.ask_restore(snapshot)
    bench.work()
    bench.time_passes()
    bench.work()
    assert bench.now(volume).status == "ERROR"
    assert proof_of(volume.id) in bench.files()

    bench.ask_delete(bench.now(volume))
    bench.work()
    assert bench.files() == {snapshot.id, snapshot.volume_id}


def test_a_volume_that_lost_its_end_is_not_cut_as_if_it_were_whole(bench: Bench) -> None:
    volume = bench.volume()
    with bench.path(volume).open("r+b") as file:
        file.truncate(5 * GB)
    snapshot = bench.snapshot(volume)

    assert snapshot.status == "ERROR"
    assert snapshot.status_reason == "the bytes in the storage are fewer than there should be"


def test_a_volume_whose_bytes_are_missing_when_it_is_to_be_cut_is_unmanaged_from_then_on(bench: Bench) -> None:
    volume = bench.attached()
    bench.path(volume).unlink()
    snapshot = bench.snapshot(volume)
    found = bench.now(volume)

    assert (snapshot.status, found.status, found.attached_at) == ("ERROR", "UNMANAGED", None)
    assert found.status_reason == snapshot.status_reason == "the volume is not in the storage"
