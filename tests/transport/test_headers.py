"""What every answer tells browsers, and to which pages of other sites."""

from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app.settings import Settings
from app.testing.serving import serving
from tests.client import SECRET, Client

HELLO = {"query": "{ viewer { id } }"}
FRIEND, STRANGER = "https://console.example", "https://evil.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


@pytest.mark.parametrize("path", ["/graphql", "/healthz", "/nowhere"])
def test_no_answer_can_be_framed_guessed_at_or_kept(client: Client, path: str) -> None:
    headers = client.http.post(path, json=HELLO).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "server" not in headers


def test_an_answer_says_what_it_took(client: Client) -> None:
    name, _, milliseconds = client.http.post("/graphql", json=HELLO).headers["server-timing"].partition(";dur=")
    assert name == "total"
    assert float(milliseconds) >= 0


@pytest.fixture(scope="module")
def befriended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that pages of one other site may call."""
    settings = Settings(data=tmp_path_factory.mktemp("origins"), jwt_secret=SECRET, worker=False, origins=FRIEND)
    with serving(settings) as address:
        yield address


def test_pages_of_other_sites_are_shown_nothing_unless_a_setting_names_them(client: Client) -> None:
    asked = client.http.options("/graphql", headers={"Origin": FRIEND, **PREFLIGHT})
    answered = client.http.post("/graphql", json=HELLO, headers={"Origin": FRIEND})
    for response in (asked, answered):
        assert "access-control-allow-origin" not in response.headers


def test_pages_of_a_site_that_the_settings_name_may_call(befriended: str) -> None:
    with Client(befriended, "t") as client:
        asked = client.http.options("/graphql", headers={"Origin": FRIEND, **PREFLIGHT})
        answered = client.http.post("/graphql", json=HELLO, headers={"Origin": FRIEND})
    assert asked.status_code == 200
    assert "authorization" in asked.headers["access-control-allow-headers"].lower()
    for response in (asked, answered):
        assert response.headers["access-control-allow-origin"] == FRIEND
    assert "access-control-allow-credentials" not in answered.headers
    assert {"X-Request-Id", "Retry-After"} <= set(answered.headers["access-control-expose-headers"].split(", "))


def test_pages_of_any_other_site_may_still_not(befriended: str) -> None:
    with Client(befriended, "t") as client:
        asked = client.http.options("/graphql", headers={"Origin": STRANGER, **PREFLIGHT})
    assert "access-control-allow-origin" not in asked.headers


def test_sockets_are_for_pages_of_the_same_sites(befriended: str) -> None:
    address = befriended.replace("http", "ws", 1) + "/graphql"
    protocols: list[object] = ["graphql-transport-ws"]
    with connect(address, subprotocols=protocols, additional_headers={"Origin": FRIEND}):  # type: ignore[arg-type]
        pass
    with (
        pytest.raises(InvalidStatus),
        connect(address, subprotocols=protocols, additional_headers={"Origin": STRANGER}),  # type: ignore[arg-type]
    ):
        pass


def test_an_error_is_told_with_the_same_headers(client: Client) -> None:
    response = httpx.post(f"{client.address}/graphql", json=HELLO)
    assert (response.status_code, response.headers["x-frame-options"]) == (401, "DENY")
