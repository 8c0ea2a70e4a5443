"""Rows: the statements that read one kind of object of one tenant. The tenant is bound once, so none can forget it."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, false, func, literal, or_, true, tuple_, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.domain.page import ListName, OrderField, Page, Window
from app.domain.problems import NotFound
from app.domain.record import Record
from app.domain.snapshot import SnapshotFilter
from app.domain.tenant import Tenant
from app.domain.volume import VolumeFilter
from app.store.words import unindexed

Row = TypeVar("Row", bound=Record)
Filter = TypeVar("Filter", bound=SnapshotFilter | VolumeFilter)


class Rows(Generic[Row, Filter]):
    """One kind of object, within one transaction and one tenant."""

    model: type[Row]
    counter: str
    """The tenant's column that says how many it has, kept with every change."""

    def __init__(self, session: Session, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def fits(self, wanted: Filter) -> list[ColumnElement[bool]]:
        """Return the conditions of a filter."""
        raise NotImplementedError

    def walks(self, wanted: Filter) -> Sequence[Filter]:
        """Return filters that share out what fits so that an index can bring each share in the list's order."""
        return [wanted]

    def better_sorted(self, wanted: Filter, by: OrderField) -> bool:
        """Whether no index has what fits in that order, and it is little: then it is better read and sorted."""
        raise NotImplementedError

    def get(self, id_: str) -> Row:
        """Return the object; NotFound if the tenant has none of that id."""
        found = self.find([id_]).get(id_)
        if found is None:
            raise NotFound(id_)
        return found

    def find(self, ids: Collection[str]) -> dict[str, Row]:
        """Return those of the objects that the tenant has, by id."""
        known = self._known(ids)
        if not known:
            return {}
        return {row.id: row for row in self._session.exec(self._mine().where(one_of(self.model.id, known)))}

    def counts(self, filters: Sequence[Filter]) -> list[int]:
        """Count the objects that fit each of the filters, in one statement. To ask for all needs no counting."""
        counts = self._session.execute(select(*(self._count(wanted).scalar_subquery() for wanted in filters))).one()
        return [count or 0 for count in counts]

    def pages(self, wanted: Sequence[tuple[ListName, Window, Filter]]) -> list[Page[Row]]:
        """Read many pages in one statement, each by walks of an index, so that a list of lists costs no more."""
        walks = [
            (number, self._page(name, window, share))
            for number, (name, window, filter_) in enumerate(wanted)
            for share in self.walks(filter_)
        ]
        found: list[list[Row]] = [[] for _ in wanted]
        for number, record in self._walked(walks):
            found[number].append(record)
        return [_finish(rows, name, window) for rows, (name, window, _) in zip(found, wanted, strict=True)]

    def _walked(self, walks: Sequence[tuple[int, Select[Any]]]) -> Iterable[tuple[int, Row]]:
        if len(walks) == 1:  # as nearly always; to put them together takes longer than to read a page
            ((number, walk),) = walks
            return ((number, record) for record in self._session.execute(walk).scalars())
        numbered = (walk.add_columns(literal(number).label("list")) for number, walk in walks)
        together = union_all(*(select(walk.subquery()) for walk in numbered)).subquery()
        found: Iterable[Any] = self._session.execute(select(together.c.list, aliased(self.model, together)))
        return found

    def _count(self, wanted: Filter) -> Select[Any]:
        conditions = self.fits(wanted)
        if not conditions:
            return select(getattr(Tenant, self.counter)).where(col(Tenant.id) == self._tenant_id)
        mine = col(self.model.tenant_id) == self._tenant_id
        return select(func.count()).select_from(self.model).where(mine, *conditions)

    def _known(self, ids: Collection[str]) -> list[str]:
        return [id_ for id_ in ids if self.model.is_id(id_)]

    def _mine(self) -> Any:
        return select(self.model).where(col(self.model.tenant_id) == self._tenant_id)

    def _page(self, name: ListName, window: Window, wanted: Filter) -> Select[Any]:
        field = getattr(self.model, name.order.field)
        if self.better_sorted(wanted, name.order.field):
            field = unindexed(field)
        falling = name.order.descending
        bounds = [
            self._beyond(name.place(cursor, argument), name.order.field, field, wanted, above=above)
            for cursor, argument, above in ((window.after, "after", not falling), (window.before, "before", falling))
            if cursor is not None
        ]
        key = (field, col(self.model.id))
        ordered = [column.desc() if falling != window.backward else column.asc() for column in key]
        page: Select[Any] = self._mine().where(*self.fits(wanted), *bounds).order_by(*ordered).limit(window.size + 1)
        return page

    def _beyond(
        self, place: tuple[Any, str], order: OrderField, field: Any, wanted: Filter, *, above: bool
    ) -> ColumnElement[bool]:
        """Whether a row lies above a place, or below. Of one status the ids alone tell; SQLite would not see that."""
        id_, (key, place_id) = col(self.model.id), place
        if order is OrderField.STATUS and len(wanted.status) == 1:
            (status,) = wanted.status
            if status != key:
                return true() if (status > key) == above else false()
            return id_ > place_id if above else id_ < place_id
        row, there = tuple_(field, id_), tuple_(literal(key), literal(place_id))
        return row > there if above else row < there


def one_of(column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether the column has one of the values."""
    condition: ColumnElement[bool] = column.in_(values) if len(values) > 1 else column == values[0]
    return condition


def containing(text: str, *columns: Any) -> ColumnElement[bool]:
    """Whether the text stands in one of the columns, in any case."""
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


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
        cursor=name.cursor,
        has_next=window.before is not None if window.backward else more,
        has_previous=more if window.backward else window.after is not None,
    )
