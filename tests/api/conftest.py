"""What the tests of the API share: beside the real service, one without a worker, in which every status rests."""

import contextlib
import secrets
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from app.domain.page import MAX_SIZE
from app.main import open_store
from app.settings import Settings
from app.store.store import Store
from app.testing.serving import serving
from tests.api.lists import Owners, fill
from tests.api.rows import Rows
from tests.client import SECRET, Client


class Idle(NamedTuple):
    """A service without a worker: its address, its database, and a store of the tests' own beside it."""

    address: str
    url: str
    store: Store


Filled = tuple[Client, Owners]
NewTenant = Callable[..., tuple[Rows, Client]]


@pytest.fixture(scope="session")
def idle_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Idle]:
    """A service without a worker: what is owed stays owed."""
    data = tmp_path_factory.mktemp("idle")
    settings = Settings(data=data, jwt_secret=SECRET, bookmark_seconds=0.5, worker=False)
    store = open_store(settings)
    with serving(settings) as address:
        yield Idle(address, settings.url, store)
    store.close()


@pytest.fixture
def idle(idle_service: Idle, tenant: str) -> Iterator[Client]:
    """A member of the test's own tenant, at the service without a worker."""
    with Client(idle_service.address, tenant) as client:
        yield client


@pytest.fixture
def idle_administrator(idle_service: Idle, tenant: str) -> Iterator[Client]:
    """An administrator of the test's own tenant, at the service without a worker."""
    with Client(idle_service.address, tenant, roles=["member", "administrator"]) as client:
        yield client


@pytest.fixture(scope="session")
def sandbox_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that is a sandbox, where nobody waits long for what a dead worker kept; yields its address."""
    data = tmp_path_factory.mktemp("sandbox")
    settings = Settings(data=data, jwt_secret=SECRET, bookmark_seconds=0.5, sandbox=True, lease_seconds=0.3)
    with serving(settings) as address:
        yield address


@pytest.fixture
def tester(sandbox_service: str, tenant: str) -> Iterator[Client]:
    """An administrator of the test's own tenant, at the sandbox; nothing is planned for it afterwards."""
    with Client(sandbox_service, tenant, roles=["member", "administrator"]) as client:
        yield client
        client.sandbox.reset()


@pytest.fixture
def neighbour(sandbox_service: str) -> Iterator[Client]:
    """A member of another tenant, at the sandbox."""
    with Client(sandbox_service, f"s-{secrets.token_hex(6)}") as client:
        yield client
        client.sandbox.reset()


@pytest.fixture
def rows(idle_service: Idle, tenant: str) -> Rows:
    """The rows of the test's own tenant, at the service without a worker."""
    return Rows(idle_service.store, tenant)


@pytest.fixture
def new_tenant(idle_service: Idle) -> Iterator[NewTenant]:
    """Makes more tenants at the service without a worker: the rows of each, and a caller with those roles."""
    address, _, store = idle_service
    with contextlib.ExitStack() as clients:

        def make(*roles: str) -> tuple[Rows, Client]:
            tenant = f"n-{secrets.token_hex(6)}"
            return Rows(store, tenant), clients.enter_context(Client(address, tenant, roles=list(roles)))

        yield make


@pytest.fixture(scope="session")
def filled(idle_service: Idle) -> Iterator[Filled]:
    """A tenant with a little more in every list than a page can hold; whatever is asked of it, nothing changes."""
    address, _, store = idle_service
    rows = Rows(store, "filled")
    owners, before = fill(rows, MAX_SIZE + 1), rows.revision()
    with Client(address, rows.tenant) as client:
        yield client, owners
    assert rows.revision() == before, "a question changed something"


@pytest.fixture
def untouched(rows: Rows) -> Iterator[None]:
    """Whatever the test does to it, its tenant is afterwards as it was."""
    before = rows.revision()
    yield
    assert rows.revision() == before, "a refused request changed something"
