"""A cursor of another tenant is no cursor, wherever one can be given and wherever it was taken from.

The places come from the schema, so that a new argument that takes a cursor cannot be forgotten.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
from graphql import GraphQLObjectType, get_named_type

from tests.api.conftest import NewTenant
from tests.api.lists import LISTS, Owners, fill
from tests.api.rows import Rows
from tests.api.streams import SNAPSHOTS, VOLUMES
from tests.api.test_resuming import ended_by
from tests.client import Client, printed_schema

STREAMS = {"volumeChanges": VOLUMES, "snapshotChanges": SNAPSHOTS}


def places_of_cursors() -> Iterator[tuple[str, str, str]]:
    """Find every argument that is described as a cursor: its type, field and name."""
    for type_ in printed_schema().type_map.values():
        for field_name, field in type_.fields.items() if isinstance(type_, GraphQLObjectType) else ():
            for name, argument in field.args.items():
                if get_named_type(argument.type).name == "String" and "cursor" in (argument.description or ""):
                    yield type_.name, field_name, name


PLACES = list(places_of_cursors())


@pytest.fixture
def own(rows: Rows) -> Owners:
    """The same objects as the other tenant has."""
    return fill(rows, 1)


@pytest.fixture
def foreign(new_tenant: NewTenant) -> dict[str, str]:
    """Every kind of cursor that another tenant has, by where it was taken from."""
    rows, stranger = new_tenant()
    owners = fill(rows, 1)
    cursors = {it.name: it.ask(stranger, owners)["edges"][0]["cursor"] for it in LISTS}
    cursors["an event"] = stranger.ask("{ events { nodes { cursor } } }")["events"]["nodes"][0]["cursor"]
    for name, query in STREAMS.items():
        with stranger.watching(query) as messages:
            for message in messages:
                kind = message["it"]["kind"]
                cursors[f"{name}, {kind}"] = message["it"]["cursor"]
                if kind == "BOOKMARK":
                    break
    return cursors


def test_every_place_that_takes_a_cursor_is_known() -> None:
    assert Counter(type_ for type_, _, _ in PLACES) == {"Query": 5, "Volume": 3, "Snapshot": 3, "Subscription": 2}


@pytest.mark.parametrize(("type_", "field", "argument"), [place for place in PLACES if place[0] != "Subscription"])
def test_a_list_takes_none(
    idle: Client, own: Owners, foreign: dict[str, str], type_: str, field: str, argument: str
) -> None:
    page = f"{field}({argument}: $cursor) {{ pageInfo {{ hasNextPage }} }}"
    id_ = own.snapshot.id if type_ == "Snapshot" else own.volume.id
    held = page if type_ == "Query" else f'node(id: "{id_}") {{ ... on {type_} {{ {page} }} }}'

    for origin, cursor in foreign.items():
        (error,) = idle.errors(f"query($cursor: String) {{ {held} }}", cursor=cursor)
        assert error["extensions"] == {"code": "INVALID_CURSOR", "argument": argument}, origin


@pytest.mark.parametrize(("field", "argument"), [place[1:] for place in PLACES if place[0] == "Subscription"])
def test_a_stream_takes_none(idle: Client, own: Owners, foreign: dict[str, str], field: str, argument: str) -> None:
    for origin, cursor in foreign.items():
        extensions = ended_by(idle, STREAMS[field], **{argument: cursor})
        assert extensions == {"code": "INVALID_CURSOR", "argument": argument}, origin


@pytest.mark.parametrize("query", STREAMS.values(), ids=STREAMS)
def test_a_last_event_id_is_none(idle: Client, own: Owners, foreign: dict[str, str], query: str) -> None:
    for origin, cursor in foreign.items():
        with idle.event_stream(query, last=cursor) as events:
            (error,) = next(events).data["errors"]
        assert error["extensions"] == {"code": "INVALID_CURSOR", "argument": "after"}, origin
