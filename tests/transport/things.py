"""A small schema with every kind of field, and objects for it that hold what they should, or anything."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import Annotated, Any, NewType

import strawberry
from hypothesis import strategies as st
from strawberry.types.scalar import ScalarDefinition, scalar

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Colour(StrEnum):
    RED = "RED"
    BLUE = "BLUE"


class Other(Enum):
    GREEN = "GREEN"


Anything = NewType("Anything", object)
SCALARS: dict[object, ScalarDefinition] = {
    Anything: scalar(name="Anything", serialize=lambda value: None if value == "mute" else repr(value))
}


class Later:
    """Awaited once, twice, or never, it does no harm."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Generator[Any, None, Any]:
        yield from asyncio.sleep(0).__await__()
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Leaf(Named):
    colour: Colour | None
    at: datetime


@strawberry.type
class Guarded:
    shown: bool

    @classmethod
    def is_type_of(cls, found: Any, _: Any) -> bool:
        return isinstance(found, cls) and found.shown


@strawberry.type
class Error(Exception):
    message: str


Either = Annotated["Leaf | Thing", strawberry.union("Either")]


class Handler:
    """Shows by a leaf that a division went wrong."""

    exception_type = ZeroDivisionError
    error_type = Leaf

    def handle(self, exception: ZeroDivisionError, *, field: Any, info: Any) -> Leaf:
        return Leaf(name=str(exception), colour=None, at=NOON)


def _told(thing: "Thing", info: strawberry.Info, field: str) -> Any:
    """What a resolver of that name finds, after it has noted that it was called, and where."""
    info.context.append((field, info.path.as_list(), info.field_name))
    value = thing.held[field]
    if isinstance(value, ZeroDivisionError):
        raise value
    return value


@strawberry.type
class Thing(Named):
    id: strawberry.ID
    text: str | None
    number: int
    share: float | None
    flag: bool
    colour: Colour
    at: datetime | None
    leaf: Leaf
    leaves: list[Leaf]
    maybe_leaves: list[Leaf | None] | None
    rows: list[list[int]] | None
    error: Error | None
    guarded: Guarded | None
    anything: Anything | None
    child: "Thing | None"
    children: "list[Thing]"
    named: Named | None
    either: Either | None
    held: strawberry.Private[dict[str, Any]]

    @strawberry.field
    def asked(self, info: strawberry.Info) -> "Thing | None":
        found: Thing | None = _told(self, info, "asked")
        return found

    @strawberry.field
    def asked_leaf(self, info: strawberry.Info) -> Leaf:
        found: Leaf = _told(self, info, "asked_leaf")
        return found

    @strawberry.field
    def asked_either(self, info: strawberry.Info) -> Either:
        found: Leaf | Thing = _told(self, info, "asked_either")
        return found

    @strawberry.field
    def asked_text(self, info: strawberry.Info, times: int = 1) -> str:
        found: str = _told(self, info, "asked_text")
        return found

    @strawberry.field
    async def awaited_leaf(self, info: strawberry.Info) -> Leaf | None:
        found: Leaf | Later | None = _told(self, info, "awaited_leaf")
        return (await found) if isinstance(found, Later) else found


LEAVES = {
    "name": st.just("one"),
    "colour": st.sampled_from([*Colour, None]),
    "at": st.just(NOON),
}
leaves = st.fixed_dictionaries(LEAVES).map(lambda fields: ("leaf", fields))
odd: st.SearchStrategy[Any] = st.sampled_from(
    [None, "RED", 5, 2**40, 1.5, True, Other.GREEN, Colour.RED, NOON, (), [None], {}, ValueError("odd"), object, "GREY"]
)
odd_later = st.tuples(st.just("later"), odd | leaves)


def few(items: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """A short list."""
    return st.lists(items, max_size=3)


def things(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A thing, and what it holds: mostly what its type says, else anything."""
    held = {
        "name": st.just("a thing"),
        "id": st.just("thing-1"),
        "text": st.sampled_from(["text", None, Colour.RED]),
        "number": st.integers(-5, 2**31 - 1),
        "share": st.sampled_from([0.5, 1, None]),
        "flag": st.booleans(),
        "colour": st.sampled_from(Colour),
        "at": st.sampled_from([NOON, None]),
        "leaf": leaves,
        "leaves": few(leaves),
        "maybe_leaves": st.none() | few(leaves | st.none()),
        "rows": st.none() | few(few(st.integers(0, 9))),
        "error": st.sampled_from([None, Error(message="wrong")]),
        "guarded": st.sampled_from([None, Guarded(shown=True), Guarded(shown=False)]),
        "anything": st.sampled_from(["text", 5, None, "mute", ValueError("odd"), Later("later")]),
        "child": children | st.none(),
        "children": st.just([]) | children.map(lambda child: [child, child]),
        "named": children | leaves | st.none(),
        "either": children | leaves | st.none(),
        "asked": children | st.none() | st.just(ZeroDivisionError("in a resolver")),
        "asked_leaf": leaves,
        "asked_either": leaves | st.just(ZeroDivisionError("in a resolver")),
        "asked_text": st.just("text"),
        "awaited_leaf": leaves,
    }
    odds = st.dictionaries(st.sampled_from(list(held)), odd | odd_later | few(odd | leaves | odd_later))
    return st.tuples(st.fixed_dictionaries(held), st.just({}) | odds).map(lambda parts: ("thing", parts[0] | parts[1]))


any_thing = st.recursive(things(st.nothing()), things, max_leaves=3)


RESOLVED = ("asked", "asked_leaf", "asked_either", "asked_text", "awaited_leaf")


def made(spec: Any) -> Any:
    """Make what was drawn, anew for each that executes it."""
    match spec:
        case ("leaf", fields):
            return Leaf(**{name: made(value) for name, value in fields.items()})
        case ("thing", fields):
            values = {name: made(value) for name, value in fields.items()}
            own = {
                name: values.pop(name) for name in ("asked", "asked_leaf", "asked_either", "asked_text", "awaited_leaf")
            }
            return Thing(**values, held=own)
        case ("later", value):
            return Later(made(value))
        case list():
            return [made(value) for value in spec]
    return spec


@strawberry.type
class Query:
    @strawberry.field
    def thing(self) -> Thing | None:
        found: Thing | None = made(self)
        return found

    @strawberry.field
    async def things(self) -> list[Thing] | None:
        return [made(self), made(self)]


@strawberry.type
class Mutation:
    @strawberry.field
    async def add(self, info: strawberry.Info, text: str) -> str:
        await asyncio.sleep(0)
        info.context.append(text)
        return ",".join(info.context)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def leaves(self, info: strawberry.Info) -> AsyncGenerator[Leaf, None]:
        for name in "abc":
            yield Leaf(name=name, colour=None, at=NOON if name != "b" else 5)  # type: ignore[arg-type]


LEAF = ("leaf", {"name": "one", "colour": Colour.RED, "at": NOON})
NULLS = "text share at rows error child named either maybe_leaves guarded anything asked awaited_leaf"
FINE: dict[str, Any] = dict.fromkeys(NULLS.split()) | {
    "name": "a thing",
    "id": "thing-1",
    "number": 1,
    "flag": True,
    "colour": Colour.BLUE,
    "leaf": LEAF,
    "leaves": [LEAF, LEAF],
    "children": [],
    "asked_leaf": LEAF,
    "asked_either": LEAF,
    "asked_text": "text",
}


def thing(**changes: Any) -> Any:
    """A thing as it should be, but for that."""
    return "thing", FINE | changes
