"""Whatever is asked of whatever objects, a plan answers as graphql-core does: data, order, errors, resolvers called."""

import asyncio
import contextlib
import dataclasses
import gc
import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson
import pytest
import strawberry
from graphql import OperationDefinitionNode, get_introspection_query, parse
from hypothesis import HealthCheck, given
from hypothesis import settings as profiles
from hypothesis import strategies as st
from hypothesis_graphql import mutations, queries
from prometheus_client import REGISTRY
from strawberry.extensions import ParserCache, SchemaExtension
from strawberry.schema import schema_converter
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.field import StrawberryField

from app.main import open_store
from app.settings import Settings
from app.testing.serving import serving
from app.transport.compiled import CompilingExecutor, Plans
from tests.api.lists import fill
from tests.api.rows import Rows
from tests.client import PRINTED, SECRET, Client
from tests.transport.documents import conditions, with_conditions
from tests.transport.things import (
    LEAF,
    NOON,
    SCALARS,
    Error,
    Guarded,
    Handler,
    Leaf,
    Mutation,
    Query,
    Subscription,
    Thing,
    any_thing,
    made,
    thing,
)

Schemas = dict[bool, strawberry.Schema]


def schemas(*extensions: Callable[[], SchemaExtension], defers: bool = False) -> Schemas:
    """The same schema twice: with plans, and as graphql-core runs it."""
    return {
        compiles: strawberry.Schema(
            Query,
            Mutation,
            Subscription,
            extensions=[ParserCache, *extensions],
            config=StrawberryConfig(scalar_map=SCALARS, enable_experimental_incremental_execution=defers),
            exception_handlers=[Handler()],
            execution_context_class=executor,
        )
        for compiles, executor in ((True, CompilingExecutor), (False, StrawberryGraphQLCoreExecutionContext))
    }


BOTH = schemas()
SDL = BOTH[True].as_str()


async def run(schema: strawberry.Schema, query: str, root: Any = None, **variables: Any) -> tuple[bytes, list[Any]]:
    """Return the answer as bytes, and the resolvers that were called."""
    called: list[Any] = []
    result = await schema.execute(query, variables, called, root)
    errors = [error.formatted for error in result.errors or ()]
    return orjson.dumps([result.data, errors]), called


async def alike(query: str, root: Any = None, *, both: Schemas = BOTH, **variables: Any) -> bytes:
    """Run it thrice, so that a plan is also met again. Returns the one answer of all."""
    expected = await run(both[False], query, root, **variables)
    for _ in range(2):
        assert await run(both[True], query, root, **variables) == expected
    return expected[0]


@profiles(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_thing, queries(SDL).flatmap(with_conditions), st.lists(conditions, min_size=1, max_size=3))
def test_any_query_over_any_objects_is_answered_alike(root: Any, query: str, given: list[dict[str, bool]]) -> None:
    async def ask_all() -> None:
        for variables in given:
            await alike(query, root, **dict[str, Any](variables))

    asyncio.run(ask_all())


