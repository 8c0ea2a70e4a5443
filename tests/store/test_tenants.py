"""Tenants never see each other, and each has numbers and quotas of its own."""

import pytest

from app.domain.page import ListName, Window
from app.domain.problems import NotFound
from app.domain.snapshot import SnapshotFilter
from app.domain.tenant import UNLIMITED
from app.domain.volume import VolumeFilter, VolumeStatus
from app.store.store import Quotas, Store
from app.store.unit_of_work import LeaseLost
from tests.domain.make import a_snapshot, a_volume
from tests.store.opened import change, lines, opened, put, used


def test_a_tenant_is_known_from_its_first_commit_on_and_has_the_limits_of_that_day(url: str) -> None:
    with opened(url, Quotas(1, 2, 3)) as store:
        assert not store.knows_any_tenant()
        with store.reading("t") as reading:
            assert (reading.tenant.name, reading.tenant.revision, reading.tenant.max_gigabytes) == ("t", 0, 3)
        assert not store.knows_any_tenant()
        put(store, a_volume())
        assert store.knows_any_tenant()
        assert (store.knows("t"), store.knows("other")) == (True, False)
    with opened(url, Quotas(UNLIMITED, 20, 30)) as store, store.reading("t") as reading:
        assert (reading.tenant.max_volumes, reading.tenant.max_snapshots, reading.tenant.max_gigabytes) == (1, 2, 3)


def test_what_is_anothers_is_not_there(store: Store) -> None:
    volume = a_volume("theirs", source_snapshot_id="snap-1", status=VolumeStatus.CREATING)
    snapshot = a_snapshot(volume)
    put(store, volume, snapshot)
    with store.reading("mine") as reading:
        assert reading.volumes.find([volume.id]) == {}
        assert reading.snapshots.find([snapshot.id]) == {}
        assert reading.volumes.counts([VolumeFilter()]) == [0]
        assert reading.snapshots.counts([SnapshotFilter(volume_id=volume.id)]) == [0]
        assert reading.volumes.pages([(ListName("mine", "l"), Window(), VolumeFilter())])[0].items == []
        assert reading.snapshots.pages([(ListName("mine", "l"), Window(), SnapshotFilter())])[0].items == []
        assert reading.volumes.restoring(["snap-1"]) == {"snap-1": []}
        assert not reading.journal.was_in(volume.id, ["CREATING"], 0)
        assert reading.journal.reach() == (0, 0)
    assert lines(store, "mine", subject_id=volume.id) == []


def test_what_is_anothers_is_not_found_just_as_what_is_absent(store: Store) -> None:
    put(store, theirs := a_volume("theirs"))
    with store.reading("mine") as reading:
        for id_ in (theirs.id, a_volume().id, "vol-1", "", "snap-" + "0" * 24):
            with pytest.raises(NotFound) as caught:
                reading.volumes.get(id_)
            assert caught.value.id == id_


def test_what_is_anothers_cannot_be_changed_even_with_the_row_at_hand(store: Store) -> None:
    put(store, theirs := a_volume("theirs", lease="l"))
    with store.unit_of_work("mine", "thief") as work:
        with pytest.raises(NotFound):
            work.change(theirs, name="stolen")
        with pytest.raises(LeaseLost):
            work.remove(theirs, under="l")
        work.commit()
    with store.reading("theirs") as reading:
        assert reading.volumes.get(theirs.id).name == "data"


def test_each_tenant_counts_for_itself(store: Store) -> None:
    put(store, a_volume("one"), a_volume("one"))
    put(store, other := a_volume("other", size_gb=30))
    change(store, other, name="renamed")
    assert [line.number for line in lines(store, "one")] == [1, 2]
    assert [line.number for line in lines(store, "other")] == [1, 2]
    assert (used(store, "one"), used(store, "other")) == ((2, 0, 20), (1, 0, 30))


def test_an_id_names_one_kind_of_object(store: Store) -> None:
    put(store, volume := a_volume(), snapshot := a_snapshot(volume))
    with store.reading("t") as reading:
        assert reading.volumes.find([volume.id, snapshot.id]).keys() == {volume.id}
        assert reading.snapshots.find([volume.id, snapshot.id, "💾", "snap-"]).keys() == {snapshot.id}
