"""What the storage answers, and how the row goes on: a table of each work and each answer."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from app.domain.lifecycle import Lifecycle
from app.domain.record import now
from app.domain.snapshot import SNAPSHOT_LIFECYCLE
from app.domain.volume import VOLUME_LIFECYCLE
from app.drivers.contract import Missing, Refused, Unsure
from app.store.leases import Owed
from tests.reconciler.bench import ADMINISTRATOR, Bench
from tests.reconciler.works import WORKS

AGAIN = "the storage did not answer as it should; it is being tried again"
NO = Refused("the storage said no")
GONE = Missing("the volume is not in the storage")
DONE = None
DETACHED = {"server_id": None, "server_name": None, "device": None, "attached_at": None}
BY_WEB = {"server_id": "srv-1", "server_name": "web", "device": "/dev/vdb"}


class After(NamedTuple):
    """How it ends: the status, None once it is gone; what the tenant uses; some columns of the row."""

    status: str | None
    used: tuple[int, int, int]
    columns: Mapping[str, Any] = {}


CUT = {"held": True, "shared": False, "consistency": "OFFLINE"}
UNCUT = {"held": False, "checksum": None, "consistency": None}
TABLE = {
    ("create volume", DONE): After("AVAILABLE", (1, 0, 10), DETACHED),
    ("create volume", NO): After("ERROR", (1, 0, 10), {"connection": None}),
    ("restore volume", DONE): After("AVAILABLE", (2, 1, 30), {"unproven": False}),
    ("restore volume", NO): After("ERROR", (2, 1, 30), {"connection": None}),
    ("restore volume", GONE): After("ERROR", (2, 1, 30), {"connection": None}),
    ("attach volume", DONE): After("IN_USE", (1, 0, 10), BY_WEB),
    ("attach volume", NO): After("AVAILABLE", (1, 0, 10), DETACHED),
    ("attach volume", GONE): After("UNMANAGED", (1, 0, 10), DETACHED),
    ("detach volume", DONE): After("AVAILABLE", (1, 0, 10), DETACHED),
    ("detach volume", NO): After("IN_USE", (1, 0, 10), BY_WEB),
    ("extend volume", DONE): After("AVAILABLE", (1, 0, 25), {"size_gb": 25, "extending_to_gb": None}),
    ("extend volume", NO): After("AVAILABLE", (1, 0, 10), {"size_gb": 10, "extending_to_gb": None}),
    ("extend volume", GONE): After("UNMANAGED", (1, 0, 10), {"size_gb": 10, "extending_to_gb": None}),
    ("delete volume", DONE): After(None, (0, 0, 0)),
    ("delete volume", NO): After("ERROR_DELETING", (1, 0, 10)),
    ("create snapshot", DONE): After("AVAILABLE", (1, 1, 20), CUT),
    ("create snapshot", NO): After("ERROR", (1, 1, 20), UNCUT),
    ("create snapshot", GONE): After("ERROR", (1, 1, 20), UNCUT),
    ("delete snapshot", DONE): After(None, (1, 0, 10)),
    ("delete snapshot", NO): After("ERROR_DELETING", (1, 1, 20), CUT),
}
UNKNOWN = [Unsure("timed out"), RuntimeError("a bug in the driver")]


def told(answer: object) -> str:
    return "done" if answer is None else type(answer).__name__


def check(bench: Bench, row: Owed, after: After) -> None:
    """The row rests as the table says: nothing is owed, nobody holds it."""
    tenant, found = bench.tenant(), bench.find(row)
    assert (tenant.volumes, tenant.snapshots, tenant.gigabytes) == after.used
    assert (found.status if found else None) == after.status
    if found:
        rest = {"progress_percent": None, "owed_at": None, "lease": None, "leased_until": None, "attempts": 0}
        columns = {**rest, **after.columns}
        assert {name: getattr(found, name) for name in columns} == columns


@pytest.mark.parametrize(("name", "answer"), TABLE, ids=[f"{name}-{told(answer)}" for name, answer in TABLE])
def test_the_row_goes_on_as_the_storage_answers(bench: Bench, name: str, answer: Refused | None) -> None:
    row = WORKS[name].ask(bench)
    before = bench.story(row)
    bench.over(bench.driver)
    bench.storage.on(WORKS[name].verb, before=answer)
    bench.work()
    check(bench, row, TABLE[name, answer])
    arrow = f"{row.status}→{TABLE[name, answer].status or ''}"
    assert bench.story(row) == [*before, arrow if answer is DONE else f"{arrow}: {answer}"]


@pytest.mark.parametrize("answer", UNKNOWN, ids=told)
@pytest.mark.parametrize("name", WORKS)
def test_an_unknown_outcome_is_tried_again_and_never_called_an_error(
    bench: Bench, name: str, answer: Exception
) -> None:
    row = WORKS[name].ask(bench)
    before = bench.story(row)
    bench.over(bench.driver)
    for call in (1, 2, 3):
        bench.storage.on(WORKS[name].verb, call=call, before=answer)
    for attempts in (1, 2, 3):
        bench.reconciler().work_once()
        waiting = bench.now(row)
        assert (waiting.status, waiting.status_reason, waiting.attempts) == (row.status, AGAIN, attempts)
        assert waiting.lease is None
        bench.time_passes()
    bench.work()
    check(bench, row, TABLE[name, DONE])
    arrow = f"{row.status}→{TABLE[name, DONE].status or ''}"
    assert bench.story(row) == [*before, f"{row.status}→{row.status}: {AGAIN}", arrow], "the tenant is told once"


@pytest.mark.parametrize("name", WORKS)
def test_a_deed_whose_answer_was_lost_is_not_done_twice(bench: Bench, name: str) -> None:
    row = WORKS[name].ask(bench)
    bench.over(bench.driver)
    bench.storage.on(WORKS[name].verb, after=Unsure("timed out"))
    bench.reconciler().work_once()
    bench.time_passes()
    bench.work()
    check(bench, row, TABLE[name, DONE])
    assert bench.findings() == []


def test_the_pause_grows_with_each_attempt_and_nobody_tries_before_it_is_over(
    bench: Bench,
) -> None:
    volume = bench.ask_volume()
    for attempt in range(12):
        bench.time_passes()
        bench.storage.on("create_volume", call=attempt + 1, before=Unsure("timed out"))
        pause = min(60.0, 0.5 * 2**attempt)
        earliest = now() + timedelta(seconds=0.5 * pause)
        bench.reconciler().work_once()
        latest = now() + timedelta(seconds=1.5 * pause)
        owed_at = bench.now(volume).owed_at
        assert owed_at is not None
        assert earliest <= owed_at <= latest
    assert not bench.reconciler().work_once()


def test_what_the_tenant_is_told_of_a_failing_storage_ends_when_it_answers(bench: Bench) -> None:
    volume = bench.ask_volume()
    bench.storage.on("create_volume", before=Unsure("timed out"))
    bench.reconciler().work_once()
    assert bench.now(volume).status_reason == AGAIN
    bench.time_passes()
    bench.work()
    assert bench.now(volume).status_reason is None


def test_a_refused_deletion_can_be_tried_again_by_an_administrator(bench: Bench) -> None:
    snapshot = bench.ask_delete(bench.snapshot())
    bench.storage.on("delete_snapshot", before=NO)
    bench.work()
    bench.snapshots.retry_deletion(ADMINISTRATOR, snapshot.id)
    bench.work()
    assert bench.find(snapshot) is None


def test_a_snapshot_whose_bytes_are_gone_though_its_deletion_was_refused_is_not_held(bench: Bench) -> None:
    snapshot = bench.ask_delete(bench.snapshot())
    bench.storage.on("delete_snapshot", after=NO)
    bench.work()
    assert (bench.now(snapshot).status, bench.now(snapshot).held) == ("ERROR_DELETING", False)


@pytest.mark.parametrize("lifecycle", [VOLUME_LIFECYCLE, SNAPSHOT_LIFECYCLE], ids=["volume", "snapshot"])
def test_every_transitional_status_stands_in_the_table(bench: Bench, lifecycle: Lifecycle[Any]) -> None:
    owing = {(type(row), row.status) for row in (work.ask(bench) for work in WORKS.values())}
    kind = next(kind for kind, _ in owing if kind.lifecycle is lifecycle)
    assert {status for of, status in owing if of is kind} == set(lifecycle.transitional)
