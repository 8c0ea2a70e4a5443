"""WebSocket: Strawberry's handler of graphql-transport-ws, with what version 0.341 lacks."""

import copy
from collections.abc import Callable
from typing import Any

from graphql import GraphQLError
from starlette.websockets import WebSocket
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message


class Connection:
    """A socket and the parameters that it was opened with. `new_context`, set once the caller is known, makes the
    context of one operation.
    """

    new_context: Callable[[], Any]

    def __init__(self, websocket: WebSocket) -> None:
        self.websocket = websocket
        self.connection_params: dict[str, Any] = {}

    def parameter(self, name: str) -> str | None:
        """Return a parameter of the connection, in any case, or the header of that name from the handshake."""
        for key, value in self.connection_params.items():
            if key.lower() == name and isinstance(value, str):
                return value
        return self.websocket.headers.get(name)


class Handler(BaseGraphQLTransportWSHandler[Any, None]):
    """Gives each operation a context of its own, and keeps the socket when one document is bad."""

    async def handle_message(self, message: Message) -> None:
        """Close the socket for a frame that is no message at all; version 0.341 lets it crash."""
        try:
            await super().handle_message(message)
        except (TypeError, AttributeError):
            await self.handle_invalid_message("Failed to parse message")

    async def run_operation(self, operation: Operation[Any, None]) -> None:
        """Run one operation in a context of its own, so that it sees nothing that another one loaded."""
        alone = copy.copy(self)
        alone.context = self.context.new_context()
        await super(Handler, alone).run_operation(operation)

    @staticmethod
    def _get_pre_execution_close_reason(error: GraphQLError) -> str | None:
        """Answer a bad document with an `error` message; closing the socket would end its other streams."""
        return None
