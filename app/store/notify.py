"""Bell: tells those who wait that something was committed. It may ring for nothing.

Should it ever stay silent, as while PostgreSQL is away, nobody waits for ever: a stream looks by itself at each of its
bookmarks, a worker when the next row is due.
"""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, text

from app.domain.tenant import Tenant
from app.store.database import is_sqlite

Listener = Callable[[str | None], None]
_Ring = Callable[[Iterable[Any]], None]
_CHANNEL = "journal"
_REVISIONS = "SELECT id, revision FROM tenant"
_LOOK_EVERY_S = 0.05
_TRY_AGAIN_AFTER_S = 1.0

log = structlog.get_logger()


class Bell:
    """Rings with the id of the tenant that was written to, or None for "perhaps any of them".

    It rings for whoever wants to know of every change, and for those who work when a change left them something to do.
    """

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._workers: set[Listener] = set()
        self._revisions: dict[str, int] = {}
        self._lock = threading.Lock()

    def ring(self, tenant_id: str, since: int, revision: int, *, owing: bool) -> None:
        """Tell what this process committed: a tenant's journal from one number to another; whether work is owed now.

        If that number is news too, another process committed in between, and may owe work.
        """
        known = self._learn(tenant_id, revision)
        if known < revision:
            self._wake(tenant_id, self._listeners)
        if owing or known < since:
            self._wake(tenant_id, self._workers)

    def hear(self, tenant_id: str, revision: int, owing: bool = True) -> None:
        """Tell what some process committed, unless it was this one and told so; and whether work may be owed now.

        Who knows no more than the revision cannot say that none is.
        """
        if self._learn(tenant_id, revision) < revision:
            self._wake(tenant_id, self._listeners, *[self._workers] * owing)

    def ring_for_all(self) -> None:
        """Tell that any tenant's journal may have grown."""
        self._wake(None, self._listeners, self._workers)

    def listening(self, listener: Listener) -> contextlib.AbstractContextManager[None]:
        """Call the listener at each change while the block runs."""
        return self._among(self._listeners, listener)

    def working(self, worker: Listener) -> contextlib.AbstractContextManager[None]:
        """Call the worker while the block runs whenever work may be owed."""
        return self._among(self._workers, worker)

    def _learn(self, tenant_id: str, revision: int) -> int:
        """Remember what a tenant's journal reached; return what was known before."""
        with self._lock:
            known = self._revisions.get(tenant_id, -1)
            self._revisions[tenant_id] = max(known, revision)
        return known

    def _wake(self, tenant_id: str | None, *those: set[Listener]) -> None:
        with self._lock:
            listeners = [listener for them in those for listener in them]
        for listener in listeners:  # in the thread that committed: none may block
            listener(tenant_id)

    @contextlib.contextmanager
    def _among(self, listeners: set[Listener], listener: Listener) -> Iterator[None]:
        with self._lock:
            listeners.add(listener)
        try:
            yield
        finally:
            with self._lock:
                listeners.discard(listener)


def announce(connection: Connection, tenant: Tenant, *, owing: bool) -> None:
    """Let other processes hear of what the transaction does, once it is committed. SQLite's need not be told."""
    if not is_sqlite(connection.engine.url):
        notice = json.dumps([tenant.id, tenant.revision, owing])
        connection.execute(text("SELECT pg_notify(:channel, :notice)"), {"channel": _CHANNEL, "notice": notice})


@contextlib.contextmanager
def hearing_other_processes(engine: Engine, bell: Bell) -> Iterator[None]:
    """Ring the bell for commits of other processes too, while the block runs."""
    stop = threading.Event()
    watch = _watch_sqlite if is_sqlite(engine.url) else _watch_postgresql
    arguments = (partial(watch, engine), engine.dialect.loaded_dbapi.Error, bell, stop)
    watcher = threading.Thread(target=_watch, args=arguments, name="notify", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()


def _watch(
    watch: Callable[[_Ring, threading.Event], None], away: type[Exception], bell: Bell, stop: threading.Event
) -> None:
    """Watch for as long as nobody stops it; what was missed while the database was `away` is found when it is back."""

    def ring_for(grown: Iterable[Any]) -> None:
        for news in grown:
            bell.hear(*news)

    while not stop.is_set():
        try:
            watch(ring_for, stop)
        except Exception as error:
            known = isinstance(error, away)
            log.warning("nothing is heard of other processes", reason=str(error).strip(), exc_info=not known)
            bell.ring_for_all()
            stop.wait(_TRY_AGAIN_AFTER_S)


def _watch_sqlite(engine: Engine, ring_for: _Ring, stop: threading.Event) -> None:
    # SQLite counts, for each connection, the commits that others made; so this takes one of its own.
    with contextlib.closing(sqlite3.connect(str(engine.url.database))) as connection:
        seen = None
        while not stop.wait(_LOOK_EVERY_S):
            version = connection.execute("PRAGMA data_version").fetchone()
            if version != seen:
                seen = version
                ring_for(connection.execute(_REVISIONS))


def _watch_postgresql(engine: Engine, ring_for: _Ring, stop: threading.Event) -> None:
    import psycopg  # only here, for most run with SQLite

    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"LISTEN {_CHANNEL}")
        ring_for(connection.execute(_REVISIONS))
        while not stop.is_set():
            ring_for(json.loads(notice.payload) for notice in connection.notifies(timeout=_LOOK_EVERY_S))
