"""The ways into the service that ask who is calling, and what each tells of it."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from app.testing.answers import WAIT_S

HELLO = "{ viewer { id } }"


class Told(NamedTuple):
    """A status or a socket's closing code, and every word that the caller sees. Who is let in hears of 200."""

    code: int
    text: str


Door = Callable[..., Told]
"""Goes in at an address with an `Authorization`, to ask something: by default who it is."""


def _told(response: httpx.Response) -> Told:
    return Told(response.status_code, f"{response.headers} {response.text}")


def post(address: str, authorization: str, query: str = HELLO) -> Told:
    """Send a request as most clients do."""
    headers = {"Authorization": authorization}
    return _told(httpx.post(f"{address}/graphql", json={"query": query}, headers=headers, timeout=WAIT_S))


def get(address: str, authorization: str, query: str = HELLO) -> Told:
    """Send a query in the address."""
    headers = {"Authorization": authorization}
    return _told(httpx.get(f"{address}/graphql", params={"query": query}, headers=headers, timeout=WAIT_S))


def event_stream(address: str, authorization: str, query: str = HELLO) -> Told:
    """Ask for an event stream."""
    headers = {"Authorization": authorization, "Accept": "text/event-stream"}
    return _told(httpx.post(f"{address}/graphql", json={"query": query}, headers=headers, timeout=WAIT_S))


def socket(address: str, authorization: str, query: str = HELLO) -> Told:
    """Open a socket, with the token in the connection's parameters."""
    with _opened(address, {}) as connection:
        return _greeted(connection, {"Authorization": authorization}, query)


def socket_by_header(address: str, authorization: str, query: str = HELLO) -> Told:
    """Open a socket, with the token in the header of the handshake."""
    with _opened(address, {"Authorization": authorization}) as connection:
        return _greeted(connection, {}, query)


@contextlib.contextmanager
def _opened(address: str, headers: dict[str, str]) -> Iterator[ClientConnection]:
    url = address.replace("http", "ws", 1) + "/graphql"
    with connect(url, subprotocols=["graphql-transport-ws"], additional_headers=headers) as connection:  # type: ignore[list-item]
        yield connection


def _greeted(connection: ClientConnection, parameters: dict[str, str], query: str) -> Told:
    heard: list[str] = []
    try:
        connection.send(json.dumps({"type": "connection_init", "payload": parameters}))
        connection.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))
        while not heard or json.loads(heard[-1])["type"] not in ("complete", "error"):
            heard.append(str(connection.recv(timeout=WAIT_S)))
    except ConnectionClosed:
        return Told(connection.close_code or 0, f"{heard} {connection.close_reason}")
    return Told(200, f"{heard}")


DOORS: dict[str, tuple[Door, int]] = {
    "POST": (post, 401),
    "GET": (get, 401),
    "event stream": (event_stream, 401),
    "socket": (socket, 4403),
    "socket by header": (socket_by_header, 4403),
}
"""Each door, and the code by which it refuses who is not known."""
