"""The ground on which pages are tested sees what goes wrong: else its silence would prove nothing."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import findings
from tests.browser.conftest import DESK, PHONE

ELSEWHERE = "https://elsewhere.example/x.png"


@pytest.fixture
def opened(page: Page) -> Page:
    """A tab with a page of ours in it."""
    page.goto("/graphql")
    return page


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("console.error('a fault of ours')", "a fault of ours"),
        ("setTimeout(() => { throw new Error('nobody caught this') })", "nobody caught this"),
        (f"document.body.append(Object.assign(new Image(), {{ src: '{ELSEWHERE}' }}))", f"img-src forbids {ELSEWHERE}"),
        (f"fetch('{ELSEWHERE}').catch(() => null)", f"connect-src forbids {ELSEWHERE}"),
        ("document.body.append(Object.assign(document.createElement('script'), { text: '1' }))", "script-src-elem"),
        ("fetch('assets/nothing.js')", "/assets/nothing.js: 404"),
    ],
)
def test_what_goes_wrong_in_a_tab_is_told(opened: Page, troubles: list[str], fault: str, told: str) -> None:
    opened.evaluate(f"() => {{ {fault} }}")
    while not any(told in trouble for trouble in troubles):
        opened.evaluate("new Promise(requestAnimationFrame)")  # what the browser tells arrives meanwhile
    troubles.clear()


def test_there_is_no_way_out(page: Page, troubles: list[str]) -> None:
    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("https://elsewhere.example")
    assert any("elsewhere.example" in trouble for trouble in troubles)
    troubles.clear()


@pytest.mark.parametrize("language", ["ko-KR", "en-US"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK])
def test_a_tab_is_as_the_reader_has_it(opened: Page, language: str, theme: str, size: tuple[int, int]) -> None:
    assert opened.evaluate("navigator.language") == language
    assert opened.evaluate(f"matchMedia('(prefers-color-scheme: {theme})').matches")
    assert opened.evaluate("[innerWidth, innerHeight]") == list(size)


def test_what_keeps_a_reader_out_is_found(opened: Page) -> None:
    opened.evaluate("document.body.innerHTML = '<button></button>'")
    expect(opened.get_by_role("button")).to_be_attached()
    assert [finding.partition(":")[0] for finding in findings(opened)] == ["button-name"]
