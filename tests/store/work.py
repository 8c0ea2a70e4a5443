"""How much a database has to look at for what the store asks it, counted by the database itself."""

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, event

from app.store.database import is_sqlite, writing
from app.store.store import Store

Asked = list[tuple[str, Any]]
_MARK = "before_cursor_execute"
_STEPS_OF_A_ROW = 15  # of SQLite's machine, at least


@contextlib.contextmanager
def asked(store: Store) -> Iterator[Asked]:
    """Gather the statements that are sent while the block runs, each with its parameters."""
    seen: Asked = []

    def note(_connection: Connection, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith(("SELECT", "UPDATE")):
            seen.append((statement, parameters))

    event.listen(store._engine, _MARK, note)
    try:
        yield seen
    finally:
        event.remove(store._engine, _MARK, note)


def rows_looked_at(store: Store, statements: Asked) -> int:
    """How many rows or entries of indexes the database looks at for the statements. What they change is undone."""
    count = _by_steps if is_sqlite(store._engine.url) else _by_plan
    with writing(store._engine) as connection:
        return sum(count(connection, statement, parameters) for statement, parameters in statements)


def _by_steps(connection: Connection, statement: str, parameters: Any) -> int:
    """SQLite tells no rows, but how many steps its machine takes."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    machine: Any = connection.connection.driver_connection
    machine.set_progress_handler(step, 1)
    try:
        result = connection.exec_driver_sql(statement, parameters)
        if result.returns_rows:
            result.all()
    finally:
        machine.set_progress_handler(None, 0)
    return steps // _STEPS_OF_A_ROW


def _by_plan(connection: Connection, statement: str, parameters: Any) -> int:
    explained = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
    return _of(explained.scalar_one()[0]["Plan"])


def _of(node: dict[str, Any]) -> int:
    removed = sum(amount for key, amount in node.items() if key.startswith("Rows Removed by"))
    own = node["Actual Loops"] * (node["Actual Rows"] + removed) if "Scan" in node["Node Type"] else 0
    return int(own) + sum(map(_of, node.get("Plans", ())))
