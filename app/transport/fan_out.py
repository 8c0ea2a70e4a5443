"""FanOut: a change is spelled once for all whose streams would tell it in the same words."""

import inspect
from typing import Any

import orjson
from graphql import ExecutionResult
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class FanOutExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes a message of a subscription, and writes it as JSON, for the first stream that tells it."""

    def execute_operation(self, serially: bool | None = None) -> Any:
        once = self.context_value.once
        return super().execute_operation(serially) if once is None else once(self._written)

    async def _written(self) -> ExecutionResult:
        result: Any = super().execute_operation(serially=False)
        if inspect.isawaitable(result):
            result = await result
        data: Any = result.data and orjson.Fragment(orjson.dumps(result.data))
        return ExecutionResult(data, result.errors)
