"""What the tests share: the real service on a real port, and clients that come in through its public door."""

import secrets
from collections.abc import Iterator

import pytest

from app.settings import Settings
from tests.client import SECRET, Client
from tests.server import serving


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
