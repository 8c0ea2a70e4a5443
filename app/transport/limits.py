"""Limits: what a document may ask for, measured in one pass before anybody validates or runs it.

Each fragment is measured once, however often it is spread, so the pass is linear in the document even where the answer
would be exponential. (The limiters of strawberry 0.341 walk every spread: 175 tokens hold them for 16 s.)

The cost of an operation is about the number of objects that it can read: each field that is no leaf costs 1, and what
is below a list with pages counts as often as the page is long. To that comes the square of the fields of each depth,
by 64, for validation compares each with those beside it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NamedTuple, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from app.domain.page import DEFAULT_SIZE, MAX_SIZE
from app.transport.documents import Documents

# Some hundred equal fields beside each other would hold graphql-core 3.3 for 0.8 s; with this it gives up after 0.1 s.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 50_000
_PAIRS_A_POINT = 64
_CHARACTERS_A_POINT = 64
_MEASURES_KEPT = 20  # of one document, by the numbers among its variables


@dataclass(frozen=True)
class Limits:
    """The most that an operation may have of each."""

    tokens: int
    depth: int
    aliases: int
    directives: int
    root_fields: int
    cost: int

    @property
    def nesting(self) -> int:
        """How deep the pass goes itself: fragments nest without adding depth, within reason."""
        return 3 * self.depth


class Measure(NamedTuple):
    """What a selection comes to with everything that it spreads. `fields` says how many there are at each depth."""

    fields: tuple[int, ...] = ()
    aliases: int = 0
    directives: int = 0
    objects: int = 0

    @property
    def depth(self) -> int:
        """How deep it selects."""
        return len(self.fields)

    @property
    def root_fields(self) -> int:
        """With how many fields it begins."""
        return self.fields[0] if self.fields else 0

    @property
    def cost(self) -> int:
        """What it takes to answer and to validate it."""
        return self.objects + sum(count * count // _PAIRS_A_POINT for count in self.fields)

    def beside(self, other: "Measure") -> "Measure":
        """Return what two selections at the same place come to together."""
        fields = tuple(map(sum, zip_longest(self.fields, other.fields, fillvalue=0)))
        sums = (mine + others for mine, others in zip(self[1:], other[1:], strict=True))
        return Measure(fields, *sums)


class Meter:
    """Measures the operations of one document, with one set of variables."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], nesting: int
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._nesting = nesting
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._measured: dict[str, Measure] = {}
        self._under_way: set[str] = set()

    def operation(self, node: OperationDefinitionNode) -> Measure:
        """Measure an operation. Raises GraphQLError where it is nested beyond reading."""
        root = self._schema.get_root_type(node.operation)
        inside = self._selections(node.selection_set, root, 1)
        return inside._replace(directives=inside.directives + len(node.directives or ()))

    def _selections(self, node: SelectionSetNode | None, parent: GraphQLNamedType | None, level: int) -> Measure:
        if level > self._nesting:
            raise GraphQLError(f"the document is nested deeper than {self._nesting} levels", [node] if node else None)
        total = Measure()
        for selection in node.selections if node else ():
            found = self._selection(selection, parent, level)
            total = total.beside(found._replace(directives=found.directives + len(selection.directives or ())))
        return total

    def _selection(self, node: SelectionNode, parent: GraphQLNamedType | None, level: int) -> Measure:
        if isinstance(node, FieldNode):
            return self._field(node, parent, level)
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            narrowed = self._schema.get_type(condition.name.value) if condition else parent
            return self._selections(node.selection_set, narrowed, level + 1)
        return self._spread(node, level) if isinstance(node, FragmentSpreadNode) else Measure()

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, level: int) -> Measure:
        definition = getattr(parent, "fields", {}).get(node.name.value)
        below = get_named_type(definition.type) if definition else None
        inside = self._selections(node.selection_set, below, level + 1)
        own = 0 if below is None or is_leaf_type(below) else 1
        return Measure(
            fields=(1, *inside.fields),
            aliases=inside.aliases + (node.alias is not None),
            directives=inside.directives,
            objects=own + inside.objects * self._page_size(node, definition),
        )

    def _spread(self, node: FragmentSpreadNode, level: int) -> Measure:
        name = node.name.value
        fragment = self._fragments.get(name)
        if fragment is None or name in self._under_way:  # unknown, or a circle: validation will say so
            return Measure()
        if name not in self._measured:
            self._under_way.add(name)
            narrowed = self._schema.get_type(fragment.type_condition.name.value)
            self._measured[name] = self._selections(fragment.selection_set, narrowed, level + 1)
            self._under_way.discard(name)
        return self._measured[name]

    def _page_size(self, node: FieldNode, definition: GraphQLField | None) -> int:
        """Return how many objects a page holds at most; 1 for what has no pages."""
        if definition is None or "first" not in definition.args:
            return 1
        given = (argument for argument in node.arguments or () if argument.name.value in ("first", "last"))
        sizes = [self._number(argument.value) for argument in given]
        return min(MAX_SIZE, max(0, sizes[0] if sizes else DEFAULT_SIZE))

    def _number(self, value: Any) -> int:
        if isinstance(value, VariableNode):
            given = self._variables.get(value.name.value)
            return given if isinstance(given, int) else DEFAULT_SIZE
        return int(value.value) if isinstance(value, IntValueNode) else DEFAULT_SIZE


