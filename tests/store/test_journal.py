"""The journal: a line for every change, numbered without gaps, kept for a time."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.record import now
from app.store.journal import Stretch
from app.store.store import Store
from tests.domain.make import a_snapshot, a_volume, some
from tests.store.opened import age, change, lines, put

DAY = timedelta(days=1)


def reaches_back_to(store: Store, number: int) -> bool:
    with store.reading("t") as reading:
        newest, behind = reading.journal.reach()
        return behind <= number <= newest


def forgotten_upto(store: Store, number: int) -> int:
    """Let the first lines be 31 days old, and forget what is older than 30."""
    age(store, "t", number, 31 * DAY)
    return store.forget_journal(30 * DAY)


@pytest.fixture
def told(store: Store) -> tuple[str, str, str]:
    """A volume, its snapshot and another volume, told of in turns: lines 1 to 6."""
    one, other = a_volume(), a_volume()
    cut = a_snapshot(one)
    put(store, one, cut, other)
    change(store, one, name="renamed")
    change(store, cut, status="ERROR", status_reason="broken")
    change(store, other, status="ERROR")
    return one.id, cut.id, other.id


def test_lines_are_read_by_number_object_volume_and_kind(store: Store, told: tuple[str, str, str]) -> None:
    one, cut, _ = told
    with store.reading("t") as reading:
        found = reading.journal.read(
            [
                Stretch(0, 100),
                Stretch(2, 3),
                Stretch(6, 100),
                Stretch(0, 100, subject_id=one),
                Stretch(1, 1, subject_id=one),
                Stretch(0, 100, volume_id=one),
                Stretch(0, 100, subject_prefix="snap-"),
                Stretch(0, 100, volume_id=one, subject_prefix="snap-"),
                Stretch(0, 100, subject_id=cut, subject_prefix="vol-"),
                Stretch(0, 0),
            ]
        )
    numbers = [[line.number for line in stretch] for stretch in found]
    assert numbers == [[1, 2, 3, 4, 5, 6], [3, 4, 5], [], [1, 4], [4], [1, 2, 4, 5], [2, 5], [2, 5], [], []]


stretches = st.lists(
    st.builds(
        Stretch,
        after=st.integers(0, 7),
        limit=st.integers(0, 7),
        subject_prefix=st.sampled_from([None, "vol-", "snap-"]),
    ),
    min_size=1,
    max_size=5,
)


@given(wanted=stretches)
@some
def test_many_stretches_in_one_statement_are_each_as_if_read_alone(
    store: Store, told: tuple[str, str, str], wanted: list[Stretch]
) -> None:
    with store.reading("t") as reading:
        together = reading.journal.read(wanted)
        alone = [reading.journal.read([each])[0] for each in wanted]
    assert [[vars(line) for line in lines] for lines in together] == [[vars(line) for line in lines] for lines in alone]


def test_the_journal_knows_whether_an_object_was_in_a_status_since_a_line(
    store: Store, told: tuple[str, str, str]
) -> None:
    _, cut, other = told
    with store.reading("t") as reading:
        journal = reading.journal
        assert journal.was_in(cut, ["ERROR", "DELETING"], 4)
        assert not journal.was_in(cut, ["ERROR"], 5)
        assert not journal.was_in(cut, ["DELETING"], 0)
        assert journal.was_in(other, ["ERROR"], 5)
        assert journal.was_in(other, ["AVAILABLE"], 5), "the line that tells of leaving it tells of having been in it"


def test_a_young_journal_reaches_back_to_the_beginning(store: Store) -> None:
    assert reaches_back_to(store, 0)
    put(store, a_volume(), a_volume())
    assert all(reaches_back_to(store, number) for number in (0, 1, 2))


@pytest.mark.parametrize("upto", range(1, 7))
def test_what_is_forgotten_is_no_longer_reached_and_the_numbering_goes_on(
    store: Store, told: tuple[str, str, str], upto: int
) -> None:
    assert forgotten_upto(store, upto) == upto
    assert [line.number for line in lines(store, "t")] == list(range(upto + 1, 7))
    assert [reaches_back_to(store, number) for number in range(7)] == [number >= upto for number in range(7)]
    put(store, a_volume())
    assert lines(store, "t")[-1].number == 7
    assert [reaches_back_to(store, number) for number in range(8)] == [number >= upto for number in range(8)]


def test_lines_are_kept_after_the_object_is_gone(store: Store) -> None:
    put(store, volume := a_volume(lease="l"))
    with store.unit_of_work("t", "storage") as work:
        work.remove(volume, under="l")
        work.commit()
    assert [line.kind for line in lines(store, "t", subject_id=volume.id)] == ["CREATED", "DELETED"]


def test_forgetting_is_for_all_tenants_and_only_what_is_old(store: Store) -> None:
    for tenant_id in ("one", "other"):
        put(store, a_volume(tenant_id), a_volume(tenant_id))
        age(store, tenant_id, 1, 31 * DAY)
    assert store.forget_journal(32 * DAY) == 0
    assert store.forget_journal(30 * DAY) == 2
    assert [len(lines(store, tenant_id)) for tenant_id in ("one", "other")] == [1, 1]


def test_lines_are_forgotten_in_their_order_though_a_clock_went_back(store: Store) -> None:
    put(store, *(a_volume() for _ in range(4)))
    age(store, "t", 3, 31 * DAY)
    age(store, "t", 2, DAY)
    assert store.forget_journal(30 * DAY) == 3
    assert [line.number for line in lines(store, "t")] == [4]


def test_many_lines_are_forgotten_some_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.store._FORGOTTEN_AT_ONCE", 2)
    put(store, *(a_volume() for _ in range(7)))
    age(store, "t", 5, 31 * DAY)
    assert store.forget_journal(30 * DAY) == 5
    assert [line.number for line in lines(store, "t")] == [6, 7]


def test_a_line_says_when(store: Store) -> None:
    before = now()
    put(store, a_volume())
    assert before <= lines(store, "t")[0].at <= now()
