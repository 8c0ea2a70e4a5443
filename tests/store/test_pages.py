"""Lists: pages that neither skip nor double a row, whatever others do to the list between two of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from app.domain.page import ListName, Order, OrderField, Page, Window
from app.domain.problems import Unanswerable
from app.domain.snapshot import SnapshotFilter, SnapshotStatus
from app.domain.volume import Volume, VolumeCategory, VolumeFilter, VolumeStatus
from app.store.store import Store
from tests.domain.make import a_snapshot, a_volume, some
from tests.store.opened import put

ANY = VolumeFilter()
orders = st.builds(Order, st.sampled_from(OrderField), st.booleans())
moments = st.integers(0, 2).map(lambda n: datetime(2026, 11, 22, tzinfo=UTC) + timedelta(microseconds=n))
volumes = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["aaa", "AAA", "a-b", "zzz", "123"]),
        "size_gb": st.sampled_from([10, 11, 100, 1000]),
        "status": st.sampled_from(VolumeStatus),
        "created_at": moments,
    }
)
"""Alike in many ways, so that the id often has to decide."""


def page_of(store: Store, name: ListName, window: Window, wanted: VolumeFilter = ANY) -> Page[Volume]:
    with store.reading(name.tenant_id) as reading:
        return reading.volumes.pages([(name, window, wanted)])[0]


def sorted_as(order: Order, rows: list[Volume]) -> list[str]:
    """The ids in the order of the list, by a sort of Python's own."""
    ordered = sorted(rows, key=lambda row: (getattr(row, order.field), row.id), reverse=order.descending)
    return [row.id for row in ordered]


