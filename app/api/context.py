"""Context: what the resolvers of one operation share: who asks, in which language, and the service behind it all."""

import asyncio
import contextlib
import contextvars
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import Any, ParamSpec, Protocol, TypeVar

import strawberry

from app.api.loaders import Loaders
from app.api.locale import Locale
from app.api.standings import Standings
from app.api.tail import Tails
from app.domain.allowance import Allowance
from app.domain.caller import Caller
from app.domain.receipt import Receipt
from app.domain.unavailable import Collided
from app.service.sandbox import SandboxService
from app.service.snapshots import SnapshotService
from app.service.volumes import VolumeService
from app.service.watch import Watch

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
_THREADS = 12
_TRIES = 3


@dataclass(frozen=True)
class Services:
    """The service, for every caller alike. `bookmark_every_s` is the longest silence of a stream, in seconds.

    `sandbox`: None in production.
    """

    volumes: VolumeService
    snapshots: SnapshotService
    watch: Watch
    products: dict[str, str]
    bookmark_every_s: float
    sandbox: SandboxService | None = None
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_THREADS, "service"))

    @cached_property
    def tails(self) -> Tails:
        """What the streams of each tenant share."""
        return Tails(self.watch)

    @cached_property
    def standings(self) -> Standings:
        """Where tenants stand."""
        return Standings(self.watch, self.threads)


class Told(Protocol):
    """A message of a subscription: whether it tells a change and when that happened, and the place behind it."""

    @property
    def is_change(self) -> bool: ...
    @property
    def at(self) -> datetime: ...
    @property
    def cursor(self) -> str: ...


class Context:
    """One operation's view of the service. `resume_after` is the cursor that a stream's client comes back with.

    `told` is the message that a stream tells now, and `once` does for it what its like need not do again.
    A resolver that answers from anything but the tenant's rows says on the `receipt` that it does not last.
    """

    told: Told | None = None
    once: Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]] | None = None

    def __init__(
        self,
        services: Services,
        caller: Caller,
        locale: Locale,
        receipt: Receipt,
        allowance: Allowance | None = None,
        resume_after: str | None = None,
    ) -> None:
        self.services = services
        self.caller = caller
        self.locale = locale
        self.receipt = receipt
        self.allowance = allowance
        self.resume_after = resume_after
        self._load: Loaders | None = None

    @property
    def load(self) -> Loaders:
        """What gathers the questions of the resolvers; most messages of streams have none."""
        if self._load is None:
            services = self.services
            self._load = Loaders(self.run, self.caller, services.volumes, services.snapshots, services.watch)
        return self._load

    async def run(self, ask: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        """Ask the service in a thread: the one place where the asynchronous world steps into the other.

        Who is stopped meanwhile leaves at once. The thread is taken until it is done, so hung storage takes no more.
        Each question is one transaction: if it collided with another it changed nothing, and is asked again.
        """
        for _ in range(_TRIES - 1):
            with contextlib.suppress(Collided):
                return await self._run(partial(ask, *args, **kwargs))
        return await self._run(partial(ask, *args, **kwargs))

    async def _run(self, ask: Callable[[], Answer]) -> Answer:
        alike = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self.services.threads, alike.run, ask)

    async def change(self, ask: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        """Ask the service for a change; what was loaded before it is forgotten."""
        try:
            return await self.run(ask, *args, **kwargs)
        finally:
            self.forget()

    def forget(self) -> None:
        """Load everything anew from here on."""
        self._load = None


Info = strawberry.Info[Context, Any]
