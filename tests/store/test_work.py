"""However many rows a tenant has, the database looks at a page's worth of them, for every list in every order."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import insert, text

from app.domain.page import ListName, Order, OrderField, Window
from app.domain.record import Record, now
from app.domain.snapshot import Snapshot, SnapshotFilter, SnapshotStatus
from app.domain.volume import Volume, VolumeCategory, VolumeFilter, VolumeStatus
from app.store.database import asking, is_sqlite, writing
from app.store.leases import Reach
from app.store.store import Store
from tests.domain.make import a_snapshot, a_volume
from tests.store.opened import DATABASES, opened, put
from tests.store.work import asked, rows_looked_at

ROWS, FEW, SIZE = 4000, 4, 10
A_PAGES_WORTH = 20 * SIZE
S, V = SnapshotStatus, VolumeStatus
VOLUME = a_volume()
SNAPSHOT = a_snapshot(VOLUME)

SNAPSHOTS = {
    "all": SnapshotFilter(),
    "of a status of few": SnapshotFilter(status=(S.ERROR,)),
    "of statuses of few": SnapshotFilter(status=(S.ERROR, S.DELETING)),
    "of a status of most": SnapshotFilter(status=(S.AVAILABLE,)),
    "of statuses of few and most": SnapshotFilter(status=(S.ERROR, S.AVAILABLE)),
    "of a volume": SnapshotFilter(volume_id=VOLUME.id),
    "of a volume and a status": SnapshotFilter(status=(S.ERROR, S.AVAILABLE), volume_id=VOLUME.id),
}
VOLUMES = {
    "all": VolumeFilter(),
    "of a status of few": VolumeFilter(status=(V.ERROR,)),
    "of statuses of few and most": VolumeFilter(status=(V.ERROR, V.AVAILABLE)),
    "of servers": VolumeFilter(category=VolumeCategory.ROOT),
    "of servers, of a status of most": VolumeFilter(category=VolumeCategory.ROOT, status=(V.AVAILABLE, V.ERROR)),
    "of no server": VolumeFilter(category=VolumeCategory.DATA),
    "restored from a snapshot": VolumeFilter(source_snapshot_id=SNAPSHOT.id),
}
FILTERS: Mapping[str, Any] = {"snapshots": SnapshotFilter, "volumes": VolumeFilter}
MIDDLE: Mapping[OrderField, Sequence[str | int]] = {
    OrderField.CREATED_AT: ["2026-01-02T12:00:00+00:00", "m"],
    OrderField.NAME: ["n-5", "m"],
    OrderField.SIZE: [50, "m"],
    OrderField.STATUS: ["AVAILABLE", "snap-8"],
}
ORDERS = [Order(field, descending) for field, descending in product(OrderField, (False, True))]


def filled(store: Store) -> None:
    """Give a tenant many rows, a few of each that are not as the others; all are owed something some day."""
    put(store, a_volume())
    volumes = [_like(a_volume, number) for number in range(ROWS)]
    snapshots = [_like(a_snapshot, number, volume_id=volumes[number % 500]["id"]) for number in range(ROWS)]
    for number in range(FEW):
        volumes[199 + number]["category"] = VolumeCategory.ROOT
        volumes[9 + number]["source_snapshot_id"] = SNAPSHOT.id
        snapshots[9 + number]["volume_id"] = VOLUME.id
        volumes[99 + number]["status"] = V.ERROR
        snapshots[99 + number]["status"] = S.ERROR
    due = [it.model_dump() for _ in range(FEW) for it in (a_volume(status=V.CREATING), a_volume(status=V.DELETING))]
    with writing(store._engine) as connection:
        connection.execute(insert(Volume), due)
        connection.execute(insert(Volume), [VOLUME.model_dump(), *volumes])
        connection.execute(insert(Snapshot), [SNAPSHOT.model_dump(), *snapshots])
        connection.commit()
    if not is_sqlite(store._engine.url):
        with asking(store._engine) as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _like(make: Any, number: int, **values: Any) -> dict[str, Any]:
    row: Record = make(
        name=f"n-{number * 7919 % ROWS}",
        size_gb=10 + number % 90,
        created_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
        owed_at=now() + timedelta(days=1 + number),
        **values,
    )
    return row.model_dump() | values


@pytest.fixture(scope="module", params=DATABASES)
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of many rows; all that is done to it is to claim some."""
    with opened(DATABASES[request.param](tmp_path_factory.mktemp("full"))) as store:
        filled(store)
        yield store


