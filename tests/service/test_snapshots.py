"""What a tenant may ask of its snapshots, verb by verb, and what only an administrator may."""

import pytest

from app.domain.caller import Caller
from app.domain.lifecycle import REFUSED
from app.domain.page import ListName, Window
from app.domain.problems import (
    InvalidInput,
    InvalidState,
    NotFound,
    ProblemCode,
    QuotaExceeded,
    Refused,
    VersionConflict,
)
from app.domain.snapshot import Snapshot, SnapshotFilter, SnapshotStatus
from app.domain.volume import VolumeCategory, VolumeFilter, VolumeStatus
from app.domain.warning import WarningCode
from app.store.leases import Reach
from app.store.store import Quotas
from tests.domain.make import a_member
from tests.domain.raised import raised
from tests.service.house import ADMINISTRATOR, MEMBER, RESTORE, SNAPSHOT, House
from tests.store.opened import lines, opened, used


@pytest.fixture
def snapshot(house: House) -> Snapshot:
    """A snapshot at rest, of a volume of 20 GB of HDD."""
    return house.snapshot(house.volume(size_gb=20, product="HDD"))


def test_a_new_snapshot_is_creating_with_the_size_and_product_of_its_volume(house: House) -> None:
    volume = house.volume(size_gb=20, product="HDD")
    given = {**SNAPSHOT, "name": "monday", "description": "before the migration"}
    made, warnings = house.snapshots.create(MEMBER, volume_id=volume.id, **given)
    assert (made.status, made.volume_id, made.size_gb, made.product) == ("CREATING", volume.id, 20, "HDD")
    assert (made.name, made.description, made.created_by, made.held) == (
        "monday",
        given["description"],
        "tester",
        False,
    )
    assert (made, warnings) == (house.now(made), [])
    assert used(house.store, "t") == (1, 1, 40)


def test_a_snapshot_of_an_attached_volume_is_cut_with_a_warning(house: House) -> None:
    made, warnings = house.snapshots.create(MEMBER, volume_id=house.attached().id, **SNAPSHOT)
    assert made.status == SnapshotStatus.CREATING
    assert [warning.code for warning in warnings] == [WarningCode.VOLUME_ATTACHED]


def test_all_faults_of_a_new_snapshot_come_back_at_once_before_the_volume_is_looked_for(house: House) -> None:
    faulty = {"name": "", "description": "d" * 101, "idempotency_key": "\n"}
    with pytest.raises(InvalidInput) as caught:
        house.snapshots.create(MEMBER, volume_id="nothing", **faulty)
    assert [fault.path for fault in caught.value.faults] == [("name",), ("description",), ("idempotencyKey",)]


@pytest.mark.parametrize(("quotas", "quota"), [(Quotas(9, 0, 99), "SNAPSHOTS"), (Quotas(9, 9, 19), "GIGABYTES")])
def test_a_snapshot_over_a_quota_is_refused(url: str, quotas: Quotas, quota: str) -> None:
    with opened(url, quotas) as store:
        house = House(store)
        volume = house.volume()
        with pytest.raises(QuotaExceeded) as caught:
            house.snapshots.create(MEMBER, volume_id=volume.id, **SNAPSHOT)
        assert caught.value.quota == quota
        assert used(store, "t") == (1, 0, 10)


def test_an_update_changes_what_is_given_if_the_version_is_the_expected_one(house: House, snapshot: Snapshot) -> None:
    news = {"description": "kept for the audit"}
    updated, _ = house.snapshots.update(a_member(name="kim"), snapshot.id, news, expected_version=snapshot.version)
    assert (updated.name, updated.description, updated.updated_by) == ("cut", "kept for the audit", "kim")
    with pytest.raises(VersionConflict):
        house.snapshots.update(MEMBER, snapshot.id, {"name": "late"}, expected_version=snapshot.version)
    assert house.now(snapshot) == updated


def test_an_update_that_changes_nothing_is_no_change(house: House, snapshot: Snapshot) -> None:
    assert house.snapshots.update(MEMBER, snapshot.id, {"name": "cut"}, expected_version=None)[0] == snapshot
    assert house.now(snapshot).version == snapshot.version


def test_null_in_an_update_is_a_fault(house: House, snapshot: Snapshot) -> None:
    with pytest.raises(InvalidInput):
        house.snapshots.update(MEMBER, snapshot.id, {"name": None}, expected_version=None)


