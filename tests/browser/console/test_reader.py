"""The console is as its reader wants it, and stays so."""

from datetime import UTC, datetime

from playwright.sync_api import expect

from tests.api.rows import Rows
from tests.browser.console.console import Console
from tests.browser.console.words import KOREAN


def test_the_language_is_changed_and_remembered(console: Console, rows: Rows) -> None:
    rows.volume(name="orders-db")
    console.open("volumes").page.get_by_role("button", name="Language").click()
    console.page.get_by_role("menuitem", name="한국어").click()
    expect(console.row("orders-db")).to_contain_text(KOREAN.available)
    console.page.reload()
    expect(console.row("orders-db")).to_contain_text(KOREAN.available)
    expect(console.page.locator("html")).to_have_attribute("lang", "ko")


def test_dark_is_chosen_and_remembered(console: Console) -> None:
    console.open("volumes").page.get_by_role("button", name="Dark mode").click()
    expect(console.page.get_by_role("button", name="Light mode")).to_be_visible()
    console.page.reload()
    expect(console.page.get_by_role("button", name="Light mode")).to_be_visible()
    brightness = "parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])"
    assert console.page.evaluate(brightness) < 128


def test_dates_are_those_of_the_reader(console: Console, rows: Rows) -> None:
    rows.volume(name="orders-db", created_at=datetime(2024, 2, 5, 6, 11, 7, tzinfo=UTC))
    expect(console.open("volumes").row("orders-db")).to_contain_text("2024/02/05 15:11:07")


def test_an_address_leads_to_what_it_names(console: Console, rows: Rows) -> None:
    snapshot = rows.snapshot(rows.volume(), name="orders-monday")
    console.page.goto(f"/#/snapshots/{snapshot.id}")
    expect(console.page.get_by_role("region", name="orders-monday").get_by_role("tablist")).to_be_visible()


def test_a_column_is_hidden_and_stays_so(console: Console, rows: Rows) -> None:
    rows.snapshot(rows.volume(), name="orders-monday")
    console.open("snapshots").page.get_by_role("button", name="Columns").click()
    preferences = console.dialog("Columns")
    preferences.whole.get_by_role("checkbox", name="Created by").uncheck()
    preferences.submit("Confirm")
    for _ in range(2):
        expect(console.list.get_by_role("columnheader", name="Created at")).to_be_visible()
        expect(console.list.get_by_role("columnheader", name="Created by")).to_have_count(0)
        console.page.reload()
