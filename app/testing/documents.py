"""Documents: what a test asks for by a name alone, written out by the schema."""

from functools import cache
from typing import Any, cast

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, GraphQLUnionType, build_schema

VOLUME = """id name description category product sizeGb status statusReason progressPercent protected version
  attachment { serverId serverName device attachedAt connection } sourceSnapshot { id }"""
SNAPSHOT = """id name description sizeGb product status statusReason progressPercent consistency usedBytes checksum
  version volume { id }"""
MEMBERS = {
    "VolumePayload": f"volume {{ {VOLUME} }} warnings {{ code message }}",
    "SnapshotPayload": f"snapshot {{ {SNAPSHOT} }} warnings {{ code message }}",
    "RestorePayload": f"volume {{ {VOLUME} }} snapshot {{ {SNAPSHOT} }}",
    "PlanPayload": "id",
    "ReleasePayload": "id",
    "TenantPayload": "tenant { cursor quotas { name limit used } }",
    "ExpireJournalPayload": "forgotten",
    "DropConnectionsPayload": "dropped",
    "NotFound": "code message id",
    "InvalidInput": "code message fields { path message }",
    "InvalidState": "code message status allowedStatuses",
    "VolumeInUse": "code message attachment { serverId }",
    "SnapshotsExist": "code message snapshots { id } totalCount",
    "QuotaExceeded": "code message quota limit used requested",
    "Refused": "code message",
    "VersionConflict": "code message current",
}
CHANGE = {
    "volumeChanges": f"kind cursor previousStatus status at volumeId volume {{ {VOLUME} }}",
    "snapshotChanges": f"kind cursor previousStatus status at snapshotId snapshot {{ {SNAPSHOT} }}",
}
CURSOR = "{ viewer { tenant { cursor } } }"
THERE = "query($id: ID!) { node(id: $id) { id } }"
HISTORY = """query($after: String) {
  events(first: 100, after: $after) {
    nodes { at kind subjectId previousStatus status reason actor }
    pageInfo { hasNextPage endCursor }
  }
}"""

Operation = tuple[str, dict[str, Any]]
"""A document and its variables."""


def mutations(*wanted: tuple[str, dict[str, Any]]) -> Operation:
    """Write several mutations, each by its name and input, as one operation; their results are `r0`, `r1`, …"""
    inputs, fields = [], []
    for n, (mutation, _) in enumerate(wanted):
        name = mutation[0].upper() + mutation[1:]
        inputs.append(f"$i{n}: {name}Input!")
        fields.append(f"r{n}: {mutation}(input: $i{n}) {{ __typename {members(name)} }}")
    query = f"mutation({', '.join(inputs)}) {{ {' '.join(fields)} }}"
    return query, {f"i{n}": given for n, (_, given) in enumerate(wanted)}


def members(name: str) -> str:
    """Select what there is to see of each member of a mutation's result."""
    return _members(whole_schema().type_map[f"{name}Result"])


def order(field: str) -> str:
    """Write a mutation of the sandbox; its variables are the field's arguments, its result is `it`."""
    ordered = cast(GraphQLObjectType, whole_schema().type_map["Sandbox"]).fields[field]
    declared, given = _arguments(ordered)
    return f"mutation{declared} {{ sandbox {{ it: {field}{given} {{ __typename {_members(ordered.type)} }} }} }}"


def subscription(field: str) -> str:
    """Write a subscription to a field; its variables are the field's arguments, its messages are `it`."""
    declared, given = _arguments(cast(GraphQLObjectType, whole_schema().subscription_type).fields[field])
    return f"subscription{declared} {{ it: {field}{given} {{ {CHANGE[field]} }} }}"


def _members(result: object) -> str:
    possible = result.types if isinstance(result, GraphQLUnionType) else [result]
    return " ".join(f"... on {member} {{ {MEMBERS[str(member)]} }}" for member in possible)


def _arguments(field: GraphQLField) -> tuple[str, str]:
    """Write a field's arguments, as an operation declares them and as it hands them on."""
    declared = ", ".join(f"${name}: {argument.type}" for name, argument in field.args.items())
    given = ", ".join(f"{name}: ${name}" for name in field.args)
    return (f"({declared})", f"({given})") if declared else ("", "")


@cache
def whole_schema() -> GraphQLSchema:
    """The schema with the sandbox in it."""
    from app.api.schema import schema  # which takes long, and not every test asks by a name

    return build_schema(str(schema(sandbox=True)))
