"""Hooks: what the extensions do at each stage of an operation, looked up once.

Strawberry 0.341 asks every extension anew at every stage, and at every message of a stream, whether it has a hook there
and of what kind: that takes longer than what the hooks do.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from types import TracebackType
from typing import Any

from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.types import ExecutionContext
from strawberry.types.execution import StreamExecutionResult

_STAGES = ("on_operation", "on_parse", "on_validate", "on_stream_result")
_RESULTS = "get_results"

Hook = Callable[..., AbstractContextManager[None]]


class Hooks:
    """Which of a schema's extensions have something of their own, and what; they are the same for each operation.

    Executing is left to strawberry, for there a hook may wait.
    """

    def __init__(self, extensions: Sequence[SchemaExtension]) -> None:
        self.at: Mapping[str, Sequence[tuple[int, Hook]]] = {
            stage: [(number, contextmanager(own)) for number, own in _own(extensions, stage)] for stage in _STAGES
        }
        self.telling = [number for number, _ in _own(extensions, _RESULTS)]


def _own(extensions: Sequence[SchemaExtension], name: str) -> list[tuple[int, Any]]:
    found = [(number, getattr(type(extension), name)) for number, extension in enumerate(extensions)]
    own = [(number, it) for number, it in found if it is not getattr(SchemaExtension, name)]
    for _, it in own:
        if isgeneratorfunction(it) != (name in _STAGES) or iscoroutinefunction(it) or isasyncgenfunction(it):
            raise TypeError(f"{name} is to wait for nothing, and each hook to be a generator")
    return own


class Stage:
    """A stage: the hooks begin in the order of their extensions, and end in the reverse. None can swallow an error."""

    def __init__(self, hooks: Sequence[AbstractContextManager[None]]) -> None:
        self._hooks = hooks
        self._begun = ExitStack()

    async def __aenter__(self) -> None:
        for hook in self._hooks:
            self._begun.enter_context(hook)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._begun.__exit__(kind, error, at)


class HookRunner(SchemaExtensionsRunner):
    """Runs the hooks of one operation's extensions."""

    def __init__(self, context: ExecutionContext, extensions: list[SchemaExtension], hooks: Hooks) -> None:
        super().__init__(context, extensions)
        self._hooks = hooks

    def operation(self) -> Stage:  # type: ignore[override]  # strawberry's own only are so too
        return self._stage("on_operation")

    def parsing(self) -> Stage:  # type: ignore[override]
        return self._stage("on_parse")

    def validation(self) -> Stage:  # type: ignore[override]
        return self._stage("on_validate")

    def on_stream_result(self, result: StreamExecutionResult) -> Stage:  # type: ignore[override]
        return self._stage("on_stream_result", result)

    async def get_extensions_results(self, ctx: ExecutionContext) -> dict[str, Any]:
        """Gather what the extensions tell with an answer."""
        told: dict[str, Any] = {}
        for number in self._hooks.telling:
            told.update(self.extensions[number].get_results())  # type: ignore[arg-type]  # none waits
        told.update(ctx.extensions_results)
        return told

    def _stage(self, name: str, *about: Any) -> Stage:
        return Stage([hook(self.extensions[number], *about) for number, hook in self._hooks.at[name]])
