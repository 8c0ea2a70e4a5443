"""What the rows of all tenants owe, summed up: how many, and for how long."""

from datetime import timedelta

import pytest

from app.domain.record import now
from app.domain.snapshot import SnapshotStatus
from app.domain.volume import Volume, VolumeStatus
from app.store.debts import Debt
from app.store.store import Store
from tests.domain.make import a_snapshot, a_volume
from tests.store.opened import put

HOUR = timedelta(hours=1)
CREATING, DELETING = VolumeStatus.CREATING, VolumeStatus.DELETING


def owing(store: Store) -> dict[tuple[str, str], int]:
    """How many rows of each kind and status owe, where any does."""
    return {(debt.kind, debt.status): debt.rows for debt in store.debts() if debt.rows}


def hours(store: Store, kind: str = "volume", status: str = CREATING) -> int:
    """For how many full hours the oldest is owed."""
    (oldest,) = [debt.oldest for debt in store.debts() if (debt.kind, debt.status) == (kind, status)]
    return oldest // HOUR


def test_where_nothing_is_owed_every_transitional_status_says_so(store: Store) -> None:
    put(store, volume := a_volume(), a_snapshot(volume))
    none = timedelta(0)
    of_volumes = [Debt("volume", status, 0, none) for status in Volume.lifecycle.transitional]
    assert store.debts() == [Debt("snapshot", "CREATING", 0, none), Debt("snapshot", "DELETING", 0, none), *of_volumes]


def test_the_rows_of_all_tenants_are_summed_up_by_kind_and_status(store: Store) -> None:
    for tenant_id in ("t", "other"):
        put(store, volume := a_volume(tenant_id), a_snapshot(volume, status=SnapshotStatus.CREATING))
        put(store, a_volume(tenant_id, status=CREATING), a_volume(tenant_id, status=DELETING))
    assert owing(store) == {("snapshot", "CREATING"): 2, ("volume", "CREATING"): 2, ("volume", "DELETING"): 2}


def test_a_row_that_somebody_works_on_is_still_owed(store: Store) -> None:
    put(store, a_volume(status=CREATING, lease="a worker's", leased_until=now() + HOUR))
    assert owing(store) == {("volume", "CREATING"): 1}


def test_what_a_row_at_rest_will_owe_some_day_is_no_debt_until_then(store: Store) -> None:
    put(store, volume := a_volume(), a_snapshot(volume, owed_at=now() + HOUR), a_snapshot(volume, owed_at=now() - HOUR))
    assert owing(store) == {("snapshot", "AVAILABLE"): 1}


@pytest.mark.parametrize("status", [VolumeStatus.DELETING, VolumeStatus.AVAILABLE])
def test_what_was_put_off_to_be_tried_again_is_still_owed(store: Store, status: VolumeStatus) -> None:
    put(store, a_volume(status=status, owed_at=now() + HOUR, attempts=1))
    assert owing(store) == {("volume", status): 1}


def test_a_row_that_was_tried_and_is_due_again_is_one_debt(store: Store) -> None:
    put(store, a_volume(status=DELETING, owed_at=now() - HOUR, attempts=1))
    assert owing(store) == {("volume", "DELETING"): 1}


# For how long


def test_the_oldest_is_the_row_that_came_to_owe_first(store: Store) -> None:
    for ago in (2, 5, 3):
        put(store, a_volume(status=DELETING, created_at=now() - 9 * HOUR, owed_at=now() - ago * HOUR))
    assert hours(store, status=DELETING) == 5


def test_a_row_that_is_being_made_is_as_old_as_its_debt_however_often_it_was_tried(store: Store) -> None:
    put(store, a_volume(status=CREATING, created_at=now() - 4 * HOUR, owed_at=now() + HOUR, attempts=9))
    assert hours(store) == 4


def test_another_row_that_was_tried_owes_at_least_since_it_first_failed(store: Store) -> None:
    put(store, a_volume(status=DELETING, updated_at=now() - 2 * HOUR, owed_at=now() + HOUR, attempts=9))
    assert hours(store, status=DELETING) == 2


def test_a_new_name_makes_no_debt_younger_that_was_never_tried(store: Store) -> None:
    put(store, a_volume(status=VolumeStatus.EXTENDING, owed_at=now() - 3 * HOUR, updated_at=now()))
    assert hours(store, status="EXTENDING") == 3


def test_work_in_the_background_is_owed_since_it_was_due_and_not_since_the_row_came_to_rest(store: Store) -> None:
    put(store, volume := a_volume(), a_snapshot(volume, updated_at=now() - 9 * HOUR, owed_at=now() - HOUR))
    assert hours(store, "snapshot", "AVAILABLE") == 1


def test_no_debt_is_younger_than_nothing(store: Store) -> None:
    put(store, a_volume(owed_at=now() + HOUR, attempts=1))
    assert hours(store, status="AVAILABLE") == 0
