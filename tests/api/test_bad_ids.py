"""An id that names none of the tenant's objects finds nothing, wherever it is given; foreign and absent are alike.

The places come from the schema, so that a new argument or input field that takes an id cannot be forgotten.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from app.testing.answers import WAIT_S
from tests.api.conftest import NewTenant
from tests.api.rows import Rows
from tests.client import Client, printed_schema

pytestmark = pytest.mark.usefixtures("untouched")

VOLUME_FIELDS = {"CreateSnapshotInput", "SnapshotFilter"}
REQUIRED: dict[str, Any] = {
    "name": "data",
    "sizeGb": 20,
    "serverId": "srv-1",
    "expectedStatus": "AVAILABLE",
    "status": "ERROR",
    "reason": "it looks broken",
}


def places_of_ids() -> dict[str, list[tuple[str, str]]]:
    """Find every argument and input field of type ID, by the kind of type that holds it."""
    found: dict[str, list[tuple[str, str]]] = {"Query": [], "Subscription": [], "inputs": []}
    for name in ("Query", "Subscription"):
        for field_name, field in printed_schema().type_map[name].fields.items():  # type: ignore[attr-defined]
            ids = [argument for argument, it in field.args.items() if get_named_type(it.type).name == "ID"]
            found[name] += [(field_name, argument) for argument in ids]
    for type_ in printed_schema().type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            ids = [field for field, it in type_.fields.items() if get_named_type(it.type).name == "ID"]
            found["inputs"] += [(type_.name, field) for field in ids]
    return found


PLACES = places_of_ids()
MUTATIONS = [(type_, field) for type_, field in PLACES["inputs"] if type_.endswith("Input")]
BAD_IDS: dict[str, Callable[[str, str], str]] = {
    "of another tenant": lambda _own, foreign: foreign,
    "absent": lambda own, _: own[:-24] + "0" * 24,
    "garbage": lambda *_: "no id at all",
    "empty": lambda *_: "",
    "NUL": lambda *_: "\0",
    "with a newline at its end": lambda own, _: own + "\n",
    "in capitals": lambda own, _: own.upper(),
    "10,000 characters long": lambda own, _: own + "0" * 10_000,
    "SQL": lambda *_: "' OR 1=1 --",
}


@pytest.fixture
def ids(rows: Rows, new_tenant: NewTenant) -> dict[str, tuple[str, str]]:
    """An id of the tenant's own and one of another's, of each kind."""
    volume, (foreign_rows, _) = rows.volume(), new_tenant()
    foreign = foreign_rows.volume()
    return {
        "volume": (volume.id, foreign.id),
        "snapshot": (rows.snapshot(volume).id, foreign_rows.snapshot(foreign).id),
    }


Ids = dict[str, tuple[str, str]]


@pytest.fixture
def untouched(ids: Ids, untouched: None) -> None:
    """The objects come first; then nothing changes any more."""


def kind_of(place: str, field: str) -> str:
    """Tell which kind of object a field wants, by its own name or its holder's."""
    named_by = field if field != "id" else place
    return "snapshot" if "snapshot" in named_by.lower() else "volume"


def wrong_ids(ids: Ids, kind: str) -> dict[str, str]:
    """Make all the ids that name nothing there."""
    other = "snapshot" if kind == "volume" else "volume"
    return {"of the other kind": ids[other][0], **{name: make(*ids[kind]) for name, make in BAD_IDS.items()}}


def test_every_place_that_takes_an_id_is_known() -> None:
    assert {name: len(found) for name, found in PLACES.items()} == {"Query": 3, "Subscription": 3, "inputs": 12}


@pytest.mark.parametrize(("type_", "field"), MUTATIONS)
def test_a_mutation_finds_nothing_by_a_wrong_id(idle_administrator: Client, ids: Ids, type_: str, field: str) -> None:
    mutation = type_[0].lower() + type_.removesuffix("Input")[1:]
    wanted = printed_schema().type_map[type_]
    assert isinstance(wanted, GraphQLInputObjectType)
    rest = {name: value for name, value in REQUIRED.items() if name in wanted.fields}

    for what, id_ in wrong_ids(ids, kind_of(type_, field)).items():
        problem = idle_administrator.do(mutation, **{**rest, field: id_})
        assert (problem["__typename"], problem["code"], problem["id"]) == ("NotFound", "NOT_FOUND", id_), what
        assert len(problem["message"]) < 200, what


@pytest.mark.parametrize(("field", "argument"), PLACES["Query"])
def test_a_query_finds_nothing_by_a_wrong_id(idle: Client, ids: Ids, field: str, argument: str) -> None:
    wrong = wrong_ids(ids, kind_of(field, argument))
    if field == "node":
        del wrong["of the other kind"]  # to it every kind is right

    for what, id_ in wrong.items():
        query = f"query($id: ID!) {{ it: {field}({argument}: $id) {{ id }} }}"
        assert idle.ask(query, id=id_) == {"it": None}, what


@pytest.mark.parametrize("kind", ["volume", "snapshot"])
def test_a_node_is_found_by_its_id_alone(idle: Client, ids: Ids, kind: str) -> None:
    told = idle.ask("query($id: ID!) { node(id: $id) { __typename id } }", id=ids[kind][0])

    assert told["node"] == {"__typename": kind.capitalize(), "id": ids[kind][0]}


def test_a_list_of_the_snapshots_of_a_wrong_volume_is_empty(idle: Client, ids: Ids) -> None:
    query = "query($id: ID) { snapshots(filter: {volumeId: $id}) { totalCount nodes { id } } }"

    for what, id_ in wrong_ids(ids, "volume").items():
        assert idle.ask(query, id=id_) == {"snapshots": {"totalCount": 0, "nodes": []}}, what


def test_a_volumes_own_list_has_none_of_another_volumes_snapshots(idle: Client, ids: Ids) -> None:
    query = """query($id: ID!, $other: ID) {
      volume(id: $id) { snapshots(filter: {volumeId: $other}) { totalCount nodes { id } } } }"""

    for what, id_ in wrong_ids(ids, "volume").items():
        told = idle.ask(query, id=ids["volume"][0], other=id_)
        assert told["volume"]["snapshots"] == {"totalCount": 0, "nodes": []}, what


@pytest.mark.parametrize(("field", "argument"), PLACES["Subscription"])
def test_a_stream_about_a_wrong_id_is_silent_but_for_bookmarks(
    idle: Client, ids: Ids, field: str, argument: str
) -> None:
    query = f"subscription($id: ID) {{ it: {field}({argument}: $id) {{ kind }} }}"
    wrong = wrong_ids(ids, kind_of(field, argument))
    bookmarks = dict.fromkeys(wrong, 0)

    with idle.socket() as socket:
        for what, id_ in wrong.items():
            message = {"query": query, "variables": {"id": id_}}
            socket.send(json.dumps({"id": what, "type": "subscribe", "payload": message}))
        while min(bookmarks.values()) < 2:
            told = json.loads(socket.recv(timeout=WAIT_S))
            assert told["payload"]["data"] == {"it": {"kind": "BOOKMARK"}}, told
            bookmarks[told["id"]] += 1