class Limiter(SchemaExtension):
    """Refuses what passes the limits before it is validated, and tells the cost with each answer."""

    def __init__(self, limits: Limits, documents: Documents) -> None:
        self._limits = limits
        self._documents = documents
        self._cost: int | None = None

    def on_operation(self) -> Iterator[None]:
        """Bound the tokens that are parsed. To read a document has its cost, also where it comes to nothing."""
        self._spend(1 + len(self.execution_context.query or "") // _CHARACTERS_A_POINT)
        self.execution_context.parse_options["max_tokens"] = self._limits.tokens
        yield

    def on_validate(self) -> Iterator[None]:
        """Measure the operation that will run."""
        try:
            measure = self._measure(self._operation())
        except GraphQLError as error:
            self.execution_context.pre_execution_errors = [error]
        else:
            self._cost = measure.cost
            if faults := list(self._faults(measure)):
                self.execution_context.pre_execution_errors = faults
            else:
                self._spend(measure.cost)
        yield

    def _spend(self, points: int) -> None:
        context = self.execution_context.context
        context.receipt.cost += points
        if context.allowance is not None:
            context.allowance.spend(points)

    def get_results(self) -> dict[str, Any]:
        """Tell the cost, as far as the operation came to be measured; a stream tells it with its first message."""
        if self._cost is None:
            return {}
        told = {"cost": {"operation": self._cost, "most": self._limits.cost}}
        if self.execution_context.operation_type is OperationType.SUBSCRIPTION:
            self._cost = None
        return told

    def _operation(self) -> OperationDefinitionNode:
        document, name = self.execution_context.graphql_document, self.execution_context.operation_name
        operations = (
            [node for node in document.definitions if isinstance(node, OperationDefinitionNode)] if document else []
        )
        named = [node for node in operations if node.name is not None and node.name.value == name]
        unnamed = self.execution_context._provided_operation_name is None  # noqa: SLF001  the public one guesses
        if len(operations) > 1 and unnamed:  # strawberry 0.341 would run the first one
            raise GraphQLError("the document has more than one operation: say by `operationName` which one to run")
        return (named or operations)[0]

    def _measure(self, operation: OperationDefinitionNode) -> Measure:
        context = self.execution_context
        defaults = {
            node.variable.name.value: int(node.default_value.value)
            for node in operation.variable_definitions or ()
            if isinstance(node.default_value, IntValueNode)
        }
        declared = [node.variable.name.value for node in operation.variable_definitions or ()]
        given = {**defaults, **(context.variables or {})}
        numbers = {name: given[name] for name in declared if isinstance(given.get(name), int)}
        measures = self._documents.read(context.query or "", self._limits.tokens).measures
        asked = operation.name and operation.name.value, tuple(numbers.items())
        if asked not in measures:
            if len(measures) >= _MEASURES_KEPT:
                measures.clear()
            schema: GraphQLSchema = context.schema._schema  # noqa: SLF001  strawberry has no other way to it
            document = cast(DocumentNode, context.graphql_document)
            measures[asked] = Meter(schema, document, numbers, self._limits.nesting).operation(operation)
        measure: Measure = measures[asked]
        return measure

    def _faults(self, measure: Measure) -> Iterator[GraphQLError]:
        for name in ("depth", "aliases", "directives", "root_fields", "cost"):
            found, most = getattr(measure, name), getattr(self._limits, name)
            if found > most:
                what = name.replace("_", " ")
                extensions = {"code": "LIMIT_EXCEEDED", "limit": name.upper(), "most": most, "found": found}
                yield GraphQLError(f"the operation's {what} of {found} is more than {most}", extensions=extensions)
