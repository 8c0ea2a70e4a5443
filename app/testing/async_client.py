"""AsyncClient: one caller, over HTTP and WebSockets, for tests that are coroutines of asyncio."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.testing.answers import WAIT_S, answered, data, http_settings, made, results
from app.testing.awaited import Awaited, Gone, History
from app.testing.documents import CURSOR, HISTORY, THERE, mutations
from app.testing.sandbox import AsyncSandbox
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

_NONE_IDLE = httpx.Limits(max_keepalive_connections=0)
"""So that nothing is left to be closed in the loop of a test that is over."""


class AsyncClient:
    """Who calls is told by `authorization`, where by `address`. It does what Client does, and is awaited."""

    def __init__(self, address: str, authorization: str, *, language: str = "en") -> None:
        self.address = address
        self.authorization = authorization
        self.http = httpx.AsyncClient(**http_settings(address, authorization, language), limits=_NONE_IDLE)
        self.sandbox = AsyncSandbox(self.ask)

    async def post(self, query: str, **variables: Any) -> dict[str, Any]:
        """Send an operation; return the whole answer, errors and all."""
        return answered(await self.http.post("/graphql", json={"query": query, "variables": variables}))

    async def ask(self, query: str, **variables: Any) -> Any:
        """Send an operation that has no errors; return its data."""
        return data(await self.post(query, **variables))

    async def do(self, mutation: str, **given: Any) -> Any:
        """Send a mutation by its name and input; return its payload or its problem, with `__typename`."""
        return (await self.do_all((mutation, given)))[0]

    async def do_all(self, *wanted: tuple[str, dict[str, Any]]) -> list[Any]:
        """Send several mutations in one request, each by its name and input; return what each came to, in order."""
        query, variables = mutations(*wanted)
        return results(await self.ask(query, **variables))

    async def volume(self, name: str = "data", **given: Any) -> Any:
        """Create a volume and wait until it is AVAILABLE."""
        result = await self.do("createVolume", **{"name": name, "sizeGb": 10, "product": "SSD", **given})
        return await self.wait_for(made(result, "volume"), "AVAILABLE")

    async def snapshot(self, volume_id: str, name: str = "cut", **given: Any) -> Any:
        """Cut a snapshot and wait until it is AVAILABLE."""
        result = await self.do("createSnapshot", volumeId=volume_id, name=name, **given)
        return await self.wait_for(made(result, "snapshot"), "AVAILABLE")

    async def cursor(self) -> str:
        """Return the end of the journal now."""
        return str((await self.ask(CURSOR))["viewer"]["tenant"]["cursor"])

    async def wait_for(self, id_: str, *statuses: str, within_s: float = WAIT_S) -> Any:
        """Wait until a volume or snapshot is in one of the statuses; return it. No status: until it is gone."""
        awaited = Awaited(id_, statuses)
        with contextlib.suppress(TimeoutError, Gone, Completed):
            async with asyncio.timeout(within_s), AsyncChanges(self.socket, awaited.following) as changes:
                while not awaited.has_come(await changes.message()):
                    if awaited.untold and not await self._has(id_) and awaited.is_gone():
                        break
                return awaited.found
        raise awaited.missed(await self._history(id_))

    async def _has(self, id_: str) -> bool:
        return (await self.ask(THERE, id=id_))["node"] is not None

    async def _history(self, id_: str) -> History:
        history = History(id_)
        while history.goes_on:
            history.add((await self.ask(HISTORY, after=history.after))["events"])
        return history

    @contextlib.asynccontextmanager
    async def socket(self, **parameters: str) -> AsyncIterator[ClientConnection]:
        """Open a WebSocket and greet; `parameters` are the connection's."""
        async with connect(url(self.address), subprotocols=PROTOCOLS, open_timeout=WAIT_S) as socket:
            await socket.send(greeting(self.authorization, parameters))
            must_be_welcome(await asyncio.wait_for(socket.recv(), WAIT_S))
            yield socket

    @contextlib.asynccontextmanager
    async def watching(self, query: str, **variables: Any) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Subscribe; yields the data of each message. Errors that end the stream raise StreamEnded."""
        async with self.socket() as socket:
            await socket.send(subscribed(query, variables))
            yield heard(socket)

    @contextlib.asynccontextmanager
    async def watch(self, field: str, **arguments: Any) -> AsyncIterator["AsyncChanges"]:
        """Follow a field of the subscription root through lost connections: each change after `after`, or now."""
        following = Following(field, **{"after": arguments.pop("after", None) or await self.cursor(), **arguments})
        async with AsyncChanges(self.socket, following) as changes:
            yield changes


async def heard(socket: ClientConnection) -> AsyncIterator[dict[str, Any]]:
    """Yield the data of each message."""
    with contextlib.suppress(Completed):
        while True:
            message = told(await asyncio.wait_for(socket.recv(), WAIT_S))
            if message is not None:
                yield message


class AsyncChanges(AsyncIterator[dict[str, Any]]):
    """What is followed: one change after the other, bookmarks left out. A lost connection is opened anew."""

    def __init__(
        self, socket: Callable[[], AbstractAsyncContextManager[ClientConnection]], following: Following
    ) -> None:
        self._open, self._following = socket, following
        self._sockets = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._come_back()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._sockets.aclose()

    async def __anext__(self) -> dict[str, Any]:
        with contextlib.suppress(Completed):
            async with asyncio.timeout(WAIT_S):
                while True:
                    message = await self.message()
                    if message["kind"] != "BOOKMARK":
                        return message
        raise StopAsyncIteration

    async def message(self) -> dict[str, Any]:
        """Wait for the next message. Raises StreamEnded, Completed."""
        while True:
            try:
                message = self._following.told(await self._socket.recv())
            except ConnectionClosed as closed:
                if not is_lost(closed):
                    raise
                await self._come_back()
                continue
            if message is not None:
                return message

    async def _come_back(self) -> None:
        while True:
            await self._sockets.aclose()
            try:
                self._socket = await self._sockets.enter_async_context(self._open())
                await self._socket.send(self._following.subscribed())
            except ConnectionClosed as closed:  # lost again before it was of use
                if not is_lost(closed):
                    raise
            else:
                return
