"""What the tests of the console share: one service for all, and for each test a tenant of its own, which `page` is of.

The service is a sandbox: `client` makes what is real, and has `client.sandbox` do to it what only misfortune does: what
failed, hangs or is half done, a quota that is full, a connection that is lost. `rows` merely fills: many at once, plain
ones that need no bytes, a date, and what no call makes, as a root volume; the service's worker leaves them alone.
Each test is a reader of one language: `words` are the console's in it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from app.main import open_store
from app.settings import Settings
from app.store.store import Store
from app.testing.serving import serving
from tests.api.rows import Rows
from tests.browser.console.console import Console
from tests.browser.console.words import ENGLISH, Words
from tests.client import SECRET, Client, token

CONTACT = "storage@example.com"
_LET_IN = "if (location.protocol === 'http:' && !sessionStorage.token) sessionStorage.token = '{token}'"


@pytest.fixture(scope="package")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the service."""
    return tmp_path_factory.mktemp("console")


@pytest.fixture(scope="package")
def settings(data: Path) -> Settings:
    """How the service is set: tokens are wanted, its silence is short, and it is a sandbox."""
    return Settings(
        data=data, jwt_secret=SECRET, contact=CONTACT, bookmark_seconds=0.5, limit_points_per_second=0, sandbox=True
    )


@pytest.fixture(scope="package")
def store(settings: Settings) -> Iterator[Store]:
    """The service's database, by another door."""
    store = open_store(settings)
    yield store
    store.close()


@pytest.fixture(scope="package")
def service(pages_built: Path, settings: Settings, store: Store) -> Iterator[str]:
    """A service that wants tokens, for all tests; yields its address."""
    with serving(settings) as address:
        yield address


@pytest.fixture
def demo(service: str) -> str:
    """The address that the tabs are at."""
    return service


@pytest.fixture
def rows(store: Store, tenant: str) -> Rows:
    """The rows of the test's own tenant."""
    return Rows(store, tenant)


@pytest.fixture
def words() -> Words:
    """The words of the reader."""
    return ENGLISH


@pytest.fixture
def language(words: Words) -> str:
    """What the browser asks for."""
    return words.language


@pytest.fixture
def roles() -> list[str]:
    """What the reader is."""
    return ["member"]


@pytest.fixture
def page(context: BrowserContext, tenant: str, roles: list[str]) -> Page:
    """A tab of somebody who entered a token of the test's own tenant."""
    context.add_init_script(_LET_IN.format(token=token(tenant, roles=roles)))
    return context.new_page()


@pytest.fixture
def console(page: Page, words: Words) -> Console:
    """The console in that tab."""
    return Console(page, words)


def stuck(client: Client, volume_id: str, name: str = "stuck") -> None:
    """Cut a snapshot and let it be one that could not be deleted."""
    snapshot = client.snapshot(volume_id, name)["id"]
    client.sandbox.fail_next("DELETE_SNAPSHOT", matching=snapshot)
    client.do("deleteSnapshot", id=snapshot)
    client.wait_for(snapshot, "ERROR_DELETING")
