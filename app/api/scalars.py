"""The scalars that GraphQL lacks: instants and large whole numbers."""

import contextlib
from datetime import UTC, datetime
from typing import NewType

from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition, scalar

ByteCount = NewType("ByteCount", int)


def _write_instant(value: datetime) -> str:
    instant = value if value.tzinfo is UTC else value.astimezone(UTC)
    return f"{instant.isoformat()[:-6]}Z"


def _read_instant(value: object) -> datetime:
    if not isinstance(value, str):
        raise GraphQLError("a DateTime is a string, as 2024-02-05T15:11:07Z")
    with contextlib.suppress(ValueError):
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is not None:
            return instant
    raise GraphQLError("a DateTime is an RFC 3339 instant with an offset, as 2024-02-05T15:11:07Z")


def _read_count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise GraphQLError("a ByteCount is a whole number")
    return value


# The built-in DateTime of strawberry 0.341 takes naive values and bare dates, and has no @specifiedBy.
SCALARS: dict[object, ScalarDefinition] = {
    datetime: scalar(
        name="DateTime",
        description="An instant, as RFC 3339 with an offset: `2024-02-05T15:11:07Z`. One without is refused.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=_write_instant,
        parse_value=_read_instant,
    ),
    ByteCount: scalar(
        name="ByteCount",
        description="A whole number of bytes. It is wider than `Int`: a JSON number of up to 2^53.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259#section-6",
        serialize=int,
        parse_value=_read_count,
    ),
}
