"""What the bytes of a snapshot are worth: OFFLINE, UNCERTAIN or CRASH_CONSISTENT, by what happened while it was cut."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.domain.snapshot import Snapshot
from app.domain.volume import Volume
from app.drivers.contract import Unsure
from app.drivers.faults import Hold
from tests.reconciler.bench import Bench, reached
from tests.reconciler.engines import Sharing


def cut_while(bench: Bench, volume: Volume, happens: Callable[[Volume], object]) -> Snapshot:
    """A snapshot of the volume, and what happened between the wish for it and the end of the cut."""
    snapshot = bench.ask_snapshot(volume)
    bench.over(bench.driver)
    bench.storage.on("create_snapshot", before=(hold := Hold()))
    with bench.aside():
        reached(hold.reached)
        happens(volume)
        hold.released.set()
    return bench.now(snapshot)


def attached_only_a_moment(bench: Bench) -> Callable[[Volume], None]:
    def happens(volume: Volume) -> None:
        bench.ask_attach(volume)
        bench.work()
        bench.ask_detach(volume)
        bench.work()
        assert bench.now(volume).attached_at is None

    return happens


def test_detached_all_along_is_offline(bench: Bench) -> None:
    assert bench.snapshot().consistency == "OFFLINE"


def test_attached_before_is_offline(bench: Bench) -> None:
    volume = bench.ask_detach(bench.attached())
    bench.work()
    assert bench.snapshot(volume).consistency == "OFFLINE"


def test_attached_all_along_is_uncertain(bench: Bench) -> None:
    assert bench.snapshot(bench.attached()).consistency == "UNCERTAIN"


def test_attached_during_the_cut_is_uncertain(bench: Bench) -> None:
    assert cut_while(bench, bench.volume(), bench.ask_attach).consistency == "UNCERTAIN"


def test_detached_during_the_cut_is_uncertain(bench: Bench) -> None:
    assert cut_while(bench, bench.attached(), bench.ask_detach).consistency == "UNCERTAIN"


def test_attached_during_the_cut_and_detached_before_its_end_is_uncertain(bench: Bench) -> None:
    assert cut_while(bench, bench.volume(), attached_only_a_moment(bench)).consistency == "UNCERTAIN"


def test_attached_when_asked_for_and_lost_from_sight_before_the_end_is_uncertain(bench: Bench) -> None:
    def lost_and_found(volume: Volume) -> None:
        bench.path(volume).rename(bench.folder / "aside")
        for finding in bench.findings():
            finding.do()
        (bench.folder / "aside").rename(bench.path(volume))
        assert (bench.now(volume).status, bench.now(volume).attached_at) == ("UNMANAGED", None)

    assert cut_while(bench, bench.attached(), lost_and_found).consistency == "UNCERTAIN"


def test_attached_after_the_cut_is_offline(bench: Bench) -> None:
    volume = bench.volume()
    snapshot = bench.snapshot(volume)
    bench.ask_attach(volume)
    bench.work()
    assert bench.now(snapshot).consistency == "OFFLINE"


def test_attached_between_two_attempts_is_uncertain(bench: Bench) -> None:
    volume = bench.volume()
    snapshot = bench.ask_snapshot(volume)
    bench.over(bench.driver)
    bench.storage.on("create_snapshot", before=Unsure("timed out"))
    bench.reconciler().work_once()
    attached_only_a_moment(bench)(volume)
    bench.time_passes()
    bench.work()
    assert bench.now(snapshot).consistency == "UNCERTAIN"


@pytest.mark.parametrize("volume", [Bench.attached, Bench.volume], ids=["attached", "detached"])
def test_a_cut_in_an_instant_is_crash_consistent_if_attached(bench: Bench, volume: Callable[[Bench], Volume]) -> None:
    bench.over(Sharing(bench.folder))
    expected = {"attached": "CRASH_CONSISTENT", "volume": "OFFLINE"}[volume.__name__]
    assert bench.snapshot(volume(bench)).consistency == expected


def test_a_cut_that_outlives_its_lines_in_the_journal_comes_to_rest_and_claims_nothing(bench: Bench) -> None:
    snapshot = cut_while(bench, bench.volume(), lambda _: bench.store.forget_journal(timedelta(0)))
    assert (snapshot.status, snapshot.consistency) == ("AVAILABLE", "UNCERTAIN")
