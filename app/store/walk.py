"""Walk: the way along an index that brings a page of a list, from one cursor or to another."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, false, true, tuple_

from app.domain.page import ListName, Order, OrderField, Window
from app.domain.snapshot import SnapshotFilter
from app.domain.volume import VolumeFilter

Wanted = SnapshotFilter | VolumeFilter


class Bound(Enum):
    """What of a list lies beyond a cursor."""

    ALL = "everything"
    NONE = "nothing"
    ROWS = "the rows whose key and id lie beyond"
    IDS = "the rows whose ids do, for all have one key"


class Walk(NamedTuple):
    """A walk but for the places that its bounds name: two that are equal here are made by the same statement."""

    number: int
    order: Order
    backward: bool
    most: int
    after: Bound
    before: Bound
    wanted: Wanted

    @classmethod
    def of(cls, number: int, name: ListName, window: Window, wanted: Wanted) -> "tuple[Walk, Mapping[str, Any]]":
        """Return the walk of a window, and the places by their names. Raises Unanswerable for a foreign cursor."""
        places: dict[str, Any] = {}
        bounds = []
        for argument, cursor in (("after", window.after), ("before", window.before)):
            bound = Bound.ALL
            if cursor is not None:
                key, id_ = name.place(cursor, argument)
                places |= {f"{argument}_{number}": key, f"{argument}_id_{number}": id_}
                bound = _bound(name.order, key, wanted, above=_above(name.order, argument))
            bounds.append(bound)
        after, before = bounds
        return cls(number, name.order, window.backward, window.size + 1, after, before, wanted), places

    def bounds(self, field: Any, id_: Any) -> list[ColumnElement[bool]]:
        """Return the conditions that a row lies within the bounds, by what the list is sorted by."""
        return [self._beyond(argument, field, id_) for argument in ("after", "before")]

    def sorts(self, field: Any, id_: Any) -> list[Any]:
        """Return the order in which the rows are met."""
        falling = self.order.descending != self.backward
        return [column.desc() if falling else column.asc() for column in (field, id_)]

    def _beyond(self, argument: str, field: Any, id_: Any) -> ColumnElement[bool]:
        bound = self.after if argument == "after" else self.before
        if bound in (Bound.ALL, Bound.NONE):
            return true() if bound is Bound.ALL else false()
        here, there = id_, bindparam(f"{argument}_id_{self.number}", type_=id_.type)
        if bound is Bound.ROWS:
            place = bindparam(f"{argument}_{self.number}", type_=field.type)
            here, there = tuple_(field, here), tuple_(place, there)  # type: ignore[assignment]
        beyond: ColumnElement[bool] = here > there if _above(self.order, argument) else here < there
        return beyond


def _above(order: Order, argument: str) -> bool:
    """Whether what lies beyond a cursor is greater."""
    return order.descending == (argument == "before")


def _bound(order: Order, key: Any, wanted: Wanted, *, above: bool) -> Bound:
    """Say what lies beyond a key and an id. Of one status the ids alone tell; SQLite would not see that."""
    if order.field is not OrderField.STATUS or len(wanted.status) != 1:
        return Bound.ROWS
    (status,) = wanted.status
    if status == key:
        return Bound.IDS
    return Bound.ALL if (status > key) == above else Bound.NONE
