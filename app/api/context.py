"""Context: what the resolvers of one operation share: who asks, in which language, and the service behind it all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

import anyio.to_thread
import strawberry

from app.api.loaders import Loaders
from app.api.locale import Locale
from app.domain.caller import Caller
from app.service.snapshots import SnapshotService
from app.service.volumes import VolumeService
from app.service.watch import Watch

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
_THREADS = 12


@dataclass(frozen=True)
class Services:
    """The service, for every caller alike. `bookmark_every_s` is the longest silence of a stream, in seconds."""

    volumes: VolumeService
    snapshots: SnapshotService
    watch: Watch
    products: dict[str, str]
    bookmark_every_s: float
    threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_THREADS))


class Context:
    """One operation's view of the service."""

    def __init__(self, services: Services, caller: Caller, locale: Locale) -> None:
        self.services = services
        self.caller = caller
        self.locale = locale
        self.load = self._loaders()

    async def run(self, ask: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        """Ask the service in a thread: the one place where the asynchronous world steps into the other."""
        return await anyio.to_thread.run_sync(lambda: ask(*args, **kwargs), limiter=self.services.threads)

    async def change(self, ask: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        """Ask the service for a change; what was loaded before it is forgotten."""
        try:
            return await self.run(ask, *args, **kwargs)
        finally:
            self.forget()

    def forget(self) -> None:
        """Load everything anew from here on."""
        self.load = self._loaders()

    def _loaders(self) -> Loaders:
        return Loaders(self.run, self.caller, self.services.volumes, self.services.snapshots, self.services.watch)


Info = strawberry.Info[Context, Any]
