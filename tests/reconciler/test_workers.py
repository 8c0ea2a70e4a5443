"""The workers of a service: how many there are, whom they serve first, how they stop and what they tell meanwhile."""

from datetime import timedelta

from sqlalchemy import update

from app.domain.idempotency import IdempotencyKey
from app.domain.journal import Entry
from app.domain.record import now
from app.domain.snapshot import Snapshot
from app.drivers.faults import Hold
from app.store.database import writing
from app.store.leases import Owed, Reach
from tests.reconciler.bench import Bench, reached
from tests.reconciler.engines import Clock, Copying, Sharing, Slow, Telling
from tests.store.opened import rows_of


def available(bench: Bench, row: Owed) -> None:
    bench.until(lambda: bench.now(row).status == "AVAILABLE")


# Side by side


def test_at_most_so_many_rows_are_copied_at_once(bench: Bench) -> None:
    holds = [Hold(), Hold(), Hold()]
    volume = bench.volume()
    for call, hold in enumerate(holds, 1):
        bench.storage.on("create_snapshot", call=call, before=hold)
    snapshots = [bench.ask_snapshot(volume) for _ in holds]
    with bench.running(side_by_side=2):
        reached(holds[0].reached)
        reached(holds[1].reached)
        waiting = [snapshot for snapshot in snapshots if bench.now(snapshot).lease is None]
        assert len(waiting) == 1
        assert not holds[2].reached.is_set()
        holds[0].released.set()
        reached(holds[2].reached)
        holds[1].released.set()
        holds[2].released.set()
        for snapshot in snapshots:
            available(bench, snapshot)


def test_what_is_done_in_a_moment_waits_behind_no_copy(bench: Bench) -> None:
    copied, other = bench.volume(), bench.volume()
    bench.storage.on("create_snapshot", before=(hold := Hold()))
    snapshot = bench.ask_snapshot(copied)
    with bench.running(side_by_side=1):
        reached(hold.reached)
        bench.ask_attach(other)
        bench.until(lambda: bench.now(other).status == "IN_USE")
        hold.released.set()
        available(bench, snapshot)


def test_the_row_that_waits_the_longest_comes_first(bench: Bench) -> None:
    volumes = [bench.ask_volume() for _ in range(3)]
    worker = bench.reconciler()
    for number, _ in enumerate(volumes, 1):
        worker.work_once()
        assert [bench.now(volume).status for volume in volumes].count("AVAILABLE") == number
        assert bench.now(volumes[number - 1]).status == "AVAILABLE"


# In the background


def unlooked_at(bench: Bench) -> list[Snapshot]:
    """Two snapshots that were cut in an instant, and whose checksums are still to be taken."""
    bench.over(Sharing(bench.folder))
    snapshots = [bench.ask_snapshot(volume) for volume in (bench.volume(), bench.volume())]
    worker = bench.reconciler()
    while worker.work_once(Reach.OWED):
        pass
    return [bench.now(snapshot) for snapshot in snapshots]


def test_a_snapshot_that_was_cut_in_an_instant_is_available_at_once_and_gets_its_checksum_later(bench: Bench) -> None:
    snapshot, _ = unlooked_at(bench)
    assert (snapshot.status, snapshot.checksum) == ("AVAILABLE", None)
    bench.work()
    assert bench.now(snapshot).checksum == bench.driver.checksum_snapshot(snapshot.id, lambda _: None)
    assert bench.now(snapshot).status == "AVAILABLE"


def test_background_work_never_keeps_a_tenant_waiting(bench: Bench) -> None:
    unlooked_at(bench)
    bench.over(bench.driver)
    bench.storage.on("checksum_snapshot", before=(hold := Hold()))
    with bench.running(side_by_side=2):
        reached(hold.reached)
        for _ in range(3):
            available(bench, bench.ask_volume())
        assert bench.storage.calls.count("checksum_snapshot") == 1
        hold.released.set()


def test_a_lone_worker_does_the_background_work_too_but_last(bench: Bench) -> None:
    unlooked_at(bench)
    bench.over(bench.driver)
    bench.ask_volume()
    worker = bench.reconciler(side_by_side=1)
    while worker.work_once():
        pass
    assert bench.storage.calls[0] == "create_volume"
    assert "checksum_snapshot" in bench.storage.calls


def test_a_tenant_goes_ahead_of_the_background_work_on_the_same_row_which_then_changes_nothing(bench: Bench) -> None:
    snapshot, _ = unlooked_at(bench)
    bench.over(bench.driver)
    bench.storage.on("checksum_snapshot", before=(hold := Hold()))
    with bench.aside():
        reached(hold.reached)
        bench.ask_delete(snapshot)
        bench.work()
        assert bench.find(snapshot) is None
        story = bench.story(snapshot)
        hold.released.set()
    assert (bench.find(snapshot), bench.story(snapshot)) == (None, story)


