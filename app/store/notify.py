"""Bell: tells those who wait that something was committed. It may ring for nothing; it never stays silent."""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator

import structlog
from sqlalchemy import Engine

Listener = Callable[[str | None], None]
_LOOK_EVERY_S = 0.05
_TRY_AGAIN_AFTER_S = 1.0

log = structlog.get_logger()


class Bell:
    """Rings with the id of the tenant that was written to, or None for "perhaps any of them"."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()

    def ring(self, tenant_id: str | None) -> None:
        """Wake everybody who listens. Listeners must not block: they run in the thread that committed."""
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(tenant_id)

    @contextlib.contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Call the listener at each ring while the block runs."""
        with self._lock:
            self._listeners.add(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners.discard(listener)


@contextlib.contextmanager
def hearing_other_processes(engine: Engine, bell: Bell) -> Iterator[None]:
    """Ring the bell for commits of other processes too, while the block runs."""
    stop = threading.Event()
    watcher = threading.Thread(target=_watch_sqlite, args=(engine, bell, stop), name="notify", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()


def _watch_sqlite(engine: Engine, bell: Bell, stop: threading.Event) -> None:
    revisions: dict[str, int] = {}
    while not stop.is_set():
        try:
            # SQLite counts, for each connection, the commits that others made; so this takes one of its own.
            with contextlib.closing(sqlite3.connect(str(engine.url.database))) as connection:
                _listen(connection, bell, stop, revisions)
        except sqlite3.Error:
            log.exception("the database did not answer who listens for other processes")
            bell.ring(None)
            stop.wait(_TRY_AGAIN_AFTER_S)


def _listen(connection: sqlite3.Connection, bell: Bell, stop: threading.Event, revisions: dict[str, int]) -> None:
    seen = None
    while not stop.wait(_LOOK_EVERY_S):
        version = connection.execute("PRAGMA data_version").fetchone()
        if version == seen:
            continue
        seen = version
        # Commits of this very process count too, and most are of leases: only those whose journal grew are told.
        for tenant_id, revision in connection.execute("SELECT id, revision FROM tenant"):
            if revisions.get(tenant_id) != revision:
                revisions[tenant_id] = revision
                bell.ring(tenant_id)
