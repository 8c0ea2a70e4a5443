"""What the tests share: the real service on a real port, and clients that come in through its public door."""

import secrets
from collections.abc import Iterator

import pytest

from app.settings import Settings
from app.testing.serving import serving
from tests.client import SECRET, Client
from tests.store import postgres

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--minutes", type=float, default=10, help="how long `-m soak` tortures each house")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what goes on for as long as wished, unless it is asked for; let those that share much run in a row."""
    if "soak" not in config.option.markexpr:
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("soak")])
        items[:] = [item for item in items if not item.get_closest_marker("soak")]
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_shares(item)))


def _shares(item: pytest.Item) -> str:
    """Name what a test shares with others: one Ceph cluster is enough, and what a file has made for its tests."""
    return "ceph" if "cluster" in getattr(item, "fixturenames", ()) else item.nodeid.partition("::")[0]


def pytest_unconfigure() -> None:
    """Leave no server behind."""
    postgres.stop()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running service over SQLite and files; yields its address. Each test brings a tenant of its own."""
    settings = Settings(data=tmp_path_factory.mktemp("service"), jwt_secret=SECRET, bookmark_seconds=0.5)
    with serving(settings) as address:
        yield address


@pytest.fixture
def tenant() -> str:
    """A tenant that nobody else has."""
    return f"t-{secrets.token_hex(6)}"


@pytest.fixture
def client(service: str, tenant: str) -> Iterator[Client]:
    """A member of the test's own tenant."""
    with Client(service, tenant) as client:
        yield client


@pytest.fixture
def administrator(service: str, tenant: str) -> Iterator[Client]:
    """An administrator of the test's own tenant."""
    with Client(service, tenant, roles=["member", "administrator"]) as client:
        yield client


@pytest.fixture
def stranger(service: str) -> Iterator[Client]:
    """A member of another tenant."""
    with Client(service, f"s-{secrets.token_hex(6)}") as client:
        yield client
