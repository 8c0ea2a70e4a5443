"""Traces reach a collector, where one is named; without one nothing is traced."""

import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from app.settings import Settings
from app.testing.answers import WAIT_S
from app.testing.serving import serving
from app.transport.tracing import tracing
from tests.client import SECRET, Client

Received = queue.Queue[ExportTraceServiceRequest]


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Received]]:
    """An OTLP collector of our own, on a free port; yields its address and what it receives."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")  # milliseconds between two deliveries
    received: Received = queue.Queue()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.put(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep silent."""

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", received
        server.shutdown()


def test_an_operation_and_its_fields_are_traced_without_the_values_of_variables(
    collector: tuple[str, Received], tmp_path: Path
) -> None:
    address_of_collector, received = collector
    settings = Settings(data=tmp_path, jwt_secret=SECRET, worker=False, traces=address_of_collector)
    with serving(settings) as address, Client(address, "t") as client:
        client.ask("query Traced($id: ID!) { volume(id: $id) { name } }", id="a-secret-id")
        told, names = "", set()
        while "GraphQL Query: Traced" not in names:  # which ends last, and may come by another delivery
            delivery = received.get(timeout=WAIT_S)
            told += str(delivery)
            scopes = [scope for resource in delivery.resource_spans for scope in resource.scope_spans]
            names |= {span.name for scope in scopes for span in scope.spans}

    assert "GraphQL Resolving: volume" in names
    assert "a-secret-id" not in told


def test_nothing_is_traced_unless_asked_for() -> None:
    assert tracing("") == []
