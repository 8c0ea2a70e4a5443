"""FanOut: a change is spelled once for all whose streams would tell it in the same words."""

import contextlib
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from graphql import ExecutionResult
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class Amiss(Exception):
    """The message could not be told without an error."""


class FanOutExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes a message of a subscription, and writes it as JSON, for the first stream that tells it."""

    def execute_operation(self, serially: bool | None = None) -> Any:
        once = self.context_value.once
        return super().execute_operation(serially) if once is None else self._told(once)

    async def _told(
        self, once: Callable[[Callable[[], Awaitable[ExecutionResult]]], Awaitable[ExecutionResult]]
    ) -> Any:
        with contextlib.suppress(Amiss):  # each stream tells its own errors
            return await once(self._written)
        return await self._executed()

    async def _written(self) -> ExecutionResult:
        result = await self._executed()
        if result.errors or result.data is None:
            raise Amiss
        written: Any = orjson.Fragment(orjson.dumps(result.data))
        return ExecutionResult(written)

    async def _executed(self) -> ExecutionResult:
        pending: Any = super().execute_operation(serially=False)
        result: ExecutionResult = await pending if inspect.isawaitable(pending) else pending
        return result
