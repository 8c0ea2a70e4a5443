"""A restored volume's bytes equal its snapshot's: compared before AVAILABLE if copied, in the background if shared."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.snapshot import Snapshot
from app.domain.volume import Volume
from app.drivers.contract import Died, Refused
from app.drivers.faults import Hold
from app.drivers.files import Files
from app.reconciler.steps import proof_of
from app.store.leases import Reach
from tests.drivers.conftest import disk
from tests.drivers.contract import OWNER
from tests.reconciler.bench import GB, Bench, reached
from tests.reconciler.deaths import Deaths
from tests.reconciler.engines import Sharing

NOT_THOSE = r"the bytes restored (blake3:\S+) are not those of snapshot"


def damaged(bench: Bench) -> Snapshot:
    """A snapshot whose bytes changed behind everybody's back."""
    snapshot = bench.snapshot()
    bench.write(snapshot, b"rotten", at=GB)
    return snapshot


def restored(bench: Bench, snapshot: Snapshot) -> Volume:
    volume = bench.ask_restore(snapshot)
    bench.work()
    return bench.now(volume)


def is_not_those(volume: Volume, snapshot: Snapshot) -> bool:
    return f"are not those of snapshot {snapshot.id}" in (volume.status_reason or "")


# By copying


def test_a_volume_that_was_copied_has_the_bytes_of_its_snapshot(bench: Bench) -> None:
    snapshot = bench.snapshot()
    assert bench.content(restored(bench, snapshot)) == bench.content(snapshot)


def test_a_copy_of_a_damaged_snapshot_is_an_error_with_the_reason_and_never_available(bench: Bench) -> None:
    snapshot = damaged(bench)
    volume = restored(bench, snapshot)
    assert volume.status == "ERROR"
    assert is_not_those(volume, snapshot)
    assert not any("→AVAILABLE" in line for line in bench.story(volume))


def test_a_copy_made_by_a_worker_that_died_is_compared_too(bench: Bench) -> None:
    snapshot = bench.snapshot()
    volume = bench.ask_restore(snapshot)
    bench.storage.on("restore_volume", after=Died())
    with pytest.raises(Died):
        bench.work()
    bench.write(volume, b"rotten", at=GB)
    bench.time_passes()
    bench.work()
    assert bench.now(volume).status == "ERROR"
    assert is_not_those(bench.now(volume), snapshot)


def test_a_volume_whose_restoring_failed_can_be_deleted_with_its_bytes(bench: Bench) -> None:
    volume = restored(bench, damaged(bench))
    bench.ask_delete(volume)
    bench.work()
    assert bench.find(volume) is None
    assert bench.findings() == []


# By sharing


@pytest.fixture
def sharing(bench: Bench) -> Bench:
    """A workbench over storage that shares bytes."""
    bench.over(Sharing(bench.folder))
    return bench


def just_restored(bench: Bench, snapshot: Snapshot) -> Volume:
    """A volume that is AVAILABLE and not compared yet."""
    volume = bench.ask_restore(snapshot)
    bench.reconciler().work_once(Reach.OWED)
    return bench.now(volume)


def test_a_volume_that_shares_bytes_is_available_at_once_and_compared_later(sharing: Bench) -> None:
    volume = just_restored(sharing, sharing.snapshot())
    assert (volume.status, volume.unproven) == ("AVAILABLE", True)
    assert proof_of(volume.id) in sharing.files()
    sharing.work()
    assert (sharing.now(volume).status, sharing.now(volume).unproven) == ("AVAILABLE", False)
    assert proof_of(volume.id) not in sharing.files()


def test_a_volume_that_shares_bytes_is_flattened_before_it_is_compared(sharing: Bench) -> None:
    just_restored(sharing, sharing.snapshot())
    sharing.over(sharing.driver)
    sharing.work()
    assert sharing.storage.calls[:2] == ["flatten_volume", "checksum_snapshot"]


def test_a_flattening_that_does_not_fit_is_tried_again_and_the_volume_stays_available(sharing: Bench) -> None:
    volume = just_restored(sharing, sharing.snapshot())
    sharing.storage.on("flatten_volume", before=Refused("not enough free space"))
    sharing.work()
    assert (sharing.now(volume).status, sharing.now(volume).unproven) == ("AVAILABLE", True)
    sharing.time_passes()
    sharing.work()
    assert (sharing.now(volume).status, sharing.now(volume).unproven) == ("AVAILABLE", False)