AMISS = {
    "a null where none may be": (
        "{ thing { leaves { name at } } }",
        thing(leaves=[LEAF, ("leaf", {"name": None, "colour": None, "at": NOON})]),
        ["thing", "leaves", 1, "name"],
    ),
    "no value of the enum": ("{ thing { text colour } }", thing(colour="GREY"), ["thing", "colour"]),
    "no 32 bits": ("{ things { number } }", thing(number=2**31), ["things", 0, "number"]),
    "an exception as a value": ("{ thing { text } }", thing(text=ValueError("odd")), ["thing", "text"]),
    "an object that is an exception": (
        "{ thing { error { message } } }",
        thing(error=Error(message="no")),
        ["thing", "error"],
    ),
    "an exception for a scalar that takes anything": (
        "{ thing { anything } }",
        thing(anything=ValueError("odd")),
        ["thing", "anything"],
    ),
    "an awaitable for a scalar that takes anything": (
        "{ thing { anything } }",
        thing(anything=("later", ValueError("odd"))),
        ["thing", "anything"],
    ),
    "a scalar that is written as null": ("{ thing { anything } }", thing(anything="mute"), ["thing", "anything"]),
    "an object that its type refuses": (
        "{ thing { guarded { shown } } }",
        thing(guarded=Guarded(shown=False)),
        ["thing", "guarded"],
    ),
    "a leaf that was cast": (
        "{ thing { leaf { name } } }",
        thing(leaf=strawberry.cast(Thing, made(LEAF))),
        ["thing", "leaf"],
    ),
    "a thing that was cast": (
        "{ thing { asked { name askedText } } }",
        thing(asked=strawberry.cast(Leaf, made(thing()))),
        ["thing", "asked"],
    ),
    "a null beside what is awaited": (
        "{ thing { awaitedLeaf { name } number } }",
        thing(number=None),
        ["thing", "number"],
    ),
    "an awaitable that fails": ("{ thing { at } }", thing(at=("later", ValueError("odd"))), ["thing", "at"]),
    "an object of another type": ("{ thing { leaf { __typename } } }", thing(leaf=5), ["thing", "leaf"]),
    "one thing for a list": ("{ thing { leaves { name } } }", thing(leaves=5), ["thing", "leaves"]),
    "a resolver that raises": (
        "{ thing { asked { name } } }",
        thing(asked=ZeroDivisionError("no")),
        ["thing", "asked"],
    ),
    "a resolver's odd value": ("{ thing { askedLeaf { at } } }", thing(asked_leaf=None), ["thing", "askedLeaf"]),
    "a condition that is null": (
        "query($b: Boolean = true) { thing { leaf { at @skip(if: $b) } } }",
        thing(),
        ["thing", "leaf"],
    ),
}


@pytest.mark.parametrize("what", AMISS)
def test_what_is_amiss_is_told_as_graphql_core_tells_it(what: str) -> None:
    query, root, path = AMISS[what]
    variables: dict[str, Any] = {"b": None} if "$b" in query else {}
    _, (error, *_) = orjson.loads(asyncio.run(alike(query, root, **variables)))
    assert error["path"] == path


@pytest.mark.parametrize("found", [None, 5, ValueError("odd"), ZeroDivisionError("no"), LEAF, ("later", None)])
def test_a_resolver_runs_once_whatever_it_finds_and_is_told_where_it_runs(found: Any) -> None:
    query = "{ things { asked { name } leaf { at } askedLeaf { at } } }"
    root = thing(asked=found, asked_leaf=found)
    _, called = asyncio.run(run(BOTH[True], query, root))
    assert called == asyncio.run(run(BOTH[False], query, root))[1]
    assert called[:2] == [
        ("asked", ["things", 0, "asked"], "asked"),
        ("asked_leaf", ["things", 0, "askedLeaf"], "askedLeaf"),
    ]
    assert all(called.count(call) == 1 for call in called)


def test_graphql_core_executes_what_is_not_plain_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    executed: list[str] = []
    execute_field = StrawberryGraphQLCoreExecutionContext.execute_field

    def noted(self: Any, parent: Any, source: Any, details: Any, path: Any, position: Any) -> Any:
        executed.append(path.key)
        return execute_field(self, parent, source, details, path, position)

    monkeypatch.setattr(StrawberryGraphQLCoreExecutionContext, "execute_field", noted)
    query = "{ thing { __typename id text colour leaf { at } leaves { name } asked { id leaf { name } } askedText } }"
    asyncio.run(run(BOTH[True], query, thing(asked=thing())))
    assert executed == ["thing", "asked", "askedText"]


def test_strawberry_looks_for_the_arguments_of_no_resolver_that_takes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    get_arguments = schema_converter.get_arguments

    def noted(*, field: StrawberryField, **others: Any) -> Any:
        looked.append(field.name)
        return get_arguments(field=field, **others)

    monkeypatch.setattr(schema_converter, "get_arguments", noted)
    asyncio.run(run(BOTH[True], "{ thing { asked { id } askedLeaf { at } awaitedLeaf { at } askedText } }", thing()))
    assert looked == ["thing", "asked_text"]


