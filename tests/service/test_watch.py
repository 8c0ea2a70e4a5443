"""The journal as a tenant reads it, and the way back into a stream."""

from datetime import timedelta

import pytest

from app.domain.page import Window
from app.domain.problems import Unanswerable
from app.domain.record import Record
from app.domain.snapshot import Snapshot
from app.domain.volume import Volume
from app.service import watch
from app.service.watch import Current, Place, Topic
from tests.domain.raised import raised
from tests.service.house import MEMBER, STRANGER, House
from tests.store.opened import age

VOLUMES, SNAPSHOTS = Topic(Volume), Topic(Snapshot)
DAY = timedelta(days=1)


def refusal(problem: Unanswerable | None) -> str | None:
    return None if problem is None else f"{problem.code} {problem.argument}"


def seen(house: House, topic: Topic, after: int = 0) -> list[tuple[int, str | None]]:
    """The numbers and statuses of the changes."""
    return [(change.entry.number, change.entry.status) for change in house.watch.changes(MEMBER, topic, after).changes]


def forget_upto(house: House, number: int) -> None:
    age(house.store, "t", number, 31 * DAY)
    house.store.forget_journal(30 * DAY)


def test_a_tenant_knows_its_revision_and_what_it_uses(house: House) -> None:
    assert house.watch.tenant(MEMBER).revision == 0
    house.volume()
    tenant = house.watch.tenant(MEMBER)
    assert (tenant.revision, tenant.volumes, tenant.gigabytes) == (2, 1, 10)


def test_events_are_read_page_by_page_the_oldest_first(house: House) -> None:
    volume = house.volume()
    house.snapshot(volume)
    (first,) = house.watch.events(MEMBER, [(None, Window(3))])
    (second,) = house.watch.events(MEMBER, [(None, Window(3, after=first.cursors[-1]))])
    assert [line.number for line in first.items] == [1, 2, 3]
    assert [line.number for line in second.items] == [4]
    assert (first.has_previous, first.has_next) == (False, True)
    assert (second.has_previous, second.has_next) == (True, False)


def test_events_of_many_objects_are_read_at_once(house: House) -> None:
    volume = house.volume()
    snapshot = house.snapshot(volume)
    pages = house.watch.events(MEMBER, [(snapshot.id, Window()), (volume.id, Window(1)), ("nothing", Window())])
    assert [[line.subject_id for line in page.items] for page in pages] == [[snapshot.id] * 2, [volume.id], []]
    assert [page.has_next for page in pages] == [False, True, False]


@pytest.mark.parametrize("cursor", ["", "1", "AAAA", "커서"])
def test_what_is_no_cursor_is_no_way_in(house: House, cursor: str) -> None:
    house.volume()
    ways_in = [
        raised(Unanswerable, lambda: house.watch.begin(MEMBER, cursor)),
        raised(Unanswerable, lambda: house.watch.events(MEMBER, [(None, Window(after=cursor))])),
    ]
    assert [refusal(way) for way in ways_in] == ["INVALID_CURSOR after"] * 2


def test_a_cursor_of_another_tenant_is_no_cursor(house: House) -> None:
    house.volume()
    house.volume(STRANGER)
    theirs = house.watch.events(STRANGER, [(None, Window())])[0].cursors[0]
    assert house.watch.begin(STRANGER, theirs) == Place(1)
    with pytest.raises(Unanswerable, match="no cursor of this list"):
        house.watch.begin(MEMBER, theirs)


def test_a_stream_begins_now_or_where_its_cursor_says(house: House) -> None:
    house.volume()
    house.volume()
    assert house.watch.begin(MEMBER, None) == Place(4, opening=True)
    cursors = [house.watch.cursor(MEMBER, number) for number in range(5)]
    assert [house.watch.begin(MEMBER, cursor) for cursor in cursors] == [Place(number) for number in range(5)]
    assert house.watch.events(MEMBER, [(None, Window())])[0].cursors == cursors[1:]


