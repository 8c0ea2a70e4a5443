"""What the workers count: each call by what it came to, each step put off, each lease lost."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from prometheus_client import REGISTRY

from app.drivers.contract import Died, Refused, Unsure
from app.drivers.faults import Hold
from tests.reconciler.bench import Bench, reached
from tests.reconciler.engines import Clock, Copying, Sharing, Slow, Telling

UNSURE, BUG = Unsure("timed out"), RuntimeError("a bug in the driver")


@contextmanager
def grows(by: float, name: str, **labels: str) -> Iterator[None]:
    """A series is so much larger after the block; other tests count on the same ones."""
    before = REGISTRY.get_sample_value(name, labels) or 0
    yield
    assert (REGISTRY.get_sample_value(name, labels) or 0) - before == pytest.approx(by), (name, labels)


def calls(by: int, verb: str, outcome: str) -> AbstractContextManager[None]:
    return grows(by, "driver_call_seconds_count", verb=verb, outcome=outcome)


def retries(by: int, kind: str, status: str) -> AbstractContextManager[None]:
    return grows(by, "owed_retries_total", kind=kind, status=status)


def losses(by: int) -> AbstractContextManager[None]:
    return grows(by, "leases_lost_total")


# Calls


def test_a_call_that_did_its_work_counts_as_done(bench: Bench) -> None:
    bench.ask_volume()
    with calls(1, "create_volume", "done"):
        bench.work()


def test_a_refused_call_counts_as_refused(bench: Bench) -> None:
    bench.at("before", "create_volume", Refused("the storage said no"))
    bench.ask_volume()
    with calls(1, "create_volume", "refused"), calls(0, "create_volume", "done"):
        bench.work()


def test_a_call_that_found_nothing_counts_as_missing_and_not_as_refused(bench: Bench) -> None:
    volume = bench.volume()
    bench.path(volume).unlink()
    bench.ask_attach(volume)
    with calls(1, "attach_volume", "missing"), calls(0, "attach_volume", "refused"):
        bench.work()


def test_a_call_whose_outcome_is_unknown_counts_as_unsure(bench: Bench) -> None:
    bench.at("after", "create_volume", UNSURE)
    bench.ask_volume()
    with calls(1, "create_volume", "unsure"), calls(0, "create_volume", "done"):
        bench.work()


def test_a_call_that_raises_what_no_driver_should_counts_as_failed(bench: Bench) -> None:
    bench.at("before", "create_volume", BUG)
    bench.ask_volume()
    with calls(1, "create_volume", "failed"):
        bench.work()


def test_a_call_over_which_the_worker_died_as_it_was_told_counts_as_died_and_not_as_failed(bench: Bench) -> None:
    bench.at("after", "create_volume", Died())
    bench.ask_volume()
    with calls(1, "create_volume", "died"), calls(0, "create_volume", "failed"), pytest.raises(Died):
        bench.work()


def test_a_copy_that_is_let_go_of_when_the_process_ends_counts_as_stopped_and_not_as_failed(bench: Bench) -> None:
    bench.ask_snapshot(bench.volume())
    bench.over(slow := Slow(bench.folder))
    with (
        calls(1, "create_snapshot", "stopped"),
        calls(0, "create_snapshot", "failed"),
        bench.running(side_by_side=1),
    ):
        reached(slow.under_way)


def test_a_copy_that_is_no_longer_ours_counts_as_stopped_and_not_as_failed(bench: Bench, clock: Clock) -> None:
    bench.ask_snapshot(bench.volume())
    bench.over(slow := Slow(bench.folder))
    with calls(1, "create_snapshot", "stopped"), calls(0, "create_snapshot", "failed"), bench.aside():
        reached(slow.under_way)
        bench.time_passes()
        bench.over(Copying(bench.folder))
        bench.work()
        clock.now += 2


def test_a_call_counts_with_the_seconds_that_it_took(bench: Bench, clock: Clock) -> None:
    bench.ask_snapshot(bench.volume())
    bench.over(Telling(bench.folder, clock))
    with (
        grows(10.1, "driver_call_seconds_sum", verb="create_snapshot", outcome="done"),
        grows(0, "driver_call_seconds_bucket", verb="create_snapshot", outcome="done", le="10.0"),
        grows(1, "driver_call_seconds_bucket", verb="create_snapshot", outcome="done", le="60.0"),
    ):
        bench.reconciler().work_once()


def test_the_work_of_nobodys_row_counts_too(bench: Bench) -> None:
    bench.storage.on("tidy", before=(hold := Hold()))
    with calls(1, "tidy", "done"), bench.running(side_by_side=1):
        reached(hold.reached)
        hold.released.set()


# Retries


@pytest.mark.parametrize("answer", [UNSURE, BUG])
def test_each_try_whose_outcome_is_unknown_is_counted_as_put_off(bench: Bench, answer: Exception) -> None:
    for call in (1, 2, 3):
        bench.storage.on("create_volume", call=call, before=answer)
    bench.ask_volume()
    with retries(3, "volume", "CREATING"):
        for _ in range(4):
            bench.work()
            bench.time_passes()


def test_a_look_in_the_background_that_is_put_off_is_counted_by_the_status_at_rest(bench: Bench) -> None:
    bench.over(Sharing(bench.folder))
    bench.storage.on("checksum_snapshot", before=UNSURE)
    with retries(1, "snapshot", "AVAILABLE"), retries(0, "snapshot", "CREATING"):
        bench.snapshot()


def test_an_answer_for_good_puts_nothing_off(bench: Bench) -> None:
    bench.at("before", "create_volume", Refused("the storage said no"))
    with retries(0, "volume", "CREATING"):
        bench.ask_volume()
        bench.work()


# Leases


@contextmanager
def late(bench: Bench, verb: str, answer: Exception | None, *, call: int = 1) -> Iterator[None]:
    """A worker that comes to the storage in the block, and hears its answer after others did the work."""
    bench.storage.on(verb, call=call, before=(hold := Hold()), after=answer)
    with bench.aside():
        reached(hold.reached)
        bench.time_passes()
        bench.work()
        yield
        hold.released.set()


@pytest.mark.parametrize("answer", [None, Refused("the storage said no"), UNSURE, BUG])
def test_a_lost_lease_is_counted_whatever_the_storage_answers_and_nothing_is_put_off(
    bench: Bench, answer: Exception | None
) -> None:
    bench.ask_volume()
    with losses(1), retries(0, "volume", "CREATING"), late(bench, "create_volume", answer):
        pass


def test_a_lease_that_is_lost_at_a_later_try_is_counted(bench: Bench) -> None:
    bench.at("before", "create_volume", UNSURE)
    volume = bench.ask_volume()
    bench.work()
    bench.time_passes()
    assert bench.now(volume).attempts == 1
    with losses(1), retries(0, "volume", "CREATING"), late(bench, "create_volume", UNSURE, call=2):
        pass


def test_a_lease_that_is_lost_over_a_look_that_saw_nothing_new_is_counted(bench: Bench) -> None:
    bench.over(Sharing(bench.folder))
    snapshot = bench.snapshot()
    bench.over(bench.driver)
    bench.time_passes()
    with losses(1), late(bench, "used_bytes", None):
        rested = bench.now(snapshot)
    assert bench.now(snapshot) == rested


def test_a_worker_that_keeps_its_lease_loses_none(bench: Bench) -> None:
    with losses(0):
        bench.snapshot()
