"""Faults befall the calls that they are meant for, as often as was planned, and no other."""

from copy import copy

import pytest

from app.drivers.contract import Died, NotYet, Refused, Unsure
from app.drivers.faults import Call, Fault, Faults

CREATE = Call("create_snapshot", "snap-1", "acme", "monday")


@pytest.fixture
def faults() -> Faults:
    return Faults()


def struck(faults: Faults, call: Call = CREATE) -> list[type[BaseException]]:
    """Call, and tell by what that was struck, before and after."""
    return [type(action) for action in faults.strike(call) if isinstance(action, BaseException)]


def percents(faults: Faults, call: Call, times: int) -> list[int | None]:
    """Call so many times; return how far the storage said that it was, None where it went through."""
    told = [faults.strike(call)[0] for _ in range(times)]
    return [action.percent if isinstance(action, NotYet) else None for action in told]


def test_a_fault_strikes_after_those_that_it_passes_over_and_is_then_used_up(faults: Faults) -> None:
    faults.add(Fault("create_snapshot", Unsure("timed out"), skips=1, times=2))
    assert [struck(faults) for _ in range(4)] == [[], [Unsure], [Unsure], []]


def test_each_call_uses_one_fault_up_in_the_order_in_which_they_were_planned(faults: Faults) -> None:
    for outcome in ("UNKNOWN", "REFUSED", "CRASH"):
        faults.fail("acme", "create_snapshot", outcome, times=1, matching="*")
    assert [struck(faults) for _ in range(4)] == [[Unsure], [Refused], [Died], []]


@pytest.mark.parametrize(("outcome", "by"), [("REFUSED", Refused), ("UNKNOWN", Unsure), ("CRASH", Died)])
def test_each_outcome_is_what_the_workers_know_by_that_name(
    faults: Faults, outcome: str, by: type[BaseException]
) -> None:
    faults.fail("acme", "create_snapshot", outcome, times=1, matching="*")
    assert struck(faults) == [by]


@pytest.mark.parametrize(
    ("matching", "call", "fits"),
    [
        ("*", CREATE, True),
        ("mon*", CREATE, True),
        ("m?nday", CREATE, True),
        ("snap-1", CREATE, True),
        ("snap-*", CREATE, False),
        ("tue*", CREATE, False),
        ("MON*", CREATE, False),
        ("*", CREATE._replace(verb="delete_snapshot"), False),
        ("*", CREATE._replace(tenant_id="other"), False),
        ("*", Call("create_snapshot", "proof-1"), False),
    ],
)
def test_a_tenants_fault_is_for_its_own_objects_of_that_name_or_id(
    faults: Faults, matching: str, call: Call, fits: bool
) -> None:
    faults.fail("acme", "create_snapshot", "REFUSED", times=1, matching=matching)
    assert struck(faults, call) == ([Refused] if fits else [])


def test_what_is_held_uses_no_other_fault_up(faults: Faults) -> None:
    faults.fail("acme", "create_snapshot", "REFUSED", times=1, matching="*")
    hold = faults.hold("acme", "create_snapshot", percent=50, matching="*")
    assert percents(faults, CREATE, 3) == [50, 50, 50]
    assert faults.end("acme", hold)
    assert struck(faults) == [Refused]


def test_what_has_ended_can_be_ended_again_until_it_is_forgotten(faults: Faults) -> None:
    hold = faults.hold("acme", "create_snapshot", percent=None, matching="*")
    assert [faults.end("acme", hold), faults.end("acme", hold)] == [True, True]
    assert faults.count("acme") == 1
    faults.forget("acme", hold)
    assert (faults.end("acme", hold), faults.count("acme")) == (False, 0)


def pause(faults: Faults, call: Call) -> float:
    """Call; return when the storage wants to be asked again."""
    before, _ = faults.strike(call)
    assert isinstance(before, NotYet)
    return before.again_in_s


@pytest.mark.parametrize("name", ["monday", "hold-1"])
def test_the_more_objects_of_a_tenant_are_held_the_later_each_is_asked_for_again(faults: Faults, name: str) -> None:
    plan = faults.hold("acme", "create_snapshot", percent=None, matching="monday")
    calls = [CREATE._replace(id=f"snap-{n}", name=name) for n in range(4000)]
    pauses = [pause(faults, call) for call in calls]
    assert [pauses[n - 1] for n in (1, 25, 50, 1500, 4000)] == [0.5, 0.5, 1, 30, 60]
    assert pause(faults, calls[0]) == 60, "each is counted once"
    assert pause(faults, CREATE._replace(tenant_id="other", name="hold-1")) == 0.5
    faults.end("acme", plan)
    for call in calls[1:]:
        faults.strike(call._replace(name="renamed"))
    assert pause(faults, calls[0]._replace(name="hold-1")) == 0.5


