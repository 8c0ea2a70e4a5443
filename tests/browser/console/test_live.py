"""What happens is seen as it happens, by whoever looks."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.api.rows import Rows
from tests.browser.console.console import Console
from tests.browser.console.words import ENGLISH, KOREAN, Words, in_both_languages
from tests.client import Client, token


@pytest.fixture
def colleague(chromium: Browser, demo: str, tenant: str) -> Iterator[Console]:
    """Somebody else of the tenant, at a browser of their own, who reads Korean."""
    with chromium.new_context(base_url=demo, locale=KOREAN.language) as context:
        context.add_init_script(f"if (location.protocol === 'http:') sessionStorage.token = '{token(tenant)}'")
        yield Console(context.new_page(), KOREAN)


@in_both_languages
def test_a_volume_is_watched_while_it_is_restored(console: Console, client: Client, words: Words) -> None:
    client.snapshot(client.volume("orders-db")["id"], "orders-monday")

    with client.sandbox.hold("RESTORE_VOLUME"):
        dialog = console.open("snapshots").choose("orders-monday").begin(words.restore_volume, words.volume_restoring)
        dialog.submit(words.restore)
        console.page.get_by_role("navigation").get_by_role("link", name="Volume", exact=True).click()
        expect(console.row("orders-monday-R")).to_contain_text(words.creating)
    expect(console.row("orders-monday-R")).to_contain_text(words.available)


def test_what_one_does_the_other_sees(console: Console, colleague: Console, client: Client) -> None:
    client.volume("orders-db")
    colleague.open("snapshots")
    expect(colleague.list).to_be_visible()

    dialog = console.open("volumes").choose("orders-db").begin(ENGLISH.create_snapshot, ENGLISH.snapshot_creation)
    dialog.field(ENGLISH.snapshot_name).fill("orders-monday")
    dialog.submit(ENGLISH.create)
    expect(colleague.row("orders-monday")).to_contain_text(KOREAN.available)

    colleague.choose("orders-monday").begin(KOREAN.delete, KOREAN.snapshot_deletion).submit(KOREAN.delete)
    console.open("snapshots")
    expect(console.names).to_have_count(0)


def test_both_see_a_row_change(console: Console, colleague: Console, client: Client) -> None:
    volume = client.volume()
    with client.sandbox.hold("CREATE_SNAPSHOT"):
        client.do("createSnapshot", volumeId=volume["id"], name="cut")
        for reader in (console, colleague):
            expect(reader.open("snapshots").row("cut")).to_contain_text(reader.words.creating)

    for reader in (console, colleague):
        expect(reader.row("cut")).to_contain_text(reader.words.available)


def test_progress_is_seen(console: Console, client: Client) -> None:
    volume = client.volume()
    hold = client.sandbox.hold
    with hold("CREATE_SNAPSHOT", at_percent=7) as begun, hold("CREATE_SNAPSHOT", at_percent=58):
        client.do("createSnapshot", volumeId=volume["id"], name="cut")
        expect(console.open("snapshots").row("cut")).to_contain_text("7%")
        client.sandbox.release(begun)
        expect(console.row("cut")).to_contain_text("58%")


def test_the_open_panel_follows(console: Console, rows: Rows, client: Client) -> None:
    snapshot = rows.snapshot(rows.volume(), name="cut")
    panel = console.open("snapshots").look_at("cut")

    client.do("updateSnapshot", id=snapshot.id, description="written elsewhere")
    expect(panel.get_by_text("written elsewhere")).to_be_visible()


def test_the_quotas_follow(console: Console, client: Client) -> None:
    console.open("volumes")
    menu = console.page.get_by_role("navigation", name="Menu")
    expect(menu.get_by_text("0 of 100", exact=True)).to_be_visible()

    client.volume(sizeGb=30)
    expect(menu.get_by_text("1 of 100", exact=True)).to_be_visible()
    expect(menu.get_by_text("30GB of 50000GB")).to_be_visible()
