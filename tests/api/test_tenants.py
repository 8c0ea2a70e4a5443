"""A tenant sees and changes its own objects and nobody else's; it comes from the token, never from an argument."""

from typing import Any

import pytest

from tests.api.conftest import NewTenant
from tests.api.lists import LISTS, List, Owners, fill
from tests.api.rows import Rows
from tests.api.streams import SNAPSHOTS, VOLUMES, changes, opening
from tests.client import Client


@pytest.fixture
def neighbours(rows: Rows, new_tenant: NewTenant) -> tuple[Owners, Owners, Client]:
    """The same objects in two tenants: one's own, and another's with a caller of it."""
    other_rows, other = new_tenant()
    return fill(rows, 2), fill(other_rows, 2), other


Neighbours = tuple[Owners, Owners, Client]


@pytest.mark.parametrize("it", LISTS, ids=[it.name for it in LISTS])
def test_two_tenants_lists_have_nothing_in_common(idle: Client, neighbours: Neighbours, it: List) -> None:
    mine, theirs, other = neighbours
    node = "subjectId" if it.path[-1] == "events" else "id"

    seen = [
        {edge["node"][node] for edge in it.ask(client, owners, node)["edges"]}
        for client, owners in ((idle, mine), (other, theirs))
    ]

    assert all(seen)
    assert seen[0] & seen[1] == set()


@pytest.mark.parametrize("it", [it for it in LISTS if it.of], ids=[it.name for it in LISTS if it.of])
def test_a_foreign_objects_lists_are_not_there(idle: Client, neighbours: Neighbours, it: List) -> None:
    _, theirs, _ = neighbours

    assert idle.ask(it.query(), **it.about(theirs)) == {it.path[0]: None}


@pytest.mark.parametrize("field", ["volumes", "snapshots"])
def test_a_count_and_a_search_look_at_ones_own_objects_only(
    idle: Client, neighbours: Neighbours, new_tenant: NewTenant, field: str
) -> None:
    _, newcomer = new_tenant()
    query = f'{{ all: {field} {{ totalCount }} found: {field}(filter: {{search: "e"}}) {{ totalCount }} }}'

    mine, nobodys = idle.ask(query), newcomer.ask(query)

    assert mine["all"]["totalCount"] == {"volumes": 3, "snapshots": 2}[field]
    assert nobodys == {"all": {"totalCount": 0}, "found": {"totalCount": 0}}


@pytest.mark.parametrize("query", [VOLUMES, SNAPSHOTS], ids=["volumes", "snapshots"])
def test_a_stream_tells_of_ones_own_objects_only(idle: Client, neighbours: Neighbours, query: str) -> None:
    mine, theirs, other = neighbours
    with idle.watching(query) as messages:
        told = opening(messages)

        for client, owners in ((other, theirs), (idle, mine)):
            client.do("updateVolume", id=owners.volume.id, name="renamed")
            client.do("updateSnapshot", id=owners.snapshot.id, name="renamed")
        told += changes(messages, 1)

    other_ids = {theirs.volume.id, theirs.snapshot.id}
    assert not other_ids & {it.get("volumeId") or it.get("snapshotId") for it in told}


def test_foreign_and_absent_objects_are_told_alike(idle: Client, neighbours: Neighbours) -> None:
    foreign = neighbours[1].volume.id
    absent = foreign[:-24] + "0" * 24

    problems = [idle.do("deleteVolume", id=id_) for id_ in (foreign, absent)]

    assert [problem["message"].replace(foreign, absent) for problem in problems] == [problems[1]["message"]] * 2


def test_the_viewer_is_the_caller_of_the_token(client: Client, administrator: Client, tenant: str) -> None:
    query = "{ viewer { id name roles tenant { id name } } }"

    member, admin = client.ask(query)["viewer"], administrator.ask(query)["viewer"]

    assert member == {
        "id": "tester@example",
        "name": "tester",
        "roles": ["MEMBER"],
        "tenant": {"id": tenant, "name": tenant},
    }
    assert admin["roles"] == ["ADMINISTRATOR", "MEMBER"]


def test_the_products_are_those_of_the_settings(client: Client) -> None:
    assert client.ask("{ products { name description } }")["products"] == [
        {"name": "HDD", "description": "economical, for large data read in a row"},
        {"name": "SSD", "description": "fast, for databases and systems"},
    ]


def test_an_event_tells_who_did_what_in_which_request(idle: Client) -> None:
    idle.http.headers["X-Request-Id"] = "request-1"
    made = idle.do("createVolume", name="data", sizeGb=10, product="SSD")["volume"]["id"]

    told = idle.ask("""{ events { nodes {
      kind subjectId subjectName previousStatus status actor requestId subject { id } } } }""")

    assert told["events"]["nodes"] == [
        {
            "kind": "CREATED",
            "subjectId": made,
            "subjectName": "data",
            "previousStatus": None,
            "status": "CREATING",
            "actor": "tester",
            "requestId": "request-1",
            "subject": {"id": made},
        }
    ]


def test_the_events_of_what_is_gone_are_kept(idle: Client, rows: Rows) -> None:
    volume = rows.volume(name="passing")
    rows.remove(volume)

    told = idle.ask("{ events { nodes { kind subjectName status subject { id } } } }")["events"]["nodes"]

    assert told == [
        {"kind": "CREATED", "subjectName": "passing", "status": "AVAILABLE", "subject": None},
        {"kind": "DELETED", "subjectName": "passing", "status": None, "subject": None},
    ]


@pytest.mark.parametrize(
    ("mutation", "given"),
    [("createSnapshot", {"name": "cut"}), ("detachVolume", {}), ("deleteVolume", {})],
)
@pytest.mark.parametrize("status", ["AVAILABLE", "IN_USE"])
def test_a_root_volume_is_neither_snapshotted_nor_detached_nor_deleted(
    idle: Client, rows: Rows, status: str, mutation: str, given: dict[str, Any]
) -> None:
    volume = rows.volume(category="ROOT", status=status)
    id_ = {"volumeId" if mutation == "createSnapshot" else "id": volume.id}

    problem = idle.do(mutation, **id_, **given)

    assert (problem["__typename"], problem["code"]) == ("Refused", "ROOT_VOLUME_NOT_SUPPORTED")
    assert volume.id in problem["message"]
