"""Tail: what the streams of one tenant do together: they hear the same rings, and share what each of them finds.

Between two rings nothing changes. So what one stream found since the last one, be it the lines after a number or a
message as its selection shows it, is right for every other that asks the same, and is looked for but once.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Hashable, Iterator
from functools import partial
from typing import Any, TypeVar

from app.domain.caller import Caller
from app.service.watch import Watch

_MOST_FOUND = 100

Found = TypeVar("Found")


class Tail:
    """One tenant's, in the event loop where it is made. `streams`: how many hold it."""

    def __init__(self) -> None:
        self.streams = 0
        self.next_ring = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._found: dict[Hashable, asyncio.Future[Any]] = {}

    def ring(self) -> None:
        """Wake all streams, from whatever thread: the journal may have grown."""
        with contextlib.suppress(RuntimeError):  # the loop ended while a thread still committed
            self._loop.call_soon_threadsafe(self._ring)

    def _ring(self) -> None:
        self.forget()
        rung, self.next_ring = self.next_ring, asyncio.Event()
        rung.set()

    def forget(self) -> None:
        """Let everything be looked for anew."""
        self._found.clear()

    async def once(self, question: Hashable, find: Callable[[], Awaitable[Found]]) -> Found:
        """Return what was found since the last ring, or `find` it; a stream that ends meanwhile stops no other."""
        finding = self._found.get(question)
        if finding is None:
            if len(self._found) >= _MOST_FOUND:
                self.forget()
            finding = self._found[question] = asyncio.ensure_future(find())
            finding.add_done_callback(partial(self._check, question))
        found: Found = await asyncio.shield(finding)
        return found

    def _check(self, question: Hashable, finding: asyncio.Future[Any]) -> None:
        """Let a failure be nobody's but theirs who waited for it; asyncio would log one for which nobody waits."""
        if (finding.cancelled() or finding.exception()) and self._found.get(question) is finding:
            del self._found[question]


class Tails:
    """The tails of the tenants that have streams open."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._of: dict[str, tuple[Tail, contextlib.ExitStack]] = {}

    @contextlib.contextmanager
    def of(self, caller: Caller) -> Iterator[Tail]:
        """Hold the tail of the caller's tenant while the block runs."""
        if caller.tenant_id not in self._of:
            self._of[caller.tenant_id] = tail, listening = Tail(), contextlib.ExitStack()
            listening.enter_context(self._watch.listening(caller, tail.ring))
        tail, listening = self._of[caller.tenant_id]
        tail.streams += 1
        try:
            yield tail
        finally:
            tail.streams -= 1
            if not tail.streams:
                del self._of[caller.tenant_id]
                listening.close()
