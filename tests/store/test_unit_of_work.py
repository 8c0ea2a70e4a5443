"""One transaction of one tenant: everything in it happens, and is told, or nothing is."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.journal import Entry, EventKind
from app.domain.lifecycle import DONE, MEND, REFUSED
from app.domain.problems import InvalidState, NotFound
from app.domain.record import Record, now
from app.domain.snapshot import SnapshotStatus
from app.domain.tenant import Tenant
from app.domain.volume import Volume, VolumeStatus
from app.store.store import Store
from app.store.unit_of_work import LeaseLost, UnitOfWork
from tests.domain.make import a_snapshot, a_volume, some
from tests.store.opened import change, lines, put, records, rows_of, summed, used


def kept(store: Store, record: Record) -> Volume:
    """The volume as the database has it."""
    with store.reading(record.tenant_id) as reading:
        return reading.volumes.get(record.id)


def test_leaving_without_commit_changes_nothing(store: Store) -> None:
    with store.unit_of_work("t", "tester") as work:
        volume = a_volume()
        work.add(volume)
        work.add(a_snapshot(volume))
        work.change(volume, name="other")
    assert store.every_record() == []
    assert (rows_of(store, Entry), rows_of(store, Tenant)) == (0, 0)


def test_an_error_before_the_commit_changes_nothing(store: Store) -> None:
    volume = a_volume()
    put(store, volume)

    def fail_halfway() -> None:
        with store.unit_of_work("t", "tester") as work:
            work.change(volume, name="other", size_gb=500)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert kept(store, volume).name == "data"
    assert len(lines(store, "t")) == 1
    assert used(store, "t") == (1, 0, 10)


def test_what_comes_to_be_is_counted_and_told_with_who_did_it(store: Store) -> None:
    volume = a_volume(status=VolumeStatus.CREATING)
    with store.unit_of_work("t", "kim", "request-1") as work:
        work.add(volume)
        work.commit()
    (line,) = lines(store, "t")
    assert (line.number, line.kind, line.previous_status, line.status) == (1, EventKind.CREATED, None, "CREATING")
    assert (line.subject_id, line.subject_name, line.volume_id) == (volume.id, "data", volume.id)
    assert (line.actor, line.request_id, line.reason) == ("kim", "request-1", None)
    assert (kept(store, volume).version, kept(store, volume).revision) == (1, 1)
    assert used(store, "t") == (1, 0, 10)


def test_every_change_raises_the_version_and_writes_one_line(store: Store) -> None:
    volume = a_volume()
    put(store, volume)
    with store.unit_of_work("t", "tester") as work:
        first = work.change(work.volumes.get(volume.id), name="second")
        second = work.change(first, status="ERROR", status_reason="broken")
        work.commit()
    assert second == kept(store, volume)
    assert (second.version, second.revision, second.name, second.status) == (3, 3, "second", "ERROR")
    told = [(line.number, line.kind, line.previous_status, line.status, line.reason) for line in lines(store, "t")[1:]]
    assert told == [
        (2, EventKind.CHANGED, "AVAILABLE", "AVAILABLE", None),
        (3, EventKind.CHANGED, "AVAILABLE", "ERROR", "broken"),
    ]


def test_a_change_of_a_row_whose_status_moved_meanwhile_says_which_was_found_and_which_would_do(store: Store) -> None:
    read_before = a_volume()
    put(store, read_before)
    change(store, read_before, status="ATTACHING")
    with store.unit_of_work("t", "tester") as work:
        with pytest.raises(InvalidState) as caught:
            work.change(read_before, name="late")
        work.commit()
    assert (caught.value.status, caught.value.allowed) == ("ATTACHING", ("AVAILABLE",))
    assert kept(store, read_before).name == "data"
    assert len(lines(store, "t")) == 2


def test_a_change_of_a_row_that_is_gone_finds_nothing(store: Store) -> None:
    with store.unit_of_work("t", "tester") as work, pytest.raises(NotFound):
        work.change(a_volume(), name="late")


@pytest.mark.parametrize(
    "late",
    [
        lambda work, volume: work.change(volume, under="mine", progress_percent=50),
        lambda work, volume: work.move(volume, REFUSED, under="mine"),
        lambda work, volume: work.remove(volume, under="mine"),
    ],
    ids=["change", "move", "remove"],
)
def test_under_a_lost_lease_nothing_is_changed(store: Store, late: Callable[[UnitOfWork, Volume], object]) -> None:
    volume = a_volume(status=VolumeStatus.DELETING, lease="another's")
    put(store, volume)
    with store.unit_of_work("t", "storage") as work:
        with pytest.raises(LeaseLost, match=volume.id):
            late(work, volume)
        work.commit()
    assert (kept(store, volume).version, kept(store, volume).lease) == (1, "another's")
    assert len(lines(store, "t")) == 1
    assert used(store, "t") == (1, 0, 10)


def test_what_is_removed_gives_its_quota_back_and_is_told(store: Store) -> None:
    volume = a_volume(status=VolumeStatus.DELETING, lease="mine")
    put(store, volume)
    with store.unit_of_work("t", "storage") as work:
        work.remove(volume, under="mine")
        work.commit()
    assert store.every_record() == []
    assert used(store, "t") == (0, 0, 0)
    line = lines(store, "t")[-1]
    assert (line.kind, line.previous_status, line.status, line.actor) == ("DELETED", "DELETING", None, "storage")


def test_a_row_moved_into_a_status_on_the_way_owes_work_from_now_on(store: Store) -> None:
    volume = a_volume(status_reason="old", attempts=3)
    put(store, volume)
    before = now()
    with store.unit_of_work("t", "tester") as work:
        moved = work.move(volume, "attachVolume", server_id="srv-1")
        work.commit()
    assert (moved.status, moved.server_id, moved.status_reason, moved.attempts) == ("ATTACHING", "srv-1", None, 0)
    assert moved.owed_at is not None
    assert before <= moved.owed_at <= now()


def test_a_row_moved_to_rest_owes_nothing_and_is_nobodys(store: Store) -> None:
    volume = a_volume(status=VolumeStatus.ATTACHING, lease="mine", leased_until=now(), progress_percent=40)
    put(store, volume)
    with store.unit_of_work("t", "storage") as work:
        moved = work.move(volume, DONE, under="mine")
        work.commit()
    assert (moved.status, moved.owed_at, moved.lease, moved.leased_until) == ("IN_USE", None, None, None)
    assert moved.progress_percent is None


def test_a_row_that_owes_something_at_rest_still_owes_it_after_a_move(store: Store) -> None:
    volume = a_volume(status=VolumeStatus.ATTACHING, unproven=True)
    put(store, volume)
    with store.unit_of_work("t", "storage") as work:
        assert work.move(volume, DONE).owed_at is not None


def test_without_an_arrow_nothing_moves(store: Store) -> None:
    put(store, volume := a_volume())
    with store.unit_of_work("t", "tester") as work, pytest.raises(InvalidState) as caught:
        work.move(volume, "detachVolume")
    assert (caught.value.status, caught.value.allowed) == ("AVAILABLE", ("IN_USE",))


def test_of_two_arrows_the_one_that_is_named_is_followed(store: Store) -> None:
    put(store, volume := a_volume(status=VolumeStatus.UNMANAGED))
    with store.unit_of_work("t", "doctor") as work:
        assert work.move(volume, MEND, to="ERROR").status == "ERROR"


@pytest.mark.parametrize(("by", "to"), [(MEND, "DELETING"), (MEND, "IN_USE")])
def test_a_target_that_no_arrow_leads_to_is_a_mistake_of_ours(store: Store, by: str, to: str) -> None:
    put(store, volume := a_volume(status=VolumeStatus.UNMANAGED))
    with store.unit_of_work("t", "doctor") as work, pytest.raises(ValueError, match=f"from UNMANAGED to {to}"):
        work.move(volume, by, to=to)


def test_what_an_arrow_ends_is_removed_not_moved(store: Store) -> None:
    put(store, volume := a_volume(status=VolumeStatus.DELETING))
    with store.unit_of_work("t", "storage") as work, pytest.raises(ValueError, match="from DELETING to None"):
        work.move(volume, DONE)


def test_a_reader_sees_one_instant_and_nothing_that_is_not_committed(store: Store) -> None:
    put(store, volume := a_volume())
    with store.reading("t") as reading:
        assert reading.tenant.revision == 1
        with store.unit_of_work("t", "tester") as work:
            work.change(volume, name="other")
            assert kept(store, volume).name == "data"
            work.commit()
        assert (reading.volumes.get(volume.id).name, reading.journal.reach()) == ("data", (1, 0))
    assert kept(store, volume).name == "other"


steps = st.lists(
    st.tuples(st.sampled_from(["create", "snapshot", "extend", DONE, REFUSED, "remove"]), st.integers(0, 9)),
    max_size=12,
)


@given(steps)
@some
def test_what_is_used_is_always_the_sum_of_the_rows_and_every_step_is_one_line(
    store: Store, taken: list[tuple[str, int]]
) -> None:
    tenant_id = Volume.new_id()
    written = sum(take(store, tenant_id, *step) for step in taken)
    assert used(store, tenant_id) == summed(store, tenant_id)
    assert [line.number for line in lines(store, tenant_id)] == list(range(1, written + 1))


def take(store: Store, tenant_id: str, what: str, which: int) -> bool:
    """Take a step of some row's life, if any row is where that step can be taken."""
    mine = records(store, tenant_id)
    volumes = [row for row in mine if isinstance(row, Volume)]
    fit: dict[str, list[Any]] = {
        "create": [a_volume(tenant_id, size_gb=10 + which)],
        "snapshot": [a_snapshot(volume, status=SnapshotStatus.DELETING, lease="l") for volume in volumes],
        "extend": [row for row in volumes if row.status == VolumeStatus.AVAILABLE],
        "remove": [row for row in mine if row.status == SnapshotStatus.DELETING],
    }
    candidates = fit.get(what, [row for row in volumes if row.status == VolumeStatus.EXTENDING])
    if not candidates:
        return False
    row = candidates[which % len(candidates)]
    with store.unit_of_work(tenant_id, "tester") as work:
        if what in ("create", "snapshot"):
            work.add(row)
        elif what == "extend":
            work.move(row, "extendVolume", extending_to_gb=row.size_gb + which + 1)
        elif what == "remove":
            work.remove(row, under="l")
        else:
            size_gb = row.extending_to_gb if what == DONE else row.size_gb
            work.move(row, what, size_gb=size_gb, extending_to_gb=None)
        work.commit()
    return True