class Walk(RuleBasedStateMachine):
    """Somebody walks through a list, in one direction, by pages of any size; others add and remove rows meanwhile."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.tenant_id = Volume.new_id()
        self.rows: dict[str, Volume] = {}
        self.there_all_along: set[str] = set()
        self.seen: list[Volume] = []
        self.cursor: str | None = None
        self.more = True

    @initialize(order=orders, backward=st.booleans(), rows=st.lists(volumes, max_size=12))
    def begin(self, order: Order, backward: bool, rows: list[dict[str, Any]]) -> None:
        self.name = ListName(self.tenant_id, "volumes", order)
        self.backward = backward
        for row in rows:
            self.add(row)
        self.there_all_along = set(self.rows)

    @rule(row=volumes)
    def add(self, row: dict[str, Any]) -> None:
        volume = a_volume(self.tenant_id, lease="l", **row)
        put(self.store, volume)
        self.rows[volume.id] = volume

    @rule(which=st.integers(0, 99))
    def remove(self, which: int) -> None:
        if self.rows:
            volume = self.rows.pop(sorted(self.rows)[which % len(self.rows)])
            self.there_all_along.discard(volume.id)
            with self.store.unit_of_work(self.tenant_id, "tester") as work:
                work.remove(volume, under="l")
                work.commit()

    @rule(size=st.integers(1, 4))
    def read_on(self, size: int) -> None:
        if self.more:
            there = {"before" if self.backward else "after": self.cursor}
            page = page_of(self.store, self.name, Window(size, self.backward, **there))
            assert not [row for row in page.items if row in self.seen], "a row came twice"
            self.seen += reversed(page.items) if self.backward else page.items
            self.more = page.has_previous if self.backward else page.has_next
            assert page.items or not self.more, "an empty page is not the last"
            self.cursor = page.cursors[0 if self.backward else -1] if page.items else self.cursor

    def teardown(self) -> None:
        while self.more:
            self.read_on(3)
        seen = [row.id for row in self.seen]
        assert self.there_all_along <= set(seen), "a row was skipped"
        in_order = sorted_as(self.name.order, self.seen)
        assert seen == (in_order[::-1] if self.backward else in_order)


def test_a_walk_by_pages_neither_skips_nor_doubles_a_row_that_was_there_all_along(store: Store) -> None:
    class Here(Walk):
        pass

    Here.store = store
    run_state_machine_as_test(Here, settings=settings(some, stateful_step_count=15))


@given(order=orders, rows=st.lists(volumes, max_size=12), size=st.integers(0, 5), at=st.integers(0, 99), data=st.data())
@some
def test_a_window_holds_the_rows_next_to_its_place_and_says_whether_more_follow(
    store: Store, order: Order, rows: list[dict[str, Any]], size: int, at: int, data: st.DataObject
) -> None:
    tenant_id = Volume.new_id()
    name = ListName(tenant_id, "volumes", order)
    made = [a_volume(tenant_id, **given) for given in rows] or [a_volume(tenant_id)]
    put(store, *made)
    ids = sorted_as(order, made)
    place = at % len(ids)
    cursor = name.cursor(next(row for row in made if row.id == ids[place]))

    after = page_of(store, name, Window(size, after=cursor))
    assert [row.id for row in after.items] == ids[place + 1 :][:size]
    assert (after.has_next, after.has_previous) == (len(ids) > place + 1 + size, True)

    before = page_of(store, name, Window(size, backward=True, before=cursor))
    assert [row.id for row in before.items] == ids[:place][max(0, place - size) :]
    assert (before.has_next, before.has_previous) == (True, place > size)


@given(
    order=orders,
    rows=st.lists(volumes, max_size=12),
    statuses=st.sets(st.sampled_from(VolumeStatus), min_size=1),
    at=volumes,
    backward=st.booleans(),
)
@some
def test_a_list_of_some_statuses_is_the_list_of_all_without_the_others_wherever_it_is_begun(
    store: Store,
    order: Order,
    rows: list[dict[str, Any]],
    statuses: set[VolumeStatus],
    at: dict[str, Any],
    backward: bool,
) -> None:
    tenant_id = Volume.new_id()
    name = ListName(tenant_id, "volumes", order)
    made = [a_volume(tenant_id, **given) for given in rows] or [a_volume(tenant_id)]
    put(store, *made)
    place = {"before" if backward else "after": name.cursor(a_volume(tenant_id, **at))}
    window = Window(100, backward, **place)
    everything = page_of(store, name, window)
    some_of_it = page_of(store, name, window, VolumeFilter(status=tuple(statuses)))
    assert [row.id for row in some_of_it.items] == [row.id for row in everything.items if row.status in statuses]


def test_a_window_between_two_places_holds_what_lies_between(store: Store) -> None:
    made = [a_volume(name=f"v-{n}") for n in range(6)]
    put(store, *made)
    name = ListName("t", "volumes", Order(OrderField.NAME, descending=False))
    after, before = name.cursor(made[0]), name.cursor(made[5])
    assert [row.name for row in page_of(store, name, Window(2, False, after, before)).items] == ["v-1", "v-2"]
    assert [row.name for row in page_of(store, name, Window(2, True, after, before)).items] == ["v-3", "v-4"]


def test_a_cursor_of_a_row_that_is_gone_still_says_where_it_was(store: Store) -> None:
    put(store, *(a_volume(name=f"v-{n}") for n in (1, 3)))
    name = ListName("t", "volumes", Order(OrderField.NAME, descending=False))
    gone = name.cursor(a_volume(name="v-2"))
    assert [row.name for row in page_of(store, name, Window(after=gone)).items] == ["v-3"]


def test_a_cursor_of_another_list_is_unanswerable_and_names_its_argument(store: Store) -> None:
    foreign = ListName("t", "snapshots").cursor(a_volume())
    for window, argument in [(Window(after=foreign), "after"), (Window(before=foreign), "before")]:
        with pytest.raises(Unanswerable) as caught:
            page_of(store, ListName("t", "volumes"), window)
        assert (caught.value.code, caught.value.argument) == ("INVALID_CURSOR", argument)


def test_pages_of_many_lists_in_one_statement_are_each_as_if_read_alone(store: Store) -> None:
    made = [a_volume(name=f"v-{n % 3}", size_gb=10 + n % 4) for n in range(12)]
    put(store, *made)
    lists = []
    for field in OrderField:
        for descending in (True, False):
            name = ListName("t", "volumes", Order(field, descending))
            cursor = name.cursor(made[5])
            windows = [Window(3), Window(3, after=cursor), Window(3, backward=True, before=cursor), Window(0)]
            lists += [(name, window, wanted) for window in windows for wanted in (ANY, VolumeFilter(search="v-1"))]
    with store.reading("t") as reading:
        assert reading.volumes.pages(lists) == [reading.volumes.pages([wanted])[0] for wanted in lists]


VOLUMES = {
    "plain": a_volume(name="orders", description="of the shop"),
    "root": a_volume(name="boot", category=VolumeCategory.ROOT),
    "used": a_volume(name="Orders-2", status=VolumeStatus.IN_USE),
    "odd": a_volume(name="odd", description=r"100% of a_b c:\d /e"),
    "restored": a_volume(name="copy", source_snapshot_id="snap-1", description="업무 백업"),
}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (ANY, {"plain", "root", "used", "odd", "restored"}),
        (VolumeFilter(status=(VolumeStatus.IN_USE,)), {"used"}),
        (VolumeFilter(status=(VolumeStatus.IN_USE, VolumeStatus.ERROR)), {"used"}),
        (VolumeFilter(category=VolumeCategory.ROOT), {"root"}),
        (VolumeFilter(category=VolumeCategory.DATA, search="o"), {"plain", "used", "odd", "restored"}),
        (VolumeFilter(source_snapshot_id="snap-1"), {"restored"}),
        (VolumeFilter(search="ORDERS"), {"plain", "used"}),
        (VolumeFilter(search="shop"), {"plain"}),
        (VolumeFilter(search="백업"), {"restored"}),
        (VolumeFilter(search="%"), {"odd"}),
        (VolumeFilter(search="a_b"), {"odd"}),
        (VolumeFilter(search="ab"), set()),
        (VolumeFilter(search="\\"), {"odd"}),
        (VolumeFilter(search="/"), {"odd"}),
        (VolumeFilter(search="'"), set()),
        (VolumeFilter(search=""), {"plain", "root", "used", "odd", "restored"}),
        (VolumeFilter(status=(VolumeStatus.IN_USE,), search="shop"), set()),
    ],
    ids=lambda given: str(sorted(given)) if isinstance(given, set) else str(given),
)
def test_a_list_holds_what_fits_all_that_is_asked_and_counts_as_many(
    store: Store, wanted: VolumeFilter, found: set[str]
) -> None:
    put(store, *(Volume(**volume.model_dump()) for volume in VOLUMES.values()))
    page = page_of(store, ListName("t", "volumes"), Window(), wanted)
    assert {row.id for row in page.items} == {VOLUMES[key].id for key in found}
    with store.reading("t") as reading:
        assert reading.volumes.counts([ANY, wanted]) == [5, len(found)]


def test_snapshots_are_listed_by_volume_status_and_text(store: Store) -> None:
    one, other = a_volume(), a_volume()
    cuts = [a_snapshot(one, name="mon"), a_snapshot(one, name="tue", status=SnapshotStatus.ERROR), a_snapshot(other)]
    put(store, one, other, *cuts)
    wanted = [
        SnapshotFilter(volume_id=one.id),
        SnapshotFilter(status=(SnapshotStatus.ERROR,)),
        SnapshotFilter(volume_id=one.id, search="MO"),
        SnapshotFilter(volume_id="vol-nobody"),
    ]
    with store.reading("t") as reading:
        pages = reading.snapshots.pages([(ListName("t", "snapshots"), Window(), each) for each in wanted])
        assert reading.snapshots.counts(wanted) == [2, 1, 1, 0]
    assert [{row.id for row in page.items} for page in pages] == [
        {cuts[0].id, cuts[1].id},
        {cuts[1].id},
        {cuts[0].id},
        set(),
    ]
