"""What the guide says about snapshots can be done in the console, in both languages."""

import pytest
from playwright.sync_api import expect

from app.domain.volume import VolumeCategory, VolumeStatus
from tests.api.rows import Rows
from tests.browser.console.conftest import CONTACT, stuck
from tests.browser.console.console import Console
from tests.browser.console.words import Words, in_both_languages
from tests.client import Client


@in_both_languages
def test_the_list_tells_each_snapshot_with_its_status(console: Console, client: Client, words: Words) -> None:
    volume = client.volume("orders-db", sizeGb=50)["id"]
    client.snapshot(volume, "whole")
    stuck(client, volume)
    client.sandbox.fail_next("CREATE_SNAPSHOT", matching="broken")
    with client.sandbox.hold("CREATE_SNAPSHOT", matching="begun"):
        for name in ("broken", "begun"):
            client.do("createSnapshot", volumeId=volume, name=name)

        console.open("snapshots")
        for name, word in [
            ("whole", words.available),
            ("broken", words.error),
            ("stuck", words.stuck),
            ("begun", words.creating),
        ]:
            for cell in (word, "50GB", "orders-db", "tester"):
                expect(console.row(name).get_by_text(cell, exact=True)).to_be_visible()


@in_both_languages
def test_the_panel_tells_all_of_a_snapshot(console: Console, client: Client, words: Words) -> None:
    volume = client.volume("orders-db", description="주문 데이터베이스")
    client.snapshot(volume["id"], "orders-monday", description="before the migration")

    panel = console.open("snapshots").look_at("orders-monday")
    for told in ("before the migration", words.offline, "주문 데이터베이스", "DATA"):
        expect(panel.get_by_text(told, exact=True)).to_be_visible()
    expect(panel.get_by_text("10GB", exact=True)).to_have_count(2)


def test_the_panel_tells_the_history_of_a_snapshot(console: Console, client: Client, words: Words) -> None:
    client.snapshot(client.volume()["id"], "orders-monday")

    panel = console.open("snapshots").look_at("orders-monday")
    panel.get_by_role("tab", name=words.history).click()
    expect(panel.get_by_text(f"{words.creating} → {words.available}")).to_be_visible()


@in_both_languages
def test_a_snapshot_of_a_volume_is_created(console: Console, client: Client, words: Words) -> None:
    client.volume("orders-db")

    dialog = console.open("volumes").choose("orders-db").begin(words.create_snapshot, words.snapshot_creation)
    expect(dialog.whole.get_by_text(words.may_be_damaged)).to_be_hidden()
    dialog.field(words.snapshot_name).fill("orders-monday")
    dialog.field(words.description).fill("월요일 백업")
    expect(dialog.whole.get_by_text(words.counter.format(6))).to_be_visible()
    dialog.submit(words.create)
    expect(console.page.get_by_text(words.begun.format("orders-monday"))).to_be_visible()

    console.open("snapshots")
    expect(console.row("orders-monday")).to_contain_text(words.available)
    expect(console.look_at("orders-monday")).to_contain_text("월요일 백업")


@in_both_languages
def test_who_snapshots_an_attached_volume_is_warned(console: Console, client: Client, words: Words) -> None:
    client.path(client.volume("web-files")["id"])

    dialog = console.open("volumes").choose("web-files").begin(words.create_snapshot, words.snapshot_creation)
    expect(dialog.whole.get_by_text(words.may_be_damaged)).to_be_visible()
    dialog.field(words.snapshot_name).fill("web-nightly")
    dialog.submit(words.create)
    expect(console.open("snapshots").row("web-nightly")).to_contain_text(words.available)


@in_both_languages
def test_a_root_volume_offers_no_snapshot_and_says_why(console: Console, rows: Rows, words: Words) -> None:
    rows.volume(name="web-1-root", category=VolumeCategory.ROOT, status=VolumeStatus.IN_USE)

    console.open("volumes").choose("web-1-root")
    expect(console.row("web-1-root")).to_contain_text(words.in_use)
    expect(console.button(words.create_snapshot)).to_be_disabled()
    console.button(words.create_snapshot).focus()
    expect(console.page.get_by_role("tooltip")).to_contain_text(words.data_only)


@in_both_languages
def test_name_and_description_are_edited(console: Console, rows: Rows, words: Words) -> None:
    rows.snapshot(rows.volume(name="orders-db"), name="orders-monday", description="old")

    dialog = console.open("snapshots").choose("orders-monday").begin(words.edit, words.snapshot_editing)
    expect(dialog.whole.get_by_text("orders-db", exact=True)).to_be_visible()
    expect(dialog.field(words.description)).to_have_value("old")
    dialog.field(words.snapshot_name).fill("orders-first")
    dialog.field(words.description).fill("새 설명")
    dialog.submit(words.save)

    expect(console.row("orders-monday")).to_be_hidden()
    expect(console.look_at("orders-first")).to_contain_text("새 설명")


