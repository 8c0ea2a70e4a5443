"""Headers: what every answer tells browsers and those who measure, whatever it is about."""

import time
from functools import cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.transport.metrics import REQUESTS

_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_UNLESS_SAID = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]

_of_status = cache(REQUESTS.labels)


class AnswerHeaders:
    """No page may frame an answer or take it for something else, nobody keeps it; `Server-Timing` says what it took."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with them."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _of_status(message["status"]).inc()
                timing = b"total;dur=%.1f" % ((time.perf_counter() - started) * 1000)
                said = {name for name, _ in message["headers"]}
                unsaid = [header for header in _UNLESS_SAID if header[0] not in said]
                message["headers"] = [*message["headers"], *_ALWAYS, *unsaid, (b"server-timing", timing)]
            await send(message)

        await self._app(scope, receive, send_with_headers)