def test_changes_come_in_the_order_of_commits(house: House) -> None:
    volume = house.volume()
    house.volumes.delete(MEMBER, volume.id)
    batch = house.watch.changes(MEMBER, VOLUMES, 0)
    assert seen(house, VOLUMES) == [(1, "CREATING"), (2, "AVAILABLE"), (3, "DELETING")]
    assert (batch.upto, batch.more) == (3, False)
    house.settle()
    batch = house.watch.changes(MEMBER, VOLUMES, batch.upto)
    assert [(change.entry.kind, change.cursor) for change in batch.changes] == [
        ("DELETED", house.watch.cursor(MEMBER, 4))
    ]


def test_a_stream_about_one_kind_one_object_or_one_volume_has_nothing_else(house: House) -> None:
    one, other = house.volume(), house.volume()
    cut = house.snapshot(one)
    house.snapshot(other)
    assert seen(house, VOLUMES) == [(1, "CREATING"), (2, "AVAILABLE"), (3, "CREATING"), (4, "AVAILABLE")]
    assert seen(house, SNAPSHOTS) == [(5, "CREATING"), (6, "AVAILABLE"), (7, "CREATING"), (8, "AVAILABLE")]
    assert seen(house, Topic(Volume, subject_id=other.id)) == [(3, "CREATING"), (4, "AVAILABLE")]
    assert seen(house, Topic(Snapshot, subject_id=cut.id)) == [(5, "CREATING"), (6, "AVAILABLE")]
    assert seen(house, Topic(Snapshot, volume_id=other.id)) == [(7, "CREATING"), (8, "AVAILABLE")]
    assert seen(house, Topic(Snapshot, subject_id=one.id)) == []
    assert seen(house, Topic(Snapshot, subject_id=cut.id, volume_id=other.id)) == []


def test_a_stream_without_changes_of_its_own_goes_on_from_the_tenants_revision(house: House) -> None:
    house.volume()
    batch = house.watch.changes(MEMBER, SNAPSHOTS, 0)
    assert (list(batch.changes), batch.upto, batch.more) == ([], 2, False)


def test_many_changes_come_in_batches(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "BATCH", 2)
    for _ in range(2):
        house.volume()
    house.snapshot(house.volume())
    batches = [house.watch.changes(MEMBER, VOLUMES, after) for after in (0, 2, 4, 6)]
    assert [[change.entry.number for change in batch.changes] for batch in batches] == [[1, 2], [3, 4], [5, 6], []]
    assert [(batch.upto, batch.more) for batch in batches] == [(2, True), (4, True), (6, True), (8, False)]


def current(house: House, topic: Topic, place: Place) -> list[Record]:
    """What the stream tells before its first bookmark."""
    told: list[Record] = []
    while place.opening:
        found, place = house.watch.current(MEMBER, topic, place)
        told += [current.record for current in found]
    return told


def test_the_current_objects_leave_out_what_changed_after_the_stream_began(house: House) -> None:
    kept, changed = house.volume(), house.volume()
    begun = house.watch.begin(MEMBER, None)
    house.volumes.update(MEMBER, changed.id, {"name": "changed"}, expected_version=None)
    house.volume()
    assert current(house, VOLUMES, begun) == [kept]
    one = Topic(Volume, subject_id=changed.id)
    assert current(house, one, begun) == []
    assert current(house, one, Place(begun.number + 1, opening=True)) == [house.now(changed)]


def test_the_current_objects_come_in_batches_the_oldest_first(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "BATCH", 2)
    volumes = [house.volume() for _ in range(5)]
    begun = house.watch.begin(MEMBER, None)
    first, behind = house.watch.current(MEMBER, VOLUMES, begun)
    assert [it.record for it in first] == volumes[:2]
    assert current(house, VOLUMES, behind) == volumes[2:]


@pytest.mark.parametrize("heard", range(5))
def test_who_was_cut_off_among_the_current_objects_is_told_the_rest_of_them(
    house: House, monkeypatch: pytest.MonkeyPatch, heard: int
) -> None:
    monkeypatch.setattr(watch, "BATCH", 2)
    volumes = [house.volume() for _ in range(5)]
    told: list[Current] = []
    place = house.watch.begin(MEMBER, None)
    while len(told) <= heard:
        found, place = house.watch.current(MEMBER, VOLUMES, place)
        told += found
    house.volumes.update(MEMBER, volumes[-1].id, {"name": "changed"}, expected_version=None)
    again = house.watch.begin(MEMBER, told[heard].cursor)
    rest = [volume for volume in volumes[heard + 1 :] if volume.id != volumes[-1].id]
    assert current(house, VOLUMES, again) == rest
    assert [change.entry.subject_id for change in house.watch.changes(MEMBER, VOLUMES, again.number).changes] == [
        volumes[-1].id
    ]


