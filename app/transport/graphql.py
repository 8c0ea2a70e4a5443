"""GraphQL over HTTP and WebSocket: Strawberry's view, with a caller known and a context for each operation."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException, StarletteRequestAdapter
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError, MissingQueryError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UnsetType

from app.domain.caller import Caller
from app.transport.admission import GRAPHQL_JSON, Rejected, admit, counted, wants_page
from app.transport.identity import Identity, Unauthenticated
from app.transport.keys import Unavailable
from app.transport.websocket import Connection, Handler

MakeContext = Callable[[Caller, str], Any]
_ALLOWED = {"GET": {OperationType.QUERY}, "POST": {OperationType.QUERY, OperationType.MUTATION}}
_IDENTITY_THREADS = 4  # apart from those of the service: an identity provider that is away takes none of them
_INIT_WITHIN = timedelta(seconds=5)


class _RequestAdapter(StarletteRequestAdapter):
    @property
    def content_type(self) -> str | None:
        return (super().content_type or "").lower()  # strawberry 0.341 would take `Application/JSON` for another


class GraphQLView(GraphQL[Any, None]):
    """`make_context` gives each operation its own context, for a caller and the languages that it accepts."""

    graphql_transport_ws_handler_class = Handler
    request_adapter_class = _RequestAdapter

    def __init__(self, schema: Schema, identity: Identity, make_context: MakeContext) -> None:
        # The legacy protocol is on by default in strawberry 0.341, and Python's gql would pick it and fail.
        super().__init__(
            schema,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=_INIT_WITHIN,
        )
        self._identity = identity
        self._identity_threads = anyio.CapacityLimiter(_IDENTITY_THREADS)
        self._make_context = make_context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; what cannot be taken for a request is told in JSON, like every other error."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        response = await self._answer(Request(scope, counted(receive)))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if wants_page(request):
            return await self.render_graphql_ide(request)
        try:
            request.state.media = admit(request)
            return await self.run(request)
        except Rejected as error:
            return _refusal(error.status, error.code, error.message, error.headers)
        except Unauthenticated as error:
            return _refusal(401, "UNAUTHENTICATED", str(error), {"WWW-Authenticate": "Bearer"})
        except Unavailable as error:
            return _refusal(503, "UNAVAILABLE", str(error), {"Retry-After": "5"})
        except HTTPException as error:
            return _refusal(error.status_code, "BAD_REQUEST", error.reason, {})

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
            raise Rejected(400, "BAD_REQUEST", f"subscriptions go over {GRAPHQL_TRANSPORT_WS_PROTOCOL}") from error
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
        return answer

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """Answer in the media type that was asked for; only the newer one tells a bad request by its status."""
        response = super().create_response(response_data, sub_response)
        response.headers["content-type"] = f"{sub_response.media_type}; charset=utf-8"
        if sub_response.media_type == GRAPHQL_JSON and "data" not in response_data:
            response.status_code = 400
        return response

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Any:
        """Make the context of an HTTP request's operation; a WebSocket's operations get theirs one by one."""
        if isinstance(request, WebSocket):
            return Connection(request)
        caller = await self._caller(request, request.headers.get("authorization"))
        return self._make_context(caller, request.headers.get("accept-language", ""))

    async def on_ws_connect(self, context: Connection) -> UnsetType:
        """Learn who is calling; the socket is closed with 4403 if that does not hold."""
        try:
            caller = await self._caller(context.websocket, context.parameter("authorization"))
        except Unauthenticated as error:
            raise ConnectionRejectionError from error
        context.until = caller.until
        context.new_context = partial(self._make_context, caller, context.parameter("accept-language") or "")
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

    async def _caller(self, connection: HTTPConnection, authorization: str | None) -> Caller:
        request_id = connection.state.request_id
        return await anyio.to_thread.run_sync(
            self._identity.caller, authorization, request_id, limiter=self._identity_threads
        )


def _refusal(status: int, code: str, message: str, headers: Mapping[str, str]) -> JSONResponse:
    error = {"message": message, "extensions": {"code": code}}
    return JSONResponse({"errors": [error]}, status_code=status, headers=headers)
