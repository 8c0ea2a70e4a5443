"""An allowance is spent by what is asked for, and comes back with time."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.allowance import Allowance
from tests.domain.make import some

MOST, PER_SECOND = 100, 10.0


class Clock:
    """Time as a test has it pass."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_what_is_spent_comes_back_with_time_and_never_more_than_there_was() -> None:
    clock = Clock()
    allowance = Allowance(MOST, PER_SECOND, clock)
    allowance.spend(30)
    assert allowance.left == 70
    clock.seconds = 2
    assert allowance.left == 90
    clock.seconds = 1000
    assert allowance.left == MOST


def test_the_last_one_may_overdraw_and_waits_for_it() -> None:
    clock = Clock()
    allowance = Allowance(MOST, PER_SECOND, clock)
    allowance.spend(100)
    assert allowance.wait_s == 0
    allowance.spend(50)
    assert (allowance.left, allowance.wait_s) == (-50, 5.0)
    clock.seconds = 5
    assert allowance.wait_s == 0


@given(st.lists(st.tuples(st.integers(0, 500), st.floats(0, 100)), max_size=20))
@some
def test_over_any_time_no_more_is_spent_than_there_was_and_came_back_but_for_the_last(
    spending: list[tuple[int, float]],
) -> None:
    clock = Clock()
    allowance = Allowance(MOST, PER_SECOND, clock)
    spent, last = 0, 0
    for points, pause in spending:
        clock.seconds += pause
        if allowance.wait_s == 0:
            allowance.spend(points)
            spent, last = spent + points, points
    assert spent - last <= MOST + clock.seconds * PER_SECOND + 0.001