def test_one_object_can_be_let_go_again_while_it_was_not_yet_asked_for(faults: Faults) -> None:
    faults.hold("acme", "create_snapshot", percent=None, matching="*")
    assert [faults.let_go("acme", "create_snapshot", "snap-1", "monday") for _ in range(2)] == [True, True]


def test_one_object_is_let_go_until_its_call_is_done(faults: Faults) -> None:
    faults.hold("acme", "create_snapshot", percent=None, matching="*")
    assert faults.let_go("acme", "create_snapshot", "snap-1", "monday")
    assert [struck(faults), struck(faults)] == [[], []]
    assert struck(faults, CREATE._replace(id="snap-2")) == [NotYet]
    faults.done(CREATE)
    assert struck(faults) == [NotYet]


def test_what_nothing_holds_is_not_let_go(faults: Faults) -> None:
    faults.hold("acme", "create_snapshot", percent=None, matching="tue*")
    assert not faults.let_go("acme", "create_snapshot", "snap-1", "monday")
    assert not faults.let_go("other", "create_snapshot", "snap-1", "tuesday")


def test_only_its_own_tenant_ends_or_forgets_or_resets_a_plan(faults: Faults) -> None:
    plan = faults.hold("acme", "create_snapshot", percent=None, matching="*")
    assert not faults.end("other", plan)
    faults.forget("other", plan)
    faults.reset("other")
    assert (faults.count("acme"), faults.count("other")) == (1, 0)
    assert struck(faults) == [NotYet]
    faults.reset("acme")
    assert (struck(faults), faults.count("acme")) == ([], 0)


@pytest.mark.parametrize("verb", ["create_volume", "restore_volume", "create_snapshot"])
def test_a_name_tells_what_becomes_of_making_it(faults: Faults, verb: str) -> None:
    assert struck(faults, Call(verb, "id", "acme", "fail-create-1")) == [Refused]
    assert struck(faults, Call(verb, "id", "acme", "hold-1")) == [NotYet]
    assert struck(faults, Call(verb, "id", "acme", "slow-2s-1")) == [NotYet]
    for name in ("fail-delete-1", "my-hold-1", "slow-1", "slow-12345s-1"):
        assert struck(faults, Call(verb, "id", "acme", name)) == []


@pytest.mark.parametrize("verb", ["delete_volume", "delete_snapshot"])
def test_a_name_tells_what_becomes_of_deleting_it(faults: Faults, verb: str) -> None:
    assert struck(faults, Call(verb, "id", "acme", "fail-delete-1")) == [Refused]
    assert struck(faults, Call(verb, "id", "acme", "slow-2s-1")) == [NotYet]
    for name in ("fail-create-1", "hold-1"):
        assert struck(faults, Call(verb, "id", "acme", name)) == []


def test_what_is_slow_comes_ten_percent_further_each_time_a_hundred_times_alike(faults: Faults) -> None:
    for _ in range(100):
        assert percents(faults, CREATE._replace(name="slow-60s-1"), 12) == [*range(0, 100, 10), None, None]
        faults.done(CREATE)


def test_what_is_slow_takes_as_long_as_it_says(faults: Faults) -> None:
    before, _ = faults.strike(CREATE._replace(name="slow-60s-1"))
    assert isinstance(before, NotYet)
    assert before.again_in_s == 6.0


def test_what_is_never_done_is_forgotten_in_the_end(faults: Faults) -> None:
    for number in range(10_001):
        faults.strike(CREATE._replace(id=f"snap-{number}", name="slow-60s-1"))
    assert percents(faults, CREATE._replace(id="snap-0", name="slow-60s-1"), 1) == [0]
    assert percents(faults, CREATE._replace(id="snap-10000", name="slow-60s-1"), 1) == [10]


def test_a_copy_of_what_the_storage_says_says_the_same() -> None:
    said = copy(NotYet(0.5, 50))
    assert (said.again_in_s, said.percent) == (0.5, 50)
