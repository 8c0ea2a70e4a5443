"""GraphQL over WebSocket: who may come in, and what a bad frame or a bad document does."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from app.testing.answers import WAIT_S
from tests.client import Client, token

PROTOCOL = "graphql-transport-ws"


@contextlib.contextmanager
def _opened(client: Client, protocol: str = PROTOCOL, **headers: str) -> Iterator[ClientConnection]:
    address = client.address.replace("http", "ws", 1) + "/graphql"
    with connect(address, subprotocols=[protocol], additional_headers=headers) as socket:  # type: ignore[list-item]
        yield socket


def _greet(socket: ClientConnection, **parameters: Any) -> Any:
    socket.send(json.dumps({"type": "connection_init", "payload": parameters}))
    return json.loads(socket.recv(timeout=WAIT_S))


def _subscribe(socket: ClientConnection, id_: str, query: str) -> None:
    socket.send(json.dumps({"id": id_, "type": "subscribe", "payload": {"query": query}}))


def _closed(socket: ClientConnection) -> int:
    with contextlib.suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=WAIT_S)
    assert socket.close_code is not None
    return socket.close_code


@pytest.mark.parametrize("parameter", ["Authorization", "authorization"])
def test_a_token_comes_in_the_connection_parameters(client: Client, parameter: str) -> None:
    with _opened(client) as socket:
        assert _greet(socket, **{parameter: client.authorization})["type"] == "connection_ack"


def test_a_token_comes_in_the_header_of_the_handshake(client: Client) -> None:
    with _opened(client, Authorization=client.authorization) as socket:
        assert _greet(socket)["type"] == "connection_ack"


@pytest.mark.parametrize("parameters", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": 5}])
def test_a_connection_without_a_token_that_holds_is_closed_with_4403(client: Client, parameters: Any) -> None:
    with _opened(client) as socket:
        socket.send(json.dumps({"type": "connection_init", "payload": parameters}))
        assert _closed(socket) == 4403


def test_an_expired_token_is_closed_with_4403(client: Client) -> None:
    with _opened(client) as socket:
        parameters = {"Authorization": f"Bearer {token(client.tenant, seconds=-1)}"}
        socket.send(json.dumps({"type": "connection_init", "payload": parameters}))
        assert _closed(socket) == 4403


def test_a_socket_is_closed_with_4403_when_its_token_expires(client: Client) -> None:
    with _opened(client) as socket:
        _greet(socket, Authorization=f"Bearer {token(client.tenant, seconds=1.5)}")
        _subscribe(socket, "1", "subscription { volumeChanges { kind } }")
        assert _closed(socket) == 4403


def test_a_frame_of_more_than_64_kib_closes_the_socket(client: Client) -> None:
    with client.socket() as socket:
        _subscribe(socket, "1", " " * 65536)
        assert _closed(socket) == 1009


def test_nothing_is_answered_before_the_greeting(client: Client) -> None:
    with _opened(client) as socket:
        _subscribe(socket, "1", "{ viewer { id } }")
        assert _closed(socket) == 4401


def test_the_legacy_protocol_is_not_spoken(client: Client) -> None:
    with _opened(client, protocol="graphql-ws") as socket:
        assert _closed(socket) == 4406


def test_a_page_of_another_origin_may_not_come_in(client: Client) -> None:
    with pytest.raises(InvalidStatus) as refused, _opened(client, Origin="https://evil.example"):
        pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    "frame",
    [
        "[]",
        "5",
        "null",
        '"text"',
        "{",
        "{}",
        '{"type": 5}',
        '{"type": "start", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": null}',
        '{"type": "subscribe", "id": "1", "payload": 5}',
        '{"type": "subscribe", "id": ["1"], "payload": {"query": "{ viewer { id } }"}}',
        '{"type": "subscribe", "id": {"a": 1}, "payload": {"query": "{ viewer { id } }"}}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "payload": {"query": "{ viewer { id } }"}}',
        '{"type": "complete", "id": []}',
        "[" * 5000,
    ],
)
def test_a_frame_that_is_no_message_closes_the_socket_with_4400(client: Client, frame: str) -> None:
    with _opened(client) as socket:
        _greet(socket, Authorization=client.authorization)
        socket.send(frame)
        assert _closed(socket) == 4400


@pytest.mark.parametrize("query", ["{", "{ nothing }", ""])
def test_a_bad_document_is_an_error_message_and_leaves_the_socket_alive(client: Client, query: str) -> None:
    with _opened(client) as socket:
        _greet(socket, Authorization=client.authorization)
        _subscribe(socket, "bad", query)
        assert json.loads(socket.recv(timeout=WAIT_S))["type"] == "error"

        _subscribe(socket, "good", "{ viewer { id } }")
        assert json.loads(socket.recv(timeout=WAIT_S))["payload"]["data"] == {"viewer": {"id": "tester@example"}}


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"query": 5},
        {"query": None},
        {"query": "{ viewer { id } }", "operationName": {}},
        {"query": "{ viewer { id } }", "operationName": "Nobody"},
        {"query": "{ viewer { id } }", "variables": 5},
        {"query": "{ viewer { id } }", "variables": [1]},
        {"query": "fragment f on Viewer { id }"},
    ],
)
def test_an_operation_of_the_wrong_shape_is_told_what_is_wrong(client: Client, payload: Any) -> None:
    with client.socket() as socket:
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        answer = json.loads(socket.recv(timeout=WAIT_S))

    assert (answer["id"], answer["type"]) == ("1", "error")
    assert {error["extensions"]["code"] for error in answer["payload"]} <= {"BAD_REQUEST", "GRAPHQL_VALIDATION_FAILED"}


def test_each_operation_of_a_socket_sees_the_world_anew(client: Client) -> None:
    volume = client.volume("before")
    id_ = volume["id"]
    query = f'{{ volume(id: "{id_}") {{ name }} }}'
    with client.socket() as socket:
        _subscribe(socket, "1", query)
        assert json.loads(socket.recv(timeout=WAIT_S))["payload"]["data"]["volume"]["name"] == "before"
        assert json.loads(socket.recv(timeout=WAIT_S))["type"] == "complete"
        client.do("updateVolume", id=volume["id"], name="after")
        _subscribe(socket, "2", query)
        assert json.loads(socket.recv(timeout=WAIT_S))["payload"]["data"]["volume"]["name"] == "after"


def test_a_hundred_operations_may_be_under_way_on_a_socket_and_one_more_is_refused(client: Client) -> None:
    with client.socket() as socket:
        for n in range(100):
            _subscribe(socket, f"{n}", "subscription { volumeChanges { kind } }")
        _subscribe(socket, "more", "{ viewer { id } }")
        answers = iter(lambda: json.loads(socket.recv(timeout=WAIT_S)), None)
        refused = next(answer for answer in answers if answer["id"] == "more")
        assert [error["extensions"] for error in refused["payload"]] == [{"code": "TOO_MANY_OPERATIONS"}]

        socket.send(json.dumps({"id": "0", "type": "complete"}))
        _subscribe(socket, "again", "{ viewer { id } }")
        assert next(answer for answer in answers if answer["id"] == "again")["type"] == "next"


def test_a_ping_is_answered_by_a_pong(client: Client) -> None:
    with client.socket() as socket:
        socket.send('{"type": "ping"}')
        assert json.loads(socket.recv(timeout=WAIT_S))["type"] == "pong"
