"""Takes the pictures of the README's tour: `pytest tests/browser/tour.py`, which no other run collects."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_graphiql import answer, opened, shown

PICTURES = Path(__file__).with_name("tour")
SIZE = (1280, 760)


def take(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


@pytest.fixture
def size() -> tuple[int, int]:
    return SIZE


@pytest.mark.parametrize("language", ["ko-KR"])
def test_volumes(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("link", name="orders-db")).to_be_visible()
    take(page, "volumes")


def test_a_snapshot(page: Page) -> None:
    page.goto("/#/snapshots")
    page.get_by_role("link", name="orders-monday").click()
    expect(page.get_by_role("tab", name="History")).to_be_visible()
    expect(page.get_by_text("Checksum", exact=True)).to_be_visible()
    take(page, "snapshot")


@pytest.mark.parametrize("language", ["ko-KR"])
@pytest.mark.parametrize("theme", ["dark"])
def test_restoring(page: Page) -> None:
    page.goto("/#/snapshots")
    page.get_by_role("row", name="orders-monday").get_by_role("checkbox").check()
    page.get_by_role("button", name="VOLUME 복원").click()
    expect(page.get_by_role("dialog").get_by_role("textbox").first).to_be_visible()
    take(page, "restore")


def test_graphiql(page: Page) -> None:
    answer(opened(page, "/graphql"))
    expect(shown(page)).to_contain_text("archive-large")
    take(page, "graphiql")
