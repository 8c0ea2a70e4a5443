"""What a tenant may ask of its volumes, verb by verb."""

import pytest

from app.domain.lifecycle import REFUSED
from app.domain.page import ListName, Window
from app.domain.problems import (
    InvalidInput,
    InvalidState,
    NotFound,
    ProblemCode,
    QuotaExceeded,
    Refused,
    SnapshotsExist,
    VersionConflict,
    VolumeInUse,
)
from app.domain.volume import VolumeCategory, VolumeFilter, VolumeStatus
from app.domain.warning import WarningCode
from app.store.store import Quotas
from tests.domain.make import a_member, a_volume
from tests.domain.raised import raised
from tests.service.house import MEMBER, SERVER, SNAPSHOT, VOLUME, House
from tests.store.opened import lines, opened, put, used


def paths(problem: InvalidInput) -> list[str]:
    return [".".join(fault.path) for fault in problem.faults]


def test_a_new_volume_is_a_data_volume_that_is_creating_and_counts_at_once(house: House) -> None:
    given = {**VOLUME, "name": "orders", "description": "업무", "size_gb": 20, "product": "HDD", "protected": True}
    volume, warnings = house.volumes.create(MEMBER, **given)
    assert (volume.status, volume.category, warnings) == (VolumeStatus.CREATING, VolumeCategory.DATA, [])
    assert (volume.name, volume.description, volume.size_gb, volume.product) == ("orders", "업무", 20, "HDD")
    assert (volume.protected, volume.created_by, volume.updated_by, volume.version) == (True, "tester", "tester", 1)
    assert volume == house.now(volume)
    assert used(house.store, "t") == (1, 0, 20)


def test_names_are_not_unique(house: House) -> None:
    assert house.volume(name="twin").id != house.volume(name="twin").id


def test_all_faults_of_a_new_volume_come_back_at_once_and_nothing_is_made(house: House) -> None:
    faulty = {"name": "x", "description": "\0", "size_gb": 9, "product": "TAPE", "idempotency_key": ""}
    with pytest.raises(InvalidInput) as caught:
        house.volumes.create(MEMBER, **{**VOLUME, **faulty})
    assert paths(caught.value) == ["name", "description", "sizeGb", "product", "idempotencyKey"]
    assert house.store.every_record() == []


@pytest.mark.parametrize(("quotas", "quota"), [(Quotas(1, 9, 99), "VOLUMES"), (Quotas(9, 9, 19), "GIGABYTES")])
def test_a_volume_over_a_quota_is_refused_and_changes_nothing(url: str, quotas: Quotas, quota: str) -> None:
    with opened(url, quotas) as store:
        house = House(store)
        house.volume()
        with pytest.raises(QuotaExceeded) as caught:
            house.volumes.create(MEMBER, **VOLUME)
        assert caught.value.quota == quota
        assert used(store, "t") == (1, 0, 10)
        assert len(lines(store, "t")) == 2


def test_an_update_changes_what_is_given_and_keeps_the_rest(house: House) -> None:
    volume = house.volume(description="kept")
    updated, _ = house.volumes.update(a_member(name="kim"), volume.id, {"name": "new-name"}, expected_version=None)
    assert (updated.name, updated.description, updated.protected) == ("new-name", "kept", False)
    assert (updated.version, updated.updated_by, updated.created_by) == (volume.version + 1, "kim", "tester")
    assert lines(house.store, "t")[-1].actor == "kim"


def test_an_update_that_changes_nothing_is_no_change(house: House) -> None:
    volume = house.volume()
    updated, _ = house.volumes.update(MEMBER, volume.id, {"name": "data", "protected": False}, expected_version=None)
    assert updated == volume == house.now(volume)
    assert len(lines(house.store, "t")) == volume.revision


def test_an_update_with_the_expected_version_is_done_and_with_another_conflicts(house: House) -> None:
    volume = house.volume()
    updated, _ = house.volumes.update(MEMBER, volume.id, {"name": "one"}, expected_version=volume.version)
    with pytest.raises(VersionConflict) as caught:
        house.volumes.update(MEMBER, volume.id, {"name": "two"}, expected_version=volume.version)
    assert caught.value.current == updated.version
    assert house.now(volume).name == "one"