def test_what_is_compared_is_what_the_volume_was_made_with_not_what_was_written_since(sharing: Bench) -> None:
    volume = just_restored(sharing, sharing.snapshot())
    sharing.write(volume, b"written by a server")
    sharing.work()
    assert sharing.now(volume).status == "AVAILABLE"


@pytest.mark.parametrize("attached", [False, True])
def test_an_inequality_turns_the_volume_to_error_with_the_reason(sharing: Bench, attached: bool) -> None:
    snapshot = damaged(sharing)
    volume = just_restored(sharing, snapshot)
    if attached:
        sharing.ask_attach(volume)
    sharing.work()
    found = sharing.now(volume)
    assert (found.status, found.server_id, found.attached_at) == ("ERROR", None, None)
    assert is_not_those(found, snapshot)
    assert sharing.findings() == []


def test_a_volume_that_was_found_unequal_can_be_deleted_and_leaves_nothing(sharing: Bench) -> None:
    snapshot = damaged(sharing)
    volume = restored(sharing, snapshot)
    sharing.ask_delete(volume)
    sharing.work()
    assert sharing.find(volume) is None
    assert sharing.files() == {snapshot.volume_id, snapshot.id}


def test_an_inequality_is_not_forgotten_though_the_worker_that_found_it_dies(sharing: Bench, deaths: Deaths) -> None:
    snapshot = damaged(sharing)
    for volume in deaths.of(lambda bench: just_restored(bench, snapshot)):
        assert sharing.now(volume).status == "ERROR"
    assert deaths.deaths >= 1


def test_an_inequality_is_not_forgotten_though_the_tenant_goes_ahead(sharing: Bench) -> None:
    volume = just_restored(sharing, damaged(sharing))
    sharing.over(sharing.driver)
    sharing.storage.on("checksum_snapshot", before=(hold := Hold()))
    with sharing.aside():
        reached(hold.reached)
        sharing.ask_extend(volume)
        sharing.reconciler().work_once(Reach.OWED)
        hold.released.set()
    sharing.work()
    assert sharing.now(volume).status == "ERROR"


def test_a_snapshot_that_is_deleted_before_the_comparison_has_nothing_to_say(sharing: Bench) -> None:
    snapshot = sharing.ask_snapshot(sharing.volume())
    sharing.reconciler().work_once(Reach.OWED)
    volume = just_restored(sharing, snapshot)
    sharing.storage.on("delete_snapshot", after=Refused("the storage said no"))
    sharing.ask_delete(sharing.now(snapshot))
    sharing.work()
    assert sharing.now(snapshot).status == "ERROR_DELETING"
    assert (sharing.now(volume).status, sharing.now(volume).unproven) == ("AVAILABLE", False)


def test_a_volume_that_is_deleted_before_the_comparison_leaves_nothing(sharing: Bench) -> None:
    snapshot = sharing.snapshot()
    volume = just_restored(sharing, snapshot)
    sharing.ask_delete(volume)
    sharing.work()
    assert sharing.files() == {snapshot.volume_id, snapshot.id}


def test_a_volume_that_the_storage_lost_before_the_comparison_is_not_compared(sharing: Bench) -> None:
    volume = just_restored(sharing, damaged(sharing))
    sharing.path(volume).unlink()
    sharing.ask_extend(volume)
    sharing.work()
    assert sharing.now(volume).status == "UNMANAGED"
    assert (sharing.now(volume).owed_at, sharing.now(volume).attempts) == (None, 0)


# On a file system that shares bytes


@pytest.fixture
def xfs(bench: Bench, tmp_path: Path) -> Iterator[Bench]:
    with disk(tmp_path, "xfs") as place:
        bench.folder = place / "storage"
        bench.over(Files(bench.folder, OWNER))
        yield bench


def test_clones_are_compared_as_copies_are(xfs: Bench) -> None:
    snapshot = xfs.snapshot()
    assert snapshot.checksum is not None, "taken in the background"
    volume = restored(xfs, snapshot)
    assert (volume.status, volume.unproven) == ("AVAILABLE", False)
    assert xfs.content(volume) == xfs.content(snapshot)
    xfs.write(snapshot, b"rotten", at=GB)
    assert restored(xfs, snapshot).status == "ERROR"
    assert xfs.findings() == []
