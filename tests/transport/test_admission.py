"""What an HTTP request must be before anybody reads it as GraphQL, and how the answer is told."""

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app.transport.accept import preferred
from app.transport.admission import GRAPHQL_JSON, JSON, MAX_BODY
from tests.client import Client

HELLO = {"query": "{ viewer { id } }"}
GET = {"X-Requested-With": "test"}


def _refused(response: httpx.Response, status: int, code: str) -> None:
    assert (response.status_code, response.headers["content-type"]) == (status, "application/json")
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == [code]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, {JSON};q=0.9", GRAPHQL_JSON),
        (f"{GRAPHQL_JSON};q=0.5, {JSON}", JSON),
        (f"{JSON};q=0, */*", GRAPHQL_JSON),
        (f"text/html, {GRAPHQL_JSON.upper()};q=0.1", GRAPHQL_JSON),
    ],
)
def test_an_answer_comes_as_the_client_would_rather_have_it(client: Client, accept: str, media: str) -> None:
    response = client.http.post("/graphql", json=HELLO, headers={"Accept": accept})

    assert response.headers["content-type"] == f"{media}; charset=utf-8"
    assert response.json()["data"] == {"viewer": {"id": "tester@example"}}


@pytest.mark.parametrize("accept", ["text/html", "image/*", f"{JSON};q=0, {GRAPHQL_JSON};q=0", f"{JSON};q=much"])
def test_a_client_that_accepts_no_answer_gets_406(client: Client, accept: str) -> None:
    _refused(client.http.post("/graphql", json=HELLO, headers={"Accept": accept}), 406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    "request_",
    [
        {"query": "{"},
        {"query": "{ nothing }"},
        {"query": "query($n: Int!) { volumes(first: $n) { totalCount } }", "variables": {"n": "many"}},
    ],
)
@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (GRAPHQL_JSON, 400)])
def test_a_bad_operation_has_no_data_and_the_newer_media_type_says_400(
    client: Client, request_: dict[str, Any], accept: str, status: int
) -> None:
    response = client.http.post("/graphql", json=request_, headers={"Accept": accept})

    assert response.status_code == status
    assert response.json()["errors"]
    assert "data" not in response.json()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_get_405_and_hear_which_would_do(client: Client, method: str) -> None:
    response = client.http.request(method, "/graphql")

    _refused(response, 405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "GET, POST"


def test_a_query_may_come_by_get(client: Client) -> None:
    assert client.http.get("/graphql", params=HELLO).json()["data"] == {"viewer": {"id": "tester@example"}}


def test_a_mutation_by_get_gets_405_and_does_nothing(client: Client) -> None:
    query = 'mutation { createVolume(input: { name: "abc", sizeGb: 10, product: "SSD" }) { __typename } }'
    response = client.http.get("/graphql", params={"query": query})

    _refused(response, 405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "POST"
    assert client.ask("{ volumes { totalCount } }")["volumes"]["totalCount"] == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_subscription_is_sent_to_the_websocket(client: Client, method: str) -> None:
    query = {"query": "subscription { volumeChanges { kind } }"}
    sent = {"params": query} if method == "GET" else {"json": query}
    response = client.http.request(method, "/graphql", **sent)  # type: ignore[arg-type]

    _refused(response, 400, "BAD_REQUEST")
    assert "graphql-transport-ws" in response.text


@pytest.mark.parametrize(
    "body",
    [
        {"query": "query A { viewer { id } }", "operationName": "B"},
        {"query": "fragment f on Viewer { id }"},
        {"query": "type A { id: ID }"},
        {"query": ""},
        {},
    ],
)
def test_a_document_without_an_operation_to_run_is_refused(client: Client, body: dict[str, str]) -> None:
    _refused(client.http.post("/graphql", json=body), 400, "BAD_REQUEST")


def test_a_get_that_any_page_could_send_is_refused(service: str) -> None:
    _refused(httpx.get(f"{service}/graphql", params=HELLO), 403, "PREFLIGHT_REQUIRED")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": ""},
        {"Content-Type": JSON, "Content-Encoding": "gzip"},
    ],
)
def test_a_body_of_another_kind_gets_415(client: Client, headers: dict[str, str]) -> None:
    _refused(client.http.post("/graphql", content=b"{}", headers=headers), 415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_charset_of_utf_8_may_be_named(client: Client) -> None:
    headers = {"Content-Type": 'Application/JSON; Charset="UTF-8"'}

    assert client.http.post("/graphql", content=b'{"query": "{ viewer { id } }"}', headers=headers).status_code == 200


def _chunks(size: int) -> Iterator[bytes]:
    for _ in range(size // 1024 + 1):
        yield b" " * 1024


@pytest.mark.parametrize("content", [b" " * (MAX_BODY + 1), _chunks(MAX_BODY)], ids=["at once", "in chunks"])
def test_a_body_of_more_than_256_kib_gets_413(client: Client, content: Any) -> None:
    _refused(client.http.post("/graphql", content=content, headers={"Content-Type": JSON}), 413, "BODY_TOO_LARGE")


def test_headers_of_more_than_16_kib_get_431(client: Client) -> None:
    response = client.http.post("/graphql", json=HELLO, headers={f"X-{n}": "x" * 1024 for n in range(17)})

    _refused(response, 431, "HEADERS_TOO_LARGE")


@given(st.text(max_size=200))
def test_no_accept_header_is_too_strange_to_be_read(accept: str) -> None:
    assert preferred(accept, (JSON, GRAPHQL_JSON)) in (None, JSON, GRAPHQL_JSON)


def test_a_client_that_leaves_before_its_body_is_whole_is_no_error_of_ours(client: Client) -> None:
    address = httpx.URL(client.address)
    head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: {client.authorization}\r\nX-Request-ID: left\r\n"
    begun = head + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    with capture_logs() as lines:
        with socket.create_connection((address.host, address.port or 80)) as wire:
            wire.sendall(begun.encode())
        while not any(line["event"] == "answered" and line["status"] == 400 for line in lines):
            client.http.get("/healthz")  # the test's time-out is the bound
    assert not [line for line in lines if line["event"] == "unexpected error"]
