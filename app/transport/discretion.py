"""Discretion: the schema is for those who know it: nothing of it is suggested, also not about variables."""

from typing import Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class DiscreetExecutor(StrawberryGraphQLCoreExecutionContext):
    """Reads variables without suggestions."""

    @classmethod
    def build(cls, *args: Any, **kwargs: Any) -> Any:
        """Make an executor."""
        return super().build(*args, **{**kwargs, "hide_suggestions": True})
