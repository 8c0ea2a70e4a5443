"""A new database for each test, of each kind there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.store import Store
from tests.store.opened import DATABASES, opened


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new database is."""
    return DATABASES[request.param](tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store over a new database, without limits, whose leases are long."""
    with opened(url) as store:
        yield store
