"""Deadline: the moment after which nobody waits for an answer any more. Work that notices it stops."""

import contextlib
import math
import time
from collections.abc import Iterator
from contextvars import ContextVar

_deadline: ContextVar[float] = ContextVar("deadline", default=math.inf)


class TooLate(Exception):
    """The work was stopped, because nobody waits for it any more."""


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give what is done in the block, also in threads and tasks that it begins, so much time."""
    before = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(before)


def passed() -> bool:
    """Whether the time is over."""
    return time.monotonic() > _deadline.get()


def must_not_have_passed() -> None:
    """Raise TooLate once the time is over."""
    if passed():
        raise TooLate
