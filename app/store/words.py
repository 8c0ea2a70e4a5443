"""Words: how a statement puts what it asks, so that the database takes the index that was made for it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, func


def in_so_many_words(values: Sequence[str]) -> BindParameter[Any]:
    """Return, for `in_`, what is written into the statement rather than sent with it.

    An index of the rows in some statuses only serves those who name the same, and SQLite does not look at what is sent.
    """
    return bindparam(None, values, expanding=True, literal_execute=True)


def unindexed(column: Any) -> Any:
    """Return the same, but nothing that an index has: for what is to be asked, or sorted by, after few were found.

    SQLite would else walk all rows in the list's order, or all of a status, to find them.
    """
    return func.coalesce(column, column)
