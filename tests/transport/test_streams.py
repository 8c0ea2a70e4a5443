"""Sockets and event streams: a tenant has its share of them, and they end with the service."""

import contextlib
import json
import signal
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from app.settings import Settings
from app.testing.answers import WAIT_S
from app.testing.process import Process
from app.testing.serving import serving
from tests.client import SECRET, Client

WATCH = "subscription { volumeChanges { kind } }"
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[str]:
    """A service where a tenant may have two streams open."""
    settings = Settings(data=tmp_path, jwt_secret=SECRET, worker=False, limit_streams=2, bookmark_seconds=0.1)
    with serving(settings) as address:
        yield address


def refused(client: Client) -> bool:
    response = client.http.post("/graphql", json={"query": "{ viewer { id } }"}, headers=STREAM)
    if response.status_code == 200:
        return False
    assert (response.status_code, response.json()["errors"][0]["extensions"]) == (429, {"code": "TOO_MANY_STREAMS"})
    assert response.headers["retry-after"]
    return True


def test_a_socket_more_than_a_tenant_may_have_is_closed_with_4429(narrow: str, tenant: str) -> None:
    with Client(narrow, tenant) as client, client.socket(), client.event_stream(WATCH) as events:
        next(events)
        with pytest.raises(ConnectionClosed) as closed, client.socket():
            pass
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4429


def test_an_event_stream_more_than_a_tenant_may_have_is_refused_with_429(narrow: str, tenant: str) -> None:
    with Client(narrow, tenant) as client, client.socket(), client.socket():
        assert refused(client)


def test_one_tenants_streams_are_not_anothers(narrow: str, tenant: str) -> None:
    with Client(narrow, tenant) as client, client.socket(), client.socket(), Client(narrow, "another") as other:
        assert not refused(other)


def test_a_stream_that_has_ended_leaves_its_place(narrow: str, tenant: str) -> None:
    with Client(narrow, tenant) as client, client.socket():
        for _ in range(5):
            with client.event_stream("{ viewer { id } }") as events:
                assert [event.name for event in events] == ["next", "complete"]


def test_a_socket_that_is_gone_leaves_its_place(narrow: str, tenant: str) -> None:
    with Client(narrow, tenant) as client, client.socket(), client.socket() as gone:
        gone.close()
        while refused(client):
            pass  # the end of a socket is heard a moment later; the test's time-out is the bound


def test_clients_that_leave_before_the_first_event_leave_their_places(narrow: str, tenant: str) -> None:
    address = httpx.URL(narrow)
    body = b'{"query": "subscription { volumeChanges { kind } }"}'
    with Client(narrow, tenant) as client:
        headers = (
            f"Authorization: {client.authorization}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        )
        request = f"POST /graphql HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n{headers}\r\n\r\n".encode() + body
        for _ in range(50):
            with socket.create_connection((address.host, address.port or 80)) as wire:
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # cut, not closed
                wire.sendall(request)
        while refused(client):
            pass  # the test's time-out is the bound


def test_a_service_that_is_asked_to_end_ends_event_streams_so_that_their_clients_come_back(tmp_path: Path) -> None:
    with (
        Process("serve", data=tmp_path, port=0, jwt_secret=SECRET, bookmark_seconds=30) as service,
        Client(service.address(), "acme") as client,
        client.event_stream(WATCH) as events,
        client.socket() as watching,
    ):
        next(events)
        assert service.stop() == -signal.SIGTERM
        assert list(events) == [], "neither cut nor said to be complete"
        with contextlib.suppress(ConnectionClosed):
            watching.recv(timeout=WAIT_S)
        assert watching.close_code == 1012
    assert not any("graceful shutdown exceeded" in line for line in service.lines)
    assert any("shutdown complete" in line for line in service.lines)


# Cut as by a lost network, in a sandbox


DROP = "mutation { sandbox { dropConnections { dropped } } }"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[str]:
    """A service whose tenants may cut their streams."""
    with serving(Settings(data=tmp_path, jwt_secret=SECRET, sandbox=True, bookmark_seconds=0.1)) as address:
        yield address


def test_a_socket_that_is_cut_hears_no_good_bye(sandbox: str, tenant: str) -> None:
    with Client(sandbox, tenant) as client, client.watching(WATCH) as messages:
        next(messages)
        assert client.ask(DROP)["sandbox"]["dropConnections"] == {"dropped": 1}
        with pytest.raises(ConnectionClosed) as closed:
            list(messages)
        assert (closed.value.rcvd, closed.value.sent) == (None, None), "that is code 1006"


def test_an_event_stream_that_is_cut_has_no_end(sandbox: str, tenant: str) -> None:
    with Client(sandbox, tenant) as client, client.event_stream(WATCH) as events:
        next(events)
        with Client(sandbox, tenant) as again:
            assert again.ask(DROP)["sandbox"]["dropConnections"] == {"dropped": 1}
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            list(events)


def test_a_stream_that_was_cut_leaves_its_place(sandbox: str, tenant: str) -> None:
    with Client(sandbox, tenant) as client, client.socket(), client.event_stream(WATCH) as events:
        next(events)
        with Client(sandbox, tenant) as again:
            assert again.ask(DROP)["sandbox"]["dropConnections"] == {"dropped": 2}
            while again.ask(DROP)["sandbox"]["dropConnections"]["dropped"]:
                pass  # the test's time-out is the bound


def test_what_one_tenant_cuts_is_not_anothers(sandbox: str, tenant: str) -> None:
    with (
        Client(sandbox, tenant) as client,
        Client(sandbox, "another") as other,
        other.watching(WATCH) as messages,
        other.event_stream(WATCH) as events,
    ):
        next(messages), next(events)
        assert client.ask(DROP)["sandbox"]["dropConnections"] == {"dropped": 0}
        assert next(messages)
        assert next(events).name == "next"


def test_the_answer_that_tells_of_it_is_not_cut_where_it_is_an_event_stream_itself(sandbox: str, tenant: str) -> None:
    with Client(sandbox, tenant) as client, client.socket() as cut, client.event_stream(DROP) as events:
        assert next(events).data["data"]["sandbox"]["dropConnections"] == {"dropped": 1}
        assert [event.name for event in events] == ["complete"]
        with pytest.raises(ConnectionClosed):
            cut.recv(timeout=WAIT_S)


def test_a_client_may_cut_the_socket_that_it_says_so_by(sandbox: str, tenant: str) -> None:
    with Client(sandbox, tenant) as client, client.socket() as cut:
        cut.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": DROP}}))
        with pytest.raises(ConnectionClosed) as closed:
            list(cut)
        assert closed.value.rcvd is None
