"""What the reconciler's tests share."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.store.store import Quotas, Store
from tests.reconciler.bench import Bench
from tests.reconciler.deaths import Deaths
from tests.reconciler.engines import Clock
from tests.store.postgres import new_database


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep the log out of the way; a failing step writes long tracebacks into it."""
    with capture_logs():
        yield


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of SQLite with its schema, made once."""
    path = tmp_path_factory.mktemp("database") / "service.db"
    store = Store(f"sqlite:///{path}", Quotas(-1, -1, -1), timedelta(seconds=10))
    store.migrate()
    store.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, database: Path) -> str:
    """Where a new database with its schema is."""
    if request.param == "postgresql":
        return new_database()
    shutil.copy(database, tmp_path / "service.db")
    return f"sqlite:///{tmp_path / 'service.db'}"


@pytest.fixture
def bench(tmp_path: Path, url: str) -> Iterator[Bench]:
    """A workbench over files that copy; see `Bench.over` for others."""
    bench = Bench(tmp_path, url)
    yield bench
    bench.store.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time by which the reconciler tells progress and takes the storage's; it stands still until it is turned."""
    clock = Clock()
    monkeypatch.setattr("app.reconciler.loop.time", clock)
    monkeypatch.setattr("app.reconciler.metrics.time", clock)
    return clock


@pytest.fixture(params=["before", "after"])
def deaths(bench: Bench, request: pytest.FixtureRequest) -> Deaths:
    """Deaths of workers on the bench, before or after each call of the storage."""
    return Deaths(bench, request.param)
