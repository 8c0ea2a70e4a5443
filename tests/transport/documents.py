"""Documents with conditions: what hypothesis-graphql writes, with fields skipped or included, in fragments and out."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from graphql import (
    FieldNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    parse,
    print_ast,
)
from hypothesis import strategies as st

_CONDITIONS = [
    "@include(if: $a)",
    "@skip(if: $b)",
    "@skip(if: $a) @include(if: $b)",
    "@skip(if: false)",
    "",
    "",
    "",
    "",
]
_WAYS = ["%s", "%s", "%s", "%s %s", "... { %s }", "... @include(if: $a) { %s }", "__typename %s", "kind: __typename %s"]

conditions = st.fixed_dictionaries({"a": st.booleans()}, optional={"b": st.booleans() | st.none()})
"""What the variables of such a document can be: a null for `$b`, which has a default, is a fault where it is used."""


def with_conditions(document: str, ids: Sequence[str] = ("thing-1",)) -> st.SearchStrategy[str]:
    """Write the document anew, with those ids in place of any others."""
    return st.randoms(use_true_random=False).map(lambda random: _Writer(random, ids).document(document))


class _Writer:
    def __init__(self, random: Random, ids: Sequence[str]) -> None:
        self._random = random
        self._ids = ids
        self._fragments: list[str] = []

    def document(self, text: str) -> str:
        (operation,) = parse(text).definitions
        assert isinstance(operation, OperationDefinitionNode)
        written = " ".join(
            [f"{{ __typename @include(if: $a) {self._inside(operation.selection_set)} }}", *self._fragments]
        )
        variables = "$a: Boolean!, $b: Boolean = true" if "$b" in written else "$a: Boolean!"
        return f"{operation.operation.value} ({variables}) {written}"

    def _inside(self, selections: SelectionSetNode) -> str:
        return " ".join(self._written(selection) for selection in selections.selections)

    def _written(self, node: object) -> str:
        if isinstance(node, InlineFragmentNode):
            assert node.type_condition
            return self._fragment(node.type_condition.name.value, self._inside(node.selection_set))
        assert isinstance(node, FieldNode)
        arguments = tuple(
            replace(argument, value=StringValueNode(value=self._random.choice(self._ids)))
            if argument.name.value == "id"
            else argument
            for argument in node.arguments or ()
        )
        head = print_ast(replace(node, arguments=arguments, selection_set=None))
        inside = f" {{ {self._inside(node.selection_set)} }}" if node.selection_set else ""
        field = f"{head} {self._random.choice(_CONDITIONS)}{inside}"
        way = self._random.choice(_WAYS)
        return way.replace("%s", field)

    def _fragment(self, type_: str, inside: str) -> str:
        condition = self._random.choice(_CONDITIONS)
        if self._random.random() < 0.5:
            return f"... on {type_} {condition} {{ {inside} }}"
        name = f"F{len(self._fragments)}"
        self._fragments.append(f"fragment {name} on {type_} {{ {inside} }}")
        return f"...{name} {condition}"
