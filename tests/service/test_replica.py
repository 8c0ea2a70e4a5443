"""A stream loses nothing: who follows it has, in the end, what the service has, whatever happened in between."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from app.domain.journal import Entry
from app.domain.problems import Problem
from app.domain.record import Record
from app.domain.snapshot import Snapshot
from app.domain.volume import Volume
from app.service import watch
from app.service.watch import Change, Topic
from tests.domain.make import a_member, some
from tests.domain.raised import raised
from tests.service.house import SNAPSHOT, VOLUME, House
from tests.store.opened import lines, records

which = st.integers(0, 99)


class Follower(RuleBasedStateMachine):
    """Somebody takes the current objects, then follows the changes through lost connections, while others write."""

    house: House

    def __init__(self) -> None:
        super().__init__()
        self.caller = a_member(Volume.new_id())
        self.replica: dict[str, Record] = {}
        self.told: list[int] = []

    @initialize(kind=st.sampled_from([Volume, Snapshot]), narrow=st.booleans(), before=st.integers(0, 5))
    def begin(self, kind: type[Volume] | type[Snapshot], narrow: bool, before: int) -> None:
        for number in range(1 + before):
            self.make_volume()
            self.storage_answers()
            self.cut(number)
        id_ = self.one_of(Volume, 0).id if narrow else None
        self.topic = Topic(Volume, subject_id=id_) if kind is Volume else Topic(Snapshot, volume_id=id_)
        self.place = self.house.watch.begin(self.caller, None)
        self.begun = self.at = self.place.number
        self.cursor: str | None = None

    @rule()
    def make_volume(self) -> None:
        self.house.volumes.create(self.caller, **VOLUME)

    @rule(which=which)
    def cut(self, which: int) -> None:
        volume = self.one_of(Volume, which)
        self.attempt(lambda: self.house.snapshots.create(self.caller, volume_id=volume.id, **SNAPSHOT))

    @rule(which=which)
    def rename(self, which: int) -> None:
        volume, name = self.one_of(Volume, which), f"name-{which}"
        self.attempt(lambda: self.house.volumes.update(self.caller, volume.id, {"name": name}, expected_version=None))

    @rule(which=which, snapshot=st.booleans())
    def delete(self, which: int, snapshot: bool) -> None:
        verbs = self.house.snapshots if snapshot else self.house.volumes
        row = self.one_of(Snapshot if snapshot else Volume, which)
        self.attempt(lambda: verbs.delete(self.caller, row.id))

    @rule()
    def storage_answers(self) -> None:
        self.house.settle()

    @rule(heard=st.integers(0, 3))
    def take_current(self, heard: int) -> None:
        """Take some of the current objects; whoever hears but a part loses the connection there."""
        if self.place.opening:
            came_from = self.place
            found, self.place = self.house.watch.current(self.caller, self.topic, came_from)
            assert self.place != came_from, "it turns in circles"
            self.replica |= {current.record.id: current.record for current in found[:heard]}
            if found[:heard]:
                self.cursor = found[:heard][-1].cursor
            if len(found) > heard and self.cursor is not None:
                self.place = self.house.watch.begin(self.caller, self.cursor)
            elif len(found) > heard:
                self.place = came_from

    @rule(bookmark=st.booleans())
    def read_on(self, bookmark: bool) -> None:
        if not self.place.opening:
            batch = self.house.watch.changes(self.caller, self.topic, self.at)
            assert batch.upto > self.at or not batch.more, "it turns in circles"
            self.take(batch.changes)
            self.at = batch.upto
            if bookmark:
                self.cursor = self.house.watch.cursor(self.caller, batch.upto)

    @rule(heard=st.integers(0, 3))
    def lose_the_connection_halfway(self, heard: int) -> None:
        if not self.place.opening:
            self.take(self.house.watch.changes(self.caller, self.topic, self.at).changes[:heard])
            self.at = self.house.watch.begin(
                self.caller, self.cursor or self.house.watch.cursor(self.caller, self.begun)
            ).number

    def teardown(self) -> None:
        while self.place.opening:
            self.take_current(heard=3)
        while self.at < self.house.watch.tenant(self.caller).revision:
            self.read_on(bookmark=True)
        written, there = lines(self.house.store, self.caller.tenant_id), self.rows()
        assert self.told == [line.number for line in written if self.is_mine(line)]
        assert self.replica == {row.id: row for row in there if self.is_about(row.id, row.about_volume)}

    def take(self, changes: Sequence[Change]) -> None:
        rows = {row.id: row for row in self.rows()}
        for change in changes:
            self.told.append(change.entry.number)
            self.cursor = change.cursor
            self.replica.pop(change.entry.subject_id, None)
            if change.entry.subject_id in rows:
                self.replica[change.entry.subject_id] = rows[change.entry.subject_id]

    def is_mine(self, line: Entry) -> bool:
        """Whether the stream should have told of the line, by a reading of its topic in Python."""
        return line.number > self.begun and self.is_about(line.subject_id, line.volume_id)

    def is_about(self, id_: str, volume_id: str) -> bool:
        topic = self.topic
        asked_for = topic.subject_id in (None, id_) and topic.volume_id in (None, volume_id)
        return asked_for and topic.kind.is_id(id_)

    def rows(self) -> list[Volume | Snapshot]:
        return records(self.house.store, self.caller.tenant_id)

    def one_of(self, kind: type[Record], which: int) -> Record:
        candidates = [row for row in self.rows() if isinstance(row, kind)]
        return candidates[which % len(candidates)] if candidates else Volume.begin("nobody", "tester")

    def attempt(self, verb: Callable[[], object]) -> None:
        """Ask, whether or not it can be done now."""
        raised(Problem, verb)


def test_who_follows_sees_every_change_once_and_in_order_and_has_in_the_end_what_is_there(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "BATCH", 3)

    class Here(Follower):
        pass

    Here.house = house
    run_state_machine_as_test(Here, settings=settings(some, stateful_step_count=20))
