"""What a scrape tells of the rows that owe work, and what it tells when the database does not answer."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.drivers.contract import Unsure
from app.reconciler.owed_rows import OwedRows
from app.store.database import POOL_SIZE, asking
from tests.reconciler.bench import Bench

HOUR_S = 3600


@pytest.fixture
def registry(bench: Bench) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(OwedRows(bench.store))
    return registry


def rows(registry: CollectorRegistry, kind: str, status: str) -> float | None:
    return registry.get_sample_value("owed_rows", {"kind": kind, "status": status})


def oldest(registry: CollectorRegistry, kind: str, status: str) -> float | None:
    return registry.get_sample_value("owed_oldest_seconds", {"kind": kind, "status": status})


def test_an_owed_row_is_counted_by_its_status_and_age(bench: Bench, registry: CollectorRegistry) -> None:
    bench.ask_volume()
    bench.ask_attach(bench.volume())
    bench.ask_volume()
    bench.ask_volume()
    assert rows(registry, "volume", "CREATING") == 2
    assert rows(registry, "volume", "ATTACHING") == 1
    assert rows(registry, "snapshot", "CREATING") == 0
    assert 0 < (oldest(registry, "volume", "CREATING") or 0) < HOUR_S


def test_what_is_done_is_owed_no_longer(bench: Bench, registry: CollectorRegistry) -> None:
    bench.ask_snapshot(bench.volume())
    assert rows(registry, "snapshot", "CREATING") == 1
    bench.work()
    assert rows(registry, "snapshot", "CREATING") == 0
    assert oldest(registry, "snapshot", "CREATING") == 0
    assert rows(registry, "snapshot", "AVAILABLE") is None


def test_a_row_that_was_put_off_is_still_owed(bench: Bench, registry: CollectorRegistry) -> None:
    bench.at("before", "create_volume", Unsure("timed out"))
    bench.ask_volume()
    bench.work()
    assert rows(registry, "volume", "CREATING") == 1


def test_each_kind_and_status_is_one_line_however_many_rows_there_are(
    bench: Bench, registry: CollectorRegistry
) -> None:
    before = len(generate_latest(registry).splitlines())
    for _ in range(10):
        bench.ask_volume()
    assert len(generate_latest(registry).splitlines()) == before


# A database that does not answer


def test_without_a_database_the_scrape_tells_everything_else_and_a_warning_is_logged(
    bench: Bench, registry: CollectorRegistry
) -> None:
    Gauge("something_else", "That needs no database.", registry=registry).set(7)
    with asking(bench.store._engine) as connection:
        connection.execute(text("ALTER TABLE snapshot RENAME TO gone"))
    with capture_logs() as logged:
        told = generate_latest(registry).decode()
    assert "something_else 7.0" in told
    assert "owed_" not in told
    assert [line["log_level"] for line in logged] == ["warning"]


@contextmanager
def no_connection_left(bench: Bench) -> Iterator[None]:
    """A database that keeps everybody waiting."""
    with ExitStack() as taken:
        for _ in range(POOL_SIZE):
            taken.enter_context(bench.store._engine.connect())
        yield


def test_a_database_that_hangs_is_not_waited_for_and_holds_one_thread_at_most(
    bench: Bench, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.ask_volume()
    with no_connection_left(bench), monkeypatch.context() as impatient:
        impatient.setattr("app.reconciler.owed_rows._ANSWER_WITHIN_S", 0)
        assert [rows(registry, "volume", "CREATING") for _ in range(3)] == [None, None, None]
        assert [thread.name for thread in threading.enumerate()].count("owed-rows") == 1
    assert rows(registry, "volume", "CREATING") == 1
