"""The same idempotency key with the same input is done once, however often and from wherever it is sent."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.problems import ProblemCode, QuotaExceeded, Refused
from app.domain.snapshot import Snapshot, SnapshotStatus
from app.domain.volume import Volume, VolumeStatus
from app.store.store import Quotas
from tests.domain.make import a_member, some
from tests.domain.raised import raised
from tests.service.house import MEMBER, RESTORE, SNAPSHOT, STRANGER, VOLUME, House
from tests.store.opened import lines, opened, side_by_side, used


def create(house: House, key: str | None = "key", **given: Any) -> Volume:
    return house.volumes.create(MEMBER, **{**VOLUME, "idempotency_key": key, **given})[0]


def cut(house: House, volume: Volume, key: str = "key-2", **given: Any) -> Snapshot:
    given = {**SNAPSHOT, "idempotency_key": key, **given}
    return house.snapshots.create(MEMBER, volume_id=volume.id, **given)[0]


def restore(house: House, snapshot: Snapshot, key: str = "key-3", **given: Any) -> tuple[Volume, Snapshot]:
    given = {**RESTORE, "idempotency_key": key, **given}
    return house.snapshots.restore(MEMBER, snapshot_id=snapshot.id, **given)


def test_the_same_request_again_answers_with_the_first_result_and_does_nothing(house: House) -> None:
    first = create(house)
    assert create(house) == first
    assert house.store.every_record() == [first]
    assert (len(lines(house.store, "t")), used(house.store, "t")) == (1, (1, 0, 10))


def test_without_a_key_every_request_is_done(house: House) -> None:
    assert create(house, None).id != create(house, None).id


def test_the_answer_shows_the_object_as_it_is_now(house: House) -> None:
    first = create(house)
    house.settle()
    assert create(house).status == VolumeStatus.AVAILABLE
    assert create(house) == house.now(first)


def test_the_answer_after_the_object_is_gone_is_the_object_as_it_was_made(house: House) -> None:
    first = create(house)
    house.settle()
    house.volumes.delete(MEMBER, first.id)
    house.settle()
    assert create(house) == first
    assert house.store.every_record() == []


def test_a_snapshot_that_is_gone_is_answered_as_it_was_made_also_after_its_volume(house: House) -> None:
    volume = house.volume()
    first = cut(house, volume)
    house.settle()
    house.snapshots.delete(MEMBER, first.id)
    house.settle()
    assert cut(house, volume) == first
    house.volumes.delete(MEMBER, volume.id)
    house.settle()
    again = cut(house, volume)
    assert (again, again.volume) == (first, volume)


def test_a_restore_is_answered_though_its_snapshot_and_that_ones_volume_are_gone(house: House) -> None:
    snapshot = house.snapshot(volume := house.volume())
    first, _ = restore(house, snapshot)
    house.settle()
    house.snapshots.delete(MEMBER, snapshot.id)
    house.settle()
    house.volumes.delete(MEMBER, volume.id)
    house.settle()
    again, source = restore(house, snapshot)
    assert (again.id, source, source.volume) == (first.id, snapshot, volume)


def test_another_input_under_the_same_key_is_refused_and_does_nothing(house: House) -> None:
    first = create(house)
    others: list[dict[str, Any]] = [{"name": "other"}, {"size_gb": 11}, {"product": "HDD"}, {"protected": True}]
    for other in [*others, {"description": "other"}]:
        with pytest.raises(Refused) as caught:
            create(house, **other)
        assert caught.value.code == ProblemCode.IDEMPOTENCY_KEY_REUSED
    assert house.store.every_record() == [first]


def test_a_key_belongs_to_one_verb_and_one_object(house: House) -> None:
    volume, other = house.volume(), house.volume()
    snapshot, another = cut(house, volume), cut(house, volume, "key-4")
    house.settle()
    restore(house, snapshot)
    reuses = [
        raised(Refused, lambda: cut(house, other)),
        raised(Refused, lambda: cut(house, volume, "key-3")),
        raised(Refused, lambda: create(house, "key-2")),
        raised(Refused, lambda: restore(house, another)),
        raised(Refused, lambda: restore(house, snapshot, name="other")),
    ]
    assert [reuse and reuse.code for reuse in reuses] == [ProblemCode.IDEMPOTENCY_KEY_REUSED] * 5


def test_a_restore_sent_again_answers_with_the_same_volume_and_snapshot(house: House) -> None:
    snapshot = house.snapshot(house.volume())
    first = restore(house, snapshot)
    house.settle()
    again = restore(house, snapshot)
    assert [row.id for row in again] == [row.id for row in first]
    assert again == (house.now(first[0]), house.now(snapshot))


def test_the_warnings_are_told_again(house: House) -> None:
    given = {**SNAPSHOT, "volume_id": house.attached().id, "idempotency_key": "key"}
    first = house.snapshots.create(MEMBER, **given)
    assert len(first[1]) == 1
    assert house.snapshots.create(MEMBER, **given) == first


def test_what_was_possible_then_is_answered_though_it_would_no_longer_be_possible(house: House) -> None:
    volume = house.volume()
    snapshot = cut(house, volume)
    house.settle()
    first, _ = restore(house, snapshot)
    house.settle()
    house.snapshots.delete(MEMBER, snapshot.id)
    again, source = restore(house, snapshot)
    assert (again.id, source.status) == (first.id, SnapshotStatus.DELETING)


def test_a_request_that_was_refused_has_not_used_its_key(url: str) -> None:
    with opened(url, Quotas(1, 0, -1)) as store:
        house = House(store)
        with pytest.raises(QuotaExceeded):
            cut(house, house.volume(), "key")
        house.volumes.delete(MEMBER, house.store.every_record()[0].id)
        house.settle()
        assert create(house, "key").status == VolumeStatus.CREATING


def test_each_tenant_has_its_own_keys(house: House) -> None:
    mine = create(house)
    theirs, _ = house.volumes.create(STRANGER, **{**VOLUME, "idempotency_key": "key", "name": "other"})
    assert mine.id != theirs.id


def test_colleagues_share_the_keys_of_their_tenant(house: House) -> None:
    colleague = a_member(name="kim")
    assert house.volumes.create(colleague, **{**VOLUME, "idempotency_key": "key"})[0] == create(house)


def test_many_at_once_with_the_same_key_make_one(house: House) -> None:
    answers = side_by_side(6, lambda _: create(house).id)
    assert len(set(answers)) == 1
    assert used(house.store, "t") == (1, 0, 10)


requests = st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["one", "two"])), max_size=8)


@given(requests)
@some
def test_whatever_is_sent_in_whatever_order_each_key_is_done_once(
    house: House, sent: list[tuple[str | None, str]]
) -> None:
    caller = a_member(Volume.new_id())
    first: dict[str | None, tuple[str, str]] = {}
    done = 0
    for key, name in sent:
        given_ = {**VOLUME, "idempotency_key": key, "name": name}
        if key in first and first[key][0] != name:
            with pytest.raises(Refused):
                house.volumes.create(caller, **given_)
            continue
        made = house.volumes.create(caller, **given_)[0].id
        done += key not in first
        if key is not None:
            assert first.setdefault(key, (name, made)) == (name, made)
    assert used(house.store, caller.tenant_id)[0] == done
