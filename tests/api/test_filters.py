"""A filter says which objects a list holds; what it asks must all fit, and the count obeys it too."""

from typing import Any

import pytest

from tests.api.rows import Rows
from tests.client import Client


def found(client: Client, kind: str, **wanted: Any) -> list[str]:
    """Return the names of those that fit, sorted; the list's count is their number."""
    type_ = "VolumeFilter" if kind == "volumes" else "SnapshotFilter"
    query = f"query($wanted: {type_}) {{ it: {kind}(first: 100, filter: $wanted) {{ totalCount nodes {{ name }} }} }}"
    told = client.ask(query, wanted=wanted)["it"]
    assert told["totalCount"] == len(told["nodes"])
    return sorted(node["name"] for node in told["nodes"])


@pytest.mark.parametrize(
    ("statuses", "names"),
    [
        (["ERROR"], ["failed"]),
        (["AVAILABLE", "ERROR"], ["failed", "ready"]),
        (["ERROR", "ERROR"], ["failed"]),
        (["ERROR_DELETING"], []),
    ],
)
@pytest.mark.parametrize("kind", ["volumes", "snapshots"])
def test_a_list_holds_those_in_one_of_the_statuses(
    idle: Client, rows: Rows, kind: str, statuses: list[str], names: list[str]
) -> None:
    for name, status in (("ready", "AVAILABLE"), ("failed", "ERROR"), ("going", "DELETING")):
        rows.snapshot(rows.volume(name=name, status=status), name=name, status=status)

    assert found(idle, kind, status=statuses) == names


@pytest.mark.parametrize(("category", "names"), [("ROOT", ["root"]), ("DATA", ["data"]), (None, ["data", "root"])])
def test_a_list_holds_volumes_of_one_category(idle: Client, rows: Rows, category: str | None, names: list[str]) -> None:
    rows.volume(name="data")
    rows.volume(name="root", category="ROOT")

    assert found(idle, "volumes", category=category) == names


def test_a_list_holds_the_snapshots_of_one_volume(idle: Client, rows: Rows) -> None:
    volume, other = rows.volume(), rows.volume()
    rows.snapshot(volume, name="own")
    rows.snapshot(other, name="others")

    assert found(idle, "snapshots", volumeId=volume.id) == ["own"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("orders", ["orders-1", "Orders-2"]),
        ("ORDERS-2", ["Orders-2"]),
        ("주문", ["orders-1"]),
        ("100%", ["percent"]),
        ("%", ["percent"]),
        ("_", ["underscore"]),
        ("\\", ["backslash"]),
        ("'", ["quote"]),
        ("nothing of that", []),
        ("a" * 100, []),
    ],
)
@pytest.mark.parametrize("kind", ["volumes", "snapshots"])
def test_a_search_looks_for_the_very_text_in_names_and_descriptions_in_any_case(
    idle: Client, rows: Rows, kind: str, text: str, names: list[str]
) -> None:
    descriptions = {
        "orders-1": "주문 데이터베이스",
        "Orders-2": "",
        "percent": "100% full",
        "underscore": "a_b",
        "backslash": "a\\b",
        "quote": "it's",
    }
    for name, description in descriptions.items():
        volume = rows.volume(name=name, description=description)
        rows.snapshot(volume, name=name, description=description)

    assert found(idle, kind, search=text) == sorted(names)


def test_what_a_filter_asks_must_all_fit(idle: Client, rows: Rows) -> None:
    volume = rows.volume(name="orders")
    for name, status in (("orders-1", "AVAILABLE"), ("orders-2", "ERROR"), ("logs-1", "AVAILABLE")):
        rows.snapshot(volume, name=name, status=status)
    rows.snapshot(rows.volume(), name="orders-3")

    assert found(idle, "snapshots", status=["AVAILABLE"], volumeId=volume.id, search="orders") == ["orders-1"]


def test_a_volumes_own_list_obeys_a_filter_and_an_order(idle: Client, rows: Rows) -> None:
    volume = rows.volume()
    for name in ("b-2", "a-1", "c-3"):
        rows.snapshot(volume, name=name)
    rows.snapshot(volume, name="d-4", status="ERROR")
    query = """query($id: ID!) { volume(id: $id) { snapshots(
        filter: {status: [AVAILABLE]}, orderBy: {field: NAME, direction: ASC}
      ) { totalCount nodes { name } } } }"""

    told = idle.ask(query, id=volume.id)["volume"]["snapshots"]

    assert told == {"totalCount": 3, "nodes": [{"name": "a-1"}, {"name": "b-2"}, {"name": "c-3"}]}