def test_all_faults_of_an_update_come_back_at_once_null_among_them(house: House) -> None:
    changes = {"name": "x", "description": "\0", "protected": None}
    with pytest.raises(InvalidInput) as caught:
        house.volumes.update(MEMBER, house.volume().id, changes, expected_version=None)
    assert paths(caught.value) == ["name", "description", "protected"]


def test_a_volume_that_is_being_deleted_is_not_updated(house: House) -> None:
    volume = house.volume()
    house.volumes.delete(MEMBER, volume.id)
    with pytest.raises(InvalidState):
        house.volumes.update(MEMBER, volume.id, {"name": "late"}, expected_version=None)


def test_a_deleted_volume_is_deleting_until_the_storage_is_done_and_then_gone(house: House) -> None:
    volume = house.volume()
    deleted, _ = house.volumes.delete(MEMBER, volume.id)
    assert deleted.status == VolumeStatus.DELETING
    assert used(house.store, "t") == (1, 0, 10)
    house.settle()
    assert house.volumes.find(MEMBER, [volume.id]) == {}
    assert used(house.store, "t") == (0, 0, 0)
    with pytest.raises(NotFound):
        house.volumes.delete(MEMBER, volume.id)


def test_deleting_twice_answers_the_same_and_is_done_once(house: House) -> None:
    volume = house.volume()
    assert house.volumes.delete(MEMBER, volume.id) == house.volumes.delete(MEMBER, volume.id)
    assert [line.status for line in lines(house.store, "t")].count("DELETING") == 1


def test_a_volume_whose_deletion_the_storage_refused_cannot_be_deleted_again(house: House) -> None:
    volume = house.volume()
    house.volumes.delete(MEMBER, volume.id)
    house.settle(REFUSED)
    assert house.now(volume).status == VolumeStatus.ERROR_DELETING
    with pytest.raises(InvalidState):
        house.volumes.delete(MEMBER, volume.id)


def test_a_volume_with_snapshots_is_not_deleted_and_the_newest_ten_are_named(house: House) -> None:
    volume = house.volume()
    cuts = [house.snapshot(volume) for _ in range(12)]
    with pytest.raises(SnapshotsExist) as caught:
        house.volumes.delete(MEMBER, volume.id)
    assert [snapshot.id for snapshot in caught.value.snapshots] == [cut.id for cut in reversed(cuts)][:10]
    assert caught.value.total == 12
    for cut in cuts:
        house.snapshots.delete(MEMBER, cut.id)
    with pytest.raises(SnapshotsExist):
        house.volumes.delete(MEMBER, volume.id)
    house.settle()
    assert house.volumes.delete(MEMBER, volume.id)[0].status == VolumeStatus.DELETING


def test_a_protected_volume_is_deleted_once_the_protection_is_lifted(house: House) -> None:
    volume = house.volume(protected=True)
    with pytest.raises(Refused) as caught:
        house.volumes.delete(MEMBER, volume.id)
    assert caught.value.code == ProblemCode.VOLUME_PROTECTED
    house.volumes.update(MEMBER, volume.id, {"protected": False}, expected_version=None)
    assert house.volumes.delete(MEMBER, volume.id)[0].status == VolumeStatus.DELETING


def test_an_extension_counts_at_once_and_shows_when_the_storage_has_it(house: House) -> None:
    volume = house.volume(size_gb=10)
    extended, warnings = house.volumes.extend(MEMBER, volume.id, size_gb=30)
    assert (extended.status, extended.size_gb, warnings) == (VolumeStatus.EXTENDING, 10, [])
    assert used(house.store, "t") == (1, 0, 30)
    house.settle()
    assert (house.now(volume).status, house.now(volume).size_gb) == (VolumeStatus.AVAILABLE, 30)
    assert used(house.store, "t") == (1, 0, 30)


def test_an_extension_that_the_storage_refuses_gives_back_what_it_took(house: House) -> None:
    volume = house.volume(size_gb=10)
    house.volumes.extend(MEMBER, volume.id, size_gb=30)
    house.settle(REFUSED)
    assert (house.now(volume).status, house.now(volume).size_gb) == (VolumeStatus.AVAILABLE, 10)
    assert used(house.store, "t") == (1, 0, 10)


