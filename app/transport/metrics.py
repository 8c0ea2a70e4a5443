"""Metrics: what Prometheus is told of requests, operations and streams.

No label holds what a caller wrote, but for the names of operations, of which only the first are told apart.
"""

import time
from collections.abc import Iterator
from functools import cache
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.extensions import SchemaExtension
from strawberry.types.execution import StreamExecutionResult
from strawberry.types.graphql import OperationType

from app.domain.record import now

_MOST_NAMES = 200
_ANOTHER = "(another)"
_UNREADABLE = "unreadable"

REQUESTS = Counter("http_requests", "Requests over HTTP, by the status of the answer.", ["status"])
OPERATIONS = Counter(
    "graphql_operations",
    "Operations that ended, by name, kind and outcome: OK, or the code of the first error.",
    ["operation", "kind", "outcome"],
)
SECONDS = Histogram("graphql_operation_seconds", "How long queries and mutations took.", ["kind"])
STREAMS = Gauge("streams_open", "Sockets and event streams that are open.", ["transport"])
SUBSCRIPTIONS = Gauge("graphql_subscriptions_open", "Subscriptions that are open.")
EVENTS = Counter("graphql_events", "Messages of subscriptions that were sent.")
LAG = Histogram("graphql_event_lag_seconds", "From the commit of a change to its message, for each that watches.")

_operations_of, _seconds_of = cache(OPERATIONS.labels), cache(SECONDS.labels)


class Names:
    """The names of operations that are told apart: the first so many, so that nobody can fill the memory with more."""

    def __init__(self, most: int = _MOST_NAMES) -> None:
        self._most = most
        self._known: set[str] = set()

    def told(self, name: str | None) -> str:
        """Return the name, or that it is another; empty if the operation has none."""
        if not name:
            return ""
        if len(self._known) < self._most:
            self._known.add(name)
        return name if name in self._known else _ANOTHER


class Measured(SchemaExtension):
    """Counts and times each operation and each message. Comes before the extensions whose doing it should see."""

    _is_watching = False

    def __init__(self, names: Names) -> None:
        self._names = names

    def on_operation(self) -> Iterator[None]:
        """Count the operation when it ends; that its client leaves is an end too, and the usual one of a stream."""
        started, outcome = time.perf_counter(), "LEFT"
        try:
            yield
            outcome = _outcome(self.execution_context.result)
        except Exception as error:
            outcome = _code(error)
            raise
        finally:
            self._count(outcome, time.perf_counter() - started)

    def on_execute(self) -> Iterator[None]:
        """Count a stream that begins."""
        self._is_watching = self.execution_context.operation_type is OperationType.SUBSCRIPTION
        if self._is_watching:
            SUBSCRIPTIONS.inc()
        yield

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        """Count a message once it is sent, and how old its news is by then."""
        yield
        told = self.execution_context.context.told
        if told is not None:
            EVENTS.inc()
        if told is not None and told.is_change:
            LAG.observe(max(0.0, (now() - told.at).total_seconds()))

    def _count(self, outcome: str, seconds: float) -> None:
        kind, receipt = self._kind(), self.execution_context.context.receipt
        receipt.name = self._names.told(self.execution_context.operation_name) if kind != _UNREADABLE else ""
        count(receipt.name, kind, outcome, None if self._is_watching else seconds)
        if self._is_watching:
            SUBSCRIPTIONS.dec()

    def _kind(self) -> str:
        try:
            return self.execution_context.operation_type.value
        except RuntimeError:  # strawberry's way to say that there is no such operation
            return _UNREADABLE


def count(name: str, kind: str, outcome: str, seconds: float | None) -> None:
    """Count an operation that ended, and how long it took unless it had no end."""
    _operations_of(name, kind, outcome).inc()
    if seconds is not None:
        _seconds_of(kind).observe(seconds)


def metrics_route(owed: Collector) -> Route:
    """Make `/metrics`: what this process counted, and what rows owe, whoever will pay it."""
    all_of_it = CollectorRegistry()
    all_of_it.register(REGISTRY)
    all_of_it.register(owed)

    def read(accept: str) -> Response:
        write, media = choose_encoder(accept)
        return Response(write(all_of_it), media_type=media)

    async def metrics(request: Request) -> Response:
        return await run_in_threadpool(read, request.headers.get("accept", ""))

    return Route("/metrics", metrics)


def _outcome(result: Any) -> str:
    errors = getattr(result, "errors", None)
    return _code(errors[0]) if errors else "OK"


def _code(error: Exception) -> str:
    return str((getattr(error, "extensions", None) or {}).get("code", "BAD_REQUEST"))
