"""GraphQL over HTTP and WebSocket: Strawberry's view, with a caller known and a context for each operation."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, cast

import anyio
import anyio.to_thread
import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException, StarletteRequestAdapter
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError, MissingQueryError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UnsetType

from app.domain.caller import Caller
from app.transport.acquaintances import Acquaintances
from app.transport.admission import EVENT_STREAM, GRAPHQL_JSON, admit, counted, wants_page
from app.transport.allowances import Allowances
from app.transport.answers import Answers, Question, once
from app.transport.envelope import Envelope
from app.transport.event_stream import CURSOR, EventStream, EventStreamResponse
from app.transport.identity import Identity, Unauthenticated
from app.transport.refusal import COME_AGAIN_AFTER_S, EXPECTED, UNAVAILABLE, Rejected, refusal
from app.transport.streams import Streams
from app.transport.time_limit import TIMED_OUT
from app.transport.websocket import Connection, Handler, Socket

MakeContext = Callable[[Envelope], Any]
Page = Callable[[Request], Awaitable[Response]]
_ALLOWED = {"GET": {OperationType.QUERY}, "POST": {OperationType.QUERY, OperationType.MUTATION}}
_IDENTITY_THREADS = 4  # apart from those of the service: an identity provider that is away takes none of them
_INIT_WITHIN = timedelta(seconds=5)


class _RequestAdapter(StarletteRequestAdapter):
    @property
    def content_type(self) -> str | None:
        return (super().content_type or "").lower()  # strawberry 0.341 would take `Application/JSON` for another


class GraphQLView(GraphQL[Any, None]):
    """`make_context` gives each operation its own context. Pages of `origins` may open sockets; browsers get `page`.

    `must_be_open` raises Unavailable while nobody can be served.
    """

    graphql_transport_ws_handler_class = Handler
    websocket_adapter_class = Socket
    request_adapter_class = _RequestAdapter
    stream_transport_classes_by_protocol = {GRAPHQL_SSE_PROTOCOL: EventStream}  # noqa: RUF012  as strawberry has it

    def __init__(
        self,
        schema: Schema,
        identity: Identity,
        make_context: MakeContext,
        *,
        allowances: Allowances,
        answers: Answers,
        streams: Streams,
        must_be_open: Callable[[], object],
        origins: Sequence[str] = (),
        page: Page | None = None,
    ) -> None:
        # The legacy protocol is on by default in strawberry 0.341, and Python's gql would pick it and fail.
        super().__init__(
            schema,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL],
            connection_init_wait_timeout=_INIT_WITHIN,
            allowed_origins=origins,
        )
        self._acquaintances = Acquaintances(identity)
        self._identity_threads = anyio.CapacityLimiter(_IDENTITY_THREADS)
        self._make_context = make_context
        self._allowances = allowances
        self._answers = answers
        self._streams = streams
        self._must_be_open = must_be_open
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; what cannot be taken for a request is told in JSON, like every other error."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        response = await self._answer(Request(scope, counted(receive)))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if self._page and wants_page(request):
            return await self._page(request)
        try:
            request.state.media = admit(request)
            envelope = request.state.envelope = await self._envelope(request)
            if request.state.media == EVENT_STREAM:
                return await self.run(request)
            question = await Question.of(request, envelope.caller)
            response = await self._answers.tell(question, envelope, partial(self.run, request))
            return once(request, response) if request.method == "GET" and envelope.receipt.lasting else response
        except EXPECTED as error:
            return refusal(error)

    def should_render_graphql_ide(self, request: object) -> bool:
        """Leave the page to `_answer`, which knows what the client would rather have."""
        return False

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Remember with the answer's headers of which media type it will be."""
        response = await super().get_sub_response(request)
        response.media_type = request.state.media
        return response

    async def execute_single(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: Any,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        """Run what may come this way: no mutation by GET, and no subscription, which strawberry 0.341 lets through."""
        try:
            result: ExecutionResult = await self.schema.execute(
                request_data.query,
                variable_values=request_data.variables,
                context_value=context,
                operation_name=request_data.operation_name,
                allowed_operation_types=_ALLOWED[request.method],
            )
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.MUTATION:
                raise Rejected(405, "METHOD_NOT_ALLOWED", "a mutation is sent by POST", {"Allow": "POST"}) from error
            message = f"subscriptions go over {GRAPHQL_TRANSPORT_WS_PROTOCOL}, or by `Accept: {EVENT_STREAM}`"
            raise Rejected(400, "BAD_REQUEST", message) from error
        except CannotGetOperationTypeError as error:
            raise Rejected(400, "BAD_REQUEST", error.as_http_error_reason()) from error
        except MissingQueryError as error:
            raise Rejected(400, "BAD_REQUEST", "the request has no `query`") from error
        return result

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """Leave `data` out where nothing ran: an error without a path is the request's own."""
        answer = await super().process_result(request, result)
        if answer["data"] is None and all(error.path is None for error in result.errors or ()):
            del answer["data"]
        if request.state.media == EVENT_STREAM and request.state.context.told is not None:
            cast(dict[str, Any], answer)[CURSOR] = request.state.context.told.cursor
        return answer

    async def create_streaming_response(
        self,
        request: Request | WebSocket,
        stream: Callable[[], AsyncGenerator[str, None]],  # type: ignore[override]
        sub_response: Response,
        headers: Mapping[str, str],
    ) -> Response:
        """Answer by an event stream. Raises TooMany."""
        caller = request.state.envelope.caller
        return EventStreamResponse(stream(), headers, streams=self._streams, caller=caller)

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """Answer in the media type that was asked for; only the newer one tells a bad request by its status."""
        response = super().create_response(response_data, sub_response)
        response.headers["content-type"] = f"{sub_response.media_type}; charset=utf-8"
        if UNAVAILABLE in _codes(response_data):
            response.status_code = 503
            response.headers["retry-after"] = COME_AGAIN_AFTER_S
        elif sub_response.media_type == GRAPHQL_JSON and "data" not in response_data:
            response.status_code = 503 if TIMED_OUT in _codes(response_data) else 400
        return response

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Any:
        """Make the context of an HTTP request's operation; a WebSocket's operations get theirs one by one."""
        if isinstance(request, WebSocket):
            return Connection(request)
        request.state.context = self._make_context(request.state.envelope)
        return request.state.context

    async def on_ws_connect(self, context: Connection) -> UnsetType:
        """Learn who is calling; the socket is closed with 4403 if that does not hold. Raises TooMany."""
        try:
            caller = await self._caller(context.websocket, context.parameter("authorization"))
        except Unauthenticated as error:
            raise ConnectionRejectionError from error
        context.held.enter_context(self._streams.place(caller.tenant_id, "websocket"))
        context.held.enter_context(self._streams.cut_by(caller.tenant_id, context.alive.cancel))
        context.until = caller.until
        language = context.parameter("accept-language") or ""
        context.new_context = lambda: self._make_context(Envelope(caller, language, self._allowances.of(caller)))
        return UnsetType()

    def decode_json(self, data: str | bytes) -> object:
        """Parse JSON; orjson takes neither bad UTF-8 nor bottomless nesting, and raises where `json` would crash."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:
        """Write JSON; as text, since a WebSocket would send bytes as a binary frame."""
        return orjson.dumps(data).decode()

    def parse_json(self, data: str | bytes) -> Any:
        """Parse a body or parameter that must be an object; the numbers and lists of others crash strawberry 0.341."""
        parsed = super().parse_json(data)
        if not isinstance(parsed, dict):
            raise HTTPException(400, "a GraphQL request is a JSON object")
        return parsed

    async def _envelope(self, request: Request) -> Envelope:
        """Learn who asks, and what else comes with the operation. Raises Unauthenticated, Overdrawn or Unavailable."""
        caller = await self._caller(request, request.headers.get("authorization"))
        envelope = Envelope(caller, request.headers.get("accept-language", ""), self._allowances.of(caller))
        if request.state.media == EVENT_STREAM:
            envelope = replace(envelope, resume_after=request.headers.get("last-event-id"))
        return envelope

    async def _caller(self, connection: HTTPConnection, authorization: str | None) -> Caller:
        self._must_be_open()
        request_id = connection.state.request_id
        known = self._acquaintances.at_once(authorization, request_id)
        if known is not None:
            return known
        return await anyio.to_thread.run_sync(
            self._acquaintances.caller, authorization, request_id, limiter=self._identity_threads
        )


def _codes(answer: GraphQLHTTPResponse | list[GraphQLHTTPResponse]) -> set[str | None]:
    errors = cast(dict[str, Any], answer).get("errors", [])
    return {error.get("extensions", {}).get("code") for error in errors}
