"""Schema: which tables the database has, and the steps that bring it to what the code expects.

A step only adds: tables, indexes, columns that may be left out. So the processes of a version go on, and can be started
anew, over the schema of a later one, and versions replace each other while the service runs. A step that has to take
something away begins the next thousand (1001 after 0007): the versions before it are to be stopped first.
"""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from app.store.database import is_sqlite, writing

_MIGRATIONS = Path(__file__).with_name("migrations")
HEAD = max(path.stem.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


class WrongSchema(Exception):
    """The database stands at another step than the code; the text says at which, and what to do."""


def must_fit(engine: Engine) -> None:
    """Raise WrongSchema unless the schema has all that the code expects."""
    found = current(engine)
    if found is None or found < HEAD:
        raise WrongSchema(f"the schema stands at {found or 'nothing'}, not {HEAD}: run `python -m app migrate`")
    if found[0] > HEAD[0]:
        raise WrongSchema(f"the schema stands at {found}, newer than {HEAD}: it was made for a newer version than this")


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest; does nothing where it is, or is newer. Raises WrongSchema if it does not fit.

    Raises Unavailable if the database fails meanwhile; then nothing is changed.
    """
    if (current(engine) or "") >= HEAD:
        must_fit(engine)
        return
    from alembic import command  # costs 0.2 s at import; most starts need none of it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with writing(engine) as connection:
        if not is_sqlite(engine.url):  # where to begin to write is to be alone
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('volume-snapshots schema'))"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def current(engine: Engine) -> str | None:
    """Return the step that the database stands at; None before the first."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
