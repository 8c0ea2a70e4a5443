"""Where the service wants tokens, the console asks for one, and for a new one when it no longer holds."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.console.console import Console
from tests.browser.console.words import KOREAN, Words, in_both_languages
from tests.client import Client, token

SOON_S = 4.0


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab of somebody who entered nothing yet."""
    return context.new_page()


def field(console: Console) -> Locator:
    """Where a token is entered."""
    return console.page.get_by_role("textbox", name=console.words.token)


def enter(console: Console, entered: str) -> None:
    """Enter a token."""
    field(console).fill(entered)
    console.page.get_by_role("button", name=console.words.log_in).click()


def forgive(troubles: list[str]) -> None:
    """Forget that the service refused a token."""
    assert troubles
    assert all("401" in trouble for trouble in troubles), troubles
    troubles.clear()


@in_both_languages
def test_a_token_is_asked_for_and_taken(
    console: Console, client: Client, tenant: str, words: Words, troubles: list[str]
) -> None:
    client.volume("orders-db")
    console.page.goto("/")
    expect(console.page.get_by_role("heading", name=words.log_in)).to_be_visible()

    enter(console, token(tenant))
    expect(console.row("orders-db")).to_be_visible()
    forgive(troubles)


@in_both_languages
def test_a_token_that_does_not_hold_is_refused(console: Console, words: Words, troubles: list[str]) -> None:
    console.page.goto("/")
    enter(console, "no token at all")

    expect(field(console)).to_have_accessible_description(re.compile(words.refused))
    forgive(troubles)


def test_a_token_outlives_a_reload_and_is_kept_nowhere_else(
    console: Console, tenant: str, context: BrowserContext, troubles: list[str]
) -> None:
    console.page.goto("/")
    enter(console, token(tenant))
    expect(console.list).to_be_visible()
    console.page.reload()
    expect(console.list).to_be_visible()

    kept = context.storage_state()
    assert kept["cookies"] == []
    assert "token" not in str(kept["origins"])
    forgive(troubles)


def test_who_logs_out_is_asked_again(console: Console, tenant: str, troubles: list[str]) -> None:
    console.page.goto("/")
    enter(console, token(tenant))
    console.page.get_by_role("banner").get_by_role("button", name="tester").click()
    console.page.get_by_role("menuitem", name="Log out").click()

    expect(console.page.get_by_role("heading", name=console.words.log_in)).to_be_visible()
    assert console.page.evaluate("sessionStorage.length") == 0
    forgive(troubles)


def test_a_token_that_has_expired_before_is_asked_for_anew(
    console: Console, context: BrowserContext, tenant: str, troubles: list[str]
) -> None:
    context.add_init_script(f"if (location.protocol === 'http:') sessionStorage.token = '{token(tenant, seconds=-9)}'")
    console.page.goto("/")

    expect(field(console)).to_be_visible()
    expect(console.list).to_be_hidden()
    forgive(troubles)


@pytest.mark.parametrize("words", [KOREAN], ids=str)
def test_a_session_that_ends_asks_for_a_new_token_and_loses_nothing(
    console: Console, client: Client, tenant: str, words: Words, troubles: list[str]
) -> None:
    client.volume("orders-db")
    console.page.goto("/")
    enter(console, token(tenant, seconds=SOON_S))
    dialog = console.choose("orders-db").begin(words.create_snapshot, words.snapshot_creation)
    dialog.field(words.snapshot_name).fill("orders-monday")

    asking = console.page.get_by_role("dialog", name=words.expired)
    expect(asking).to_be_visible()
    enter(console, token(tenant))
    expect(asking).to_be_hidden()
    expect(dialog.field(words.snapshot_name)).to_have_value("orders-monday")
    dialog.submit(words.create)
    expect(console.open("snapshots").row("orders-monday")).to_contain_text(words.available)
    forgive(troubles)


def test_another_token_shows_another_tenant(
    console: Console, client: Client, stranger: Client, tenant: str, troubles: list[str]
) -> None:
    client.volume("ours")
    stranger.volume("theirs")
    console.page.goto("/")
    enter(console, token(tenant))
    expect(console.names).to_have_text(["ours"])

    console.page.get_by_role("banner").get_by_role("button", name="tester").click()
    console.page.get_by_role("menuitem", name="Use another token").click()
    enter(console, token(stranger.tenant))
    expect(console.names).to_have_text(["theirs"])
    forgive(troubles)
