"""A real Chromium before a real service with demo data, and nothing else in the world.

A test takes `page`, a new tab, and goes to `/` or `/graphql`:

    def test_the_volumes_are_listed(page: Page) -> None:
        page.goto("/")
        expect(page.get_by_role("link", name="orders-db")).to_be_visible()

Wait by `expect(…)` or `page.wait_for_…`, never for a time. How the reader sees the page are fixtures, to be
parametrized by their names:

    @pytest.mark.parametrize("language", ["ko-KR", "en-US"])
    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("size", [PHONE, DESK])

Dates are those of Seoul. When a test is done, nothing may have gone wrong in its tabs: no error in a console, no breach
of the policy, no request that failed or went elsewhere. Each is a line of `troubles`; a test that provokes one clears
them. `findings(page)` of `tests.browser.accessibility` returns what axe finds.

`demo` is the address that `page` is at: a service in development with demo data, new for each test. `member` speaks to
it beside the browser, as the tab does without a token. `guarded` is one that wants tokens (`tests.client.token`):
`page.goto(guarded)`. Take it before `page`, so that it ends after the tab.

The pages are those that `pip install -e .` or, in `app/console`, `npm run build` made last.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NoReturn

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, expect, sync_playwright

from app import demo as demo_data
from app.main import STATIC
from app.settings import Settings
from app.testing.answers import WAIT_S
from app.testing.serving import serving
from tests.client import SECRET, Client, until

PHONE, DESK = (390, 844), (1280, 800)
_NOBODY_ELSE = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost, EXCLUDE 127.0.0.1"
_TELL_BREACHES = """
  document.addEventListener("securitypolicyviolation", (breach) =>
    console.error(`${breach.violatedDirective} forbids ${breach.blockedURI}`));
"""
_LAST_TO_SETTLE = "subscription { change: snapshotChanges { now: snapshot { name status } } }"

expect.set_options(timeout=WAIT_S * 1000)


@pytest.fixture(scope="package")
def pages_built() -> Path:
    """The folder of the built pages."""
    if not (STATIC / "index.html").exists():
        _missing("the pages: pip install -e .")
    return STATIC


@pytest.fixture(scope="package")  # for the whole session its event loop would be in the way of the other tests
def chromium() -> Iterator[Browser]:
    """The browser."""
    path = shutil.which("chromium")
    if path is None:
        _missing("the program: apt-get install chromium")
    arguments = [_NOBODY_ELSE, "--no-proxy-server", *(["--no-sandbox"] if os.getuid() == 0 else [])]
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=path, args=arguments) as browser:
        yield browser


@pytest.fixture
def demo(pages_built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A service in development, in which nothing moves by itself; yields its address."""
    monkeypatch.setattr(demo_data, "LARGE", 32 * 2**20)
    with serving(Settings(data=tmp_path / "demo", dev=True)) as address:
        with _member(address) as client, client.watching(_LAST_TO_SETTLE) as messages:
            until(messages, lambda it: (it["change"]["now"] or {}) == {"name": "archive-large", "status": "AVAILABLE"})
        yield address


@pytest.fixture
def member(demo: str) -> Iterator[Client]:
    """A client of the demo's tenant, by another door than the browser's."""
    with _member(demo) as client:
        yield client


@pytest.fixture
def guarded(pages_built: Path, tmp_path: Path) -> Iterator[str]:
    """A service that wants tokens; yields its address."""
    with serving(Settings(data=tmp_path / "guarded", jwt_secret=SECRET)) as address:
        yield address


@pytest.fixture
def language() -> str:
    """What the browser asks for."""
    return "en-US"


@pytest.fixture
def theme() -> Literal["light", "dark"]:
    """What the system is set to."""
    return "light"


@pytest.fixture
def size() -> tuple[int, int]:
    """How wide and high the tab is."""
    return DESK


@pytest.fixture
def troubles() -> list[str]:
    """What went wrong in the tabs so far."""
    return []


@pytest.fixture
def context(
    chromium: Browser,
    demo: str,
    language: str,
    theme: Literal["light", "dark"],
    size: tuple[int, int],
    troubles: list[str],
) -> Iterator[BrowserContext]:
    """A browser as it is when it is new: tabs of one context know what the others keep."""
    with chromium.new_context(
        base_url=demo,
        locale=language,
        timezone_id="Asia/Seoul",
        color_scheme=theme,
        reduced_motion="reduce",
        viewport={"width": size[0], "height": size[1]},
    ) as context:
        context.set_default_timeout(WAIT_S * 1000)
        context.add_init_script(_TELL_BREACHES)
        _listen(context, troubles)
        yield context
    assert troubles == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab."""
    return context.new_page()


def _listen(context: BrowserContext, troubles: list[str]) -> None:
    def requested(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "http://localhost:", "data:", "blob:")):
            troubles.append(f"{request.url} was asked for")

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page itself let go of it
            troubles.append(f"{request.url}: {request.failure}")

    def answered(response: Response) -> None:
        if response.status >= 400:
            troubles.append(f"{response.url}: {response.status}")

    context.on("request", requested)
    context.on("requestfailed", failed)
    context.on("response", answered)
    context.on("console", lambda told: troubles.append(told.text) if told.type == "error" else None)
    context.on("weberror", lambda told: troubles.append(str(told.error)))


def _member(address: str) -> Client:
    client = Client(address, "demo")
    client.authorization = client.http.headers["Authorization"] = "Bearer demo"
    return client


def _missing(what: str) -> NoReturn:
    message = f"no page was looked at, for want of {what}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
