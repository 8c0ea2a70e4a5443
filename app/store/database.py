"""Database: opens the engine of a URL. Beside `notify`, the only place that knows one database from another.

What SQLite does by itself, PostgreSQL is asked for: a transaction that reads sees all of one instant, and nobody waits
for a lock or a statement for ever. The drivers leave it to us how a transaction begins, and whether there is one.
"""

import contextlib
import math
import sqlite3
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from app.domain import deadline
from app.domain.unavailable import Collided, Unavailable

BUSY_TIMEOUT_MS = 10_000
_COLLISIONS = ("40001", "40P01")  # could not be serialized; deadlock
_PASSING = {sqlite3.SQLITE_BUSY: "the database is busy", sqlite3.SQLITE_FULL: "no space is left for the database"}
POOL_SIZE = 16
_ALIVE_FOR_S = 1.0
_RESTS = "rests"
_TURN = "turn"
_KNOWN = "it is postgresql://USER:PASSWORD@HOST/DATABASE, or nothing for a file in the data folder"
_LOOK_AT_THE_CLOCK_EVERY = 10_000  # steps of SQLite's machine, about 0.2 ms


class UnknownDatabase(Exception):
    """The URL names no database that could be opened; the text says what it may be, and shows no password."""


def open_engine(url: str) -> Engine:
    """Open a database, making its folder if it is a file. Connects to nothing yet. Raises UnknownDatabase."""
    try:
        kind = make_url(url).get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise UnknownDatabase(f"it is no URL; {_KNOWN}") from error
    if kind not in ("sqlite", "postgresql", "postgres"):
        raise UnknownDatabase(f"{kind} is not known here; {_KNOWN}")
    return _open_sqlite(url) if is_sqlite(url) else _open_postgresql(url)


def is_sqlite(url: str | URL) -> bool:
    """Whether the database is a file of our own rather than a server that others run."""
    return make_url(url).get_backend_name() == "sqlite"


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """Tell a database that is away, or too busy, from a bug. Raises Unavailable, Collided, or TooLate."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable("the database is busy") from error
    except OperationalError as error:
        raise _meant(error) from error


def _meant(error: OperationalError) -> Exception:
    """Read what the driver says: PostgreSQL's states by their class, SQLite's lock or full disk; its rest is a bug."""
    state = getattr(error.orig, "sqlstate", None)
    if state in _COLLISIONS:
        return Collided("the database undid one of two changes")
    if error.connection_invalidated and error.statement is not None:  # so it was no COMMIT, and nothing is changed
        return Collided("the connection to the database was lost")
    if isinstance(error.orig, sqlite3.OperationalError):
        if error.orig.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return deadline.TooLate()
        passing = _PASSING.get(error.orig.sqlite_errorcode)
        return Unavailable(passing) if passing else error
    return Unavailable("the database does not answer")


@contextlib.contextmanager
def asking(engine: Engine) -> Iterator[Connection]:
    """Open without a transaction: for who asks but once, and need not wait for begin and end. Raises Unavailable."""
    with answering(), engine.connect() as connection:
        yield connection


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that sees all of one instant, as SQLite's do anyway. Raises Unavailable."""
    with answering(), engine.connect() as connection:
        connection.exec_driver_sql("BEGIN" if is_sqlite(engine.url) else "BEGIN ISOLATION LEVEL REPEATABLE READ")
        yield connection
        connection.commit()  # there is nothing to commit, but psycopg 3 prepares statements anew after a rollback


@contextlib.contextmanager
def writing(engine: Engine, *, durably: bool = True) -> Iterator[Connection]:
    """Open a transaction that may write; if not `durably`, no disk is waited for, and a machine that falls forgets it.

    It takes the right to write when it begins: SQLite would else refuse one that read first and then finds that another
    wrote, which no time-out cures. Raises Unavailable or Collided.
    """
    with answering(), _turn(engine), engine.connect() as connection:
        for statement in _begin_to_write(engine, durably):
            connection.exec_driver_sql(statement)
        yield connection


def _begin_to_write(engine: Engine, durably: bool) -> tuple[str, ...]:
    if is_sqlite(engine.url):
        return f"PRAGMA synchronous={'FULL' if durably else 'NORMAL'}", "BEGIN IMMEDIATE"
    return ("BEGIN",) if durably else ("BEGIN", "SET LOCAL synchronous_commit TO off")


@contextlib.contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Wait to be the one that writes where there can be but one: SQLite would look again and again, ever less often.

    Whoever waits may be next, in no order.
    """
    turn: threading.Lock | None = engine.get_execution_options().get(_TURN)
    if turn is None:
        yield
    elif turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
        try:
            yield
        finally:
            turn.release()
    else:
        raise Unavailable("the database is busy")


def _open_postgresql(url: str) -> Engine:
    limits = {"statement_timeout": BUSY_TIMEOUT_MS, "lock_timeout": BUSY_TIMEOUT_MS, "timezone": "UTC"}
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_MS / 1000,
        connect_args={
            "connect_timeout": BUSY_TIMEOUT_MS // 1000,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        },
    )
    event.listen(engine, "checkin", _rest)
    event.listen(engine, "checkout", partial(_must_be_alive, engine.dialect))
    return engine


def _rest(_: object, record: ConnectionPoolEntry) -> None:
    record.info[_RESTS] = time.monotonic()


def _must_be_alive(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _: object) -> None:
    """See that no caller meets a connection that died while it rested. To ask one that just served would cost more."""
    if time.monotonic() - record.info.get(_RESTS, math.inf) < _ALIVE_FOR_S:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def _open_sqlite(url: str) -> Engine:
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, pool_size=POOL_SIZE, max_overflow=0, execution_options={_TURN: threading.Lock()})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # so that the driver leaves BEGIN to us
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    _turn_to_wal(connection)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.set_progress_handler(deadline.passed, _LOOK_AT_THE_CLOCK_EVERY)


def _turn_to_wal(connection: Any) -> None:
    # Kept in the file, so there is work only once. Here SQLite refuses at once where it would else wait for another
    # process that has just begun with the same new file.
    give_up_at = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
        else:
            return
