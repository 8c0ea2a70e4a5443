"""What may be done with a snapshot when, and by whom: the guide's table, and what the caller is told."""

from typing import Any

import pytest

from app.domain.caller import Caller
from app.domain.problems import InvalidState, Problem
from app.domain.record import Record
from app.domain.snapshot import SnapshotAction, SnapshotFacts, SnapshotStatus
from app.domain.tenant import Tenant
from app.domain.volume import VolumeStatus
from tests.domain.make import a_member, a_snapshot, a_tenant, a_volume, an_administrator
from tests.domain.tables import said, table, written

TO_A_MEMBER = """
                UPDATE  DELETE  RESTORE  RETRY_DELETION  RESET_STATUS
CREATING        yes     no      no       forbidden       forbidden
AVAILABLE       yes     yes     yes      forbidden       forbidden
DELETING        no      yes     no       forbidden       forbidden
ERROR           yes     yes     no       forbidden       forbidden
ERROR_DELETING  yes     no      no       forbidden       forbidden
"""
TO_AN_ADMINISTRATOR = """
                UPDATE  DELETE  RESTORE  RETRY_DELETION  RESET_STATUS
CREATING        yes     no      no       no              yes
AVAILABLE       yes     yes     yes      no              yes
DELETING        no      yes     no       no              no
ERROR           yes     yes     no       no              yes
ERROR_DELETING  yes     no      no       yes             yes
"""
WHEN_THE_STORAGE_DOES_NOT_HOLD_IT = """
                UPDATE  DELETE  RESTORE  RETRY_DELETION  RESET_STATUS
CREATING        yes     no      no       no              yes
AVAILABLE       yes     yes     yes      no              yes
DELETING        no      yes     no       no              no
ERROR           yes     yes     no       no              no
ERROR_DELETING  yes     no      no       yes             yes
"""
WHILE_A_VOLUME_IS_RESTORED_FROM_IT = """
                UPDATE  DELETE  RESTORE  RETRY_DELETION  RESET_STATUS
CREATING        yes     no      no       no              yes
AVAILABLE       yes     no      yes      no              yes
DELETING        no      yes     no       no              no
ERROR           yes     no      no       no              yes
ERROR_DELETING  yes     no      no       yes             yes
"""
WITH_THE_QUOTAS_FULL = """
                UPDATE  DELETE  RESTORE  RETRY_DELETION  RESET_STATUS
CREATING        yes     no      no       no              yes
AVAILABLE       yes     yes     quota    no              yes
DELETING        no      yes     no       no              no
ERROR           yes     yes     no       no              yes
ERROR_DELETING  yes     no      no       yes             yes
"""
RESETS = """
                CREATING  AVAILABLE  DELETING  ERROR  ERROR_DELETING
CREATING        no        no         no        yes    no
AVAILABLE       no        no         no        yes    no
DELETING        no        no         no        no     no
ERROR           no        yes        no        no     no
ERROR_DELETING  no        yes        no        yes    no
"""
RESETS_OF_WHAT_IS_NOT_HELD = """
                CREATING  AVAILABLE  DELETING  ERROR  ERROR_DELETING
CREATING        no        no         no        yes    no
AVAILABLE       no        no         no        yes    no
DELETING        no        no         no        no     no
ERROR           no        no         no        no     no
ERROR_DELETING  no        no         no        yes    no
"""


def facts(caller: Caller | None = None, tenant: Tenant | None = None, *restoring: Record) -> SnapshotFacts:
    return SnapshotFacts(caller or an_administrator(), tenant or a_tenant(), "storage@example", restoring)


@pytest.mark.parametrize(
    ("expected", "given", "beside"),
    [
        (TO_A_MEMBER, {}, facts(a_member())),
        (TO_AN_ADMINISTRATOR, {}, facts()),
        (WHEN_THE_STORAGE_DOES_NOT_HOLD_IT, {"held": False}, facts()),
        (WHILE_A_VOLUME_IS_RESTORED_FROM_IT, {}, facts(None, None, a_volume())),
        (WITH_THE_QUOTAS_FULL, {}, facts(None, a_tenant(max_volumes=1, volumes=1))),
        (WITH_THE_QUOTAS_FULL, {}, facts(None, a_tenant(max_gigabytes=9))),
    ],
    ids=["member", "administrator", "not held", "restoring", "volumes full", "gigabytes full"],
)
def test_what_may_be_done_with_a_snapshot_is_as_the_guides_table_says(
    expected: str, given: dict[str, Any], beside: SnapshotFacts
) -> None:
    def cell(status: Any, action: Any) -> str:
        return said(lambda: a_snapshot(status=status, **given).check(action, beside))

    assert table(SnapshotStatus, SnapshotAction, cell) == written(expected)


@pytest.mark.parametrize(("held", "expected"), [(True, RESETS), (False, RESETS_OF_WHAT_IS_NOT_HELD)])
def test_a_status_is_reset_as_the_guides_table_says_and_to_available_only_while_held(held: bool, expected: str) -> None:
    def cell(status: Any, target: Any) -> str:
        return said(lambda: a_snapshot(status=status, held=held).may_reset_status(facts(), target))

    assert table(SnapshotStatus, SnapshotStatus, cell) == written(expected)


def test_a_reset_that_cannot_be_says_what_would_do() -> None:
    broken = a_snapshot(status=SnapshotStatus.ERROR_DELETING)
    with pytest.raises(InvalidState, match="can be reset to AVAILABLE, ERROR"):
        broken.may_reset_status(facts(), SnapshotStatus.CREATING)
    lost = a_snapshot(status=SnapshotStatus.ERROR, held=False)
    with pytest.raises(InvalidState, match="can be reset to nothing: the storage does not hold it"):
        lost.may_reset_status(facts(), SnapshotStatus.AVAILABLE)


def test_who_cannot_delete_what_failed_to_be_deleted_is_told_whom_to_ask() -> None:
    with pytest.raises(InvalidState, match="only an administrator can delete it: ask storage@example") as caught:
        a_snapshot(status=SnapshotStatus.ERROR_DELETING).check(SnapshotAction.DELETE, facts(a_member()))
    assert caught.value.status == SnapshotStatus.ERROR_DELETING
    assert set(caught.value.allowed) == {SnapshotStatus.AVAILABLE, SnapshotStatus.ERROR}


def test_a_snapshot_that_is_being_read_cannot_be_deleted_and_names_the_volume() -> None:
    reader = a_volume(status=VolumeStatus.CREATING)
    with pytest.raises(InvalidState, match=f"volume {reader.id} is being restored from"):
        a_snapshot().check(SnapshotAction.DELETE, facts(None, None, reader))


def test_a_member_who_asks_for_an_administrators_verb_is_named() -> None:
    with pytest.raises(Problem, match="only an administrator may do this; kim is not one"):
        a_snapshot().check(SnapshotAction.RETRY_DELETION, facts(a_member(name="kim")))


def test_a_snapshot_counts_once_and_with_its_gigabytes() -> None:
    assert a_snapshot(size_gb=30).counted == {"snapshots": 1, "gigabytes": 30}


def test_a_line_of_the_journal_about_a_snapshot_concerns_its_volume() -> None:
    volume = a_volume()
    assert a_snapshot(volume).about_volume == volume.about_volume == volume.id
