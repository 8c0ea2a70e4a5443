"""The plugin of pytest: a service of one's own, and clients of a tenant that no other test has.

It is installed beside `app`, as `pytest_volume_snapshots`, and looks into it only when a fixture is asked for: a run
that asks for none is not slower, and a project that has an `app` of its own still finds that.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from app.testing.async_client import AsyncClient
    from app.testing.client import Client
    from app.testing.service import Service

BOTH = ("member", "administrator")


@pytest.fixture(scope="session")
def volume_service_factory() -> Iterator[Callable[..., "Service"]]:
    """Start a service by settings, in this process or, with `process=True`, as one of its own. All end with the run."""
    from app.testing.launching import as_process, in_process

    with contextlib.ExitStack() as services:

        def start(*, process: bool = False, **settings: Any) -> "Service":
            return services.enter_context((as_process if process else in_process)(**settings))

        yield start


@pytest.fixture(scope="session")
def volume_service(volume_service_factory: Callable[..., "Service"]) -> "Service":
    """A service in this process, for all tests of the run. Override it to have the clients go elsewhere."""
    return volume_service_factory()


@pytest.fixture(scope="session")
def volume_service_process(volume_service_factory: Callable[..., "Service"]) -> "Service":
    """A service as a process of its own, for all tests of the run."""
    return volume_service_factory(process=True)


@pytest.fixture
def volume_tenant() -> str:
    """A tenant that no other test has."""
    from app.testing.service import new_tenant

    return new_tenant()


@pytest.fixture
def volume_client(volume_service: "Service", volume_tenant: str) -> Iterator["Client"]:
    """A member of the test's tenant."""
    with volume_service.client(volume_tenant) as client:
        yield client


@pytest.fixture
def volume_administrator(volume_service: "Service", volume_tenant: str) -> Iterator["Client"]:
    """An administrator of the test's tenant."""
    with volume_service.client(volume_tenant, roles=BOTH) as client:
        yield client


@pytest.fixture
def async_volume_client(volume_service: "Service", volume_tenant: str) -> "AsyncClient":
    """A member of the test's tenant, awaited."""
    return volume_service.async_client(volume_tenant)


@pytest.fixture
def async_volume_administrator(volume_service: "Service", volume_tenant: str) -> "AsyncClient":
    """An administrator of the test's tenant, awaited."""
    return volume_service.async_client(volume_tenant, roles=BOTH)
