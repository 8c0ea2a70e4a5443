"""Who works on a row that is owed work: one at a time, and somebody else if that one does not come back."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from app.domain.record import now
from app.domain.snapshot import SnapshotStatus
from app.domain.volume import Volume, VolumeStatus
from app.store.leases import Reach
from app.store.store import Store
from app.store.unit_of_work import LeaseLost
from tests.domain.make import a_snapshot, a_volume
from tests.store.opened import NO_LIMITS, lines, opened, put, side_by_side

HOUR = timedelta(hours=1)


def owed(tenant_id: str = "t", since: datetime | None = None) -> Volume:
    """A volume that the storage has still to make."""
    return a_volume(tenant_id, status=VolumeStatus.CREATING, owed_at=since or now())


def claimed(store: Store, reach: Reach = Reach.OWED) -> str | None:
    """The id of the row that was claimed."""
    row = store.leases.claim(reach)
    return None if row is None else row.id


@pytest.fixture
def dying(url: str) -> Iterator[Store]:
    """The same database, for workers whose leases lapse at once."""
    with opened(url, NO_LIMITS, lease_length=-HOUR) as store:
        yield store


@pytest.mark.parametrize("status", [VolumeStatus.CREATING, VolumeStatus.DETACHING, VolumeStatus.DELETING])
def test_a_row_on_the_way_is_claimed_with_a_lease_that_nobody_else_knows(store: Store, status: VolumeStatus) -> None:
    put(store, volume := a_volume(status=status))
    row = store.leases.claim(Reach.OWED)
    assert row is not None
    assert (row.id, row.status, row.attempts) == (volume.id, status, 0)
    assert row.lease
    assert row.leased_until is not None
    assert row.leased_until > now()
    assert claimed(store) is None


def test_the_rows_of_all_tenants_are_claimed_those_first_that_wait_the_longest(store: Store) -> None:
    waiting = [owed(f"t-{n}", now() - n * HOUR) for n in (2, 5, 1, 3)]
    for volume in waiting:
        put(store, volume)
    assert [claimed(store) for _ in range(5)] == [waiting[n].id for n in (1, 3, 0, 2)] + [None]


def test_only_one_of_many_that_reach_for_a_row_gets_it(store: Store) -> None:
    put(store, volume := owed())
    assert sorted(side_by_side(8, lambda _: claimed(store) or "")) == [""] * 7 + [volume.id]


def test_many_that_work_side_by_side_never_have_the_same_row(store: Store) -> None:
    put(store, *(owed() for _ in range(20)))

    def work(_: int) -> list[str | None]:
        return [claimed(store) for _ in range(20)]

    got = [id_ for ids in side_by_side(4, work) for id_ in ids if id_ is not None]
    assert len(got) == len(set(got)) == 20


def test_work_that_is_owed_later_is_not_claimed_before(store: Store) -> None:
    put(store, owed(since=now() + HOUR))
    assert claimed(store, Reach.ALL) is None


def test_a_row_at_rest_that_owes_nothing_is_not_claimed(store: Store) -> None:
    put(store, volume := a_volume(), a_snapshot(volume))
    assert claimed(store, Reach.ALL) is None
    assert store.leases.next_due_in(Reach.ALL) is None


def test_rows_at_rest_that_owe_something_are_for_the_background_alone(store: Store) -> None:
    put(store, volume := a_volume(), snapshot := a_snapshot(volume, owed_at=now()))
    assert claimed(store) is None
    assert store.leases.next_due_in(Reach.OWED) is None
    assert store.leases.next_due_in(Reach.ALL) == 0
    assert claimed(store, Reach.ALL) == snapshot.id


def test_the_background_too_takes_first_what_somebody_waits_for(store: Store) -> None:
    at_rest = a_volume(owed_at=now() - HOUR, unproven=True)
    put(store, at_rest, on_the_way := owed())
    assert claimed(store, Reach.ALL) == on_the_way.id
    assert claimed(store, Reach.ALL) == at_rest.id


def test_a_lapsed_lease_lets_another_have_the_row_under_a_lease_of_its_own(store: Store, dying: Store) -> None:
    put(store, volume := owed())
    late = dying.leases.claim(Reach.OWED)
    heir = store.leases.claim(Reach.OWED)
    assert late is not None
    assert heir is not None
    assert late.id == heir.id == volume.id
    assert late.lease != heir.lease


def test_a_renewed_lease_keeps_the_row(store: Store, dying: Store) -> None:
    put(store, owed())
    row = dying.leases.claim(Reach.OWED)
    assert row is not None
    store.leases.renew([row.lease or "", "nobody's"])
    assert claimed(store) is None


def test_renewing_nothing_does_nothing(store: Store) -> None:
    store.leases.renew([])


def test_a_lease_that_passed_to_another_cannot_be_renewed_or_ended(store: Store, dying: Store) -> None:
    put(store, owed())
    late, heir = dying.leases.claim(Reach.OWED), store.leases.claim(Reach.OWED)
    assert late is not None
    assert heir is not None
    dying.leases.renew([late.lease or ""])
    with pytest.raises(LeaseLost):
        dying.leases.end(late.lease or "", attempts=7)
    (row,) = store.every_record()
    assert (row.lease, row.leased_until, row.attempts) == (heir.lease, heir.leased_until, 0)


def test_who_comes_late_changes_nothing(store: Store, dying: Store) -> None:
    put(store, volume := owed())
    late, heir = dying.leases.claim(Reach.OWED), store.leases.claim(Reach.OWED)
    assert isinstance(late, Volume)
    assert isinstance(heir, Volume)
    with store.unit_of_work("t", "late") as work:
        with pytest.raises(LeaseLost):
            work.move(late, "storage: done", under=late.lease)
        work.commit()
    with store.unit_of_work("t", "heir") as work:
        assert work.move(heir, "storage: done", under=heir.lease).status == "AVAILABLE"
        work.commit()
    assert [(line.actor, line.status) for line in lines(store, "t", subject_id=volume.id)] == [
        ("tester", "CREATING"),
        ("heir", "AVAILABLE"),
    ]


def test_what_is_given_back_is_claimed_again_when_it_is_owed_again(store: Store) -> None:
    put(store, volume := owed())
    first = store.leases.claim(Reach.OWED)
    assert first is not None
    store.leases.end(first.lease or "", owed_at=now() + HOUR, attempts=1)
    assert claimed(store) is None
    again = store.every_record()[0]
    assert (again.lease, again.leased_until, again.attempts) == (None, None, 1)
    assert volume.version == again.version


def test_leases_are_between_the_workers_and_leave_no_line_in_the_journal(store: Store) -> None:
    put(store, owed())
    row = store.leases.claim(Reach.OWED)
    assert row is not None
    store.leases.renew([row.lease or ""])
    store.leases.end(row.lease or "")
    assert len(lines(store, "t")) == 1
    assert store.every_record()[0].version == 1


def test_work_is_due_at_once_or_when_it_is_owed_or_when_a_lease_may_lapse(store: Store) -> None:
    assert store.leases.next_due_in(Reach.OWED) is None
    put(store, owed(since=now() + 2 * HOUR))
    assert 3600 < (store.leases.next_due_in(Reach.OWED) or 0) <= 7200
    put(store, owed("other"))
    assert store.leases.next_due_in(Reach.OWED) == 0
    assert claimed(store) is not None
    assert 0 < (store.leases.next_due_in(Reach.OWED) or 0) <= 3600


def test_volumes_and_snapshots_wait_in_one_queue(store: Store) -> None:
    first, third = owed(since=now() - 3 * HOUR), owed(since=now() - HOUR)
    second = a_snapshot(first, status=SnapshotStatus.CREATING, owed_at=now() - 2 * HOUR)
    put(store, first, second, third)
    assert [claimed(store) for _ in range(3)] == [first.id, second.id, third.id]


def test_a_worker_for_what_is_done_in_a_moment_leaves_alone_what_moves_bytes(store: Store) -> None:
    volume = a_volume()
    copies = [
        a_volume(status=VolumeStatus.CREATING, source_snapshot_id="snap-1", owed_at=now()),
        a_snapshot(volume, status=SnapshotStatus.CREATING, owed_at=now()),
    ]
    quick = [
        owed(),
        a_volume(status=VolumeStatus.ATTACHING, owed_at=now()),
        a_volume(status=VolumeStatus.DELETING, owed_at=now()),
        a_snapshot(volume, status=SnapshotStatus.DELETING, owed_at=now()),
    ]
    put(store, volume, *copies, *quick)
    taken = [claimed(store, Reach.QUICK) for _ in range(5)]
    assert sorted(filter(None, taken)) == sorted(row.id for row in quick)
