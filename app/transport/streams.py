"""Streams: the sockets and event streams that are open. Each tenant has its share of them; all end with the service."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator

from app.transport.metrics import STREAMS


class TooMany(Exception):
    """The tenant has as many streams open as it may."""

    def __init__(self, most: int) -> None:
        super().__init__(f"the tenant has {most} sockets and event streams open, and may have no more")


class Streams:
    """Counts them, and knows how to end each."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()
        self._ends: set[Callable[[], None]] = set()

    @contextlib.contextmanager
    def place(self, tenant_id: str, transport: str) -> Iterator[None]:
        """Count one more while the block runs. Raises TooMany."""
        if self._open[tenant_id] >= self._most:
            raise TooMany(self._most)
        self._open[tenant_id] += 1
        try:
            with STREAMS.labels(transport).track_inprogress():
                yield
        finally:
            self._open[tenant_id] -= 1
            self._open += Counter()  # forgets those that have none

    @contextlib.contextmanager
    def ended_by(self, end: Callable[[], None]) -> Iterator[None]:
        """Call `end` if the service ends while the block runs."""
        self._ends.add(end)
        try:
            yield
        finally:
            self._ends.discard(end)

    def end(self) -> None:
        """End them all."""
        for end in tuple(self._ends):
            end()
