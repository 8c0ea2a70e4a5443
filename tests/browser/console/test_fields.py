"""What is wrong with what was typed is told where it was typed, and nothing typed is ever lost."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.api.rows import Rows
from tests.browser.console.console import Console, Dialog
from tests.browser.console.words import ENGLISH, KOREAN, Words, in_both_languages
from tests.client import Client

FAMILY = "👨‍👩‍👧"


@pytest.fixture
def creating(console: Console, client: Client, words: Words) -> Dialog:
    """The dialog that creates a snapshot."""
    client.volume("orders-db")
    return console.open("volumes").choose("orders-db").begin(words.create_snapshot, words.snapshot_creation)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (KOREAN, "ab"),
        (KOREAN, "스냅샷"),
        (ENGLISH, ""),
        (ENGLISH, "스냅샷"),
        (ENGLISH, "under_score"),
        (ENGLISH, "more-than-twenty-bytes"),
    ],
    ids=str,
)
def test_a_name_that_will_not_do_is_told_beside_the_field(creating: Dialog, words: Words, name: str) -> None:
    field = creating.field(words.snapshot_name)
    field.fill(name)
    creating.field(words.description).fill("kept")
    creating.button(words.create).click()

    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(fault(words.name_rule))
    expect(field).to_be_focused()
    expect(field).to_have_value(name)
    expect(creating.field(words.description)).to_have_value("kept")


@pytest.mark.parametrize("character", ["한", FAMILY, "é", "a"], ids=["hangul", "family", "combined", "letter"])
def test_a_description_is_counted_as_a_person_counts(creating: Dialog, words: Words, character: str) -> None:
    field = creating.field(words.description)
    field.fill(character * 100)
    expect(creating.whole.get_by_text(words.counter.format(100))).to_be_visible()
    expect(field).not_to_have_attribute("aria-invalid", "true")
    field.fill(character * 101)
    expect(creating.whole.get_by_text(words.counter.format(101))).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")


def test_a_description_that_is_too_long_is_told_beside_the_field(creating: Dialog, words: Words) -> None:
    field = creating.field(words.description)
    creating.field(words.snapshot_name).fill("orders-monday")
    field.fill(FAMILY * 101)
    creating.button(words.create).click()
    expect(field).to_have_accessible_description(fault("at most 100 characters; this has 101"))

    field.fill(FAMILY * 100)
    creating.submit(words.create)


def test_all_faults_are_told_at_once(creating: Dialog, words: Words) -> None:
    creating.field(words.snapshot_name).fill("ab")
    creating.field(words.description).fill("x" * 101)
    creating.button(words.create).click()

    for field in (words.snapshot_name, words.description):
        expect(creating.field(field)).to_have_attribute("aria-invalid", "true")


@in_both_languages
def test_a_problem_is_told_and_what_was_typed_stays(creating: Dialog, client: Client, words: Words) -> None:
    creating.field(words.snapshot_name).fill("orders-monday")
    creating.field(words.description).fill("before the migration")
    client.sandbox.set_quota(snapshots=0)
    creating.button(words.create).click()

    expect(creating.whole.get_by_text(words.no_room)).to_be_visible()
    expect(creating.field(words.snapshot_name)).to_have_value("orders-monday")
    expect(creating.field(words.description)).to_have_value("before the migration")


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    console: Console, rows: Rows, client: Client, words: Words
) -> None:
    snapshot = rows.snapshot(rows.volume(), name="orders-monday", description="old")
    editing = console.open("snapshots").choose("orders-monday").begin(words.edit, words.snapshot_editing)
    editing.field(words.description).fill("mine")
    client.do("updateSnapshot", id=snapshot.id, description="theirs")
    editing.button(words.save).click()

    expect(editing.whole.get_by_text("Somebody else changed it in the meantime.")).to_be_visible()
    expect(editing.field(words.description)).to_have_value("mine")
    editing.button("Take the newer values").click()
    expect(editing.field(words.description)).to_have_value("theirs")
    editing.field(words.description).fill("both")
    editing.submit(words.save)
    expect(console.look_at("orders-monday")).to_contain_text("both")


def test_what_the_storage_changed_meanwhile_is_no_conflict(console: Console, client: Client, words: Words) -> None:
    volume = client.volume()
    with client.sandbox.hold("CREATE_SNAPSHOT"):
        snapshot = client.do("createSnapshot", volumeId=volume["id"], name="orders-monday")["snapshot"]
        editing = console.open("snapshots").choose("orders-monday").begin(words.edit, words.snapshot_editing)
        editing.field(words.description).fill("mine")
    client.wait_for(snapshot["id"], "AVAILABLE")
    editing.submit(words.save)
    expect(console.look_at("orders-monday")).to_contain_text("mine")


def test_an_answer_that_was_lost_costs_no_second_snapshot(
    console: Console, creating: Dialog, words: Words, troubles: list[str]
) -> None:
    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    creating.field(words.snapshot_name).fill("orders-monday")
    console.page.route("**/graphql", lose_answer, times=1)
    creating.button(words.create).click()
    expect(creating.whole.get_by_text("It is not known whether this was done")).to_be_visible()
    creating.submit(words.create)

    expect(console.open("snapshots").names).to_have_text(["orders-monday"])
    assert all("ERR_FAILED" in trouble for trouble in troubles), troubles
    troubles.clear()


def test_a_dialog_about_what_was_deleted_meanwhile_says_so(
    console: Console, rows: Rows, client: Client, words: Words
) -> None:
    snapshot = rows.snapshot(rows.volume(), name="orders-monday")
    console.open("snapshots").choose("orders-monday")
    deleting = console.begin(words.delete, words.snapshot_deletion)
    client.do("deleteSnapshot", id=snapshot.id)

    expect(deleting.whole.get_by_text("It no longer exists.")).to_be_visible()
    expect(deleting.button(words.delete)).to_be_disabled()


def fault(words: str) -> re.Pattern[str]:
    """Where a description has these words, however it goes on."""
    return re.compile(re.escape(words))
