"""Streams: the sockets and event streams that are open. Each tenant has its share of them; all end with the service.

In a sandbox they can be cut, as if the network were lost: nobody says good-bye.
"""

import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextvars import ContextVar

from app.transport.metrics import STREAMS

Cut = Callable[[], None]
ANSWER: ContextVar[Cut | None] = ContextVar("answer", default=None)
"""What would cut the answer to the operation that runs, if that is an event stream."""


class TooMany(Exception):
    """The tenant has as many streams open as it may."""

    def __init__(self, most: int) -> None:
        super().__init__(f"the tenant has {most} sockets and event streams open, and may have no more")


class Streams:
    """Counts them, and knows how to end and how to cut each. For the event loop's thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()
        self._ends: set[Callable[[], None]] = set()
        self._cuts: defaultdict[str, set[Cut]] = defaultdict(set)

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

    @contextlib.contextmanager
    def cut_by(self, tenant_id: str, cut: Cut) -> Iterator[None]:
        """Call `cut` if the tenant's streams are dropped while the block runs."""
        self._cuts[tenant_id].add(cut)
        try:
            yield
        finally:
            self._cuts[tenant_id].discard(cut)
            if not self._cuts[tenant_id]:
                del self._cuts[tenant_id]

    def drop(self, tenant_id: str) -> int:
        """Cut all of a tenant's, but for the event stream that tells of it; return how many there were."""
        cuts = self._cuts.get(tenant_id, set()) - {ANSWER.get()}
        for cut in cuts:
            cut()
        return len(cuts)

    def end(self) -> None:
        """End them all."""
        for end in tuple(self._ends):
            end()
