"""Serving: the service itself, in a thread of this process."""

import contextlib
import dataclasses
import threading
from collections.abc import Iterator

from starlette.applications import Starlette

from app.drivers.contract import Driver
from app.main import build_app
from app.server import Server
from app.settings import Settings
from app.testing.answers import WAIT_S


@contextlib.contextmanager
def serving(settings: Settings, driver: Driver | None = None, *, port: int = 0) -> Iterator[str]:
    """Serve in a thread while the block runs, on a free port if none is given; yields the address."""
    server = _Server(build_app(settings, driver), dataclasses.replace(settings, host="127.0.0.1", port=port))
    thread = threading.Thread(target=server.run, name="service")
    thread.start()
    try:
        if not server.ready.wait(WAIT_S):
            raise TimeoutError("the service did not start")
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


class _Server(Server):
    def __init__(self, app: Starlette, settings: Settings) -> None:
        super().__init__(app, settings)
        self.ready = threading.Event()

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        self.ready.set()
