"""Client: one caller, over HTTP and WebSockets."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Self

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from app.testing.answers import WAIT_S, answered, data, http_settings, made, results
from app.testing.awaited import Awaited, Gone, History
from app.testing.documents import CURSOR, HISTORY, THERE, mutations
from app.testing.sandbox import Sandbox
from app.testing.stream import (
    PROTOCOLS,
    Completed,
    Following,
    greeting,
    is_lost,
    must_be_welcome,
    subscribed,
    told,
    url,
)


class Client:
    """Who calls is told by `authorization`, where by `address`."""

    def __init__(self, address: str, authorization: str, *, language: str = "en") -> None:
        self.address = address
        self.authorization = authorization
        self.http = httpx.Client(**http_settings(address, authorization, language))
        self.sandbox = Sandbox(self.ask)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def post(self, query: str, **variables: Any) -> dict[str, Any]:
        """Send an operation; return the whole answer, errors and all."""
        return answered(self.http.post("/graphql", json={"query": query, "variables": variables}))

    def ask(self, query: str, **variables: Any) -> Any:
        """Send an operation that has no errors; return its data."""
        return data(self.post(query, **variables))

    def do(self, mutation: str, **given: Any) -> Any:
        """Send a mutation by its name and input; return its payload or its problem, with `__typename`."""
        return self.do_all((mutation, given))[0]

    def do_all(self, *wanted: tuple[str, dict[str, Any]]) -> list[Any]:
        """Send several mutations in one request, each by its name and input; return what each came to, in order."""
        query, variables = mutations(*wanted)
        return results(self.ask(query, **variables))

    def volume(self, name: str = "data", **given: Any) -> Any:
        """Create a volume and wait until it is AVAILABLE."""
        result = self.do("createVolume", **{"name": name, "sizeGb": 10, "product": "SSD", **given})
        return self.wait_for(made(result, "volume"), "AVAILABLE")

    def snapshot(self, volume_id: str, name: str = "cut", **given: Any) -> Any:
        """Cut a snapshot and wait until it is AVAILABLE."""
        result = self.do("createSnapshot", volumeId=volume_id, name=name, **given)
        return self.wait_for(made(result, "snapshot"), "AVAILABLE")

    def cursor(self) -> str:
        """Return the end of the journal now."""
        return str(self.ask(CURSOR)["viewer"]["tenant"]["cursor"])

    def wait_for(self, id_: str, *statuses: str, within_s: float = WAIT_S) -> Any:
        """Wait until a volume or snapshot is in one of the statuses; return it. No status: until it is gone."""
        awaited = Awaited(id_, statuses)
        deadline = time.monotonic() + within_s
        changes = Changes(self._socket, awaited.following, deadline)
        with contextlib.suppress(TimeoutError, Gone, Completed), changes:
            while not awaited.has_come(changes.message(deadline)):
                if awaited.untold and not self._has(id_) and awaited.is_gone():
                    break
            return awaited.found
        raise awaited.missed(self._history(id_))

    def _has(self, id_: str) -> bool:
        return self.ask(THERE, id=id_)["node"] is not None

    def _history(self, id_: str) -> History:
        history = History(id_)
        while history.goes_on:
            history.add(self.ask(HISTORY, after=history.after)["events"])
        return history

    def socket(self, **parameters: str) -> AbstractContextManager[ClientConnection]:
        """Open a WebSocket and greet; `parameters` are the connection's."""
        return self._socket(time.monotonic() + WAIT_S, **parameters)

    @contextlib.contextmanager
    def _socket(self, deadline: float, **parameters: str) -> Iterator[ClientConnection]:
        with connect(url(self.address), subprotocols=PROTOCOLS, open_timeout=_until(deadline)) as socket:
            socket.send(greeting(self.authorization, parameters))
            must_be_welcome(socket.recv(timeout=_until(deadline)))
            yield socket

    @contextlib.contextmanager
    def watching(self, query: str, **variables: Any) -> Iterator[Iterator[dict[str, Any]]]:
        """Subscribe; yields the data of each message. Errors that end the stream raise StreamEnded."""
        with self.socket() as socket:
            socket.send(subscribed(query, variables))
            yield heard(socket)

    @contextlib.contextmanager
    def watch(self, field: str, **arguments: Any) -> Iterator["Changes"]:
        """Follow a field of the subscription root through lost connections: each change after `after`, or now."""
        following = Following(field, **{"after": arguments.pop("after", None) or self.cursor(), **arguments})
        with Changes(self._socket, following, time.monotonic() + WAIT_S) as changes:
            yield changes


def heard(socket: ClientConnection) -> Iterator[dict[str, Any]]:
    """Yield the data of each message."""
    with contextlib.suppress(Completed):
        while True:
            message = told(socket.recv(timeout=WAIT_S))
            if message is not None:
                yield message


class Changes(Iterator[dict[str, Any]]):
    """What is followed: one change after the other, bookmarks left out. A lost connection is opened anew."""

    def __init__(
        self,
        socket: Callable[[float], AbstractContextManager[ClientConnection]],
        following: Following,
        open_until: float,
    ) -> None:
        self._open, self._following = socket, following
        self._open_until = open_until
        self._sockets = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._come_back(self._open_until)
        return self

    def __exit__(self, *_: object) -> None:
        self._sockets.close()

    def __next__(self) -> dict[str, Any]:
        deadline = time.monotonic() + WAIT_S
        with contextlib.suppress(Completed):
            while True:
                message = self.message(deadline)
                if message["kind"] != "BOOKMARK":
                    return message
        raise StopIteration

    def message(self, deadline: float) -> dict[str, Any]:
        """Wait for the next message. Raises TimeoutError, StreamEnded, Completed."""
        while True:
            try:
                message = self._following.told(self._socket.recv(timeout=_until(deadline)))
            except ConnectionClosed as closed:
                if not is_lost(closed):
                    raise
                self._come_back(deadline)
                continue
            if message is not None:
                return message

    def _come_back(self, deadline: float) -> None:
        while True:
            self._sockets.close()
            try:
                self._socket = self._sockets.enter_context(self._open(deadline))
                self._socket.send(self._following.subscribed())
            except ConnectionClosed as closed:  # lost again before it was of use
                if not is_lost(closed):
                    raise
            else:
                return


def _until(deadline: float) -> float:
    return max(0, deadline - time.monotonic())
