"""Whoever has no mouse gets all of it done."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.console.console import Console
from tests.browser.console.words import KOREAN, Words
from tests.client import Client

FAR = 80


def tab_to(page: Page, wanted: Locator) -> None:
    """Press the tabulator until the focus is there."""
    expect(wanted).to_be_visible()
    for _ in range(FAR):
        if wanted.evaluate("it => it === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the tabulator does not reach {wanted}")


@pytest.mark.parametrize("words", [KOREAN], ids=str)
def test_a_snapshot_is_created_by_the_keyboard_alone(console: Console, client: Client, words: Words) -> None:
    client.volume("orders-db")
    page = console.open("volumes").page
    keys = page.keyboard

    tab_to(page, console.row("orders-db").get_by_role("checkbox"))
    keys.press("Space")
    tab_to(page, console.button(words.create_snapshot))
    keys.press("Enter")
    dialog = console.dialog(words.snapshot_creation)
    expect(dialog.field(words.snapshot_name)).to_be_focused()
    keys.type("orders-monday")
    tab_to(page, dialog.field(words.description))
    keys.type("before the migration")
    tab_to(page, dialog.button(words.create))
    keys.press("Enter")
    expect(dialog.whole).to_be_hidden()

    tab_to(page, page.get_by_role("navigation").get_by_role("link", name="Volume Snapshot"))
    keys.press("Enter")
    expect(console.row("orders-monday")).to_contain_text(words.available)


def test_a_volume_is_restored_by_the_keyboard_alone(console: Console, client: Client, words: Words) -> None:
    client.snapshot(client.volume("orders-db")["id"], "orders-monday")
    page = console.open("snapshots").page
    keys = page.keyboard

    tab_to(page, console.row("orders-monday").get_by_role("checkbox"))
    keys.press("Space")
    tab_to(page, console.button(words.restore_volume))
    keys.press("Enter")
    dialog = console.dialog(words.volume_restoring)
    expect(dialog.field(words.volume_name)).to_be_focused()
    keys.press("Control+A")
    keys.type("orders-copy")
    keys.press("Enter")
    expect(dialog.whole).to_be_hidden()

    tab_to(page, page.get_by_role("navigation").get_by_role("link", name="Volume", exact=True))
    keys.press("Enter")
    expect(console.row("orders-copy")).to_contain_text(words.available)


def test_a_dialog_that_was_left_gives_the_focus_back(console: Console, client: Client, words: Words) -> None:
    client.volume("orders-db")
    page = console.open("volumes").choose("orders-db").page
    button = console.button(words.create_snapshot)
    button.focus()
    page.keyboard.press("Enter")
    dialog = console.dialog(words.snapshot_creation)
    expect(dialog.field(words.snapshot_name)).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog.whole).to_be_hidden()
    expect(button).to_be_focused()