def test_a_tenant_goes_ahead_of_the_comparison_of_a_restored_volume_which_is_made_later(bench: Bench) -> None:
    bench.over(Sharing(bench.folder))
    volume = bench.ask_restore(bench.snapshot())
    bench.reconciler().work_once()
    bench.storage.on("checksum_snapshot", call=2, before=(hold := Hold()))
    with bench.aside():
        reached(hold.reached)
        bench.ask_attach(volume)
        bench.work()
        hold.released.set()
    assert bench.now(volume).status == "IN_USE"
    bench.time_passes()
    bench.work()
    assert (bench.now(volume).status, bench.now(volume).unproven) == ("IN_USE", False)
    assert bench.findings() == []


# Stopping


def test_a_worker_that_is_asked_to_stop_lets_go_of_its_copy_and_the_next_takes_it_at_once(bench: Bench) -> None:
    snapshot = bench.ask_snapshot(bench.volume())
    bench.over(slow := Slow(bench.folder))
    with bench.running(side_by_side=1):
        reached(slow.under_way)
    assert slow.ended_by == "Stopping"
    assert bench.files() == {snapshot.volume_id}, "neither a final name nor a half copy"
    left = bench.now(snapshot)
    assert (left.status, left.lease, left.attempts, left.status_reason) == ("CREATING", None, 0, None)
    bench.over(Copying(bench.folder))
    bench.work()
    assert bench.now(snapshot).status == "AVAILABLE"


def test_workers_can_be_started_again_after_they_were_stopped(bench: Bench) -> None:
    worker = bench.reconciler()
    with worker.running():
        pass
    with worker.running():
        available(bench, bench.ask_volume())


# Progress


def test_progress_is_told_at_most_once_a_second_and_ends_with_the_work(bench: Bench, clock: Clock) -> None:
    snapshot = bench.ask_snapshot(bench.volume())
    bench.over(Telling(bench.folder, clock))
    bench.reconciler().work_once()
    told = bench.story(snapshot).count("CREATING→CREATING")
    assert 8 <= told <= 10, "of 101 in ten seconds"
    assert bench.now(snapshot).progress_percent is None


def test_a_tenant_sees_how_far_a_copy_is(bench: Bench, clock: Clock) -> None:
    snapshot = bench.ask_snapshot(bench.volume())
    bench.over(slow := Slow(bench.folder))
    with bench.running(side_by_side=1):
        reached(slow.under_way)
        clock.now += 2
        bench.until(lambda: bench.now(snapshot).progress_percent is not None)
        slow.go_on.set()
        available(bench, snapshot)
    assert bench.now(snapshot).progress_percent is None


def test_background_work_tells_nobody_how_far_it_is(bench: Bench, clock: Clock) -> None:
    snapshot, _ = unlooked_at(bench)
    before = bench.story(snapshot)
    bench.over(Telling(bench.folder, clock))
    bench.work()
    assert bench.story(snapshot) == [*before, "AVAILABLE→AVAILABLE"], "one line, of the checksum"


def test_a_tenant_sees_how_far_a_restored_volume_is_from_standing_on_its_own(bench: Bench, clock: Clock) -> None:
    snapshot = bench.snapshot()
    bench.over(Sharing(bench.folder))
    volume = bench.ask_restore(snapshot)
    assert bench.reconciler().work_once()
    before = bench.story(volume)
    bench.over(Telling(bench.folder, clock))
    bench.work()
    told = bench.story(volume)[len(before) :]
    assert 9 <= told.count("AVAILABLE→AVAILABLE") <= 11, "of 101 in ten seconds, and one of the end; none of checksums"
    assert bench.now(volume).progress_percent is None


# Housekeeping


def test_what_is_no_longer_promised_is_forgotten_while_nobody_asks_for_it(bench: Bench) -> None:
    volume = bench.volume()
    with bench.store.unit_of_work(volume.tenant_id, "tester") as work:
        work.keys.add("key", "digest", "answer")
        work.commit()
    with writing(bench.store._engine) as connection:
        for table, when in ((Entry, "at"), (IdempotencyKey, "made_at")):
            connection.execute(update(table).values({when: now() - timedelta(days=31)}))
        connection.commit()
    bench.storage.on("tidy", before=(tidying := Hold()))
    with bench.running(side_by_side=1):
        reached(tidying.reached)
        assert (rows_of(bench.store, Entry), rows_of(bench.store, IdempotencyKey)) == (0, 0)
        tidying.released.set()
