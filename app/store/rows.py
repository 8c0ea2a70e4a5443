"""Rows: the statements that read one kind of object of one tenant. The tenant is bound once, so none can forget it.

What is read is to be looked at; a change is a statement of its own.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Executable,
    Select,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlmodel import col

from app.domain.page import ListName, OrderField, Page, Window
from app.domain.problems import NotFound
from app.domain.record import Record
from app.domain.snapshot import SnapshotFilter
from app.domain.tenant import Tenant
from app.domain.volume import VolumeFilter
from app.store.columns import as_read, columns_of
from app.store.walk import Walk
from app.store.words import unindexed

_STATEMENTS_KEPT = 256

Row = TypeVar("Row", bound=Record)
Filter = TypeVar("Filter", bound=SnapshotFilter | VolumeFilter)


class Rows(Generic[Row, Filter]):
    """One kind of object of one tenant."""

    model: type[Row]
    counter: str
    """The tenant's column that says how many it has, kept with every change."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    @classmethod
    def fits(cls, wanted: Filter) -> list[ColumnElement[bool]]:
        """Return the conditions of a filter."""
        raise NotImplementedError

    @classmethod
    def walks(cls, wanted: Filter) -> Sequence[Filter]:
        """Return filters that share out what fits so that an index can bring each share in the list's order."""
        return [wanted]

    @classmethod
    def better_sorted(cls, wanted: Filter, by: OrderField) -> bool:
        """Whether no index has what fits in that order, and it is little: then it is better read and sorted."""
        raise NotImplementedError

    @classmethod
    def whole(cls, rows: Select[Any] | CompoundSelect[Any]) -> Select[Any] | CompoundSelect[Any]:
        """Return what reads the objects of rows with all that is shown along with them."""
        return rows

    @classmethod
    def made(cls, row: Any) -> Row:
        """Make the object of a row of `whole`."""
        return as_read(cls.model, row)

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
        rows = self._read(self._one(), id=known[0]) if len(known) == 1 else self._read(self._some(), ids=known)
        return {record.id: record for _, record in rows}

    def counts(self, filters: Sequence[Filter]) -> list[int]:
        """Count the objects that fit each of the filters, in one statement. To ask for all needs no counting."""
        counts = self._connection.execute(select(*(self._count(wanted).scalar_subquery() for wanted in filters))).one()
        return [count or 0 for count in counts]

    def pages(self, wanted: Sequence[tuple[ListName, Window, Filter]]) -> list[Page[Row]]:
        """Read many pages in one statement, each by walks of an index, so that a list of lists costs no more."""
        walks: list[Walk] = []
        places: dict[str, Any] = {}
        for number, (name, window, filter_) in enumerate(wanted):
            for share in self.walks(filter_):
                walk, named = Walk.of(number, name, window, share)
                walks.append(walk)
                places.update(named)
        found: list[list[Row]] = [[] for _ in wanted]
        for row, record in self._read(self._pages(walks), **places):
            found[row.list].append(record)
        return [_finish(rows, name, window) for rows, (name, window, _) in zip(found, wanted, strict=True)]

    def _read(self, statement: Executable, **values: Any) -> Iterable[tuple[Any, Row]]:
        rows = self._connection.execute(statement, {"tenant": self._tenant_id, **values})
        return ((row, self.made(row)) for row in rows.all())

    def _count(self, wanted: Filter) -> Select[Any]:
        conditions = self.fits(wanted)
        if not conditions:
            return select(getattr(Tenant, self.counter)).where(col(Tenant.id) == self._tenant_id)
        mine = col(self.model.tenant_id) == self._tenant_id
        return select(func.count()).select_from(self.model).where(mine, *conditions)

    @classmethod
    @cache
    def _one(cls) -> Executable:
        return cls.whole(cls._mine().where(col(cls.model.id) == bindparam("id")))

    @classmethod
    @cache
    def _some(cls) -> Executable:
        return cls.whole(cls._mine().where(col(cls.model.id).in_(bindparam("ids", expanding=True))))

    @classmethod
    def _pages(cls, walks: Sequence[Walk]) -> Executable:
        """Return the statement of all the walks. One alone is nearly always all; to make it takes as long as to run."""
        if len(walks) == 1:
            return cls._page(walks[0])
        return cls.whole(union_all(*(select(cls._walked(walk).subquery()) for walk in walks)))

    @classmethod
    @lru_cache(_STATEMENTS_KEPT)
    def _page(cls, walk: Walk) -> Executable:
        return cls.whole(cls._walked(walk))

    @classmethod
    def _walked(cls, walk: Walk) -> Select[Any]:
        wanted: Any = walk.wanted
        field, id_ = getattr(cls.model, walk.order.field), col(cls.model.id)
        if cls.better_sorted(wanted, walk.order.field):
            field = unindexed(field)
        page = cls._mine().add_columns(literal_column(str(walk.number)).label("list"))
        page = page.where(*cls.fits(wanted), *walk.bounds(field, id_))
        return page.order_by(*walk.sorts(field, id_)).limit(walk.most)

    @classmethod
    def _mine(cls) -> Select[Any]:
        return select(*columns_of(cls.model)).where(col(cls.model.tenant_id) == bindparam("tenant"))


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
