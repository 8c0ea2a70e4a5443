"""Behind a proxy that puts the service under a prefix, both pages find their parts and their API."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from starlette.types import ASGIApp, Receive, Scope, Send

from app.main import build_app
from app.settings import Settings
from app.testing import serving
from tests.browser.test_graphiql import choose, execute, opened, shown

PREFIX = "/storage"


class Proxy:
    """Lets through what begins with the prefix, and strips it off."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.state = app.state  # type: ignore[attr-defined]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            assert scope["path"].startswith(f"{PREFIX}/"), scope["path"]
            path = scope["path"].removeprefix(PREFIX)
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(scope, receive, send)


@pytest.fixture
def demo(pages_built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A service in development, behind the proxy; yields the address of its console."""
    monkeypatch.setattr(serving, "build_app", lambda *given: Proxy(build_app(*given)))
    with serving.serving(Settings(data=tmp_path / "demo", dev=True)) as address:
        yield f"{address}{PREFIX}/"


def test_the_console_is_there(page: Page) -> None:
    with page.expect_websocket() as socket:
        page.goto("./")
    expect(page.get_by_text("orders-db").first).to_be_visible()
    assert socket.value.url.endswith(f"{PREFIX}/graphql")


def test_graphiql_is_there(page: Page) -> None:
    opened(page, "graphql")
    choose(page, "Watch")
    with page.expect_websocket() as socket:
        execute(page)
    expect(shown(page)).to_contain_text("snapshotChanges")
    assert socket.value.url.endswith(f"{PREFIX}/graphql")
