"""Schema: the queries, mutations and subscriptions together, and how an error is shown."""

from collections.abc import Callable, Iterator
from typing import Any

import strawberry
import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from graphql.execution import Executor
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionContext
from strawberry.types.execution import StreamExecutionResult

from app.api.context import Context
from app.api.failures import exception_handlers
from app.api.hooks import HookRunner, Hooks
from app.api.mutations import Mutation
from app.api.queries import Query
from app.api.sandbox import SandboxMutation
from app.api.scalars import SCALARS
from app.api.subscriptions import Subscription
from app.api.types import Snapshot, Volume
from app.domain.deadline import TooLate
from app.domain.problems import Unanswerable
from app.domain.unavailable import Unavailable

# What is wrong with the question; strawberry raises the last two before it looks for an operation to run.
_EXPECTED = (GraphQLError, TooLate, Unanswerable, Unavailable, CannotGetOperationTypeError, MissingQueryError)

log = structlog.get_logger()


class _Shown(SchemaExtension):
    """Shows an unexpected error as the request's id alone, an unanswerable question as what is wrong with it."""

    def on_operation(self) -> Iterator[None]:
        yield
        self._show(self.execution_context.result)

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        self._show(result)
        yield

    def _show(self, result: object) -> None:
        errors = getattr(result, "errors", None)
        if errors:
            result.errors = [shown(error, self.execution_context.context) for error in errors]  # type: ignore[attr-defined]


class _Schema(strawberry.Schema):
    _hooks: Hooks | None = None

    def create_extensions_runner(
        self, execution_context: ExecutionContext, extensions: list[SchemaExtension]
    ) -> SchemaExtensionsRunner:
        if self._hooks is None:
            self._hooks = Hooks(extensions)
        return HookRunner(execution_context, extensions, self._hooks)

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log what nobody foresaw, with its trace."""
        for error in errors:
            if _unexpected(error):
                log.error("unexpected error", path=error.path, exc_info=error.original_error)


def shown(error: GraphQLError, context: Context) -> GraphQLError:
    """Return the error as a caller may see it."""
    cause = error.original_error
    if isinstance(cause, Unanswerable):
        extensions: dict[str, object] = {"code": cause.code, "argument": cause.argument}
        return _like(error, context.locale.say(cause.message), extensions)
    if isinstance(cause, TooLate):  # a moment before the answer that says the same of the whole operation
        return _like(
            error, "there was no answer in time; a change may or may not have been made", {"code": "TIMED_OUT"}
        )
    if isinstance(cause, Unavailable):
        return _like(error, str(cause), {"code": "UNAVAILABLE"})
    if _unexpected(error):
        request_id = context.caller.request_id
        return _like(
            error, f"Something went wrong here. Request {request_id}.", {"code": "INTERNAL", "requestId": request_id}
        )
    return error if error.extensions else _like(error, error.message, {"code": _code(error)})


def _code(error: GraphQLError) -> str:
    """Name what is wrong with a document, or with the variables sent along, by the codes that clients know."""
    return "GRAPHQL_PARSE_FAILED" if isinstance(error, GraphQLSyntaxError) else "GRAPHQL_VALIDATION_FAILED"


def _unexpected(error: GraphQLError) -> bool:
    return error.original_error is not None and not isinstance(error.original_error, _EXPECTED)


def _like(error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
    return GraphQLError(message, error.nodes, error.source, error.positions, error.path, extensions=extensions)


def schema(
    *extensions: Callable[[], SchemaExtension], executor: type[Executor[Any]] | None = None, sandbox: bool = False
) -> strawberry.Schema:
    """Build the schema; the extensions come before our own, and the executor in place of strawberry's."""
    return _Schema(
        query=Query,
        mutation=SandboxMutation if sandbox else Mutation,
        subscription=Subscription,
        types=[Volume, Snapshot],
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=[*extensions, _Shown],
        execution_context_class=executor,
        exception_handlers=exception_handlers(),
    )
