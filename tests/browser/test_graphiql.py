"""GraphiQL: whoever opens it can run each task of the user guide, and look up the rest."""

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from tests.browser.accessibility import findings
from tests.client import Client, token

TASKS = {
    "List": "snapshots",
    "Detail": "snapshots",
    "Create": "createSnapshot",
    "Edit": "updateSnapshot",
    "Restore": "restoreVolume",
    "Delete": "deleteSnapshot",
    "Actions": "volumes",
    "StateMachine": "snapshotLifecycle",
}
OTHERS = {"Authorization": "Bearer other"}


@pytest.fixture
def graphiql(page: Page) -> Page:
    """A tab of the browser with GraphiQL in it."""
    return opened(page, "/graphql")


def opened(page: Page, address: str) -> Page:
    """Go to GraphiQL and wait until its editors are there."""
    page.goto(address)
    expect(page.get_by_role("region", name="Operation Editor")).to_contain_text("List")
    expect(shown(page).get_by_role("textbox")).to_be_attached()
    return page


def choose(page: Page, name: str) -> None:
    """Open a tab of GraphiQL."""
    page.get_by_role("tab").get_by_title(name, exact=True).click()
    expect(page.get_by_role("region", name="Operation Editor")).to_contain_text(name)


def execute(page: Page) -> None:
    """Press the button that runs what is in the editor."""
    page.get_by_role("button", name="Execute query").click()


def answer(page: Page) -> Any:
    """Run what is in the editor; return what the service answers. It is shown too."""
    with page.expect_response(_answers_an_editor) as response:
        execute(page)
    expect(shown(page)).to_contain_text('"data"')
    return response.value.json()


def _answers_an_editor(response: Response) -> bool:
    """Whether it is not the page's own question for the schema, whose answer may come as late."""
    return response.url.endswith("/graphql") and "__schema" not in (response.request.post_data or "")


def shown(page: Page) -> Locator:
    """Return where the answer is shown."""
    return page.get_by_role("region", name="Result Window")


def edit_headers(page: Page, headers: dict[str, str]) -> None:
    """Write into the editor of headers."""
    page.get_by_role("button", name="Headers").click()
    editor = page.get_by_role("region", name="Headers").get_by_role("textbox")
    editor.focus()
    page.keyboard.insert_text(json.dumps(headers))


@pytest.mark.parametrize(("name", "field"), TASKS.items())
def test_each_task_runs_as_it_is_against_the_demo_data(graphiql: Page, name: str, field: str) -> None:
    choose(graphiql, name)

    answered = answer(graphiql)
    assert "errors" not in answered
    assert "code" not in answered["data"][field]  # that of a problem
    assert answered["data"][field].get("nodes") != []


@pytest.mark.parametrize("way", ["WebSocket", "SSE"])
def test_a_change_is_seen_as_it_happens(graphiql: Page, member: Client, way: str) -> None:
    choose(graphiql, "Watch")
    if way == "SSE":
        graphiql.get_by_role("button", name="switch to SSE").click()
    execute(graphiql)
    expect(shown(graphiql)).to_contain_text("BOOKMARK")

    volume = member.ask('{ volumes(filter: { search: "orders-db" }) { nodes { id } } }')["volumes"]["nodes"][0]
    member.snapshot(volume["id"], "seen-live")
    expect(shown(graphiql)).to_contain_text("seen-live")

    graphiql.get_by_role("button", name="Stop query").click()
    expect(graphiql.get_by_role("button", name="Execute query")).to_be_visible()


def test_the_documentation_is_there(graphiql: Page) -> None:
    graphiql.get_by_role("button", name="Show Documentation Explorer").click()
    graphiql.get_by_role("link", name="Query", exact=True).click()

    expect(graphiql.get_by_text("The tenant's snapshots.")).to_be_visible()


def test_a_query_can_be_put_together_from_the_schema(graphiql: Page) -> None:
    graphiql.get_by_role("button", name="Show GraphiQL Explorer").click()
    graphiql.locator(".graphiql-explorer-root").get_by_text("products", exact=True).click()

    expect(graphiql.get_by_role("region", name="Operation Editor")).to_contain_text("products")


def test_what_was_run_is_in_the_history(graphiql: Page) -> None:
    answer(graphiql)
    graphiql.get_by_role("button", name="Show History").click()

    expect(graphiql.get_by_role("region", name="History").get_by_text("List", exact=True)).to_be_visible()


def test_edited_headers_are_sent_and_not_kept(graphiql: Page) -> None:
    edit_headers(graphiql, OTHERS)

    assert [it["name"] for it in answer(graphiql)["data"]["snapshots"]["nodes"]] == ["plans-monday"]
    assert "Bearer" not in graphiql.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")


@pytest.mark.parametrize("way", ["WebSocket", "SSE"])
def test_edited_headers_are_sent_with_a_subscription(graphiql: Page, troubles: list[str], way: str) -> None:
    choose(graphiql, "Watch")
    if way == "SSE":
        graphiql.get_by_role("button", name="switch to SSE").click()
    edit_headers(graphiql, {"Authorization": "Bearer nobodys"})
    execute(graphiql)

    expect(shown(graphiql)).to_contain_text("4403" if way == "WebSocket" else "401")
    assert all("401" in trouble for trouble in troubles)
    troubles.clear()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_light_or_dark_as_the_system_is(graphiql: Page, theme: str) -> None:
    brightness = graphiql.evaluate(
        "parseInt(getComputedStyle(document.querySelector('.graphiql-container')).backgroundColor.match(/\\d+/)[0])"
    )
    assert (brightness < 128) == (theme == "dark")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_service_that_wants_tokens_is_told_one(guarded: str, page: Page, troubles: list[str], theme: str) -> None:
    page.goto(f"{guarded}/graphql")
    dialog = page.get_by_role("dialog", name="Who is calling?")
    expect(dialog).to_be_visible()
    assert findings(page) == []

    for entered in ("no token at all", token("somebody")):
        dialog.get_by_label("Bearer token").fill(entered)
        dialog.get_by_role("button", name="Go on").click()
        expect(dialog.get_by_role("alert")).to_be_visible(visible=entered == "no token at all")
    expect(dialog).to_be_hidden()
    assert all("401" in trouble for trouble in troubles)
    troubles.clear()

    expect(shown(page).get_by_role("textbox")).to_be_attached()
    assert answer(page)["data"]["snapshots"]["nodes"] == []
    choose(page, "Watch")
    execute(page)
    expect(shown(page)).to_contain_text("BOOKMARK")
