"""No reader is kept out: axe finds nothing grave on any page, panel or dialog, and nothing is cut off on a phone."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from app.domain.volume import VolumeCategory, VolumeStatus
from tests.api.rows import Rows
from tests.browser.accessibility import findings
from tests.browser.conftest import PHONE
from tests.browser.console.conftest import stuck
from tests.browser.console.console import Console
from tests.browser.console.words import ENGLISH, KOREAN
from tests.client import Client

WIDE = (1440, 900)
LOOKS = [
    pytest.param(KOREAN, "dark", PHONE, id="ko-dark-phone"),
    pytest.param(ENGLISH, "light", WIDE, id="en-light-wide"),
    pytest.param(KOREAN, "light", WIDE, id="ko-light-wide"),
    pytest.param(ENGLISH, "dark", PHONE, id="en-dark-phone"),
]
in_each_look = pytest.mark.parametrize(("words", "theme", "size"), LOOKS)
in_two_looks = pytest.mark.parametrize(("words", "theme", "size"), LOOKS[:2])  # between them, each of what there is
OF_VOLUMES = {
    KOREAN: {"생성": [], "수정": ["data"], "삭제": ["broken", "web-files"], "스냅샷 생성": ["web-files"]}
    | {"연결": ["data"], "해제": ["web-files"], "확장": ["data"]},
    ENGLISH: {"Create": [], "Edit": ["data"], "Delete": ["broken", "web-files"], "Create snapshot": ["web-files"]}
    | {"Attach": ["data"], "Detach": ["web-files"], "Extend": ["data"]},
}
OF_SNAPSHOTS = {
    KOREAN: {"VOLUME 복원": ["whole"], "수정": ["whole"], "삭제": ["whole", "stuck"]}
    | {"삭제 재시도": ["stuck"], "상태 재설정": ["stuck"]},
    ENGLISH: {"Restore volume": ["whole"], "Edit": ["whole"], "Delete": ["whole", "stuck"]}
    | {"Retry deletion": ["stuck"], "Reset status": ["stuck"]},
}
List = Literal["volumes", "snapshots"]


@pytest.fixture
def roles() -> list[str]:
    """What the reader is: one who may all that there is."""
    return ["member", "administrator"]


@pytest.fixture(autouse=True)
def something(rows: Rows, client: Client) -> Iterator[None]:
    """Something in every look that a row can have."""
    volume = client.volume(description="여러 줄의\n설명")["id"]
    client.path(client.volume("web-files", protected=True)["id"])
    rows.volume(name="web-1-root", status=VolumeStatus.IN_USE, category=VolumeCategory.ROOT)
    client.sandbox.fail_next("CREATE_VOLUME")
    client.wait_for(client.do("createVolume", name="broken", sizeGb=10, product="SSD")["volume"]["id"], "ERROR")
    client.snapshot(volume, "whole")
    stuck(client, volume)
    with client.sandbox.hold("CREATE_SNAPSHOT", at_percent=40):
        client.do("createSnapshot", volumeId=volume, name="begun")
        yield


@in_two_looks
@pytest.mark.parametrize(("list_", "name"), [("volumes", "data"), ("snapshots", "stuck")], ids=["volumes", "snapshots"])
def test_a_list_and_its_panel_keep_nobody_out(console: Console, list_: List, name: str) -> None:
    expect(console.open(list_).row(name)).to_be_visible()
    assert_open_to_all(console.page)
    tabs = console.look_at(name).get_by_role("tab")
    for tab in tabs.all():
        tab.click()
        expect(console.page.get_by_role("tabpanel")).to_be_visible()
        assert_open_to_all(console.page)


@in_two_looks
@pytest.mark.parametrize("list_", ["volumes", "snapshots"])
def test_a_dialog_keeps_nobody_out(console: Console, list_: List) -> None:
    actions = (OF_VOLUMES if list_ == "volumes" else OF_SNAPSHOTS)[console.words]
    console.open(list_)
    for action, names in actions.items():
        console.choose(*names).button(action).click()
        dialog = console.page.get_by_role("dialog")
        verb = dialog.get_by_role("button").last
        expect(verb).to_be_enabled()
        assert_open_to_all(console.page)
        dialog.get_by_role("button", name=console.words.cancel, exact=True).click()
        expect(dialog).to_be_hidden()
        console.leave(*names)


@in_each_look
def test_a_fault_keeps_nobody_out(console: Console) -> None:
    words = console.words
    dialog = console.open("volumes").choose("data").begin(words.create_snapshot, words.snapshot_creation)
    dialog.button(words.create).click()
    expect(dialog.field(words.snapshot_name)).to_have_attribute("aria-invalid", "true")
    assert_open_to_all(console.page)


@in_two_looks
def test_the_login_keeps_nobody_out(console: Console, troubles: list[str]) -> None:
    console.page.goto("/")
    console.page.evaluate("sessionStorage.token = 'no token at all'")
    console.page.reload()
    expect(console.page.get_by_role("textbox", name=console.words.token)).to_be_visible()
    assert_open_to_all(console.page)
    troubles.clear()


def assert_open_to_all(page: Page) -> None:
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen"
