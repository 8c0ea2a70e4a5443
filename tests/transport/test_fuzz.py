"""Whatever is sent, by HTTP or WebSocket, is answered in the service's own words: never a 5xx, never nothing at all.

`FUZZ=siege pytest tests/transport/test_fuzz.py --timeout 0` tries thousands of each.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from typing import Any, cast

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profiles
from hypothesis import strategies as st
from hypothesis_graphql import mutations, queries
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from app.settings import Settings
from app.testing.answers import WAIT_S
from app.testing.serving import serving
from app.transport.admission import EVENT_STREAM, GRAPHQL_JSON, JSON
from tests.client import PRINTED, SECRET, Client

profiles.register_profile("brief", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
profiles.register_profile("siege", profiles.get_profile("brief"), max_examples=5000)
TRIES = profiles.get_profile(os.environ.get("FUZZ", "brief"))
CLOSED_BY_US = {4400, 4401, 4403, 4408, 4409, 4429, 1003, 1007, 1009}
SCHEMA = PRINTED.read_text(encoding="utf-8")

DOCUMENTS = [
    "query A($id: ID!) { volume(id: $id) { name } }",
    "query A($first: Int) { volumes(first: $first) { nodes { id } } }",
    "mutation A($input: DeleteVolumeInput!) { deleteVolume(input: $input) { __typename } }",
    "query A { viewer { id } } query B { products { name } }",
    "subscription A { volumeChanges { kind } }",
    "{ nothing }",
    "{",
]
long_texts = st.text(min_size=1, max_size=9).map(lambda text: text * 100)
any_json = long_texts | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
operations = st.fixed_dictionaries(
    {},
    optional={
        "query": st.sampled_from(DOCUMENTS) | any_json,
        "variables": st.dictionaries(st.sampled_from(["id", "first", "input"]), any_json) | any_json,
        "operationName": st.sampled_from(["A", "B"]) | any_json,
        "extensions": any_json,
    },
)


@pytest.fixture(scope="module")
def attacker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A caller who is up to no good, whom no allowance holds back; when it is done, the service answers as ever."""
    data = tmp_path_factory.mktemp("attacked")
    settings = Settings(data=data, jwt_secret=SECRET, bookmark_seconds=0.5, limit_points_per_second=0)
    with serving(settings) as address, Client(address, "attacker") as client:
        yield client
        assert client.ask("{ viewer { id } }") == {"viewer": {"id": "tester@example"}}


def checked(errors: Sequence[dict[str, Any]]) -> None:
    """Check that each error has a message and a code, and none is a fault of the service."""
    assert all(error["message"] for error in errors)
    assert "INTERNAL" not in [error["extensions"]["code"] for error in errors]


def answered(attacker: Client, method: str = "POST", **request: Any) -> None:
    """Send a request and check that GraphQL's answer comes, or a refusal in the same shape. A page is left as it is."""
    with attacker.http.stream(method, "/graphql", **request) as response:
        assert response.status_code < 500
        media = response.headers["content-type"].partition(";")[0]
        if media != "text/html":
            answer = _first_event(response) if media == EVENT_STREAM else json.loads(response.read())
            checked(answer.get("errors", []))
            assert answer.get("errors") or "data" in answer


def _first_event(response: httpx.Response) -> dict[str, Any]:
    data = next(line for line in response.iter_lines() if line.startswith("data: "))
    return cast(dict[str, Any], json.loads(data.removeprefix("data: ")))


# HTTP


@TRIES
@given(st.binary(max_size=5000))
def test_any_bytes_are_answered(attacker: Client, body: bytes) -> None:
    answered(attacker, content=body, headers={"Content-Type": JSON})


@TRIES
@given(any_json)
def test_any_json_is_answered(attacker: Client, body: object) -> None:
    answered(attacker, json=body)


@TRIES
@given(st.sampled_from([JSON, GRAPHQL_JSON, EVENT_STREAM]), operations)
def test_a_request_with_any_part_replaced_or_left_out_is_answered(attacker: Client, accept: str, body: object) -> None:
    answered(attacker, json=body, headers={"Accept": accept})


