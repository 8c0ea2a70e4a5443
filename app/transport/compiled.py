"""Compiled: a selection that only shows what an object holds needs little of what graphql-core does for each field.

Most fields of a list are plain: an attribute, written as its type says. So a selection is looked through once, and what
was found is kept with its document: of each plain field the attribute, and a table that says by the class of a value
how it is shown; `None`: as it is. A class that is not in the table is a surprise: a null where none may be, an
awaitable, whatever nobody expected. Every exception is one too.

A field that surprises is left to graphql-core, from its beginning, and so is every field that is not plain. Errors are
therefore graphql-core's own, with their paths and their nulls. Attributes may be read twice; resolvers never run twice.
"""

import weakref
from collections import defaultdict
from collections.abc import Hashable
from contextlib import suppress
from types import NoneType
from typing import Any, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    OperationDefinitionNode,
    Undefined,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from graphql.execution import MiddlewareManager
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList, GroupedFieldSet
from graphql.pyutils import Path, gather_with_cancel
from prometheus_client import Counter
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.cast import get_strawberry_type_cast
from strawberry.types.field import StrawberryField

from app.transport.tables import MADE_FROM, Leaves, Table, bare, kind_of, lists, objects

PLANS = Counter("graphql_plans", "Operations whose plan was KEPT or NEW, or that have NONE.", ["plan"])
_MOST_CONDITIONS = 4  # a caller can vary them without end


class Field(NamedTuple):
    """A field of a selection; plain if it has a table."""

    key: str
    details: FieldDetailsList
    attribute: str = ""
    table: Table | None = None


class Selection(NamedTuple):
    """The fields of a selection on objects of one type; they are of the class `kind`, unless anybody has to ask."""

    parent: GraphQLObjectType
    kind: type | None
    fields: list[Field]
    collected: GroupedFieldSet


class Value(NamedTuple):
    """How what a resolver returns is shown: by a table, else by a selection."""

    table: Table | None
    selection: Selection | None
    details: FieldDetailsList


class Plan(MiddlewareManager):
    """What was found out about an operation under some conditions. It holds whatever its keys are the ids of."""

    def __init__(self) -> None:
        super().__init__()
        self.root: GroupedFieldSet | None = None
        self.collected: dict[tuple[GraphQLObjectType, int], tuple[FieldDetailsList, CollectedFields]] = {}
        self.selections: dict[int, Selection] = {}
        self.values: dict[tuple[Any, int], Value] = {}
        self.resolvers: dict[Any, Any] = {}

    def get_field_resolver(self, field_resolver: Any) -> Any:
        """Return what does the same as a resolver in less time."""
        return self.resolvers.get(field_resolver, field_resolver)


class Plans:
    """The plans of the documents that are in use. Each goes with its document."""

    def __init__(self) -> None:
        self._kept: dict[int, dict[Hashable, Plan]] = {}

    def of(self, operation: OperationDefinitionNode, conditions: Hashable) -> Plan:
        plans = self._kept.get(id(operation))
        if plans is None:
            plans = self._kept[id(operation)] = {}
            weakref.finalize(operation, self._kept.pop, id(operation), None)
        PLANS.labels("KEPT" if conditions in plans else "NEW").inc()
        if conditions not in plans:
            if len(plans) >= _MOST_CONDITIONS:
                plans.clear()
            plans[conditions] = Plan()
        return plans[conditions]


