"""Server: uvicorn, told how large a frame may be, how long a stop may take, and to end the open streams first."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette

from app.settings import Settings
from app.starting import starting

MAX_FRAME = 64 * 1024
STOP_WITHIN_S = 4


class Server(uvicorn.Server):
    """Serves the application until a signal comes; `alone` if the process is for nothing else."""

    def __init__(self, app: Starlette, settings: Settings, *, alone: bool = False) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                server_header=False,
                ws_max_size=MAX_FRAME,
                ws_per_message_deflate=False,  # it would keep a compressor for every socket, for messages this small
                timeout_graceful_shutdown=STOP_WITHIN_S,
            )
        )
        self._streams = app.state.streams
        self._alone = alone

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open what the service stands on, and listen."""
        with starting(for_good=self._alone):
            await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what would go on for ever; uvicorn 0.54 would wait for it, and then log a failure."""
        self._streams.end()
        await super().shutdown(sockets)


@contextlib.contextmanager
def serving_aside(app: Starlette, settings: Settings) -> Iterator[None]:
    """Serve in a thread of its own while the block runs; a port that is taken ends the process at once."""
    server = Server(app, settings)
    place = server.config.bind_socket()
    thread = threading.Thread(target=server.run, args=([place],), name="health", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
