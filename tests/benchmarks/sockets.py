"""Sockets: one subscription each over graphql-transport-ws, as light as can be, for there are a thousand of them."""

import asyncio
import struct
from collections.abc import Callable
from typing import Any

import orjson

from tests.benchmarks.load import WrongAnswer

_TEXT, _PING, _PONG = 1, 9, 10
Heard = Callable[[bytes], None]


class Socket(asyncio.Protocol):
    """Tells `heard` each message of its subscription, as it came."""

    def __init__(self, payload: dict[str, Any], operation: dict[str, Any], heard: Heard) -> None:
        self._payload, self._operation, self._heard = payload, operation, heard
        self._received = bytearray()
        self._upgraded, self._last = False, b""
        self._subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def to(cls, port: int, payload: dict[str, Any], operation: dict[str, Any], heard: Heard) -> "Socket":
        """Connect and subscribe; whether the server has read that yet, no message of the protocol tells."""
        loop = asyncio.get_running_loop()
        _, socket = await loop.create_connection(lambda: cls(payload, operation, heard), "127.0.0.1", port)
        await asyncio.wait_for(socket._subscribed, 60)
        return socket

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._transport.write(
            b"GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        )

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._subscribed.done():
            self._subscribed.set_exception(WrongAnswer(f"the socket was closed: {self._last!r} {exc}"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._last = data
        if not self._upgraded:
            _, end, rest = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            self._upgraded, self._received = True, rest
            self._send({"type": "connection_init", "payload": self._payload})
        while (frame := _frame(self._received)) is not None:
            kind, content, length = frame
            del self._received[:length]
            self._take(kind, content)

    def _take(self, kind: int, content: bytes) -> None:
        if kind == _PING:
            self._frame(_PONG, content)
        elif kind == _TEXT and b'"next"' in content:
            self._heard(content)
        elif kind == _TEXT and (message := orjson.loads(content))["type"] == "connection_ack":
            self._send({"type": "subscribe", "id": "1", "payload": self._operation})
            self._subscribed.set_result(None)
        elif kind == _TEXT and message["type"] == "ping":
            self._send({"type": "pong"})

    def _send(self, message: dict[str, Any]) -> None:
        self._frame(_TEXT, orjson.dumps(message))

    def _frame(self, kind: int, content: bytes) -> None:
        """Send a frame; the mask that is asked of clients is one of zeros."""
        length = len(content)
        size = bytes([0x80 | length]) if length < 126 else b"\xfe" + struct.pack(">H", length)
        self._transport.write(bytes([0x80 | kind]) + size + bytes(4) + content)


def _frame(received: bytearray) -> tuple[int, bytes, int] | None:
    """Return the first whole frame: its kind, its content and its length with its head."""
    if len(received) < 2:
        return None
    length, head = received[1], 2
    if length >= 126:
        head, form = (4, ">H") if length == 126 else (10, ">Q")
        if len(received) < head:
            return None
        (length,) = struct.unpack_from(form, received, 2)
    if len(received) < head + length:
        return None
    return received[0] & 15, bytes(received[head : head + length]), head + length
