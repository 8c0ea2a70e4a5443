"""Rows: the statements that read one kind of object of one tenant. The tenant is bound once, so none can forget it."""

from collections.abc import Collection, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, func, literal, or_, tuple_, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.domain.page import ListName, Page, Window
from app.domain.problems import NotFound
from app.domain.record import Record

Row = TypeVar("Row", bound=Record)
Filter = TypeVar("Filter")


class Rows(Generic[Row, Filter]):
    """One kind of object, within one transaction and one tenant."""

    model: type[Row]

    def __init__(self, session: Session, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def fits(self, wanted: Filter) -> list[ColumnElement[bool]]:
        """Return the conditions of a filter."""
        raise NotImplementedError

    def get(self, id_: str) -> Row:
        """Return the object; NotFound if the tenant has none of that id."""
        found = self.find([id_]).get(id_)
        if found is None:
            raise NotFound(id_)
        return found

    def find(self, ids: Collection[str]) -> dict[str, Row]:
        """Return those of the objects that the tenant has, by id."""
        known = [id_ for id_ in ids if self.model.is_id(id_)]
        if not known:
            return {}
        return {row.id: row for row in self._session.exec(self._mine().where(col(self.model.id).in_(known)))}

    def counts(self, filters: Sequence[Filter]) -> list[int]:
        """Count the objects that fit each of the filters, in one statement."""
        counts = [
            select(func.count()).select_from(self.model).where(*self._conditions(wanted)).scalar_subquery()
            for wanted in filters
        ]
        return list(self._session.execute(select(*counts)).one())

    def pages(self, wanted: Sequence[tuple[ListName, Window, Filter]]) -> list[Page[Row]]:
        """Read many pages in one statement, each by its own walk of an index, so that a list of lists costs no more."""
        statements = [self._page(*want).add_columns(literal(n).label("list")) for n, want in enumerate(wanted)]
        together = union_all(*(select(statement.subquery()) for statement in statements)).subquery()
        row = aliased(self.model, together)
        found: list[list[Row]] = [[] for _ in wanted]
        for record, number in self._session.execute(select(row, together.c.list)):
            found[number].append(record)
        return [_finish(rows, name, window) for rows, (name, window, _) in zip(found, wanted, strict=True)]

    def _conditions(self, wanted: Filter) -> list[ColumnElement[bool]]:
        return [col(self.model.tenant_id) == self._tenant_id, *self.fits(wanted)]

    def _mine(self) -> Any:
        return select(self.model).where(col(self.model.tenant_id) == self._tenant_id)

    def _page(self, name: ListName, window: Window, wanted: Filter) -> Select[Any]:
        key = (getattr(self.model, name.order.field), col(self.model.id))
        place = tuple_(*key)
        falling = name.order.descending
        bounds: list[ColumnElement[bool]] = []
        if window.after is not None:
            after = _place(name, window.after, "after")
            bounds.append(place < after if falling else place > after)
        if window.before is not None:
            before = _place(name, window.before, "before")
            bounds.append(place > before if falling else place < before)
        ordered = [column.desc() if falling != window.backward else column.asc() for column in key]
        page: Select[Any] = self._mine().where(*self.fits(wanted), *bounds).order_by(*ordered).limit(window.size + 1)
        return page


def containing(text: str, *columns: Any) -> ColumnElement[bool]:
    """Whether the text stands in one of the columns, in any case."""
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def _place(name: ListName, cursor: str, argument: str) -> Any:
    return tuple_(*(literal(part) for part in name.place(cursor, argument)))


def _finish(rows: list[Row], name: ListName, window: Window) -> Page[Row]:
    rows.sort(
        key=lambda row: (getattr(row, name.order.field), row.id), reverse=name.order.descending != window.backward
    )
    more = len(rows) > window.size
    kept = rows[: window.size]
    if window.backward:
        kept.reverse()
    return Page(
        items=kept,
        cursors=[name.cursor(row) for row in kept],
        has_next=window.before is not None if window.backward else more,
        has_previous=more if window.backward else window.after is not None,
    )
