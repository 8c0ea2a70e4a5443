"""RequestId: every answer carries an id that its lines in the log carry too."""

import random
import re
import time

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.transport.refusal import told

HEADER = "x-request-id"
_FIT = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = structlog.get_logger()


class RequestId:
    """Takes the caller's own id if it is fit to be logged, makes one otherwise; logs each request when answered.

    What nobody foresaw is logged with its trace and shown as the id alone.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _FIT.fullmatch(given) else f"{random.getrandbits(64):016x}"
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] in ("http.response.start", "websocket.accept"):
                status = message.get("status", 101)
                message["headers"] = [*message.get("headers", ()), (HEADER.encode(), request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            except Exception:
                log.exception("unexpected error", path=scope["path"])
                if status or scope["type"] != "http":
                    raise
                failed = told(
                    500, "INTERNAL", f"Something went wrong here. Request {request_id}.", requestId=request_id
                )
                await failed(scope, receive, send_with_id)
            seconds = round(time.perf_counter() - started, 4)
            log.info("answered", method=scope.get("method", "WS"), path=scope["path"], status=status, seconds=seconds)
