"""Windows on a list, and cursors: places in a list that nothing but that list can read."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.page import ListName, Order, OrderField, Window
from app.domain.problems import Unanswerable
from tests.domain.make import a_volume, some
from tests.domain.raised import raised

places = st.tuples(st.text() | st.integers() | st.datetimes().map(datetime.isoformat), st.text())
lists = st.builds(ListName, st.text(), st.text(), st.builds(Order, st.sampled_from(OrderField), st.booleans()))
NAMES = ListName("t", "volumes", Order(OrderField.NAME))
CURSOR = NAMES.seal(["orders", "vol-1"])


def is_refused(name: ListName, cursor: str) -> bool:
    """Whether a list says that the cursor is not one of its own."""
    problem = raised(Unanswerable, lambda: name.place(cursor, "after"))
    return problem is not None and (problem.code, problem.argument) == ("INVALID_CURSOR", "after")


def test_a_page_has_20_unless_told_otherwise() -> None:
    assert Window.of() == Window(size=20, backward=False)
    assert Window.of(first=3, after="a") == Window(size=3, after="a")
    assert Window.of(last=3, before="b") == Window(size=3, backward=True, before="b")


@pytest.mark.parametrize("size", [0, 1, 100])
def test_a_page_has_0_to_100(size: int) -> None:
    assert Window.of(first=size).size == Window.of(last=size).size == size


@pytest.mark.parametrize(
    ("first", "last", "culprit"), [(-1, None, "first"), (101, None, "first"), (None, -1, "last"), (None, 101, "last")]
)
def test_any_other_size_is_unanswerable(first: int | None, last: int | None, culprit: str) -> None:
    with pytest.raises(Unanswerable) as caught:
        Window.of(first=first, last=last)
    assert (caught.value.code, caught.value.argument) == ("INVALID_PAGE", culprit)


def test_first_and_last_together_are_unanswerable() -> None:
    with pytest.raises(Unanswerable, match="not for both") as caught:
        Window.of(first=0, last=0)
    assert caught.value.code == "INVALID_PAGE"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@given(lists, json_values)
@some
def test_what_anybody_sealed_is_a_place_or_no_cursor(name: ListName, forged: Any) -> None:
    for read in (name.place, name.stop):
        with contextlib.suppress(Unanswerable):
            read(name.seal(forged), "after")


@pytest.mark.parametrize(
    ("field", "forged"),
    [
        (OrderField.CREATED_AT, ["yesterday", "id"]),
        (OrderField.CREATED_AT, ["0001-01-01T00:00:00+23:59", "id"]),
        (OrderField.SIZE, [2**63, "id"]),
        (OrderField.SIZE, ["10", "id"]),
        (OrderField.NAME, [10, "id"]),
        (OrderField.NAME, ["name", 10]),
        (OrderField.NAME, ["na\0me", "id"]),
        (OrderField.STATUS, ["status"]),
    ],
)
def test_a_forged_place_that_no_row_could_have_is_no_cursor(field: OrderField, forged: list[str | int]) -> None:
    name = ListName("t", "volumes", Order(field))
    assert is_refused(name, name.seal(forged))


def test_a_forged_time_is_one_of_some_zone() -> None:
    name = ListName("t", "volumes", Order(OrderField.CREATED_AT))
    moment, _ = name.place(name.seal(["2026-11-22T03:04:05", "id"]), "after")
    assert isinstance(moment, datetime)
    assert moment.tzinfo is UTC


def test_a_forged_nest_is_no_cursor() -> None:
    with pytest.raises(Unanswerable):
        NAMES.place(NAMES._sealed(b"[" * 100_000), "after")


@pytest.mark.parametrize("field", OrderField)
@given(
    name=st.text(st.characters(exclude_characters="\0")),
    size_gb=st.integers(0, 10**9),
    created_at=st.datetimes(timezones=st.just(UTC)),
)
@some
def test_the_cursor_of_a_row_is_its_sort_key_and_id(
    field: OrderField, name: str, size_gb: int, created_at: datetime
) -> None:
    volume = a_volume(name=name, size_gb=size_gb, created_at=created_at)
    volumes = ListName("t", "volumes", Order(field))
    assert volumes.place(volumes.cursor(volume), "after") == (getattr(volume, field), volume.id)


@given(st.integers(0, 2**63 - 1))
@some
def test_the_cursor_of_a_line_is_its_number(number: int) -> None:
    events = ListName("t", "events")
    assert events.stop(events.seal([number]), "after") == (number, None)


@given(places, st.data())
@settings(some, max_examples=200)
def test_a_cursor_with_any_character_changed_is_no_cursor(place: tuple[str | int, str], data: st.DataObject) -> None:
    cursor = NAMES.seal(place)
    at = data.draw(st.just(len(cursor) - 1) | st.integers(0, len(cursor) - 1))  # the last holds bits that say nothing
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126) | st.characters())
    assume(other != cursor[at])
    assert is_refused(NAMES, cursor[:at] + other + cursor[at + 1 :])


@pytest.mark.parametrize("end", range(len(CURSOR)))
def test_a_cursor_cut_short_is_no_cursor(end: int) -> None:
    assert is_refused(NAMES, CURSOR[:end])


@given(places, st.sampled_from(["=", "==", "====", "A", "AA", " ", "\n", "\0"]))
@some
def test_a_cursor_with_something_added_is_no_cursor(place: tuple[str | int, str], addition: str) -> None:
    assert is_refused(NAMES, NAMES.seal(place) + addition)


@given(st.text())
@some
def test_any_other_text_is_no_cursor(text: str) -> None:
    assert is_refused(NAMES, text)


@pytest.mark.parametrize(
    "other",
    [
        ListName("u", "volumes", Order(OrderField.NAME)),
        ListName("t", "snapshots", Order(OrderField.NAME)),
        ListName("t", "volumes", Order(OrderField.STATUS)),
        ListName("t", "volumes", Order(OrderField.NAME, descending=False)),
    ],
    ids=["tenant", "list", "order", "direction"],
)
def test_a_cursor_of_another_tenant_list_order_or_direction_is_no_cursor(other: ListName) -> None:
    assert is_refused(other, CURSOR)


@given(lists, lists)
@some
def test_no_two_lists_read_each_others_cursors(one: ListName, other: ListName) -> None:
    assume(one != other)
    assert is_refused(other, one.seal(["key", "id"]))
