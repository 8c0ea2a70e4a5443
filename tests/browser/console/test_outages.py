"""A connection that is lost, and a service that starts again on the same data and port, cost the reader nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, WebSocket, expect

from app.main import open_store
from app.settings import Settings
from app.testing.serving import serving
from tests.api.rows import Rows
from tests.browser.console.console import Console
from tests.browser.console.words import in_both_languages
from tests.client import SECRET, Client


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    """How a service of the test's own is set."""
    return Settings(data=tmp_path / "own", jwt_secret=SECRET, bookmark_seconds=0.5)


@pytest.fixture
def rows(own: Settings, tenant: str) -> Iterator[Rows]:
    """The rows of that service."""
    store = open_store(own)
    yield Rows(store, tenant)
    store.close()


@in_both_languages
def test_a_lost_connection_is_told_and_heals_by_itself_with_nothing_missed(
    console: Console, own: Settings, rows: Rows, troubles: list[str]
) -> None:
    lost = console.page.get_by_text(console.words.lost)

    with serving(own) as address:
        console.page.goto(f"{address}/#/snapshots")
        volume = rows.volume()
        rows.snapshot(volume, name="before")
        doomed = rows.snapshot(volume, name="doomed")
        expect(console.names).to_have_text(["doomed", "before"])
        expect(lost).to_be_hidden()
    rows.snapshot(volume, name="meanwhile")
    rows.remove(doomed)
    expect(lost).to_be_visible()
    expect(console.names).to_have_text(["doomed", "before"])

    with serving(own, port=httpx.URL(address).port or 0):
        expect(console.names).to_have_text(["meanwhile", "before"])
        expect(lost).to_be_hidden()
        rows.snapshot(volume, name="after")
        expect(console.names).to_have_text(["after", "meanwhile", "before"])
        leave(console.page, troubles)


def test_lost_streams_go_on_from_the_last_cursor(console: Console, client: Client) -> None:
    seen = connections(console.page)
    volume = client.volume()["id"]
    console.open("snapshots")
    for name in ("first", "second"):
        client.snapshot(volume, name)
        expect(console.row(name)).to_be_visible()

    client.sandbox.drop_connections()
    client.snapshot(volume, "third")
    expect(console.row("third")).to_be_visible()
    lost, opened = seen
    assert len(lost.begun) == 2
    last = {lost.told.get(stream, after) for stream, after in lost.begun.items()}
    assert last != set(lost.begun.values())
    assert set(opened.begun.values()) == last


def leave(page: Page, troubles: list[str]) -> None:
    """Go away before the service ends for good. Nothing but its absence was any trouble."""
    page.goto("about:blank")
    assert all("ERR_CONNECTION_REFUSED" in trouble for trouble in troubles), troubles
    troubles.clear()


class Connection:
    """By the id of each stream of a socket: `begun`, the cursor that it begins after, and `told`, its last."""

    def __init__(self, socket: WebSocket) -> None:
        self.begun: dict[str, str] = {}
        self.told: dict[str, str] = {}
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, frame: Any) -> None:
        message = json.loads(frame)
        if message["type"] == "subscribe":
            self.begun[message["id"]] = message["payload"]["variables"]["after"]

    def _received(self, frame: Any) -> None:
        message = json.loads(frame)
        if message["type"] == "next":
            self.told[message["id"]] = message["payload"]["data"]["change"]["cursor"]


def connections(page: Page) -> list[Connection]:
    """Return the connections of a tab, each as it is opened."""
    seen: list[Connection] = []
    page.on("websocket", lambda socket: seen.append(Connection(socket)))
    return seen
