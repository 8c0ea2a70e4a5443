"""Standings: where tenants stand, asked for all at once who want to know it at the same time."""

import asyncio
from collections.abc import Hashable, Mapping
from concurrent.futures import Executor

import structlog

from app.domain.caller import Caller
from app.domain.unavailable import Unavailable
from app.service.watch import Watch

_WITHIN_S = 1.0

log = structlog.get_logger()


class Standings:
    """One question is under way at a time; who comes meanwhile is asked for by the next, so no answer is too old."""

    def __init__(self, watch: Watch, threads: Executor) -> None:
        self._watch = watch
        self._threads = threads
        self._wanted: dict[str, asyncio.Future[Hashable | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def of(self, caller: Caller) -> Hashable | None:
        """Return where the caller's tenant stands; None if that is unknown, as while the database is away."""
        id_ = caller.tenant_id
        if self._watch.tells_standings_at_once:
            return self._watch.standings([id_]).get(id_)
        if id_ not in self._wanted:
            self._wanted[id_] = asyncio.get_running_loop().create_future()
        told = self._wanted[id_]
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        try:
            async with asyncio.timeout(_WITHIN_S):
                standing: Hashable | None = await asyncio.shield(told)
        except TimeoutError:
            return None
        return standing

    async def _ask(self) -> None:
        while self._wanted:
            wanted, self._wanted = self._wanted, {}
            found: Mapping[str, Hashable] = {}
            try:
                ask = asyncio.get_running_loop().run_in_executor
                found = await ask(self._threads, self._watch.standings, list(wanted))
            except Unavailable:
                pass
            except Exception:
                log.exception("nobody knows where tenants stand")
            for id_, told in wanted.items():
                told.set_result(found.get(id_))
