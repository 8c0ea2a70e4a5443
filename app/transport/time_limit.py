"""TimeLimit: an operation has so many seconds, and what it does stops with it."""

import asyncio
from collections.abc import AsyncIterator

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from app.domain import deadline

TIMED_OUT = "TIMED_OUT"


class TimeLimit(SchemaExtension):
    """Subscriptions have no end, and none is set to them here."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def on_execute(self) -> AsyncIterator[None]:
        """Run the operation against the clock."""
        if self.execution_context.operation_type is OperationType.SUBSCRIPTION:
            yield
            return
        try:
            with deadline.within(self._seconds):
                async with asyncio.timeout(self._seconds):
                    yield
        except TimeoutError as error:
            message = f"there was no answer within {self._seconds:g} s; a change may or may not have been made"
            raise GraphQLError(message, extensions={"code": TIMED_OUT}) from error
