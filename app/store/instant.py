"""Instant: an instant as it is read. A page has hundreds; to read them as sqlmodel does takes as long as the rest."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import UserDefinedType


class Instant(UserDefinedType[datetime]):
    """Reads what sqlmodel's UTCDateTime wrote: SQLite has it as text without an offset, PostgreSQL's driver in UTC."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Return what makes an instant of a column's value; None if it is one."""
        return _read if dialect.name == "sqlite" else None


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")