def test_a_deleted_snapshot_is_deleting_until_the_storage_is_done_and_then_gone(
    house: House, snapshot: Snapshot
) -> None:
    first = house.snapshots.delete(MEMBER, snapshot.id)
    assert first[0].status == SnapshotStatus.DELETING
    assert house.snapshots.delete(MEMBER, snapshot.id) == first
    house.settle()
    assert used(house.store, "t") == (1, 0, 20)
    with pytest.raises(NotFound):
        house.snapshots.delete(MEMBER, snapshot.id)


def test_a_restored_volume_is_a_new_data_volume_with_the_size_and_product_of_the_snapshot(
    house: House, snapshot: Snapshot
) -> None:
    given = {**RESTORE, "name": "orders-R", "description": "한 달 전", "protected": True}
    volume, source = house.snapshots.restore(MEMBER, snapshot_id=snapshot.id, **given)
    assert (volume.status, volume.category, volume.source_snapshot_id) == ("CREATING", VolumeCategory.DATA, snapshot.id)
    assert (volume.size_gb, volume.product, volume.name, volume.protected) == (20, "HDD", "orders-R", True)
    assert source == house.now(snapshot) == snapshot
    assert volume.id != snapshot.volume_id
    assert used(house.store, "t") == (2, 1, 60)


def test_a_snapshot_is_not_deleted_while_a_volume_is_being_restored_from_it(house: House, snapshot: Snapshot) -> None:
    volume, _ = house.snapshots.restore(MEMBER, snapshot_id=snapshot.id, **RESTORE)
    assert list(house.snapshots.facts(MEMBER, [snapshot.id])[0].restoring) == [volume]
    with pytest.raises(InvalidState, match=f"volume {volume.id} is being restored from snapshot {snapshot.id}"):
        house.snapshots.delete(MEMBER, snapshot.id)
    house.settle()
    assert house.now(volume).status == VolumeStatus.AVAILABLE
    assert house.snapshots.delete(MEMBER, snapshot.id)[0].status == SnapshotStatus.DELETING


@pytest.mark.parametrize("how", ["refused", "done"])
def test_after_the_restore_either_may_be_deleted_without_the_other(house: House, snapshot: Snapshot, how: str) -> None:
    volume, _ = house.snapshots.restore(MEMBER, snapshot_id=snapshot.id, **RESTORE)
    house.settle(REFUSED if how == "refused" else "storage: done")
    house.volumes.delete(MEMBER, volume.id)
    house.snapshots.delete(MEMBER, snapshot.id)
    house.settle()
    assert [row.id for row in house.store.every_record()] == [snapshot.volume_id]


def test_the_volume_of_a_snapshot_cannot_be_deleted_before_it_and_the_restored_one_can(
    house: House, snapshot: Snapshot
) -> None:
    volume, _ = house.snapshots.restore(MEMBER, snapshot_id=snapshot.id, **RESTORE)
    house.settle()
    assert house.volumes.facts(MEMBER, [volume.id, snapshot.volume_id])[0].snapshot_count == 0
    house.volumes.delete(MEMBER, volume.id)
    house.settle()
    restored = VolumeFilter(source_snapshot_id=snapshot.id)
    assert house.volumes.counts(MEMBER, [restored]) == [0]


@pytest.mark.parametrize(("quotas", "quota"), [(Quotas(1, 9, 99), "VOLUMES"), (Quotas(9, 9, 29), "GIGABYTES")])
def test_restoring_takes_a_volume_and_gigabytes_of_the_quotas(url: str, quotas: Quotas, quota: str) -> None:
    with opened(url, quotas) as store:
        house = House(store)
        snapshot = house.snapshot(house.volume())
        with pytest.raises(QuotaExceeded) as caught:
            house.snapshots.restore(MEMBER, snapshot_id=snapshot.id, **RESTORE)
        assert caught.value.quota == quota


def test_only_an_administrator_can_delete_what_failed_to_be_deleted(house: House, snapshot: Snapshot) -> None:
    house.snapshots.delete(MEMBER, snapshot.id)
    house.settle(REFUSED)
    for caller in (MEMBER, ADMINISTRATOR):
        with pytest.raises(InvalidState, match="ask storage@example"):
            house.snapshots.delete(caller, snapshot.id)
    retried, _ = house.snapshots.retry_deletion(ADMINISTRATOR, snapshot.id)
    assert (retried.status, retried.updated_by) == (SnapshotStatus.DELETING, "root")
    house.settle()
    assert house.snapshots.find(MEMBER, [snapshot.id]) == {}


