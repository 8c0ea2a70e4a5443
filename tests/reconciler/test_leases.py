"""Who works on a row: one worker at a time, and only the one whose lease holds is heard."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.drivers.contract import Died, Refused, Unsure
from app.drivers.faults import Hold
from app.store.leases import Owed
from tests.reconciler.bench import WAIT_S, Bench, reached
from tests.reconciler.engines import Clock, Copying, Slow
from tests.reconciler.works import WORKS

ANSWERS = [Refused("the storage said no"), Unsure("timed out"), RuntimeError("a bug in the driver")]
LATE = [*((name, None) for name in WORKS), *(("create snapshot", answer) for answer in ANSWERS)]


@pytest.mark.parametrize(("name", "answer"), LATE)
def test_a_late_worker_whose_lease_has_passed_to_another_changes_nothing(
    bench: Bench, name: str, answer: Exception | None
) -> None:
    row = WORKS[name].ask(bench)
    bench.over(bench.driver)
    bench.storage.on(WORKS[name].verb, before=(hold := Hold()), after=answer)
    with bench.aside():
        reached(hold.reached)
        bench.time_passes()
        bench.work()
        rested, story, used = bench.find(row), bench.story(row), bench.tenant()
        hold.released.set()
    assert (bench.find(row), bench.story(row), bench.tenant()) == (rested, story, used)


@pytest.mark.parametrize("answer", [None, *ANSWERS])
def test_a_late_worker_is_not_heard_while_another_one_works(bench: Bench, answer: Exception | None) -> None:
    volume = bench.ask_volume()
    late, other = Hold(), Hold()
    bench.storage.on("create_volume", call=1, before=late, after=answer)
    bench.storage.on("create_volume", call=2, before=other)
    with ExitStack() as works:
        taken = works.enter_context(bench.aside())
        reached(late.reached)
        bench.time_passes()
        works.enter_context(bench.aside())
        reached(other.reached)
        held = bench.now(volume)
        late.released.set()
        taken.result(WAIT_S)
        assert (bench.now(volume), bench.story(volume)) == (held, ["→CREATING"])
        other.released.set()
    assert bench.story(volume) == ["→CREATING", "CREATING→AVAILABLE"]


def test_a_late_worker_ends_its_copy_when_it_next_tells_how_far_it_is(bench: Bench, clock: Clock) -> None:
    snapshot = bench.ask_snapshot(bench.volume())
    bench.over(slow := Slow(bench.folder))
    with bench.aside():
        reached(slow.under_way)
        bench.time_passes()
        bench.over(Copying(bench.folder))
        bench.work()
        clock.now += 2
    assert slow.ended_by == "LeaseLost"
    assert bench.now(snapshot).status == "AVAILABLE"
    assert bench.files() == {snapshot.volume_id, snapshot.id}, "no half copy is left"


@pytest.mark.parametrize("name", ["create volume", "create snapshot", "restore volume"])
def test_bytes_that_a_late_worker_makes_for_a_row_that_is_gone_are_deleted_by_it(bench: Bench, name: str) -> None:
    row = WORKS[name].ask(bench)
    bench.over(bench.driver)
    bench.storage.on(WORKS[name].verb, before=(hold := Hold()))
    with bench.aside():
        reached(hold.reached)
        bench.time_passes()
        bench.work()
        bench.ask_delete(bench.now(row))
        bench.work()
        hold.released.set()
    assert bench.findings() == []


@pytest.fixture
def hasty(tmp_path: Path, url: str) -> Iterator[Bench]:
    """A workbench where a lease lapses at once if nobody keeps it alive."""
    bench = Bench(tmp_path, url, lease=timedelta(seconds=0.3))
    yield bench
    bench.store.close()


def test_a_worker_that_lives_keeps_its_lease_however_long_the_storage_takes(hasty: Bench) -> None:
    hasty.storage.on("create_volume", before=(hold := Hold()))
    volume = hasty.ask_volume()
    with hasty.running(side_by_side=1):
        reached(hold.reached)
        keeps_its_lease(hasty, volume)
        hold.released.set()
    assert hasty.storage.calls.count("create_volume") == 1


def test_a_worker_keeps_its_lease_while_the_storage_is_tidied(hasty: Bench) -> None:
    hasty.storage.on("tidy", before=(tidying := Hold()))
    hasty.storage.on("create_volume", before=(hold := Hold()))
    with hasty.running(side_by_side=1):
        reached(tidying.reached)
        volume = hasty.ask_volume()
        reached(hold.reached)
        keeps_its_lease(hasty, volume)
        hold.released.set()
        tidying.released.set()
    assert hasty.storage.calls.count("create_volume") == 1


def keeps_its_lease(bench: Bench, row: Owed) -> None:
    """See a lease outlive its length three times, with the same worker."""
    lease, first = bench.now(row).lease, end_of_lease(bench, row)
    ends = [first]

    def outlived() -> bool:
        ends.append(end_of_lease(bench, row))
        return ends[-1] > first + 3 * bench.store.leases.length

    bench.until(outlived)
    assert ends == sorted(ends)
    assert bench.now(row).lease == lease


def end_of_lease(bench: Bench, row: Owed) -> datetime:
    end = bench.now(row).leased_until
    assert end is not None
    return end


def test_a_worker_that_dies_is_replaced_and_its_row_taken_up_when_the_lease_has_lapsed(hasty: Bench) -> None:
    hasty.at("after", "create_volume", Died())
    with hasty.running(side_by_side=1):
        volume = hasty.ask_volume()
        hasty.until(lambda: hasty.now(volume).status == "AVAILABLE")
        after = hasty.ask_volume()
        hasty.until(lambda: hasty.now(after).status == "AVAILABLE")
    assert hasty.storage.calls.count("create_volume") == 3
    assert hasty.story(volume) == ["→CREATING", "CREATING→AVAILABLE"]