def test_a_volume_with_snapshots_is_extended_with_a_warning_and_they_keep_their_size(house: House) -> None:
    volume = house.volume(size_gb=10)
    snapshot = house.snapshot(volume)
    _, warnings = house.volumes.extend(MEMBER, volume.id, size_gb=30)
    house.settle()
    assert [warning.code for warning in warnings] == [WarningCode.SNAPSHOTS_EXIST]
    assert house.now(snapshot).size_gb == 10
    assert house.snapshot(volume).size_gb == 30


def test_an_extension_over_the_quota_or_to_no_larger_size_is_refused(url: str) -> None:
    with opened(url, Quotas(9, 9, 29)) as store:
        house = House(store)
        volume = house.volume(size_gb=10)
        with pytest.raises(QuotaExceeded) as caught:
            house.volumes.extend(MEMBER, volume.id, size_gb=30)
        assert (caught.value.limit, caught.value.used, caught.value.requested) == (29, 10, 20)
        with pytest.raises(InvalidInput):
            house.volumes.extend(MEMBER, volume.id, size_gb=10)
        assert house.now(volume) == volume


def test_an_attached_volume_says_where_and_since_when_until_it_is_detached(house: House) -> None:
    volume = house.volume()
    attached, _ = house.volumes.attach(MEMBER, volume.id, **SERVER)
    assert (attached.status, attached.server_id, attached.server_name, attached.device) == (
        VolumeStatus.ATTACHING,
        "srv-1",
        "web",
        "/dev/vdb",
    )
    assert attached.attached_at is not None
    house.settle()
    assert house.now(volume).status == VolumeStatus.IN_USE
    assert house.volumes.detach(MEMBER, volume.id)[0].server_id == "srv-1"
    house.settle()
    assert (house.now(volume).status, house.now(volume).server_id) == (VolumeStatus.AVAILABLE, None)
    assert house.now(volume).attached_at is None


def test_all_faults_of_an_attachment_come_back_at_once(house: House) -> None:
    with pytest.raises(InvalidInput) as caught:
        house.volumes.attach(MEMBER, house.volume().id, server_id="", server_name="\n", device="d" * 256)
    assert paths(caught.value) == ["serverId", "serverName", "device"]


def test_what_is_in_use_is_not_attached_extended_or_deleted_and_names_its_server(house: House) -> None:
    volume = house.attached()
    refusals = [
        raised(VolumeInUse, lambda: house.volumes.attach(MEMBER, volume.id, **SERVER)),
        raised(VolumeInUse, lambda: house.volumes.extend(MEMBER, volume.id, size_gb=30)),
        raised(VolumeInUse, lambda: house.volumes.delete(MEMBER, volume.id)),
    ]
    assert ["attached to server srv-1" in str(refusal) for refusal in refusals] == [True] * 3


def test_a_root_volume_cannot_be_deleted_detached_or_snapshotted(house: House) -> None:
    put(house.store, root := a_volume(category=VolumeCategory.ROOT, status=VolumeStatus.IN_USE))
    refusals = [
        raised(Refused, lambda: house.volumes.delete(MEMBER, root.id)),
        raised(Refused, lambda: house.volumes.detach(MEMBER, root.id)),
        raised(Refused, lambda: house.snapshots.create(MEMBER, volume_id=root.id, **SNAPSHOT)),
    ]
    assert [refusal and refusal.code for refusal in refusals] == [ProblemCode.ROOT_VOLUME_NOT_SUPPORTED] * 3


def test_volumes_are_found_listed_counted_and_told_what_the_rules_look_at(house: House) -> None:
    volume, other = house.volume(), house.volume()
    snapshot = house.snapshot(volume)
    assert house.volumes.find(MEMBER, [volume.id, other.id]) == {row.id: row for row in (volume, other)}
    (page,) = house.volumes.pages(MEMBER, [(ListName("t", "volumes"), Window(1), VolumeFilter())])
    assert (page.items, page.has_next) == ([other], True)
    assert house.volumes.counts(MEMBER, [VolumeFilter(), VolumeFilter(search="nothing")]) == [2, 0]
    facts = house.volumes.facts(MEMBER, [volume.id, other.id])
    assert [(list(each.snapshots), each.snapshot_count) for each in facts] == [([snapshot], 1), ([], 0)]