def test_who_was_cut_off_after_the_one_object_asked_for_is_not_told_it_again(house: House) -> None:
    one = Topic(Volume, subject_id=house.volume().id)
    (told,), _ = house.watch.current(MEMBER, one, house.watch.begin(MEMBER, None))
    assert current(house, one, house.watch.begin(MEMBER, told.cursor)) == []


def test_a_place_among_the_current_objects_of_one_stream_is_none_in_another(house: House) -> None:
    volume, other = house.volume(), house.volume()
    told, _ = house.watch.current(MEMBER, VOLUMES, house.watch.begin(MEMBER, None))
    place = house.watch.begin(MEMBER, told[0].cursor)
    for topic in (SNAPSHOTS, Topic(Volume, subject_id=other.id), Topic(Snapshot, volume_id=volume.id)):
        with pytest.raises(Unanswerable, match="no cursor of this list"):
            current(house, topic, place)


def test_the_current_snapshots_of_one_volume_are_its_own(house: House) -> None:
    one, other = house.volume(), house.volume()
    cut = house.snapshot(one)
    house.snapshot(other)
    for topic, its_own in [
        (Topic(Snapshot, volume_id=one.id), [cut]),
        (Topic(Snapshot, volume_id=one.id, subject_id=cut.id), [cut]),
        (Topic(Snapshot, volume_id=other.id, subject_id=cut.id), []),
    ]:
        assert current(house, topic, Place(100, opening=True)) == its_own


@pytest.mark.parametrize(("number", "expired"), [(0, True), (1, True), (2, False), (4, False)])
def test_a_cursor_older_than_the_journal_is_expired(house: House, number: int, expired: bool) -> None:
    house.volume()
    house.volume()
    forget_upto(house, 2)
    ways_in = [
        raised(Unanswerable, lambda: house.watch.begin(MEMBER, house.watch.cursor(MEMBER, number))),
        raised(Unanswerable, lambda: house.watch.changes(MEMBER, VOLUMES, number)),
    ]
    assert [refusal(way) for way in ways_in] == ["CURSOR_EXPIRED after" if expired else None] * 2


def test_a_stream_that_is_up_to_date_goes_on_when_all_lines_are_forgotten(house: House) -> None:
    house.volume()
    forget_upto(house, 2)
    assert house.watch.begin(MEMBER, None) == Place(2, opening=True)
    assert seen(house, VOLUMES, 2) == []
    house.volume()
    assert seen(house, VOLUMES, 2) == [(3, "CREATING"), (4, "AVAILABLE")]


def test_whoever_watches_is_woken_by_every_commit_of_the_tenant_and_of_other_processes(house: House) -> None:
    woken: list[bool] = []
    with house.watch.listening(MEMBER, lambda: woken.append(True)):
        house.volume()
        assert len(woken) == 2
        house.store.bell.ring_for_all()
        assert len(woken) == 3
    house.volume()
    assert len(woken) == 3


def test_a_cursor_that_the_journal_never_reached_has_expired(house: House) -> None:
    house.volume()
    beyond = house.watch.cursor(MEMBER, 99)
    problem = raised(Unanswerable, lambda: house.watch.begin(MEMBER, beyond))
    assert refusal(problem) == "CURSOR_EXPIRED after"


def test_a_page_of_events_says_that_lines_after_its_cursor_are_gone(house: House) -> None:
    house.volume()
    cursor = house.watch.cursor(MEMBER, 1)
    house.store.forget_journal(timedelta(0))
    problem = raised(Unanswerable, lambda: house.watch.events(MEMBER, [(None, Window(after=cursor))]))
    assert refusal(problem) == "CURSOR_EXPIRED after"
