"""The verdict on a tenant once all faults have ended: rows, journal, bytes, quotas, streams, against the model."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from app.domain.journal import Entry, EventKind
from app.store.journal import Stretch
from app.store.leases import Owed
from app.store.unit_of_work import Reading
from tests.torture.content import GB, checksum
from tests.torture.house import House
from tests.torture.tenant import Asked, Tenant, Thing

ALL = 10**6
READ_AT_MOST = 3
REFUSALS = ("no space is left on the storage", "not enough free space", "the storage allows no writing")
TRIED_AGAIN = "the storage did not answer as it should; it is being tried again"
CURSORS = """query($after: String) {
  events(first: 100, after: $after) { nodes { cursor subjectId } pageInfo { hasNextPage endCursor } } }"""
QUOTAS = "{ viewer { tenant { quotas { name used } } } }"


class State(NamedTuple):
    """What a row should say."""

    status: str
    size_gb: int
    description: str
    extending_to_gb: int | None = None


def lines_of(reading: Reading) -> list[Entry]:
    return reading.journal.read([Stretch(0, ALL)])[0]


def rows_of(house: House, tenant: Tenant) -> dict[str, Owed]:
    return {row.id: row for row in house.store.every_record() if row.tenant_id == tenant.name}


def the_journal_has_no_gap(lines: list[Entry], revision: int) -> None:
    assert [line.number for line in lines] == list(range(1, revision + 1))
    by_subject: dict[str, list[Entry]] = {}
    for line in lines:
        by_subject.setdefault(line.subject_id, []).append(line)
    for story in by_subject.values():
        assert story[0].kind == EventKind.CREATED, story[0]
        for before, after in pairwise(story):
            assert before.status == after.previous_status, f"{before} is not followed by {after}"
            assert before.kind != EventKind.DELETED, f"{after} after its end"


def each_accepted_mutation_was_done_once(tenant: Tenant, lines: Iterable[Entry]) -> None:
    """An accepted one has left exactly one line, with its request's id; a refused one none."""
    done = Counter(line.request_id for line in lines if line.request_id)
    for request_id, asked in tenant.asked.items():
        allowed = {True: (1,), False: (0,), None: (0, 1)}[asked.accepted]
        assert done.pop(request_id, 0) in allowed, f"{request_id} {asked} was not done {allowed} times"
    assert not done, f"nobody asked for {done}"


def only_the_ill_storage_refused(lines: Iterable[Entry], *, was_ill: bool) -> None:
    for line in lines:
        if line.actor == "storage" and line.reason not in (None, TRIED_AGAIN):
            assert was_ill, f"{line} without a reason"
            assert str(line.reason).startswith(REFUSALS), f"{line} for another reason"


def told_by(lines: Iterable[Entry], asked: Mapping[str, Asked]) -> dict[str, State]:
    """Follow the journal and what was asked: which objects there should be, and what their rows should say."""
    found: dict[str, State] = {}
    for line in lines:
        request = asked.get(line.request_id or "")
        if line.kind == EventKind.DELETED:
            del found[line.subject_id]
            continue
        now = found.get(line.subject_id) or State("", _size_of(request, found), "")
        if request:
            now = now._replace(
                description=request.given.get("description", now.description),
                extending_to_gb=request.given["sizeGb"] if request.verb == "extendVolume" else now.extending_to_gb,
            )
        if line.previous_status == "EXTENDING" != line.status:
            size_gb = now.size_gb if line.reason else now.extending_to_gb or 0
            now = now._replace(size_gb=size_gb, extending_to_gb=None)
        found[line.subject_id] = now._replace(status=line.status or "")
    return found


def _size_of(request: Asked | None, found: Mapping[str, State]) -> int:
    assert request, "something came to be that nobody asked for"
    source = request.given.get("volumeId") or request.given.get("snapshotId")
    return found[source].size_gb if source else int(request.given["sizeGb"])


def the_rows_are_as_told(tenant: Tenant, rows: Mapping[str, Owed], told: Mapping[str, State]) -> None:
    assert rows.keys() == told.keys()
    for row in rows.values():
        assert told[row.id] == State(row.status, row.size_gb, row.description), row
    strangers = rows.keys() - tenant.volumes.keys() - tenant.snapshots.keys()
    assert not strangers, f"nobody was told of {strangers}, or that they stay"


def the_bytes_are_exact(house: House, tenant: Tenant, rows: Mapping[str, Owed], chance: random.Random) -> None:
    """Every checksum is that of the model, and the bytes of some volumes and snapshots are read past the service."""
    things = [*tenant.volumes.values(), *tenant.snapshots.values()]
    whole = [it for it in things if it.id in rows and rows[it.id].status in ("AVAILABLE", "IN_USE")]
    for thing in whole:
        row = rows[thing.id]
        if thing.id in tenant.snapshots:
            told = checksum(thing.content, row.size_gb * GB)
            assert getattr(row, "checksum", None) == told, f"{row} has other bytes than its volume had"
    for thing in chance.sample(whole, min(len(whole), READ_AT_MOST)) if house.storage.slow else whole:
        found = house.storage.read(thing.id)
        assert found == thing.content, f"{rows[thing.id]}: other bytes at {_difference(found, thing)}"


def the_quotas_equal_the_rows(tenant: Tenant, rows: Mapping[str, Owed]) -> None:
    used = tenant.door.ask(QUOTAS).data["viewer"]["tenant"]["quotas"]
    counted = {
        "VOLUMES": sum(row.id.startswith("vol-") for row in rows.values()),
        "SNAPSHOTS": sum(row.id.startswith("snap-") for row in rows.values()),
        "GIGABYTES": sum(row.size_gb for row in rows.values()),
    }
    assert {quota["name"]: quota["used"] for quota in used} == counted


def journal_cursors(tenant: Tenant, prefix: str) -> list[str]:
    """Ask for the cursors of the journal's lines about one kind of object, in order."""
    found: list[str] = []
    after: str | None = None
    while True:
        page = tenant.door.ask(CURSORS, after=after).data["events"]
        found += [line["cursor"] for line in page["nodes"] if line["subjectId"].startswith(prefix)]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def _difference(found: Any, thing: Thing) -> list[int]:
    return sorted(at for at in found.keys() | thing.content.keys() if found.get(at) != thing.content.get(at))[:5]
