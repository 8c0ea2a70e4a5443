"""Tracing: each operation and its fields as spans of OpenTelemetry, sent to a collector. Off unless asked for."""

from collections.abc import Callable
from functools import partial

from strawberry.extensions import SchemaExtension


def tracing(endpoint: str) -> list[Callable[[], SchemaExtension]]:
    """Return the extension that traces to that address, none if it is empty. What `OTEL_…` variables say holds too.

    Spans have the document, as its caller wrote it, and no value of a variable.
    """
    if not endpoint:
        return []
    try:  # only here, for it is an extra
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from strawberry.extensions.tracing import OpenTelemetryExtension
    except ImportError as error:
        raise SystemExit("traces need the extra `tracing`: pip install '.[tracing]'") from error
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint)))
    return [partial(OpenTelemetryExtension, tracer_provider=provider, arg_filter=lambda *_: {})]