class CompilingExecutor(StrawberryGraphQLCoreExecutionContext):
    """Runs operations by their plans; what no plan foresees, graphql-core 3.3 does."""

    _plans = Plans()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_plan = not (self._varies() or getattr(self.middleware_manager, "middlewares", None))
        if not self._has_plan:
            PLANS.labels("NONE").inc()
            return
        # Which fields are included hangs on nothing but variables that are booleans.
        given = self.variable_values.coerced.items()
        conditions = tuple((name, value) for name, value in given if isinstance(value, bool))
        self._plan = self._plans.of(self.operation, (self.schema, conditions))
        self._relevant_sub_fields = self._plan.collected
        self.middleware_manager = self._plan

    def _varies(self) -> bool:
        """Whether what is experimental in GraphQL lets selections depend on more than that."""
        directives = (self.schema.get_directive(name) for name in ("defer", "stream"))
        return any(directives) or any(fragment.variable_signatures for fragment in self.fragments.values())

    def execute_root_grouped_field_set(self, root_type: Any, root_value: Any, grouped_field_set: Any, *how: Any) -> Any:
        """Execute the fields that the plan knows: graphql-core collects those of the root anew each time."""
        if self._has_plan:
            grouped_field_set = self._plan.root = self._plan.root or grouped_field_set
        return super().execute_root_grouped_field_set(root_type, root_value, grouped_field_set, *how)

    def execute_fields(
        self, parent_type: Any, source_value: Any, path: Any, grouped_field_set: Any, position_context: Any
    ) -> Any:
        """Show the plain fields; graphql-core executes the others, each in its turn."""
        if not self._has_plan:
            return super().execute_fields(parent_type, source_value, path, grouped_field_set, position_context)
        return self._run(self._selection(parent_type, grouped_field_set), source_value, path)

    def complete_value(
        self, return_type: Any, field_details_list: Any, info: Any, path: Any, result: Any, position_context: Any
    ) -> Any:
        """Show what a resolver returned."""
        if self._has_plan:
            table, selection, _ = self._value(return_type, field_details_list)
            if selection and selection.kind is type(result) and get_strawberry_type_cast(result) is None:
                return self._run(selection, result, path)
            try:
                if table is not None:
                    show = table[type(result)]
                    return result if show is None else show(result)
            except Exception:  # noqa: BLE001, S110  graphql-core says what is the matter
                pass
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)

    def _run(self, selection: Selection, source: Any, path: Path | None) -> Any:
        shown: dict[str, Any] = {}
        awaited: list[str] = []
        try:
            for key, details, attribute, table in selection.fields:
                try:
                    if table is not None:
                        value = getattr(source, attribute)
                        show = table[type(value)]
                        shown[key] = value if show is None else show(value)
                        continue
                except Exception:  # noqa: BLE001, S110  graphql-core says what is the matter
                    pass
                place = Path(path, key, selection.parent.name)
                value = self.execute_field(selection.parent, source, details, place, None)
                if value is not Undefined:
                    shown[key] = value
                    if self.is_awaitable(value):
                        awaited.append(key)
        except Exception:
            if awaited:
                self.settle_in_background([shown[key] for key in awaited])
            raise
        return _all_shown(shown, awaited) if awaited else shown

    def _selection(self, type_: GraphQLObjectType, collected: GroupedFieldSet) -> Selection:
        known = self._plan.selections.get(id(collected))
        if known is None:
            fields = [self._field(type_, key, details) for key, details in collected.items()]
            known = self._plan.selections[id(collected)] = Selection(type_, kind_of(type_), fields, collected)
        return known

    def _field(self, parent: GraphQLObjectType, key: str, details: FieldDetailsList) -> Field:
        name = details[0].node.name.value
        if name == "__typename":
            return Field(key, details, "__class__", defaultdict(lambda: lambda _: parent.name))
        definition = self.schema.get_field(parent, name)
        field = definition.extensions.get(MADE_FROM) if definition else None
        if definition is None or type(field) is not StrawberryField or field.extensions:
            return Field(key, details)
        is_default = getattr(definition.resolve, "_is_default", None)  # strawberry marks its resolvers by it
        if is_default and field.default_resolver is getattr:
            return Field(key, details, field.python_name, self._table(definition.type, details))
        if is_default is False:
            self._plan.resolvers[definition.resolve] = self._shortened(definition, field)
        return Field(key, details)

    def _shortened(self, definition: Any, field: Any) -> Any:
        """Return a resolver that calls as strawberry does, without its care for arguments, where there are none."""
        resolver, is_object = field.base_resolver, is_object_type(bare(definition.type))
        plain = not resolver.arguments and list(resolver.signature.parameters)[1:] == ["info"]
        if not plain or not is_object:  # unions have exception handlers
            return definition.resolve
        ask, make = resolver.wrapped_func, self.schema.extensions[MADE_FROM].config.info_class
        return lambda source, info: ask(source, info=make(_raw_info=info, _field=field))

    def _value(self, type_: Any, details: FieldDetailsList) -> Value:
        known = self._plan.values.get((type_, id(details)))
        if known is None:
            table = self._table(type_, details)
            below = self._below(bare(type_), details) if table is None else None
            known = self._plan.values[type_, id(details)] = Value(table, below, details)
        return known

    def _table(self, type_: Any, details: FieldDetailsList) -> Table | None:
        """Return how values of a type are shown; None if that takes more than a look at them."""
        table = self._table_without_null(bare(type_), details)
        if table is not None and bare(type_) is type_:
            table[NoneType] = None
        return table

    def _table_without_null(self, type_: Any, details: FieldDetailsList) -> Table | None:
        if is_leaf_type(type_):
            return Leaves(type_)
        if is_list_type(type_):
            items = self._table(type_.of_type, details)
            return None if items is None else lists(items)
        below = self._below(type_, details)
        if below is None or below.kind is None:
            return None
        plain = [(field.key, field.attribute, field.table) for field in below.fields if field.table is not None]
        return objects(below.kind, plain) if len(plain) == len(below.fields) else None

    def _below(self, type_: Any, details: FieldDetailsList) -> Selection | None:
        with suppress(GraphQLError):  # which is told where there is an object to tell it of
            if is_object_type(type_):
                return self._selection(type_, self.collect_subfields(type_, details).grouped_field_set)
        return None


async def _all_shown(shown: dict[str, Any], awaited: list[str]) -> dict[str, Any]:
    if len(awaited) == 1:
        shown[awaited[0]] = await shown[awaited[0]]
    else:
        shown.update(zip(awaited, await gather_with_cancel(*(shown[key] for key in awaited)), strict=True))
    return shown
