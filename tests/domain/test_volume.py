"""What may be done with a volume when: the guide's table, and what the caller is told."""

from typing import Any

import pytest

from app.domain.problems import InvalidInput, InvalidState, Problem, SnapshotsExist, VolumeInUse
from app.domain.record import now
from app.domain.tenant import Tenant
from app.domain.volume import Volume, VolumeAction, VolumeCategory, VolumeFacts, VolumeStatus
from app.domain.warning import WarningCode
from tests.domain.make import a_snapshot, a_tenant, a_volume
from tests.domain.raised import raised
from tests.domain.tables import said, table, written

A_DATA_VOLUME = """
                UPDATE  DELETE     EXTEND    ATTACH    DETACH  CREATE_SNAPSHOT
CREATING        yes     no         no        no        no      no
AVAILABLE       yes     yes        yes       yes       no      yes
ATTACHING       yes     no         no        no        no      no
IN_USE          yes     attached   attached  attached  yes     warned
DETACHING       yes     no         no        no        no      no
EXTENDING       yes     no         no        no        no      no
DELETING        no      yes        no        no        no      no
ERROR           yes     yes        no        no        no      no
ERROR_DELETING  yes     no         no        no        no      no
UNMANAGED       yes     no         no        no        no      no
"""
A_ROOT_VOLUME = """
                UPDATE  DELETE     EXTEND    ATTACH    DETACH  CREATE_SNAPSHOT
CREATING        yes     root       no        no        root    root
AVAILABLE       yes     root       yes       yes       root    root
ATTACHING       yes     root       no        no        root    root
IN_USE          yes     root       attached  attached  root    root
DETACHING       yes     root       no        no        root    root
EXTENDING       yes     root       no        no        root    root
DELETING        no      yes        no        no        root    root
ERROR           yes     root       no        no        root    root
ERROR_DELETING  yes     root       no        no        root    root
UNMANAGED       yes     root       no        no        root    root
"""
A_PROTECTED_VOLUME = """
                UPDATE  DELETE     EXTEND    ATTACH    DETACH  CREATE_SNAPSHOT
CREATING        yes     protected  no        no        no      no
AVAILABLE       yes     protected  yes       yes       no      yes
ATTACHING       yes     protected  no        no        no      no
IN_USE          yes     attached   attached  attached  yes     warned
DETACHING       yes     protected  no        no        no      no
EXTENDING       yes     protected  no        no        no      no
DELETING        no      yes        no        no        no      no
ERROR           yes     protected  no        no        no      no
ERROR_DELETING  yes     protected  no        no        no      no
UNMANAGED       yes     protected  no        no        no      no
"""
A_VOLUME_WITH_SNAPSHOTS = """
                UPDATE  DELETE     EXTEND    ATTACH    DETACH  CREATE_SNAPSHOT
CREATING        yes     no         no        no        no      no
AVAILABLE       yes     snapshots  warned    yes       no      yes
ATTACHING       yes     no         no        no        no      no
IN_USE          yes     attached   attached  attached  yes     warned
DETACHING       yes     no         no        no        no      no
EXTENDING       yes     no         no        no        no      no
DELETING        no      yes        no        no        no      no
ERROR           yes     snapshots  no        no        no      no
ERROR_DELETING  yes     no         no        no        no      no
UNMANAGED       yes     no         no        no        no      no
"""
WITH_THE_QUOTAS_FULL = """
                UPDATE  DELETE     EXTEND    ATTACH    DETACH  CREATE_SNAPSHOT
CREATING        yes     no         no        no        no      no
AVAILABLE       yes     yes        quota     yes       no      quota
ATTACHING       yes     no         no        no        no      no
IN_USE          yes     attached   attached  attached  yes     quota
DETACHING       yes     no         no        no        no      no
EXTENDING       yes     no         no        no        no      no
DELETING        no      yes        no        no        no      no
ERROR           yes     yes        no        no        no      no
ERROR_DELETING  yes     no         no        no        no      no
UNMANAGED       yes     no         no        no        no      no
"""


def facts(tenant: Tenant | None = None, snapshots: int = 0) -> VolumeFacts:
    return VolumeFacts(tenant or a_tenant(), [a_snapshot() for _ in range(snapshots)], snapshots)


@pytest.mark.parametrize(
    ("expected", "given", "beside"),
    [
        (A_DATA_VOLUME, {}, facts()),
        (A_ROOT_VOLUME, {"category": VolumeCategory.ROOT}, facts()),
        (A_PROTECTED_VOLUME, {"protected": True}, facts()),
        (A_VOLUME_WITH_SNAPSHOTS, {}, facts(snapshots=2)),
        (WITH_THE_QUOTAS_FULL, {}, facts(a_tenant(max_gigabytes=10, gigabytes=10))),
    ],
    ids=["data", "root", "protected", "with snapshots", "quotas full"],
)
def test_what_may_be_done_with_a_volume_is_as_the_guides_table_says(
    expected: str, given: dict[str, Any], beside: VolumeFacts
) -> None:
    def cell(status: Any, action: Any) -> str:
        return said(lambda: a_volume(status=status, **given).check(action, beside))

    assert table(VolumeStatus, VolumeAction, cell) == written(expected)


