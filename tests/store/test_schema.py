"""The steps of the schema, that they end where the code begins, and that versions can replace each other over it."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel

from app.domain.snapshot import Snapshot
from app.domain.volume import Volume
from app.store import schema
from app.store.database import asking, is_sqlite, open_engine
from app.store.schema import WrongSchema
from app.store.store import Store
from tests.domain.make import a_volume
from tests.store.opened import DATABASES, opened, put, side_by_side
from tests.store.postgres import new_empty_database


def differences(engine: Engine) -> list[object]:
    """What the database lacks of the models, or has more."""

    def meant(item: Any, _name: object, kind: str, *_: object) -> bool:
        return kind != "index" or not (is_sqlite(engine.url) and item.kwargs.get("postgresql_using"))

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": meant})
        return list(compare_metadata(context, SQLModel.metadata))


def test_after_all_steps_the_tables_are_those_of_the_models(store: Store) -> None:
    assert differences(store._engine) == []


def test_the_comparison_would_see_an_index_that_is_missing(store: Store) -> None:
    with asking(store._engine) as connection:
        connection.exec_driver_sql("DROP INDEX volume_by_name")
    assert len(differences(store._engine)) == 1


def conditions(store: Store, table: str) -> dict[str, str]:
    """What is said of the rows of each index that does not hold all."""
    return {
        str(index["name"]): str(value).strip("()")
        for index in inspect(store._engine).get_indexes(table)
        for key, value in index["dialect_options"].items()
        if key.endswith("_where")
    }


@pytest.mark.parametrize("model", [Volume, Snapshot])
def test_the_indexes_that_workers_find_rows_by_hold_nothing_else(store: Store, model: type[Volume | Snapshot]) -> None:
    table = str(model.__tablename__)
    found = conditions(store, table)
    assert found[f"{table}_owed"] == "owed_at IS NOT NULL"
    assert found[f"{table}_leased"] == "lease IS NOT NULL"
    assert found[f"{table}_tried"] == "attempts > 0"
    assert re.findall(r"[A-Z]{6,}", found[f"{table}_on_the_way"]) == list(model.lifecycle.transitional)


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


DIES_AT_A_TABLE = """
import os, sys
from sqlalchemy import event
from tests.store.opened import LONG, NO_LIMITS
from app.store.store import Store

store = Store(sys.argv[1], NO_LIMITS, LONG)

def die(connection, cursor, statement, *_):
    if "CREATE TABLE snapshot" in statement:
        os._exit(9)

event.listen(store._engine, "after_cursor_execute", die)
store.migrate()
"""


def test_a_migration_that_is_killed_half_way_has_changed_nothing_and_the_next_one_completes(empty: str) -> None:
    killed = subprocess.run([sys.executable, "-c", DIES_AT_A_TABLE, empty], cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == 9
    engine = open_engine(empty)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    with opened(empty) as store:
        put(store, a_volume())
        assert differences(store._engine) == []


# One version beside the next


STEPS = sorted(Path(schema.__file__).parent.glob("migrations/versions/[0-9]*.py"))


def test_the_steps_are_numbered_without_gaps_in_each_thousand() -> None:
    numbers = [0, *(int(step.stem[:4]) for step in STEPS)]
    for before, number in pairwise(numbers):
        assert number in (before + 1, before // 1000 * 1000 + 1001)


def taken_away(step: str) -> list[str]:
    """What a step does beside adding what the versions before it can do without."""
    calls = [it for it in ast.walk(ast.parse(step)) if isinstance(it, ast.Call) and isinstance(it.func, ast.Attribute)]
    done = {ast.unparse(call.func).removeprefix("op."): call for call in calls if "op." in ast.unparse(call.func)}
    columns = [ast.unparse(call) for name, call in done.items() if name == "add_column"]
    others = sorted(done.keys() - {"create_table", "create_index", "add_column", "bulk_insert", "get_bind"})
    return others + [it for it in columns if "nullable=True" not in it and "server_default=" not in it]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.stem)
def test_a_step_only_adds(step: Path) -> None:
    assert taken_away(step.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "step",
    [
        'op.drop_column("volume", "device")',
        'op.alter_column("volume", "device", nullable=False)',
        'op.execute("DROP TABLE volume")',
        'op.add_column("volume", sa.Column("zone", sa.String(), nullable=False))',
    ],
)
def test_a_step_that_takes_something_away_would_be_seen(step: str) -> None:
    assert len(taken_away(f"def upgrade() -> None:\n    {step}\n")) == 1


def stands_at(store: Store, step: str) -> None:
    with asking(store._engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :step"), {"step": step})


def test_a_version_goes_on_and_can_be_started_anew_over_the_schema_of_the_next(store: Store) -> None:
    with asking(store._engine) as connection:
        connection.execute(text("CREATE TABLE zone (id VARCHAR PRIMARY KEY)"))
        connection.execute(text("ALTER TABLE volume ADD COLUMN zone VARCHAR DEFAULT 'a' NOT NULL"))
        connection.execute(text("ALTER TABLE snapshot ADD COLUMN expires_at VARCHAR"))
    stands_at(store, "0999")
    store.make_ready()
    store.migrate()
    store.check()
    put(store, a_volume())
    assert len(store.every_record()) == 1
    assert schema.current(store._engine) == "0999"


def test_a_version_is_not_ready_over_a_schema_that_something_it_needs_was_taken_from(store: Store) -> None:
    stands_at(store, "1001")
    for start in (store.make_ready, store.migrate, store.check):
        with pytest.raises(WrongSchema, match="made for a newer version"):
            start()


def test_a_database_has_an_id_of_its_own_that_all_its_processes_read_and_that_never_changes(empty: str) -> None:
    def read(_: int) -> str:
        with opened(empty) as store:
            return store.installation()

    (first,) = set(side_by_side(4, read))
    assert read(0) == first
    assert len(first) == 32


def test_no_two_databases_have_the_same_id(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'a.db'}") as one, opened(f"sqlite:///{tmp_path / 'b.db'}") as other:
        assert one.installation() != other.installation()
