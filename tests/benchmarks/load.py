"""Load: requests over kept connections, each sent when the one before it was answered, and each answer looked at."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from httptools import HttpResponseParser

ANSWERED_WITHIN_S = 60.0
Check = Callable[[bytes], bool]


class WrongAnswer(Exception):
    """A server answered something else than it should have; the text says who, and what."""


class Request(NamedTuple):
    """What is sent, and whether an answer is right."""

    raw: bytes
    right: Check


def post(path: str, headers: str, body: bytes) -> bytes:
    """Write a request as it goes over the wire; each of the headers ends with a line's end."""
    return f"POST {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Connection(asyncio.Protocol):
    """One connection, for one request at a time."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._loop = asyncio.get_running_loop()

    @classmethod
    @asynccontextmanager
    async def to(cls, port: int) -> "AsyncIterator[Connection]":
        """Be connected while the block runs. Raises OSError."""
        transport, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        try:
            yield connection
        finally:
            transport.abort()

    async def ask(self, request: Request) -> bytes:
        """Send a request; return the answer's body, and keep in `seconds` how long it took. Raises WrongAnswer."""
        self._answer: asyncio.Future[bytes] = self._loop.create_future()
        self._body: list[bytes] = []
        self._parser = HttpResponseParser(self)
        self._began = time.perf_counter()
        self._transport.write(request.raw)
        body = await self._answer
        if self._parser.get_status_code() != 200 or not request.right(body):
            raise WrongAnswer(f"{request.raw!r} → {self._parser.get_status_code()} {body[:2000]!r}")
        return body

    # What the transport and the parser call

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if hasattr(self, "_answer") and not self._answer.done():
            self._answer.set_exception(WrongAnswer(f"the connection was closed ({exc})"))

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        self.seconds = time.perf_counter() - self._began
        self._answer.set_result(b"".join(self._body))


class Load(NamedTuple):
    """What a load came to: the seconds that each answer took, and how long all of it did."""

    latencies: Sequence[float]
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the least of the values that so many percent of them are not above."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


async def load(port: int, requests: Iterator[Request], *, clients: int, seconds: float, warm_up: float = 0.0) -> Load:
    """Let so many clients ask for so long, each at least once; what the warm-up takes is not counted."""
    began = time.perf_counter() + warm_up
    ends = began + seconds

    async def client() -> list[float]:
        latencies: list[float] = []
        async with Connection.to(port) as connection:
            while not latencies or time.perf_counter() < ends:
                await connection.ask(next(requests))
                if time.perf_counter() >= began:
                    latencies.append(connection.seconds)
        return latencies

    told = await asyncio.wait_for(asyncio.gather(*(client() for _ in range(clients))), seconds + ANSWERED_WITHIN_S)
    return Load([latency for mine in told for latency in mine], time.perf_counter() - began)