@pytest.mark.parametrize("action", VolumeAction)
@pytest.mark.parametrize("status", VolumeStatus)
def test_an_invalid_state_says_which_was_found_and_which_would_do(status: VolumeStatus, action: VolumeAction) -> None:
    volume, rules = a_volume(status=status), written(A_DATA_VOLUME)
    problem = raised(Problem, lambda: volume.check(action, facts()))
    if isinstance(problem, InvalidState):
        would_do = {other for other in VolumeStatus if rules[other][action] in ("yes", "warned")}
        assert problem.status == status
        assert set(problem.allowed) == would_do - {VolumeStatus.DELETING}
        assert f"{volume.id} is {status}" in str(problem)


def test_the_volume_in_use_names_the_server() -> None:
    volume = a_volume(status=VolumeStatus.IN_USE, server_id="srv-7", attached_at=now())
    with pytest.raises(VolumeInUse, match="srv-7") as caught:
        volume.check(VolumeAction.DELETE, facts())
    assert caught.value.attachment == volume.attachment


def test_deleting_a_volume_with_snapshots_names_the_first_of_them_and_how_many_there_are() -> None:
    first = [a_snapshot(), a_snapshot()]
    with pytest.raises(SnapshotsExist, match="has 12 snapshot") as caught:
        a_volume().check(VolumeAction.DELETE, VolumeFacts(a_tenant(), first, 12))
    assert caught.value.snapshots == tuple(first)
    assert caught.value.total == 12


def test_a_snapshot_of_an_attached_volume_is_warned_of_torn_bytes() -> None:
    attached = a_volume(status=VolumeStatus.IN_USE)
    warnings = attached.check(VolumeAction.CREATE_SNAPSHOT, facts())
    assert [warning.code for warning in warnings] == [WarningCode.VOLUME_ATTACHED]
    assert "may be damaged" in str(warnings[0].message)


def test_extending_a_volume_with_snapshots_is_warned_that_they_keep_their_size() -> None:
    warnings = a_volume().check(VolumeAction.EXTEND, facts(snapshots=1))
    assert [warning.code for warning in warnings] == [WarningCode.SNAPSHOTS_EXIST]
    assert "keep the size" in str(warnings[0].message)


@pytest.mark.parametrize("to_gb", [9, 10, 1001])
def test_a_volume_becomes_larger_and_at_most_1000_gb(to_gb: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        a_volume(size_gb=10).may_extend(facts(), to_gb)
    assert [fault.path for fault in caught.value.faults] == [("sizeGb",)]


def test_a_volume_of_1000_gb_cannot_be_extended_at_all() -> None:
    with pytest.raises(InvalidInput):
        a_volume(size_gb=1000).check(VolumeAction.EXTEND, facts())


def test_an_extension_takes_only_what_is_added_of_the_quota() -> None:
    tenant = a_tenant(max_gigabytes=15, gigabytes=10)
    a_volume(size_gb=10).may_extend(facts(tenant), 15)
    assert said(lambda: a_volume(size_gb=10).may_extend(facts(tenant), 16)) == "quota"


@pytest.mark.parametrize("full", [{"max_snapshots": 0}, {"max_gigabytes": 9}])
def test_a_snapshot_takes_one_of_the_snapshots_and_the_gigabytes_of_its_volume(full: dict[str, int]) -> None:
    assert said(lambda: a_volume().check(VolumeAction.CREATE_SNAPSHOT, facts(a_tenant(**full)))) == "quota"
    fits = facts(a_tenant(max_snapshots=1, max_gigabytes=10, max_volumes=0))
    assert said(lambda: a_volume().check(VolumeAction.CREATE_SNAPSHOT, fits)) == "yes"


def test_a_volume_counts_with_its_new_size_while_it_is_extended() -> None:
    volume = a_volume(status=VolumeStatus.EXTENDING, size_gb=10, extending_to_gb=30)
    assert volume.counted == {"volumes": 1, "gigabytes": 30}


def test_ids_say_what_they_name_and_nothing_else_is_one() -> None:
    id_ = Volume.new_id()
    assert Volume.is_id(id_)
    assert not any(map(Volume.is_id, ["", "vol-", id_ + "\n", id_.upper(), id_.replace("vol", "snap"), f" {id_}"]))
