"""To a stranger, what is another tenant's is not there: no verb tells it from what never was."""

from collections.abc import Callable

import pytest

from app.domain.caller import Caller
from app.domain.page import ListName, Window
from app.domain.problems import NotFound
from app.domain.snapshot import Snapshot, SnapshotFilter, SnapshotStatus
from app.domain.volume import Volume, VolumeFilter
from app.service.watch import Place, Topic
from tests.domain.make import an_administrator
from tests.service.house import RESTORE, SERVER, SNAPSHOT, STRANGER, House
from tests.store.opened import lines

STRANGE_ADMINISTRATOR = an_administrator("another")
RESET = {"expected": SnapshotStatus.AVAILABLE, "to": SnapshotStatus.ERROR}
Verb = Callable[[House, str], object]
VOLUME_VERBS: dict[str, Verb] = {
    "update": lambda house, id_: house.volumes.update(STRANGER, id_, {"name": "mine"}, expected_version=None),
    "delete": lambda house, id_: house.volumes.delete(STRANGER, id_),
    "extend": lambda house, id_: house.volumes.extend(STRANGER, id_, size_gb=20),
    "attach": lambda house, id_: house.volumes.attach(STRANGER, id_, **SERVER),
    "detach": lambda house, id_: house.volumes.detach(STRANGER, id_),
    "create a snapshot": lambda house, id_: house.snapshots.create(STRANGER, volume_id=id_, **SNAPSHOT),
}
SNAPSHOT_VERBS: dict[str, Verb] = {
    "update": lambda house, id_: house.snapshots.update(STRANGER, id_, {"name": "mine"}, expected_version=None),
    "delete": lambda house, id_: house.snapshots.delete(STRANGER, id_),
    "restore": lambda house, id_: house.snapshots.restore(STRANGER, snapshot_id=id_, **RESTORE),
    "retry": lambda house, id_: house.snapshots.retry_deletion(STRANGE_ADMINISTRATOR, id_),
    "reset": lambda house, id_: house.snapshots.reset_status(STRANGE_ADMINISTRATOR, id_, reason="mine", **RESET),
}


def assert_not_found(house: House, verb: Verb, foreign: Volume | Snapshot) -> None:
    """Foreign, absent and malformed are answered alike, and nothing is changed."""
    for id_ in (foreign.id, type(foreign).new_id(), "nothing", ""):
        with pytest.raises(NotFound) as caught:
            verb(house, id_)
        assert caught.value.id == id_
        assert str(caught.value) == f"nothing with the id {id_} is here"
    assert house.now(foreign) == foreign
    assert lines(house.store, "another") == []


@pytest.mark.parametrize("verb", VOLUME_VERBS)
def test_every_verb_about_a_strange_volume_finds_nothing(house: House, verb: str) -> None:
    assert_not_found(house, VOLUME_VERBS[verb], house.volume())


@pytest.mark.parametrize("verb", SNAPSHOT_VERBS)
def test_every_verb_about_a_strange_snapshot_finds_nothing(house: House, verb: str) -> None:
    assert_not_found(house, SNAPSHOT_VERBS[verb], house.snapshot(house.volume()))


def test_the_lists_of_a_stranger_are_empty_also_when_they_name_what_is_not_theirs(house: House) -> None:
    volume = house.volume()
    snapshot = house.snapshot(volume)
    name = ListName("another", "list")
    assert house.volumes.find(STRANGER, [volume.id]) == {}
    assert house.snapshots.find(STRANGER, [snapshot.id]) == {}
    assert house.volumes.pages(STRANGER, [(name, Window(), VolumeFilter())])[0].items == []
    assert house.snapshots.pages(STRANGER, [(name, Window(), SnapshotFilter(volume_id=volume.id))])[0].items == []
    assert house.volumes.counts(STRANGER, [VolumeFilter()]) == [0]
    assert house.volumes.facts(STRANGER, [volume.id])[0].snapshot_count == 0


def test_a_stranger_reads_no_line_and_watches_nothing(house: House) -> None:
    volume = house.volume()
    pages = house.watch.events(STRANGER, [(None, Window()), (volume.id, Window())])
    assert [page.items for page in pages] == [[], []]
    topic = Topic(Volume, subject_id=volume.id)
    assert house.watch.current(STRANGER, topic, Place(100, opening=True)) == ([], Place(100))
    assert house.watch.changes(STRANGER, topic, 0).changes == []


def test_the_bell_rings_for_the_callers_own_tenant(house: House) -> None:
    rang: list[Caller] = []
    with house.watch.listening(STRANGER, lambda: rang.append(STRANGER)):
        house.volume()
        assert rang == []
        house.volume(STRANGER)
        assert rang != []
