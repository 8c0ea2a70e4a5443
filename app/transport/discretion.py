"""Discretion: the schema is for those who know it: no introspection, and no suggestion in any message."""

from collections.abc import Iterator
from typing import Any, cast

from graphql import DocumentNode, NoSchemaIntrospectionCustomRule, validate
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class Discretion(SchemaExtension):
    """Validates without suggestions: strawberry 0.341 has no way to ask for that, and hides those of fields only."""

    def on_validate(self) -> Iterator[None]:
        """Validate here, so that strawberry does not."""
        context = self.execution_context
        if context.pre_execution_errors is None:
            context.pre_execution_errors = validate(
                context.schema._schema,  # noqa: SLF001  strawberry has no other way to it
                cast(DocumentNode, context.graphql_document),
                [*context.validation_rules, NoSchemaIntrospectionCustomRule],
                hide_suggestions=True,
            )
        yield


class DiscreetExecutor(StrawberryGraphQLCoreExecutionContext):
    """Reads variables without suggestions."""

    @classmethod
    def build(cls, *args: Any, **kwargs: Any) -> Any:
        """Make an executor."""
        return super().build(*args, **{**kwargs, "hide_suggestions": True})
