"""What a tenant may watch: the lines of its journal as they are written, and the way back in after a lost connection.

A stream keeps no session and no queue: it reads on from its own place whenever the bell rings. A slow reader finds the
lines where they are, in the journal, and costs no memory.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from app.domain.caller import Caller
from app.domain.journal import Entry
from app.domain.message import say
from app.domain.page import ListName, Order, Page, Window
from app.domain.problems import Unanswerable
from app.domain.record import Record
from app.domain.snapshot import Snapshot, SnapshotFilter
from app.domain.tenant import Tenant
from app.domain.volume import Volume, VolumeFilter
from app.store.journal import Stretch
from app.store.rows import Rows
from app.store.standing import Standing
from app.store.store import Store
from app.store.unit_of_work import Reading

BATCH = 100


@dataclass(frozen=True)
class Topic:
    """Which objects a stream is about: one kind; of them one object, or those of one volume, or all."""

    kind: type[Volume] | type[Snapshot]
    subject_id: str | None = None
    volume_id: str | None = None

    def about(self, record: Record) -> bool:
        """Whether an object is of the volume that the stream is about."""
        return self.volume_id in (None, record.about_volume)


@dataclass(frozen=True)
class Place:
    """Where a stream goes on: after a number of the journal.

    While it is `opening`, what there was at that number comes first, after the object that was `told` last.
    """

    number: int
    opening: bool = False
    told: str | None = None


@dataclass(frozen=True)
class Current:
    """An object as it is, and the place behind it."""

    record: Record
    cursor: str


@dataclass(frozen=True)
class Change:
    """A line of the journal and its place."""

    entry: Entry
    cursor: str


@dataclass(frozen=True)
class Batch:
    """Some changes in the order of their commits; `upto` is the number to read on from, `more` whether to do so now."""

    changes: Sequence[Change]
    upto: int
    more: bool


class Watch:
    """The verbs about the journal."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def tenant(self, caller: Caller) -> Tenant:
        """Return the caller's tenant as it is now: its quotas, its revision."""
        with self._store.asking(caller.tenant_id) as reading:
            return reading.tenant

    @property
    def tells_standings_at_once(self) -> bool:
        """Whether `standings` never waits, so that no thread is needed to ask it."""
        return self._store.standings.at_once

    def standings(self, tenant_ids: Collection[str]) -> Mapping[str, Standing]:
        """Return where tenants stand, as far as that is known: while one stands there, its rows tell the same."""
        return self._store.standings.of(tenant_ids)

    def events(self, caller: Caller, wanted: Sequence[tuple[str | None, Window]]) -> list[Page[Entry]]:
        """Return a page of lines, the oldest first, for each of the objects; None: for the whole tenant.

        Raises Unanswerable: INVALID_CURSOR, or CURSOR_EXPIRED if lines after it are no longer kept.
        """
        with self._store.reading(caller.tenant_id) as reading:
            stretches = [
                Stretch(self._number(caller, reading, window.after), window.size + 1, subject_id=id_)
                for id_, window in wanted
            ]
            found = reading.journal.read(stretches)
            return [self._page(caller, entries, window) for entries, (_, window) in zip(found, wanted, strict=True)]

    def begin(self, caller: Caller, after: str | None) -> Place:
        """Return the place of the cursor; without one, that of now, with all that there is still to be told.

        Raises Unanswerable: INVALID_CURSOR, or CURSOR_EXPIRED if lines after it are no longer kept.
        """
        with self._store.reading(caller.tenant_id) as reading:
            if after is None:
                return Place(reading.tenant.revision, opening=True)
            number, told = journal_of(caller).stop(after, "after")
            _must_reach_back_to(reading, number)
            return Place(number, told is not None, told)

    def current(self, caller: Caller, topic: Topic, place: Place) -> tuple[list[Current], Place]:
        """Return some objects as they are, and the place behind them.

        Those that changed after the place's number are left out: the changes that follow will bring them.
        """
        with self._store.asking(caller.tenant_id) as reading:
            page = self._objects(caller, reading, topic, place.told)
            told = [
                Current(record, journal_of(caller).seal([place.number, cursor]))
                for record, cursor in zip(page.items, page.cursors, strict=True)
                if record.revision <= place.number
            ]
            behind = Place(place.number, page.has_next, page.cursors[-1] if page.has_next else None)
            return told, behind

    def changes(self, caller: Caller, topic: Topic, after: int) -> Batch:
        """Return the changes after that number. Raises Unanswerable: CURSOR_EXPIRED."""
        with self._store.reading(caller.tenant_id) as reading:
            newest = _must_reach_back_to(reading, after)
            (entries,) = reading.journal.read(
                [Stretch(after, BATCH, topic.subject_id, topic.volume_id, topic.kind.id_prefix + "-")]
            )
            more = len(entries) == BATCH
            changes = [Change(entry, self.cursor(caller, entry.number)) for entry in entries]
            return Batch(changes, entries[-1].number if more else newest, more)

    def cursor(self, caller: Caller, number: int) -> str:
        """Write a number of the journal as a cursor of the caller's tenant."""
        return journal_of(caller).seal([number])

    def listening(self, caller: Caller, wake: Callable[[], None]) -> AbstractContextManager[None]:
        """Call `wake`, from any thread, whenever the tenant's journal may have grown, while the block runs."""

        def ring(tenant_id: str | None) -> None:
            if tenant_id in (None, caller.tenant_id):
                wake()

        return self._store.bell.listening(ring)

    def _objects(self, caller: Caller, reading: Reading, topic: Topic, after: str | None) -> Page[Any]:
        name = ListName(caller.tenant_id, f"current {topic}", Order(descending=False))
        if topic.subject_id is not None:
            found = _rows(reading, topic).find([topic.subject_id]).values()
            return _page_of_one([record for record in found if topic.about(record)], name, after)
        wanted = VolumeFilter() if topic.kind is Volume else SnapshotFilter(volume_id=topic.volume_id)
        page: Page[Any] = _rows(reading, topic).pages([(name, Window(BATCH, after=after), wanted)])[0]
        return page

    def _page(self, caller: Caller, entries: list[Entry], window: Window) -> Page[Entry]:
        kept = entries[: window.size]
        return Page(
            items=kept,
            cursor=lambda entry: self.cursor(caller, entry.number),
            has_next=len(entries) > window.size,
            has_previous=window.after is not None,
        )

    def _number(self, caller: Caller, reading: Reading, cursor: str | None) -> int:
        if cursor is None:
            return 0
        number, _ = journal_of(caller).stop(cursor, "after")
        _must_reach_back_to(reading, number)
        return number


def _rows(reading: Reading, topic: Topic) -> Rows[Any, Any]:
    return reading.volumes if topic.kind is Volume else reading.snapshots


def _page_of_one(found: list[Record], name: ListName, after: str | None) -> Page[Any]:
    if after is not None:
        name.place(after, "after")  # of this stream, or of none
        found = []
    return Page(found, name.cursor, has_next=False, has_previous=False)


def journal_of(caller: Caller) -> ListName:
    """Name the journal of the caller's tenant, as its cursors do."""
    return ListName(caller.tenant_id, "events")


def _must_reach_back_to(reading: Reading, number: int) -> int:
    """Return the number of the journal's last line."""
    newest, behind = reading.journal.reach()
    if not behind <= number <= newest:
        raise Unanswerable(
            "CURSOR_EXPIRED",
            "after",
            say("the journal no longer reaches back to this cursor; begin again without one"),
        )
    return newest
