"""Sandbox: what a test has happen to its tenant that elsewhere only misfortune brings.

`verb` is of the schema's StorageVerb, as `CREATE_SNAPSHOT`, `outcome` of its Outcome; `matching` is a pattern of the
name, or an id.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Generic, TypeVar

from app.testing.answers import Unexpected, obeyed
from app.testing.documents import order

Obeyed = TypeVar("Obeyed")


class Orders(Generic[Obeyed]):
    """`send` sends a document with its variables, and returns what it came to, or what can be awaited for that."""

    def __init__(self, send: Callable[[str, dict[str, Any]], Obeyed]) -> None:
        self._send = send

    def fail_next(self, verb: str, outcome: str = "REFUSED", *, times: int = 1, matching: str = "*") -> Obeyed:
        """Let the storage fail the next calls."""
        return self._order("failNext", verb=verb, outcome=outcome, times=times, matching=matching)

    def release(self, id_: str) -> Obeyed:
        """Let go on what is held: all that a plan keeps, or one object."""
        return self._order("release", id=id_)

    def set_quota(
        self, *, volumes: int | None = None, snapshots: int | None = None, gigabytes: int | None = None
    ) -> Obeyed:
        """Set the tenant's limits: -1 for none; what is left out stays as it is."""
        return self._order("setQuota", volumes=volumes, snapshots=snapshots, gigabytes=gigabytes)

    def lose_storage(self, volume_id: str) -> Obeyed:
        """Take a volume's bytes away; it is UNMANAGED then."""
        return self._order("loseStorage", volumeId=volume_id)

    def drop_connections(self) -> Obeyed:
        """Cut every socket and event stream of the tenant, as a lost network would."""
        return self._order("dropConnections")

    def expire_journal(self, before: str | None = None) -> Obeyed:
        """Forget the journal up to a cursor and with it, or all of it."""
        return self._order("expireJournal", before=before)

    def reset(self) -> Obeyed:
        """Forget all that was planned, and give the tenant the limits of a new one."""
        return self._order("reset")

    def _hold(self, verb: str, matching: str, at_percent: int | None) -> Obeyed:
        return self._order("hold", verb=verb, matching=matching, atPercent=at_percent)

    def _order(self, field: str, **arguments: Any) -> Obeyed:
        return self._send(order(field), arguments)


class Sandbox(Orders[Any]):
    """The sandbox of a client's tenant."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        super().__init__(lambda document, variables: obeyed(ask(document, **variables)))

    @contextlib.contextmanager
    def hold(self, verb: str, *, matching: str = "*", at_percent: int | None = None) -> Iterator[str]:
        """Let calls come so far and wait while the block runs; yields the plan's id."""
        plan = self._hold(verb, matching, at_percent)["id"]
        try:
            yield plan
        finally:
            with contextlib.suppress(Unexpected):  # it may be released already, or all may be reset
                self.release(plan)


class AsyncSandbox(Orders[Awaitable[Any]]):
    """The sandbox of a client's tenant, awaited."""

    def __init__(self, ask: Callable[..., Awaitable[Any]]) -> None:
        async def send(document: str, variables: dict[str, Any]) -> Any:
            return obeyed(await ask(document, **variables))

        super().__init__(send)

    @contextlib.asynccontextmanager
    async def hold(self, verb: str, *, matching: str = "*", at_percent: int | None = None) -> AsyncIterator[str]:
        """Let calls come so far and wait while the block runs; yields the plan's id."""
        plan = (await self._hold(verb, matching, at_percent))["id"]
        try:
            yield plan
        finally:
            with contextlib.suppress(Unexpected):  # it may be released already, or all may be reset
                await self.release(plan)
