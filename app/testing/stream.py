"""Stream: what is said and told over a socket of graphql-transport-ws, whatever carries it."""

import json
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.typing import Data, Subprotocol

from app.testing.answers import Unexpected
from app.testing.documents import subscription

PROTOCOLS = [Subprotocol("graphql-transport-ws")]
_OF_THE_SERVICE = 4000
"""Closing codes from here on are the service's own, and final."""


class StreamEnded(Exception):
    """A stream told errors; the first argument is their list."""


class Completed(Exception):
    """A stream has no more to tell."""


def url(address: str) -> str:
    """Return where the sockets of a service are."""
    return address.replace("http", "ws", 1) + "/graphql"


def greeting(authorization: str, parameters: dict[str, str]) -> str:
    """Say who is calling."""
    return json.dumps({"type": "connection_init", "payload": {"Authorization": authorization, **parameters}})


def must_be_welcome(message: Data) -> None:
    """Read the answer to the greeting. Raises Unexpected if it is no welcome."""
    if json.loads(message)["type"] != "connection_ack":
        raise Unexpected(message)


def subscribed(query: str, variables: dict[str, Any]) -> str:
    """Ask for the one operation of a socket."""
    return json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query, "variables": variables}})


def told(message: Data) -> dict[str, Any] | None:
    """Read the data of a message, if it has any. Raises Completed, StreamEnded."""
    read = json.loads(message)
    if read["type"] == "complete":
        raise Completed
    if read["type"] == "error":
        raise StreamEnded(read["payload"])
    if read["type"] != "next":
        return None
    if read["payload"].get("errors"):
        raise StreamEnded(read["payload"]["errors"])
    data: dict[str, Any] = read["payload"]["data"]
    return data


def is_lost(closed: ConnectionClosed) -> bool:
    """Tell whether a socket was closed by no wish of the service, so that one may come back."""
    return closed.rcvd is None or closed.rcvd.code < _OF_THE_SERVICE


class Following:
    """A field of the subscription root that is followed behind what it told last, over as many sockets as it takes."""

    def __init__(self, field: str, **arguments: Any) -> None:
        self._query = subscription(field)
        self._arguments = arguments

    def subscribed(self) -> str:
        """Ask for what was not told yet."""
        return subscribed(self._query, self._arguments)

    def told(self, message: Data) -> dict[str, Any] | None:
        """Read a message, and remember its cursor."""
        data = told(message)
        if data is None:
            return None
        it: dict[str, Any] = data["it"]
        self._arguments["after"] = it["cursor"]
        return it
