"""The schema is the contract: printed in the repository, described in every part, and never less than was agreed."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLNamedType,
    GraphQLScalarType,
    build_schema,
    find_breaking_changes,
    is_introspection_type,
    is_specified_scalar_type,
)

from app.api.schema import schema
from tests.client import PRINTED, printed_schema

CONTRACT = Path(__file__).parents[3] / "shared" / "design" / "contract.graphql"
OWN_TYPES = [
    type_
    for type_ in printed_schema().type_map.values()
    if not is_introspection_type(type_) and not is_specified_scalar_type(type_)
]


def parts(types: Iterable[GraphQLNamedType]) -> Iterator[tuple[str, str | None]]:
    """Yield everything that can have a description: its place in the schema, and what it says."""
    for type_ in types:
        yield type_.name, type_.description
        inner = type_.values if isinstance(type_, GraphQLEnumType) else getattr(type_, "fields", {})
        for name, part in inner.items():
            yield f"{type_.name}.{name}", part.description
            for argument_name, argument in getattr(part, "args", {}).items():
                yield f"{type_.name}.{name}({argument_name})", argument.description


def test_the_schema_in_the_repository_is_the_one_that_is_served() -> None:
    assert PRINTED.read_text(encoding="utf-8").strip() == str(schema()).strip(), (
        "schema.graphql has drifted; run: python -m app schema > schema.graphql"
    )


def test_the_schema_holds_all_of_the_contract() -> None:
    if not CONTRACT.exists():
        pytest.skip(f"NOT CHECKED: the contract is not at {CONTRACT}")
    agreed = build_schema(CONTRACT.read_text(encoding="utf-8"))

    assert [change.description for change in find_breaking_changes(agreed, printed_schema())] == []


def test_every_type_field_argument_and_value_has_a_description() -> None:
    assert [place for place, description in parts(OWN_TYPES) if not description] == []


def test_the_sandbox_has_a_description_for_each_of_its_parts() -> None:
    known = printed_schema().type_map
    types = [type_ for name, type_ in build_schema(str(schema(sandbox=True))).type_map.items() if name not in known]
    assert {type_.name for type_ in types} >= {"Sandbox", "StorageVerb", "Outcome"}
    assert [place for place, description in parts(types) if not description] == []


@pytest.mark.parametrize("type_", [it for it in OWN_TYPES if isinstance(it, GraphQLScalarType)], ids=str)
def test_every_scalar_says_where_it_is_specified(type_: GraphQLScalarType) -> None:
    assert (type_.specified_by_url or "").startswith("https://")


@pytest.mark.parametrize(
    ("enum", "korean"),
    [
        (
            "VolumeStatus",
            {
                "CREATING": "처리중",
                "AVAILABLE": "사용 가능",
                "ATTACHING": "처리중",
                "IN_USE": "사용중",
                "DETACHING": "처리중",
                "EXTENDING": "처리중",
                "DELETING": "처리중",
                "ERROR": "장애",
                "ERROR_DELETING": "삭제 에러",
                "UNMANAGED": "비정상",
            },
        ),
        (
            "SnapshotStatus",
            {
                "CREATING": "처리중",
                "AVAILABLE": "사용 가능",
                "DELETING": "처리중",
                "ERROR": "에러",
                "ERROR_DELETING": "삭제 에러",
            },
        ),
    ],
)
def test_a_status_is_described_with_the_name_that_the_console_has_for_it(enum: str, korean: dict[str, str]) -> None:
    type_ = printed_schema().type_map[enum]
    assert isinstance(type_, GraphQLEnumType)

    assert type_.values.keys() == korean.keys()
    for name, value in type_.values.items():
        assert (value.description or "").endswith(f" {korean[name]}."), name
