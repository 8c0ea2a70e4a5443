"""EventStream: graphql-sse, distinct connections. Each operation has a response of its own, which may have no end."""

import contextlib
from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar, cast

import anyio
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send
from strawberry.http import GraphQLHTTPResponse
from strawberry.http.streaming import JSONEncoder, SSETransport

from app.domain.caller import Caller
from app.domain.record import now
from app.transport.accept import preferred
from app.transport.admission import EVENT_STREAM, OFFERS
from app.transport.streams import ANSWER, Streams

CURSOR = "cursor"
"""Under this name an answer carries the cursor that becomes the event's id."""


class EventStream(SSETransport):
    """Strawberry's own, but for what clients of its version 0.341 stumble over.

    It ends lines by CR LF, where urql 6 splits at LF LF; it takes whoever names event streams for one who wants them;
    its events have no ids.
    """

    headers: ClassVar[Mapping[str, str]] = {**SSETransport.headers, "Content-Type": f"{EVENT_STREAM}; charset=utf-8"}

    def accepts(self, accept: str) -> bool:
        return preferred(accept, OFFERS) == EVENT_STREAM

    def encode_next(self, response: GraphQLHTTPResponse, encode_json: JSONEncoder) -> str:
        """Write an event, with its id if it has a cursor."""
        answer = cast(dict[str, Any], response)
        cursor = answer.pop(CURSOR, None)
        return ("" if cursor is None else f"id: {cursor}\n") + super().encode_next(response, encode_json)

    def encode_event(self, event: str, data: str | None = None) -> str:
        return f"event: {event}\ndata: {data or ''}\n\n"

    def encode_comment(self, comment: str) -> str:
        return f": {comment}\n\n"


class EventStreamResponse(StreamingResponse):
    """Ends with the service, and with the caller's token, without saying that the operation is complete.

    So its client comes back, with the id of the last event.
    """

    def __init__(
        self,
        texts: AsyncGenerator[str, None],
        headers: Mapping[str, str],
        *,
        streams: Streams,
        caller: Caller,
    ) -> None:
        super().__init__(texts, headers=headers)
        self._texts = texts
        self._streams = streams
        self._tenant_id = caller.tenant_id
        self._seconds = float("inf") if caller.until is None else (caller.until - now()).total_seconds()
        self._held = contextlib.ExitStack()
        self._held.enter_context(streams.place(caller.tenant_id, "event stream"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and leave the place, also where the client is gone before the first event."""
        with self._held:
            await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        """Send events until the operation is complete, the token expired or the service ended."""

        async def send_and_leave(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                self._held.close()  # before its client hears the end, and perhaps comes again
            await send(message)

        with (
            anyio.move_on_after(self._seconds) as ended,
            anyio.CancelScope() as cut,
            self._streams.ended_by(ended.cancel),
            self._streams.cut_by(self._tenant_id, cut.cancel),
        ):
            ANSWER.set(cut.cancel)
            async with contextlib.aclosing(self._texts):
                await super().stream_response(send_and_leave)
        if ended.cancelled_caught:  # but not if it was cut: the server closes a connection whose answer has no end
            await send_and_leave({"type": "http.response.body", "body": b"", "more_body": False})
