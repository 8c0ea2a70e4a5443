"""What can be done with volumes is done in the console, and what cannot says why."""

from playwright.sync_api import expect

from tests.api.rows import Rows
from tests.browser.console.console import Console
from tests.browser.console.words import Words, in_both_languages
from tests.client import Client


def test_a_volume_is_created(console: Console) -> None:
    creating = console.open("volumes").begin("Create", "Create volume")
    creating.field("Volume name").fill("orders-db")
    creating.field("Size").fill("30")
    creating.whole.get_by_role("radio", name="Protected").check()
    creating.submit("Create")
    for told in ("Available", "30GB", "Protected"):
        expect(console.row("orders-db")).to_contain_text(told)


def test_a_volume_is_edited(console: Console, rows: Rows) -> None:
    rows.volume(name="orders-db")
    editing = console.open("volumes").choose("orders-db").begin("Edit", "Edit volume")
    editing.field("Volume name").fill("orders-main")
    editing.whole.get_by_role("radio", name="Protected").check()
    editing.submit("Save")
    expect(console.row("orders-main")).to_contain_text("Protected")


def test_a_volume_is_attached_and_detached(console: Console, client: Client) -> None:
    client.volume("orders-db")
    attaching = console.open("volumes").choose("orders-db").begin("Attach", "Attach volume")
    attaching.field("Server ID").fill("srv-1")
    attaching.field("Server name").fill("web-1")
    attaching.submit("Attach")
    expect(console.row("orders-db")).to_contain_text("In use")
    expect(console.row("orders-db")).to_contain_text("web-1")

    console.begin("Detach", "Detach volume").submit("Detach")
    expect(console.row("orders-db")).to_contain_text("Available")


def test_a_volume_is_extended(console: Console, client: Client) -> None:
    client.volume("orders-db")
    extending = console.open("volumes").choose("orders-db").begin("Extend", "Extend volume")
    extending.field("New size").fill("10")
    extending.button("Extend").click()
    expect(extending.field("New size")).to_have_attribute("aria-invalid", "true")
    extending.field("New size").fill("20")
    extending.submit("Extend")
    expect(console.row("orders-db")).to_contain_text("20GB")


@in_both_languages
def test_of_several_volumes_those_that_stay_say_why(console: Console, rows: Rows, words: Words) -> None:
    rows.snapshot(rows.volume(name="snapshotted"), name="cut")
    rows.volume(name="protected", protected=True)
    rows.volume(name="free")
    console.open("volumes").choose("snapshotted", "protected", "free")
    deleting = console.begin(words.delete, words.volume_deletion)
    for name, reason in (("snapshotted", words.has_snapshots), ("protected", words.is_protected)):
        expect(deleting.whole.get_by_role("listitem").filter(has_text=name).first).to_contain_text(reason)
    deleting.submit(words.delete)
    expect(console.names).to_have_text(["protected", "snapshotted"])


def test_a_volume_shows_its_snapshots(console: Console, rows: Rows) -> None:
    rows.snapshot(rows.volume(name="orders-db"), name="orders-monday")
    panel = console.open("volumes").look_at("orders-db")
    panel.get_by_role("tab", name="Volume Snapshot (1)").click()
    panel.get_by_role("link", name="orders-monday").click()
    expect(console.page.get_by_role("region", name="orders-monday")).to_be_visible()