def forbidden(house: House, caller: Caller, id_: str) -> list[ProblemCode | None]:
    """What comes of the administrators' verbs."""
    expected, to = SnapshotStatus.AVAILABLE, SnapshotStatus.ERROR
    problems = [
        raised(Refused, lambda: house.snapshots.retry_deletion(caller, id_)),
        raised(Refused, lambda: house.snapshots.reset_status(caller, id_, expected=expected, to=to, reason="r")),
    ]
    return [None if problem is None else problem.code for problem in problems]


def test_members_may_neither_retry_nor_reset_and_learn_nothing_by_trying(house: House, snapshot: Snapshot) -> None:
    assert forbidden(house, MEMBER, snapshot.id) == [ProblemCode.FORBIDDEN] * 2
    assert forbidden(house, MEMBER, "nothing") == [ProblemCode.FORBIDDEN] * 2
    assert house.now(snapshot) == snapshot


def reset(house: House, row: Snapshot, expected: SnapshotStatus, to: SnapshotStatus, reason: str = "why") -> Snapshot:
    return house.snapshots.reset_status(ADMINISTRATOR, row.id, expected=expected, to=to, reason=reason)[0]


def test_a_reset_writes_the_reason_into_the_object_and_the_journal(house: House, snapshot: Snapshot) -> None:
    done = reset(house, snapshot, SnapshotStatus.AVAILABLE, SnapshotStatus.ERROR, "ticket 7")
    assert (done.status, done.status_reason, done.owed_at) == (SnapshotStatus.ERROR, "ticket 7", None)
    line = lines(house.store, "t")[-1]
    assert (line.previous_status, line.status, line.reason, line.actor) == ("AVAILABLE", "ERROR", "ticket 7", "root")


def test_a_reset_expects_a_status_and_changes_nothing_if_it_is_another(house: House, snapshot: Snapshot) -> None:
    with pytest.raises(InvalidState) as caught:
        reset(house, snapshot, SnapshotStatus.CREATING, SnapshotStatus.ERROR)
    assert (caught.value.status, caught.value.allowed) == ("AVAILABLE", ("CREATING",))
    assert house.now(snapshot) == snapshot


@pytest.mark.parametrize("stuck", [SnapshotStatus.ERROR, SnapshotStatus.ERROR_DELETING])
def test_a_reset_to_available_is_only_for_what_the_storage_holds_and_is_looked_at_again(
    house: House, snapshot: Snapshot, stuck: SnapshotStatus
) -> None:
    house.force(snapshot, stuck, held=False)
    with pytest.raises(InvalidState):
        reset(house, snapshot, stuck, SnapshotStatus.AVAILABLE)
    house.force(snapshot, stuck, held=True)
    done = reset(house, snapshot, stuck, SnapshotStatus.AVAILABLE)
    assert done.status == SnapshotStatus.AVAILABLE
    assert house.store.leases.claim(Reach.ALL) is not None


def test_a_snapshot_that_is_being_made_can_be_given_up_and_its_late_worker_changes_nothing(house: House) -> None:
    made, _ = house.snapshots.create(MEMBER, volume_id=house.volume().id, **SNAPSHOT)
    worker = house.store.leases.claim(Reach.OWED)
    assert reset(house, made, SnapshotStatus.CREATING, SnapshotStatus.ERROR).lease is None
    assert worker is not None
    house.store.leases.renew([worker.lease or ""])
    assert house.store.leases.claim(Reach.ALL) is None
    assert house.now(made).status == SnapshotStatus.ERROR


@pytest.mark.parametrize("reason", ["", "  ", "r" * 501])
def test_a_reset_needs_a_reason(house: House, snapshot: Snapshot, reason: str) -> None:
    with pytest.raises(InvalidInput):
        reset(house, snapshot, SnapshotStatus.AVAILABLE, SnapshotStatus.ERROR, reason)


def test_snapshots_are_found_listed_and_counted(house: House, snapshot: Snapshot) -> None:
    other = house.snapshot(house.volume())
    assert house.snapshots.find(MEMBER, [snapshot.id]) == {snapshot.id: snapshot}
    of_one = SnapshotFilter(volume_id=snapshot.volume_id)
    name = ListName("t", "snapshots")
    pages = house.snapshots.pages(MEMBER, [(name, Window(), each) for each in (SnapshotFilter(), of_one)])
    assert [page.items for page in pages] == [[other, snapshot], [snapshot]]
    assert house.snapshots.counts(MEMBER, [SnapshotFilter(), of_one]) == [2, 1]
