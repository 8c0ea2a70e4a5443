"""Database: opens the engine of a URL. Beside `notify`, the only place that knows one database from another.

What SQLite does by itself, PostgreSQL is asked for: a transaction that reads sees all of one instant, and nobody waits
for a lock or a statement for ever.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain import deadline
from app.domain.unavailable import Collided, Unavailable

BUSY_TIMEOUT_MS = 10_000
_COLLISIONS = ("40001", "40P01")  # could not be serialized; deadlock
POOL_SIZE = 16
_LOOK_AT_THE_CLOCK_EVERY = 10_000  # steps of SQLite's machine, about 0.2 ms


def open_engine(url: str) -> Engine:
    """Open a database, making its folder if it is a file. Connects to nothing yet."""
    return _open_sqlite(url) if is_sqlite(url) else _open_postgresql(url)


def is_sqlite(url: str | URL) -> bool:
    """Whether the database is a file of our own rather than a server that others run."""
    return make_url(url).get_backend_name() == "sqlite"


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """Tell a database that is away, or too busy, from a bug. Raises Unavailable, or Collided."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable("the database is busy") from error
    except OperationalError as error:
        raise _meant(error) from error


def _meant(error: OperationalError) -> Exception:
    """Read what the driver says: PostgreSQL's states by their class, SQLite's lock; all else of SQLite's is a bug."""
    state = getattr(error.orig, "sqlstate", None)
    if state in _COLLISIONS:
        return Collided("the database undid one of two changes")
    if isinstance(error.orig, sqlite3.OperationalError):
        return Unavailable("the database is busy") if error.orig.sqlite_errorcode == sqlite3.SQLITE_BUSY else error
    return Unavailable("the database does not answer")


def for_reading(engine: Engine) -> Engine:
    """Return the same engine, whose transactions see all of one instant, as SQLite's do anyway."""
    return engine if is_sqlite(engine.url) else engine.execution_options(isolation_level="REPEATABLE READ")


def for_writing(engine: Engine) -> Engine:
    """Return the same engine, whose transactions take the right to write when they begin.

    SQLite would else refuse a transaction that read first and then finds that another wrote: no time-out cures that.
    """
    return engine.execution_options(begin="BEGIN IMMEDIATE")


def _open_postgresql(url: str) -> Engine:
    limits = {"statement_timeout": BUSY_TIMEOUT_MS, "lock_timeout": BUSY_TIMEOUT_MS, "timezone": "UTC"}
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_MS / 1000,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": BUSY_TIMEOUT_MS // 1000,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        },
    )


def _open_sqlite(url: str) -> Engine:
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, pool_size=POOL_SIZE, max_overflow=0)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # so that the driver leaves BEGIN to us
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    _turn_to_wal(connection)
    connection.execute("PRAGMA synchronous=FULL")
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


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
