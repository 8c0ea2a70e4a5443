"""However fragments spread one another, in circles too, the measure looks at each selection once at most."""

from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    Visitor,
    parse,
    visit,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from app.transport.limits import Measure, Meter
from tests.client import printed_schema

NESTING = 200  # deeper than any of these goes
MOST = 8

holders = st.sampled_from(
    ["viewer {{ {} }}", "a: volumes(first: 9) {{ nodes {{ {} }} }}", "... {{ {} }}", "... on Volume @b {{ {} }}"]
)


def selections(spreads: list[str]) -> st.SearchStrategy[str]:
    """Make selections that hold fields, fields of fields and those spreads."""
    leaves = st.sampled_from(["id", "a: id", "id @b", *spreads])
    held = st.recursive(
        leaves,
        lambda inner: st.builds(str.format, holders, st.lists(inner, min_size=1, max_size=4).map(" ".join)),
        max_leaves=8,
    )
    return st.lists(held, min_size=1, max_size=5).map(" ".join)


graphs = st.integers(1, MOST).flatmap(
    lambda count: st.lists(selections([f"...f{to}" for to in range(count + 1)]), min_size=count + 1, max_size=count + 1)
)
"""An operation and its fragments, each of which may spread all: others, itself, and one that is not there."""
ladders = st.tuples(*(selections([f"...f{to}" for to in range(n, 4)]) for n in range(5)))
"""An operation and four fragments, each of which may spread those after it."""


def written(operation: str, *fragments: str) -> DocumentNode:
    """Write an operation and its fragments into a document."""
    named = [f"fragment f{n} on Query {{ {fragment} }}" for n, fragment in enumerate(fragments)]
    return parse(" ".join([f"{{ {operation} }}", *named]))


class Looking(Meter):
    """A meter that counts how often it looks at a selection."""

    looks = 0

    def _selection(self, *given: Any) -> Measure:
        self.looks += 1
        return super()._selection(*given)


class Selections(Visitor):
    """Counts the selections of a document."""

    count = 0

    def enter(self, node: object, *_: object) -> None:
        self.count += isinstance(node, FieldNode | InlineFragmentNode | FragmentSpreadNode)


def measured(document: DocumentNode) -> tuple[Measure, int]:
    """Measure the operation; return what it comes to, and the number of looks."""
    meter = Looking(printed_schema(), document, {}, NESTING)
    (operation,) = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return meter.operation(operation), meter.looks


@settings(deadline=None)
@given(graphs)
def test_each_selection_is_looked_at_once_at_most(texts: list[str]) -> None:
    document, selections = written(*texts), Selections()
    visit(document, selections)

    _, looks = measured(document)

    assert looks <= selections.count


@settings(max_examples=50, deadline=None)
@given(ladders)
def test_a_fragment_counts_as_its_selections_would_in_its_place(texts: tuple[str, ...]) -> None:
    operation, *fragments = texts
    for n, fragment in enumerate(fragments):
        operation = operation.replace(f"...f{n}", f"... on Query {{ {fragment} }}")

    assert measured(written(*texts))[0] == measured(written(operation))[0]
