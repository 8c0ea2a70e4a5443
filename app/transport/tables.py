"""Tables: how the values of a type are shown, by their class; `None`: as they are.

A class that is not in the table is a surprise: a null where none may be, an awaitable, whatever nobody expected.
"""

from collections.abc import Callable, Sequence
from functools import cache
from types import GeneratorType, NoneType
from typing import Any

from graphql import Undefined, is_enum_type, is_non_null_type
from graphql.type import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

Show = Callable[[Any], Any]
Table = dict[type, Show | None]
MADE_FROM = "strawberry-definition"
_AS_IT_IS: dict[str, type] = {"String": str, "ID": str, "Boolean": bool}


class Surprise(Exception):
    """A value that graphql-core has to see."""


class Leaves(Table):
    """The table of a scalar or an enum. How a class is shown is found out when it is met."""

    def __init__(self, type_: Any) -> None:
        self._write: Show = type_.coerce_output_value
        self._are_few = is_enum_type(type_)
        if type_.name in _AS_IT_IS:
            self[_AS_IT_IS[type_.name]] = None
        if type_.name == "Int":
            self[int] = _whole

    def __missing__(self, kind: type) -> Show | None:
        if kind in (NoneType, type(Undefined)) or _is_no_value(kind):
            raise Surprise
        return self.setdefault(kind, cache(self._show) if self._are_few else self._show)

    def _show(self, value: Any) -> Any:
        shown = self._write(value)
        if shown is None or shown is Undefined:
            raise Surprise
        return shown


def _whole(value: int) -> int:
    if not GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT:
        raise Surprise
    return value


def lists(items: Table) -> Table:
    """Make the table of a list from that of its items."""
    return {list: lambda values: [value if (show := items[type(value)]) is None else show(value) for value in values]}


def objects(kind: type, fields: Sequence[tuple[str, str, Table]]) -> Table:
    """Make the table of objects of a class from their fields: the key of each, its attribute, and its table."""

    def show(source: Any) -> dict[str, Any]:
        held = vars(source)  # where to look takes a third of the time that to ask does
        if TYPE_CAST_ATTRIBUTE in held:
            raise Surprise
        shown = {}
        for key, attribute, table in fields:
            value = held[attribute] if attribute in held else getattr(source, attribute)
            how = table[type(value)]
            shown[key] = value if how is None else how(value)
        return shown

    return {kind: show}


def bare(type_: Any) -> Any:
    """Return the type without its `!`."""
    return type_.of_type if is_non_null_type(type_) else type_


def kind_of(type_: Any) -> type | None:
    """Return the class of an object type's objects, if to be of it is enough."""
    made_from = type_.extensions.get(MADE_FROM)
    if made_from is None:
        return None
    shown: type | None = getattr(made_from.origin, "shows", None if made_from.is_type_of else made_from.origin)
    return None if shown is None or _is_no_value(shown) else shown


def _is_no_value(kind: type) -> bool:
    """Whether graphql-core raises it or waits for it."""
    return issubclass(kind, (Exception, GeneratorType)) or hasattr(kind, "__await__")
