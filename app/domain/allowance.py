"""Allowance: what a caller may still ask for. It is spent by the cost of each operation, and comes back with time."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from app.domain.record import now


class Allowance:
    """Points up to `most`, of which `per_second` come back.

    What an operation costs is known only once it is read, so the last one may overdraw: its caller waits the longer.
    """

    def __init__(self, most: int, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._per_second = per_second
        self._clock = clock
        self._points = float(most)
        self._as_of = clock()

    @property
    def left(self) -> int:
        """The points that are left; below 0 while it is overdrawn."""
        return int(self._now())

    @property
    def full_at(self) -> datetime:
        """When all will have come back, if nothing more is spent."""
        return now() + timedelta(seconds=(self.most - self._now()) / self._per_second)

    @property
    def wait_s(self) -> float:
        """How long a caller has to wait, in seconds; 0 if there is something left."""
        return max(0.0, -self._now() / self._per_second)

    def spend(self, points: int) -> None:
        """Take points off."""
        self._points = self._now() - points
        self._as_of = self._clock()

    def _now(self) -> float:
        return min(self.most, self._points + (self._clock() - self._as_of) * self._per_second)
