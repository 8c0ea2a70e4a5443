"""The steps of the schema, and that they end where the code begins."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect
from sqlmodel import SQLModel

from app.store import schema
from app.store.database import open_engine
from app.store.store import Store
from tests.domain.make import a_volume
from tests.store.opened import DATABASES, opened, put, side_by_side
from tests.store.postgres import new_empty_database


def differences(engine: Engine) -> list[object]:
    """What the database lacks of the models, or has more."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))


def test_after_all_steps_the_tables_are_those_of_the_models(store: Store) -> None:
    assert differences(store._engine) == []


def test_the_comparison_would_see_an_index_that_is_missing(store: Store) -> None:
    with store._engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX volume_by_name")
    assert len(differences(store._engine)) == 1


def test_the_indexes_of_owed_rows_hold_nothing_else(store: Store) -> None:
    for table in ("volume", "snapshot"):
        (owed,) = (index for index in inspect(store._engine).get_indexes(table) if index["name"] == f"{table}_owed")
        conditions = {
            str(value).strip("()") for key, value in owed["dialect_options"].items() if key.endswith("_where")
        }
        assert conditions == {"owed_at IS NOT NULL"}


EMPTY: Mapping[str, Callable[[Path], str]] = {**DATABASES, "postgresql": lambda _: new_empty_database()}


@pytest.fixture(params=EMPTY)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a database without any table is."""
    return EMPTY[request.param](tmp_path)


def test_the_newest_step_is_the_head_and_an_empty_database_is_before_the_first(empty: str) -> None:
    engine = open_engine(empty)
    assert schema.current(engine) is None
    schema.migrate(engine)
    assert schema.current(engine) == schema.HEAD
    engine.dispose()


def test_migrating_twice_changes_nothing(store: Store) -> None:
    put(store, a_volume())
    store.migrate()
    assert len(store.every_record()) == 1
    assert differences(store._engine) == []


def test_processes_that_start_at_once_migrate_one_database(empty: str) -> None:
    def start(_: int) -> str | None:
        with opened(empty) as store:
            return schema.current(store._engine)

    assert side_by_side(4, start) == [schema.HEAD] * 4


def test_the_steps_are_numbered_without_gaps() -> None:
    steps = sorted(path.stem[:4] for path in Path(schema.__file__).parent.glob("migrations/versions/[0-9]*.py"))
    assert steps == [f"{number:04}" for number in range(1, len(steps) + 1)]