def test_two_operations_of_one_document_at_once_include_what_their_own_variables_say() -> None:
    query = "query($a: Boolean!) { thing { awaitedLeaf { name at @include(if: $a) } leaf { at @skip(if: $a) name } } }"

    async def at_once() -> list[Any]:
        ways = [run(BOTH[True], query, thing(awaited_leaf=("later", LEAF)), a=bool(n % 2)) for n in range(6)]
        return [orjson.loads(answer)[0]["thing"] for answer, _ in await asyncio.gather(*ways)]

    for n, told in enumerate(asyncio.run(at_once())):
        assert ("at" in told["awaitedLeaf"], "at" in told["leaf"]) == (bool(n % 2), not n % 2)


def test_a_failure_that_has_a_type_of_its_own_is_shown_by_it() -> None:
    query = "{ thing { askedEither { ... on Leaf { name } } } }"
    assert b"a failure" in asyncio.run(alike(query, thing(asked_either=ZeroDivisionError("a failure"))))


def test_a_schema_may_say_how_its_objects_are_read() -> None:
    @strawberry.type
    class Root:
        name: str

    config = StrawberryConfig(default_resolver=lambda source, name: f"the {name} of {type(source).__name__}")
    schema = strawberry.Schema(Root, config=config, execution_context_class=CompilingExecutor)
    assert schema.execute_sync("{ name }", root_value=Root(name="it")).data == {"name": "the name of Root"}


def test_who_may_not_see_a_field_is_not_shown_it() -> None:
    class Never(strawberry.BasePermission):
        message = "never"

        def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
            return False

    @strawberry.type
    class Root:
        name: str | None = strawberry.field(permission_classes=[Never], default="a secret")

    schema = strawberry.Schema(Root, execution_context_class=CompilingExecutor)
    result = schema.execute_sync("{ name }", root_value=Root())
    assert (result.data, [error.message for error in result.errors or ()]) == ({"name": None}, ["never"])


def test_introspection_is_answered_alike() -> None:
    assert b"askedLeaf" in asyncio.run(alike(get_introspection_query()))


def test_mutations_run_one_after_another() -> None:
    query = 'mutation { a: add(text: "a") b: add(text: "b") __typename }'
    told, _ = orjson.loads(asyncio.run(alike(query)))
    assert told == {"a": "a", "b": "a,b", "__typename": "Mutation"}


def test_each_event_of_a_subscription_is_told_alike() -> None:
    async def events(schema: strawberry.Schema) -> list[Any]:
        stream = await schema.subscribe("subscription { leaves { __typename name at } }", context_value=[])
        return [(event.data, [error.formatted for error in event.errors or ()]) async for event in stream]

    told = asyncio.run(events(BOTH[True]))
    assert told == asyncio.run(events(BOTH[False]))
    assert [data and data["leaves"]["name"] for data, _ in told] == ["a", None, "c"]


class Shouting(SchemaExtension):
    def resolve(self, _next: Callable[..., Any], root: Any, info: Any, *args: str, **kwargs: Any) -> Any:
        value = _next(root, info, *args, **kwargs)
        return value.upper() if isinstance(value, str) else value


def test_an_extension_that_sees_each_field_still_does() -> None:
    assert b"A THING" in asyncio.run(alike("{ thing { name } }", thing(), both=schemas(Shouting)))


def test_what_is_deferred_or_streamed_comes_in_its_own_time() -> None:
    both = schemas(defers=True)
    query = "{ thing { name ... @defer { number leaf { at } } leaves @stream(initialCount: 1) { name } } }"

    async def frames(schema: strawberry.Schema) -> list[str]:
        return [
            str(getattr(frame, "formatted", frame)) async for frame in await schema.stream(query, None, [], thing())
        ]

    told = asyncio.run(frames(both[True]))
    assert told == asyncio.run(frames(both[False]))
    assert len(told) > 1


