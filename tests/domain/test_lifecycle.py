"""What holds for every table of statuses and arrows, whatever they are."""

from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lifecycle import DONE, REFUSED, Lifecycle
from app.domain.problems import InvalidState
from app.domain.record import Record
from app.domain.snapshot import SNAPSHOT_LIFECYCLE, SnapshotStatus
from app.domain.volume import VOLUME_LIFECYCLE, VolumeStatus
from tests.domain.make import a_snapshot, a_volume, some
from tests.domain.raised import raised

OF_EACH = pytest.mark.parametrize(
    ("lifecycle", "statuses"),
    [(VOLUME_LIFECYCLE, VolumeStatus), (SNAPSHOT_LIFECYCLE, SnapshotStatus)],
    ids=["volume", "snapshot"],
)
OWED = {
    VolumeStatus: {"CREATING", "ATTACHING", "DETACHING", "EXTENDING", "DELETING"},
    SnapshotStatus: {"CREATING", "DELETING"},
}
walks = st.lists(st.integers(0, 99), max_size=30)


def reachable(lifecycle: Lifecycle[Any], start: str | None) -> set[str | None]:
    """Where the arrows lead from a status, or from before the first, in one step or more."""
    found: set[str | None] = set()
    new = {start}
    while new:
        new = {arrow.target for arrow in lifecycle if arrow.source in new} - found
        found |= new
        new -= {None}  # gone is gone: nothing leads on from there
    return found


@OF_EACH
def test_every_status_has_a_name_and_a_sentence(lifecycle: Lifecycle[Any], statuses: type[StrEnum]) -> None:
    assert set(lifecycle.meanings) == set(statuses)
    assert all(str(meaning.label) and str(meaning.description) for meaning in lifecycle.meanings.values())


@OF_EACH
def test_work_is_owed_in_the_statuses_on_the_way(lifecycle: Lifecycle[Any], statuses: type[StrEnum]) -> None:
    assert set(lifecycle.transitional) == OWED[statuses]


@OF_EACH
def test_every_status_can_be_reached(lifecycle: Lifecycle[Any], statuses: type[StrEnum]) -> None:
    assert reachable(lifecycle, None) >= set(statuses)


@OF_EACH
def test_nothing_is_stuck_from_every_status_a_way_leads_to_the_end(
    lifecycle: Lifecycle[Any], statuses: type[StrEnum]
) -> None:
    assert [status for status in statuses if None not in reachable(lifecycle, status)] == []


@OF_EACH
def test_the_storage_ends_every_status_on_the_way_in_one_way_if_done_and_in_another_if_refused(
    lifecycle: Lifecycle[Any], statuses: type[StrEnum]
) -> None:
    for status in lifecycle.transitional:
        (done,), (refused,) = lifecycle.targets(DONE, status), lifecycle.targets(REFUSED, status)
        assert refused is not None
        assert not {done, refused} & set(lifecycle.transitional)


@OF_EACH
def test_no_arrow_is_drawn_twice(lifecycle: Lifecycle[Any], statuses: type[StrEnum]) -> None:
    arrows = list(lifecycle)
    assert len(set(arrows)) == len(arrows)


@pytest.mark.parametrize("record", [a_volume(), a_snapshot()], ids=["volume", "snapshot"])
@given(walk=walks)
@some
def test_on_any_walk_along_the_arrows_exactly_what_an_arrow_allows_may_happen(record: Record, walk: list[int]) -> None:
    lifecycle: Lifecycle[Any] = record.lifecycle
    record.status = "CREATING"
    verbs = {arrow.by for arrow in lifecycle}
    for step in walk:
        leading_on = [arrow for arrow in lifecycle if arrow.source == record.status]
        for by in verbs:
            assert may(lifecycle, by, record) == any(arrow.by == by for arrow in leading_on)
        arrow = leading_on[step % len(leading_on)]
        assert arrow.target in lifecycle.targets(arrow.by, record.status)
        if arrow.target is None:
            return
        record.status = arrow.target


def may(lifecycle: Lifecycle[Any], by: str, record: Record) -> bool:
    problem = raised(InvalidState, lambda: lifecycle.require(by, record))
    assert problem is None or (problem.status == record.status and problem.status not in problem.allowed)
    return problem is None
