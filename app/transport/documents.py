"""Documents: clients send the same few again and again, so each is parsed and validated once while it is in use.

Nothing of a caller is kept with a document but what it wrote there; what it may ask is asked anew each time.
"""

from collections.abc import Hashable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    parse,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

_KEPT = 64  # of 2,000 tokens one takes 1 MB; most take some 30 kB
# The rules that strawberry validates by.
_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


class Document:
    """A document that could be parsed; GraphQLSyntaxError if not. `measures`: what the limits found out about it."""

    def __init__(self, text: str, most_tokens: int) -> None:
        self.node = parse(text, max_tokens=most_tokens)
        self.measures: dict[Hashable, Any] = {}
        self._faults: list[GraphQLError] | None = None

    def faults(self, schema: GraphQLSchema, *, explore: bool) -> list[GraphQLError]:
        """Return what keeps it from being run, without introspection and suggestions where nobody may `explore`."""
        if self._faults is None:
            rules = _RULES if explore else (*_RULES, NoSchemaIntrospectionCustomRule)
            self._faults = validate(schema, self.node, rules, hide_suggestions=not explore)
        return list(self._faults)


class Documents:
    """The documents that were used last, of one schema."""

    def __init__(self, *, explore: bool) -> None:
        self.explore = explore
        self.read = lru_cache(_KEPT)(Document)


class Reading(SchemaExtension):
    """Parses and validates in strawberry's place. Comes after what refuses a document unread.

    The caches of strawberry 0.341 forget such a refusal, and it can hide the suggestions of fields only.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def on_parse(self) -> Iterator[None]:
        """Parse, within the bounds that the operation was given. What cannot be parsed strawberry finds out itself."""
        context = self.execution_context
        with suppress(GraphQLSyntaxError):
            self._document = self._documents.read(context.query or "", context.parse_options["max_tokens"])
            context.graphql_document = self._document.node
        yield

    def on_validate(self) -> Iterator[None]:
        """Validate what was not refused before."""
        context = self.execution_context
        if context.pre_execution_errors is None:
            schema = context.schema._schema  # noqa: SLF001  strawberry has no other way to it
            context.pre_execution_errors = self._document.faults(schema, explore=self._documents.explore)
        yield
