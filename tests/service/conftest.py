"""The services over a new database for each test, of each kind there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.house import House
from tests.store.opened import DATABASES, opened


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new database is."""
    return DATABASES[request.param](tmp_path)


@pytest.fixture
def house(url: str) -> Iterator[House]:
    """The services over a new database without limits."""
    with opened(url) as store:
        yield House(store)