def page_costs(store: Store, kind: str, order: Order, wanted: Any, at_depth: bool) -> int:
    """How many rows are looked at for a page, the first of its list or one in the middle."""
    name = ListName("t", kind, order)
    window = Window(SIZE, after=name.seal(MIDDLE[order.field]) if at_depth else None)
    with asked(store) as statements, store.reading("t") as reading:
        getattr(reading, kind).pages([(name, window, wanted)])
    assert len(statements) == 1
    return rows_looked_at(store, statements)


@pytest.mark.parametrize("at_depth", [False, True], ids=["the first page", "a page at depth"])
@pytest.mark.parametrize("order", ORDERS, ids=lambda order: f"{order.field} {'falling' if order.descending else ''}")
@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("snapshots", wanted) for wanted in SNAPSHOTS.values()] + [("volumes", wanted) for wanted in VOLUMES.values()],
    ids=[f"snapshots {what}" for what in SNAPSHOTS] + [f"volumes {what}" for what in VOLUMES],
)
def test_a_page_costs_a_page(full: Store, kind: str, order: Order, wanted: Any, at_depth: bool) -> None:
    assert page_costs(full, kind, order, wanted, at_depth) < A_PAGES_WORTH


def test_a_page_by_name_of_a_status_in_which_most_do_not_rest_costs_as_much_as_all_of_that_status(full: Store) -> None:
    """No index has the names within a status: so many indexes would cost every write more than they save."""
    cost = page_costs(full, "snapshots", Order(OrderField.NAME), SnapshotFilter(status=(S.ERROR,)), at_depth=False)
    assert FEW <= cost < A_PAGES_WORTH


@pytest.mark.parametrize("kind", ["snapshots", "volumes"])
def test_to_count_all_counts_nothing(full: Store, kind: str) -> None:
    with asked(full) as statements, full.reading("t") as reading:
        getattr(reading, kind).counts([FILTERS[kind]()])
    assert rows_looked_at(full, statements) <= 1


@pytest.mark.parametrize("full", ["postgresql"], indirect=True)  # SQLite looks at every row of the tenant
@pytest.mark.parametrize("kind", ["snapshots", "volumes"])
def test_postgresql_finds_a_text_wherever_it_stands_without_a_look_at_every_row(full: Store, kind: str) -> None:
    with asked(full) as statements, full.reading("t") as reading:
        assert getattr(reading, kind).counts([FILTERS[kind](search="-3999")]) == [1]
        reading.snapshots.pages([(ListName("t", "snapshots"), Window(SIZE), SnapshotFilter(search="nowhere"))])
    assert len(statements) == 2
    assert rows_looked_at(full, statements) < A_PAGES_WORTH


# What workers ask, though every row at rest is owed something some day


@pytest.mark.parametrize("reach", Reach)
def test_to_claim_a_row_looks_at_few(full: Store, reach: Reach) -> None:
    with asked(full) as statements:
        claimed = full.leases.claim(reach)
    assert claimed is not None
    assert statements[-1][0].startswith("UPDATE")
    assert rows_looked_at(full, statements) < A_PAGES_WORTH


@pytest.mark.parametrize("reach", Reach)
def test_to_know_when_the_next_is_due_looks_at_few(full: Store, reach: Reach) -> None:
    with asked(full) as statements:
        assert full.leases.next_due_in(reach) == 0
    assert rows_looked_at(full, statements) < A_PAGES_WORTH


def test_to_keep_a_lease_looks_at_few(full: Store) -> None:
    with asked(full) as statements:
        full.leases.renew(["somebody's"])
    assert len(statements) == 2
    assert rows_looked_at(full, statements) < A_PAGES_WORTH


def test_to_sum_up_the_debts_looks_at_few(full: Store) -> None:
    with asked(full) as statements:
        assert sum(debt.rows for debt in full.debts()) >= FEW
    assert rows_looked_at(full, statements) < A_PAGES_WORTH