@in_both_languages
def test_one_snapshot_is_deleted(console: Console, rows: Rows, words: Words) -> None:
    volume = rows.volume()
    for name in ("old", "new"):
        rows.snapshot(volume, name=name)

    dialog = console.open("snapshots").choose("old").begin(words.delete, words.snapshot_deletion)
    expect(dialog.whole.get_by_role("listitem")).to_have_text([f"old{words.available}"])
    dialog.submit(words.delete)
    expect(console.names).to_have_text(["new"])


@in_both_languages
def test_of_several_each_that_can_be_is_deleted_and_the_rest_say_why(
    console: Console, client: Client, words: Words
) -> None:
    volume = client.volume()["id"]
    for name in ("old", "older", "stuck"):
        client.snapshot(volume, name)
    stuck(client, volume, "stuck-one")

    console.open("snapshots").choose("old", "older", "stuck-one")
    dialog = console.begin(words.delete, words.snapshot_deletion)
    expect(dialog.whole.get_by_role("heading", name=words.undeletable)).to_be_visible()
    kept = dialog.whole.get_by_role("listitem").filter(has_text="stuck-one")
    expect(kept).to_contain_text(words.ask.format(CONTACT))
    dialog.submit(words.delete)
    expect(console.names).to_have_text(["stuck-one", "stuck"])


@in_both_languages
def test_a_volume_is_restored_from_a_snapshot(console: Console, client: Client, words: Words) -> None:
    client.snapshot(client.volume("orders-db")["id"], "orders-monday")

    dialog = console.open("snapshots").choose("orders-monday").begin(words.restore_volume, words.volume_restoring)
    expect(dialog.whole.get_by_text("10GB", exact=True)).to_be_visible()
    expect(dialog.field(words.volume_name)).to_have_value("orders-monday-R")
    dialog.field(words.volume_name).fill("orders-copy")
    dialog.submit(words.restore)

    console.page.get_by_role("link", name="Volume", exact=True).first.click()
    expect(console.row("orders-copy")).to_contain_text(words.available)
    expect(console.look_at("orders-copy").get_by_role("link", name="orders-monday")).to_be_visible()


def test_a_restored_volume_stands_beside_its_snapshot(console: Console, rows: Rows, words: Words) -> None:
    snapshot = rows.snapshot(rows.volume(name="orders-db"), name="orders-monday")
    rows.volume(name="orders-copy", source_snapshot_id=snapshot.id)

    panel = console.open("snapshots").look_at("orders-monday")
    panel.get_by_role("tab", name=f"{words.restored} (1)").click()
    expect(panel.get_by_role("table")).to_contain_text("orders-copy")


def test_the_name_suggested_for_a_restored_volume_fits(console: Console, rows: Rows, words: Words) -> None:
    rows.snapshot(rows.volume(), name="a-name-of-20-letters")

    dialog = console.open("snapshots").choose("a-name-of-20-letters")
    restoring = dialog.begin(words.restore_volume, words.volume_restoring)
    expect(restoring.field(words.volume_name)).to_have_value("a-name-of-20-lette-R")


@in_both_languages
def test_what_could_not_be_deleted_says_whom_to_ask(console: Console, client: Client, words: Words) -> None:
    stuck(client, client.volume()["id"])

    panel = console.open("snapshots").look_at("stuck")
    expect(panel.get_by_text(words.ask.format(CONTACT))).to_be_visible()
    expect(panel.get_by_role("button", name=words.retry)).to_be_hidden()


@in_both_languages
@pytest.mark.parametrize("roles", [["member", "administrator"]], ids=["administrator"])
def test_an_administrator_deletes_what_could_not_be_deleted(console: Console, client: Client, words: Words) -> None:
    stuck(client, client.volume()["id"])

    console.open("snapshots").look_at("stuck").get_by_role("button", name=words.retry).click()
    console.dialog(words.retry).submit(words.retry)
    expect(console.row("stuck")).to_be_hidden()


def test_a_snapshot_that_is_being_restored_says_why_it_stays(console: Console, client: Client, words: Words) -> None:
    snapshot = client.snapshot(client.volume()["id"], "orders-monday")
    with client.sandbox.hold("RESTORE_VOLUME"):
        copy = client.do("restoreVolume", snapshotId=snapshot["id"], name="copy")["volume"]

        console.open("snapshots").choose("orders-monday")
        expect(console.button(words.delete)).to_be_disabled()
        console.button(words.delete).focus()
        expect(console.page.get_by_role("tooltip")).to_contain_text(copy["id"])
