"""What the storage is still at waits as a row, not as a thread, and goes on when the storage says."""

from app.domain.record import now
from app.drivers.contract import NotYet, Unsure
from app.drivers.faults import Faults
from app.drivers.sandbox import Sandbox
from app.store.leases import Reach
from tests.reconciler.bench import Bench

AGAIN = "the storage did not answer as it should; it is being tried again"


def test_a_row_that_the_storage_is_still_at_is_given_back_without_a_word(bench: Bench) -> None:
    bench.at("before", "create_volume", NotYet(3600))
    volume = bench.ask_volume()
    bench.work()
    waiting = bench.store.every_record()[0]
    assert (waiting.status, waiting.status_reason, waiting.attempts, waiting.lease) == ("CREATING", None, 0, None)
    assert waiting.owed_at is not None
    assert 3000 < (waiting.owed_at - now()).total_seconds() <= 3600
    assert bench.story(volume) == ["→CREATING"]


def test_how_far_the_storage_came_is_told_where_it_is_news(bench: Bench) -> None:
    bench.storage = Sandbox(bench.driver, faults := Faults(), bench.store.known_as)
    plan = faults.hold("t-1", "create_volume", percent=50, matching="data")
    volume = bench.ask_volume()
    for _ in range(3):
        bench.work()
        assert bench.now(volume).progress_percent == 50
        bench.time_passes()
    assert bench.story(volume) == ["→CREATING", "CREATING→CREATING"]
    faults.end("t-1", plan)
    bench.work()
    assert (bench.now(volume).status, bench.now(volume).progress_percent) == ("AVAILABLE", None)


def test_a_row_goes_on_when_the_storage_says_and_not_before(bench: Bench) -> None:
    bench.at("before", "create_volume", NotYet(3600))
    volume = bench.ask_volume()
    bench.work()
    bench.work()
    assert bench.now(volume).status == "CREATING"
    bench.time_passes()
    bench.work()
    assert bench.now(volume).status == "AVAILABLE"


def test_waiting_for_the_storage_makes_no_pause_longer(bench: Bench) -> None:
    for call, answer in enumerate((Unsure("timed out"), NotYet(1), NotYet(1)), 1):
        bench.at("before", "create_volume", answer, call=call)
    volume = bench.ask_volume()
    for _ in range(3):
        bench.work()
        bench.time_passes()
    assert bench.store.every_record()[0].attempts == 1
    assert bench.story(volume) == ["→CREATING", f"CREATING→CREATING: {AGAIN}"]


def test_a_row_that_passed_to_somebody_else_meanwhile_is_left_to_them(bench: Bench) -> None:
    def passes(_: str) -> tuple[str, str]:
        bench.time_passes()
        bench.store.leases.claim(Reach.ALL)
        return "t-1", "data"

    bench.storage = Sandbox(bench.driver, faults := Faults(), passes)
    faults.hold("t-1", "create_volume", percent=50, matching="*")
    volume = bench.ask_volume()
    bench.reconciler().work_once()
    assert bench.store.every_record()[0].lease is not None
    assert bench.story(volume) == ["→CREATING"]


def test_what_was_put_off_is_due_at_once_when_it_is_hastened(bench: Bench) -> None:
    for call in (1, 2, 3):
        bench.at("before", "create_volume", NotYet(3600), call=call)
    first, *others = [bench.ask_volume() for _ in range(3)]
    bench.work()
    assert bench.store.leases.hasten("t-1", first.id)
    bench.work()
    assert [bench.now(volume).status for volume in (first, *others)] == ["AVAILABLE", "CREATING", "CREATING"]
    assert not bench.store.leases.hasten("another")
    bench.work()
    assert [bench.now(volume).status for volume in others] == ["CREATING", "CREATING"]
    assert bench.store.leases.hasten("t-1")
    bench.work()
    assert [bench.now(volume).status for volume in others] == ["AVAILABLE", "AVAILABLE"]
    assert not bench.store.leases.hasten("t-1"), "nothing is put off any more"
