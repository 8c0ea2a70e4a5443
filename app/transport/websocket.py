"""WebSocket: Strawberry's handler of graphql-transport-ws, with what version 0.341 lacks."""

import asyncio
import contextlib
import copy
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

import anyio
from graphql import GraphQLError
from starlette.websockets import WebSocket
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)

from app.domain.record import now
from app.domain.unavailable import Unavailable
from app.transport.allowances import Overdrawn
from app.transport.streams import TooMany

_TRY_AGAIN_LATER = 1013
_TOO_MANY = 4429
_MOST_BYTES_OF_A_REASON = 123  # a control frame has no more (RFC 6455, section 5.5)


class Connection:
    """A socket and the parameters that it was opened with.

    Once the caller is known, `new_context` makes the context of one operation, `until` says when the token ends, and
    what is `held` is let go of when the socket is closed. To cancel `alive` cuts it, as a lost network would.
    """

    new_context: Callable[[], Any]
    until: datetime | None = None

    def __init__(self, websocket: WebSocket) -> None:
        self.websocket = websocket
        self.held = contextlib.ExitStack()
        self.alive = anyio.CancelScope()
        self.connection_params: dict[str, Any] = {}

    def parameter(self, name: str) -> str | None:
        """Return a parameter of the connection, in any case, or the header of that name from the handshake."""
        for key, value in self.connection_params.items():
            if key.lower() == name and isinstance(value, str):
                return value
        return self.websocket.headers.get(name)


class Socket(ASGIWebSocketAdapter):
    """Strawberry's own, but for reasons that quote the client: version 0.341 crashes over those that fit no frame."""

    async def close(self, code: int, reason: str) -> None:
        await super().close(code, reason.encode()[:_MOST_BYTES_OF_A_REASON].decode(errors="ignore"))


class Handler(BaseGraphQLTransportWSHandler[Any, None]):
    """Gives each operation a context of its own, keeps the socket when one document is bad, ends it with its token."""

    _expiry: asyncio.TimerHandle | None = None

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Let the socket live no longer than the token that it was opened with."""
        try:
            await super().handle_connection_init(message)
        except Unavailable as error:
            await self.websocket.close(_TRY_AGAIN_LATER, str(error))
            return
        except TooMany as error:
            await self.websocket.close(_TOO_MANY, str(error))
            return
        if self.connection_acknowledged and self.context.until is not None and self._expiry is None:
            seconds = (self.context.until - now()).total_seconds()
            self._expiry = asyncio.get_running_loop().call_later(seconds, self._expire)

    async def handle(self) -> None:
        """Serve the socket to its end; where it is cut, the server closes the connection without a word."""
        with self.context.alive:
            await super().handle()

    async def shutdown(self) -> None:
        """End what the socket left open."""
        if self._expiry is not None:
            self._expiry.cancel()
        self.context.held.close()
        with anyio.CancelScope(shield=True):
            await super().shutdown()

    async def handle_task_exception(self, error: Exception) -> None:
        """Log what nobody foresaw; that a client is gone while it is sent to is nothing of the kind."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)

    def _expire(self) -> None:
        self._closing = asyncio.ensure_future(self.websocket.close(4403, "the token has expired"))

    async def handle_message(self, message: Message) -> None:
        """Close the socket for a frame that is no message at all; version 0.341 lets it crash."""
        if _is_message(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("the frame is no message of graphql-transport-ws")

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Refuse an operation of the wrong shape, which version 0.341 runs and fails, or one too many."""
        error = self._refusal(message)
        if self.connection_acknowledged and error is not None:
            await self.send_message({"id": message["id"], "type": "error", "payload": [error.formatted]})
        else:
            await super().handle_subscribe(message)

    async def run_operation(self, operation: Operation[Any, None]) -> None:
        """Run one operation in a context of its own, so that it sees nothing that another one loaded."""
        alone = copy.copy(self)
        try:
            alone.context = self.context.new_context()
        except Overdrawn as error:
            extensions = {"code": "RATE_LIMITED", "retryAfter": error.wait_s}
            await operation.send_initial_errors([GraphQLError(str(error), extensions=extensions)])
        else:
            await super(Handler, alone).run_operation(operation)

    def _refusal(self, message: SubscribeMessage) -> GraphQLError | None:
        most = self.max_subscriptions_per_connection or 0
        if len(self.operations) >= most and message["id"] not in self.operations:
            text = f"the socket has {most} operations under way, and may have no more"
            return GraphQLError(text, extensions={"code": "TOO_MANY_OPERATIONS"})
        fault = _fault(cast(Mapping[str, object], message["payload"]))
        return None if fault is None else GraphQLError(fault, extensions={"code": "BAD_REQUEST"})

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:
        """Answer a bad document with an `error` message; closing the socket would end its other streams."""
        return None


def _is_message(frame: object) -> bool:
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        return False
    if frame["type"] in ("subscribe", "complete") and not isinstance(frame.get("id"), str):
        return False
    return frame["type"] != "subscribe" or isinstance(frame.get("payload"), dict)


def _fault(payload: Mapping[str, object]) -> str | None:
    """Say what is wrong with the shape of an operation."""
    if not isinstance(payload.get("query"), str) or not payload["query"]:
        return "the payload has no `query` text"
    if not isinstance(payload.get("operationName"), str | None):
        return "`operationName` is a text or null"
    if not isinstance(payload.get("variables"), dict | None):
        return "`variables` is an object or null"
    return None