# Plans


def operation() -> OperationDefinitionNode:
    node = parse("{ thing { name } }").definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    return node


def test_a_plan_goes_with_its_document() -> None:
    plans, kept = Plans(), operation()
    plan = weakref.ref(plans.of(kept, ()))
    gc.collect()
    assert plan() is plans.of(kept, ())
    del kept
    gc.collect()
    assert plan() is None


def test_a_document_that_comes_again_is_not_looked_through_again(monkeypatch: pytest.MonkeyPatch) -> None:
    query = "query Again { thing { leaf { name } asked { askedText } } }"
    asyncio.run(run(BOTH[True], query, thing(asked=thing())))
    monkeypatch.setattr(CompilingExecutor, "_field", None)
    assert asyncio.run(run(BOTH[True], query, thing(asked=thing()))) == asyncio.run(
        run(BOTH[False], query, thing(asked=thing()))
    )


def test_documents_that_are_equal_have_plans_of_their_own() -> None:
    plans, one, other = Plans(), operation(), operation()
    assert one == other
    assert plans.of(one, ()) is not plans.of(other, ())


def test_no_caller_can_have_plans_without_end_by_varying_conditions() -> None:
    plans, kept = Plans(), operation()
    made_for = [weakref.ref(plans.of(kept, conditions)) for conditions in range(1000)]
    gc.collect()
    assert sum(plan() is not None for plan in made_for) <= 16


@pytest.mark.parametrize(("both", "ways"), [(BOTH, ["NEW", "KEPT"]), (schemas(Shouting), ["NONE", "NONE"])])
def test_an_operation_is_counted_by_its_plan(both: Schemas, ways: list[str], tenant: str) -> None:
    query = f"query {tenant.replace('-', '_')} {{ thing {{ name }} }}"
    for way in ways:
        before = REGISTRY.get_sample_value("graphql_plans_total", {"plan": way}) or 0
        asyncio.run(run(both[True], query, thing()))
        assert REGISTRY.get_sample_value("graphql_plans_total", {"plan": way}) == before + 1


# The service

SERVICE = PRINTED.read_text(encoding="utf-8")


class Twice(NamedTuple):
    """The same tenant at two services over one database: one compiles, one does not."""

    clients: list[Client]
    ids: list[str]

    def ask(self, query: str, variables: Mapping[str, Any]) -> None:
        """Ask both, twice. What fails fails in threads, so which error comes first is chance."""
        told = set()
        for client in self.clients * 2:
            sent = {"query": query, "variables": variables}
            answer = client.http.post("/graphql", json=sent, headers={"X-Request-ID": "of-the-tests"}).json()
            answer.get("errors", []).sort(key=orjson.dumps)
            told.add(orjson.dumps(answer))
        assert len(told) == 1


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    settings = Settings(
        data=tmp_path_factory.mktemp("compiled"),
        jwt_secret=SECRET,
        worker=False,
        limit_points_per_second=0,
        limit_directives=500,
        limit_aliases=500,
    )
    with contextlib.ExitStack() as open_parts:
        addresses = [
            open_parts.enter_context(serving(dataclasses.replace(settings, compile=compiles)))
            for compiles in (True, False)
        ]
        store = open_parts.enter_context(contextlib.closing(open_store(settings)))
        owners = fill(Rows(store, "twice"), 2)
        Rows(store, "twice").volumes(1, status="IN_USE", category="ROOT")
        yield Twice(
            [open_parts.enter_context(Client(address, "twice")) for address in addresses],
            [owners.volume.id, owners.snapshot.id, "vol-1"],
        )


@profiles(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), queries(SERVICE) | mutations(SERVICE), st.lists(conditions, min_size=1, max_size=2))
def test_whatever_the_service_is_asked_it_answers_alike(
    twice: Twice, data: st.DataObject, document: str, given: list[dict[str, bool]]
) -> None:
    query = data.draw(with_conditions(document, twice.ids))
    for variables in given:
        twice.ask(query, variables)
