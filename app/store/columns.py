"""Columns: what is read of a row, and the object that is made of it: one to be looked at, which nobody watches."""

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, inspect, type_coerce
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from app.store.instant import Instant

Row = TypeVar("Row", bound=SQLModel)


@cache
def columns_of(model: type[SQLModel]) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of a kind's rows."""
    columns = inspect(model).columns
    return tuple(
        type_coerce(column, Instant()).label(column.key) if isinstance(column.type, UTCDateTime) else column
        for column in columns
    )


@cache
def names_of(model: type[SQLModel]) -> tuple[str, ...]:
    """Return the names of a kind's columns, in their order."""
    return tuple(column.key for column in inspect(model).columns)


def as_read(model: type[Row], values: Iterable[Any]) -> Row:
    """Make an object of its columns. SQLAlchemy does not watch it: that would take ten times as long."""
    record = object.__new__(model)
    record.__dict__.update(zip(names_of(model), values, strict=False))
    return record
