"""Standing: at what revision a tenant stands. It is asked before what was kept is told again, so it has to be quick."""

import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path

from sqlalchemy import Engine, text

from app.store.database import asking, is_sqlite

Standing = tuple[int, ...]
"""A tenant's revision and limits. While they are the same, its rows tell the same."""

_ASK = "SELECT revision, max_volumes, max_snapshots, max_gigabytes FROM tenant WHERE id = :id"
_ASK_ALL = text("SELECT id, revision, max_volumes, max_snapshots, max_gigabytes FROM tenant WHERE id = ANY(:ids)")


class ServerStandings:
    """Of a database that is asked over a network: for a thread."""

    at_once = False

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, tenant_ids: Collection[str]) -> Mapping[str, Standing]:
        """Return the standings of those that were ever seen. Raises Unavailable."""
        with asking(self._engine) as connection:
            found = connection.execute(_ASK_ALL, {"ids": list(tenant_ids)})
            return {id_: tuple(standing) for id_, *standing in found}

    def close(self) -> None:
        """Do nothing: the connections are the engine's."""


class FileStandings:
    """Of a file on this machine: by a connection of its own it takes some ten microseconds, and never waits.

    For one thread, that of the event loop.
    """

    at_once = True

    def __init__(self, engine: Engine) -> None:
        self._path = Path(str(engine.url.database)).absolute()
        self._connection: sqlite3.Connection | None = None

    def of(self, tenant_ids: Collection[str]) -> Mapping[str, Standing]:
        """Return the standings of those that were ever seen; none if the database is busy with itself."""
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, timeout=0)
            asked = ((id_, self._connection.execute(_ASK, {"id": id_}).fetchone()) for id_ in tenant_ids)
            return {id_: standing for id_, standing in asked if standing is not None}
        except sqlite3.Error:
            return {}

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def standings(engine: Engine) -> ServerStandings | FileStandings:
    """Make what tells the standings of a database's tenants."""
    return FileStandings(engine) if is_sqlite(engine.url) else ServerStandings(engine)