header_texts = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f")).map(
    lambda text: text.encode("latin-1")
)
media_ranges = st.builds(
    "{}{}".format,
    st.sampled_from([JSON, GRAPHQL_JSON, EVENT_STREAM, "text/html", "multipart/mixed", "*/*", "application/*", "*"]),
    st.sampled_from(["", ";q=0", ";q=1", ";q=0.5", ";q=nan", ";q=-inf", ";q=", "; charset=utf-8", ";charset=x", ";;="]),
)
headers = st.fixed_dictionaries(
    {},
    optional={
        b"Content-Type": media_ranges.map(str.encode) | header_texts,
        b"Accept": st.lists(media_ranges).map(lambda ranges: ", ".join(ranges).encode()) | header_texts,
        b"Accept-Language": header_texts,
        b"Content-Encoding": st.sampled_from([b"gzip", b"identity", b"br"]) | header_texts,
        b"X-Request-ID": header_texts,
        b"X-Requested-With": header_texts,
        b"Origin": header_texts,
    },
)


@TRIES
@given(
    st.sampled_from(["POST", "GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"]),
    headers,
    st.dictionaries(st.sampled_from(["query", "variables", "operationName", "extensions"]), st.text()),
    operations,
)
def test_any_method_with_any_headers_and_parameters_is_answered(
    attacker: Client, method: str, headers: dict[bytes, bytes], parameters: dict[str, str], body: object
) -> None:
    answered(attacker, method, headers=headers, params=parameters, json=body)


@TRIES
@given(queries(SCHEMA) | mutations(SCHEMA))
def test_any_valid_document_is_answered_without_a_fault_of_the_service(attacker: Client, document: str) -> None:
    answered(attacker, json={"query": document})


# WebSocket

ids = st.sampled_from(["1", "2"]) | st.text() | long_texts
messages = st.one_of(
    st.fixed_dictionaries({"type": st.just("subscribe"), "id": ids, "payload": operations}),
    st.fixed_dictionaries({"type": st.just("complete"), "id": ids}),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["ping", "pong", "connection_init"])}, optional={"payload": any_json}
    ),
)
no_messages = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["subscribe", "complete", "ping", "next", "connection_ack"]) | any_json,
        "id": ids | any_json,
        "payload": operations | any_json,
    },
)
frames: st.SearchStrategy[str | bytes] = st.one_of(
    messages.map(json.dumps), no_messages.map(json.dumps), any_json.map(json.dumps), st.text(), st.binary()
)
LAST = {"type": "subscribe", "id": "the last one", "payload": {"query": "{ viewer { id } }"}}


@contextlib.contextmanager
def opened(attacker: Client, *, greets: bool) -> Iterator[ClientConnection]:
    """Open a socket, with a greeting that holds or with none."""
    address = attacker.address.replace("http", "ws", 1) + "/graphql"
    with connect(address, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
        if greets:
            greeting = {"type": "connection_init", "payload": {"Authorization": attacker.authorization}}
            socket.send(json.dumps(greeting))
        yield socket


def heard(socket: ClientConnection) -> None:
    """Read up to the answer to the last operation. Each message is one of the protocol, without a fault of ours."""
    while True:
        message = json.loads(socket.recv(timeout=WAIT_S))
        assert message["type"] in ("connection_ack", "next", "error", "complete", "pong")
        if message["type"] == "error":
            checked(message["payload"])
        if message["type"] == "next":
            checked(message["payload"].get("errors", []))
            assert "data" in message["payload"]
        if message["type"] in ("complete", "error") and message["id"] == LAST["id"]:
            return


@TRIES
@given(greets=st.booleans(), attack=st.lists(frames, max_size=8))
def test_a_socket_that_hears_any_frames_goes_on_or_is_closed_with_a_code_of_ours(
    attacker: Client, greets: bool, attack: list[str | bytes]
) -> None:
    with opened(attacker, greets=greets) as socket:
        try:
            for frame in attack:
                socket.send(frame)
            socket.send(json.dumps(LAST))
            heard(socket)
        except ConnectionClosed:
            assert socket.close_code in CLOSED_BY_US


@pytest.mark.parametrize("greets", [True, False])
def test_a_text_that_is_no_utf_8_closes_the_socket_with_1007(attacker: Client, greets: bool) -> None:
    with opened(attacker, greets=greets) as socket:
        socket.send(b"\xff", text=True)
        with pytest.raises(ConnectionClosed):
            heard(socket)

        assert socket.close_code == 1007
