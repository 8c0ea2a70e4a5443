"""A list of any length is read page by page: the service sorts, filters and cuts it."""

from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

from app.domain.snapshot import SnapshotStatus
from tests.api.rows import Rows
from tests.browser.console.console import Console

MANY = 1000
PAGE = 20


@pytest.fixture
def many(rows: Rows) -> Rows:
    """A thousand snapshots: the first of all in the alphabet, the last, and the others between."""
    volume = rows.volume(name="orders-db")
    rows.snapshot(volume, name="zz-last-of-all", description="백업", size_gb=900)
    rows.snapshots([volume] * (MANY - 2), name="middle")
    rows.snapshot(volume, name="aa-first-of-all", status=SnapshotStatus.ERROR, size_gb=20)
    return rows


@pytest.fixture
def answers(page: Page) -> list[dict[str, Any]]:
    """The pages of snapshots that the tab was given so far."""
    given: list[dict[str, Any]] = []

    def answered(response: Response) -> None:
        if "query Snapshots(" in (response.request.post_data or ""):
            given.append(response.json()["data"]["snapshots"])

    page.on("response", answered)
    return given


def test_of_a_thousand_snapshots_one_page_is_asked_for(
    console: Console, many: Rows, answers: list[dict[str, Any]]
) -> None:
    console.open("snapshots")
    expect(console.names).to_have_count(PAGE)
    expect(console.page.get_by_role("heading", name=f"Volume Snapshot ({MANY})")).to_be_visible()
    expect(console.page.get_by_text(f"1 of {MANY // PAGE}", exact=True)).to_be_visible()
    assert [len(answer["nodes"]) for answer in answers] == [PAGE]


def test_pages_are_turned_on_and_back(console: Console, many: Rows) -> None:
    console.open("snapshots")
    expect(console.names.first).to_have_text("aa-first-of-all")
    first = ids(console)

    console.page.get_by_role("button", name="Next page").click()
    expect(console.page.get_by_text("2 of 50", exact=True)).to_be_visible()
    expect(console.names.first).to_have_text("middle")
    assert not set(first) & set(ids(console))

    console.page.get_by_role("button", name="Previous page").click()
    expect(console.names.first).to_have_text("aa-first-of-all")
    assert ids(console) == first


def test_the_service_sorts(console: Console, many: Rows) -> None:
    console.open("snapshots")
    by_name = console.list.get_by_role("columnheader", name="Snapshot name")
    console.sort("Snapshot name")
    expect(console.names.first).to_have_text("aa-first-of-all")
    expect(by_name).to_have_attribute("aria-sort", "ascending")
    console.sort("Snapshot name")
    expect(console.names.first).to_have_text("zz-last-of-all")
    expect(by_name).to_have_attribute("aria-sort", "descending")


def test_sorting_begins_at_the_first_page(console: Console, many: Rows) -> None:
    console.open("snapshots")
    console.page.get_by_role("button", name="Next page").click()
    expect(console.page.get_by_text("2 of 50", exact=True)).to_be_visible()
    console.sort("Size")
    expect(console.page.get_by_text("1 of 50", exact=True)).to_be_visible()
    expect(console.names.first).to_have_text("middle")


@pytest.mark.parametrize("wanted", ["last-of-all", "백업"], ids=["name", "description"])
def test_the_service_searches_names_and_descriptions(console: Console, many: Rows, wanted: str) -> None:
    console.open("snapshots").page.get_by_role("searchbox").fill(wanted)
    expect(console.names).to_have_text(["zz-last-of-all"])


@pytest.mark.parametrize(
    ("filter_", "option", "found"),
    [("Status", "Error", ["aa-first-of-all"]), ("Source volume", "logs", ["logs-nightly"])],
    ids=["status", "source"],
)
def test_the_service_filters(console: Console, many: Rows, filter_: str, option: str, found: list[str]) -> None:
    many.snapshot(many.volume(name="logs"), name="logs-nightly")
    console.open("snapshots").page.get_by_role("button", name=filter_).and_(
        console.page.locator("[aria-haspopup]")
    ).click()
    console.page.get_by_role("option", name=option, exact=True).click()
    expect(console.names).to_have_text(found)


def test_what_fits_nothing_says_so_and_leads_back(console: Console, many: Rows) -> None:
    console.open("snapshots").page.get_by_role("searchbox").fill("no such thing")
    expect(console.list.get_by_text("Nothing matches")).to_be_visible()
    console.list.get_by_role("button", name="Clear filters").click()
    expect(console.names).to_have_count(PAGE)


def test_a_page_is_as_long_as_the_reader_prefers_and_stays_so(console: Console, many: Rows) -> None:
    console.open("snapshots").page.get_by_role("button", name="Columns").click()
    preferences = console.dialog("Columns")
    preferences.whole.get_by_role("radio", name="50 rows").check()
    preferences.submit("Confirm")
    expect(console.names).to_have_count(50)
    console.page.reload()
    expect(console.names).to_have_count(50)


def test_a_deserted_page_gives_way_to_the_one_before(console: Console, rows: Rows) -> None:
    made = rows.snapshots([rows.volume()] * (PAGE + 1))
    console.open("snapshots").page.get_by_role("button", name="Next page").click()
    expect(console.names).to_have_count(1)
    rows.remove(made[0])
    expect(console.names).to_have_count(PAGE)


def ids(console: Console) -> list[str]:
    """Return the ids of the rows that are shown, in their order."""
    links = console.names.get_by_role("link").all()
    return [str(link.get_attribute("href")) for link in links]
