"""A mutation whose input breaks a rule answers with every fault and its path, and changes nothing."""

from typing import Any

import pytest

from tests.api.rows import Rows
from tests.client import Client

pytestmark = pytest.mark.usefixtures("untouched")

FAMILY = "👨‍👩‍👧"
BAD_NAMES = {
    "empty": "",
    "2 bytes": "ab",
    "21 bytes": "a" * 21,
    "10,000 bytes": "a" * 10_000,
    "a space": "my data",
    "an underscore": "my_data",
    "Korean": "데이터",
    "an emoji": "data💾",
    "a newline at its end": "data\n",
    "NUL": "da\0ta",
}
BAD_DESCRIPTIONS = {
    "101 characters": "한" * 101,
    "101 emoji families": FAMILY * 101,
    "NUL": "da\0ta",
    "bell": "da\x07ta",
    "delete": "da\x7fta",
    "a control character of Latin-1": "da\x85ta",
    "carriage return": "da\rta",
}
BAD_LABELS = {"empty": "", "256 characters": "s" * 256, "a newline": "srv\n1", "NUL": "srv\0"}
BAD_KEYS = {"empty": "", "65 characters": "k" * 65, "Korean": "열쇠", "a newline": "key\n", "NUL": "\0"}
BAD_REASONS = {"empty": "", "blank": " \n", "501 characters": "r" * 501, "NUL": "since\0"}
NAMED = ["createVolume", "updateVolume", "createSnapshot", "updateSnapshot", "restoreVolume"]


@pytest.fixture
def given(rows: Rows) -> dict[str, dict[str, Any]]:
    """An input for each mutation that it would take."""
    volume = rows.volume()
    snapshot = rows.snapshot(volume)
    return {
        "createVolume": {"name": "data", "sizeGb": 10, "product": "SSD"},
        "updateVolume": {"id": volume.id},
        "extendVolume": {"id": volume.id, "sizeGb": 20},
        "attachVolume": {"id": volume.id, "serverId": "srv-1"},
        "createSnapshot": {"volumeId": volume.id, "name": "cut"},
        "updateSnapshot": {"id": snapshot.id},
        "restoreVolume": {"snapshotId": snapshot.id, "name": "data-R"},
        "resetSnapshotStatus": {
            "id": snapshot.id,
            "expectedStatus": "AVAILABLE",
            "status": "ERROR",
            "reason": "it looks broken",
        },
    }


@pytest.fixture
def untouched(given: dict[str, Any], untouched: None) -> None:
    """The rows that the inputs are about come first; then nothing changes any more."""


Given = dict[str, dict[str, Any]]


def faults(problem: dict[str, Any]) -> list[list[str]]:
    """Read the places of an input's faults; each has a message of its own."""
    assert (problem["__typename"], problem["code"]) == ("InvalidInput", "INVALID_INPUT")
    assert all(field["message"] for field in problem["fields"])
    return [field["path"] for field in problem["fields"]]


@pytest.mark.parametrize("mutation", NAMED)
def test_a_name_has_3_to_20_bytes_of_letters_digits_and_dashes(idle: Client, given: Given, mutation: str) -> None:
    for what, name in BAD_NAMES.items():
        assert faults(idle.do(mutation, **{**given[mutation], "name": name})) == [["name"]], what


@pytest.mark.parametrize("mutation", NAMED)
def test_a_description_has_at_most_100_characters_none_of_control(idle: Client, given: Given, mutation: str) -> None:
    for what, description in BAD_DESCRIPTIONS.items():
        problem = idle.do(mutation, **{**given[mutation], "description": description})
        assert faults(problem) == [["description"]], what


@pytest.mark.parametrize("size", [-1, 0, 9, 1001, 2**31 - 1])
def test_a_volume_has_10_to_1000_gb(idle: Client, given: Given, size: int) -> None:
    assert faults(idle.do("createVolume", **{**given["createVolume"], "sizeGb": size})) == [["sizeGb"]]


@pytest.mark.parametrize("size", [-1, 0, 9, 10, 1001, 2**31 - 1])
def test_a_volume_grows_and_to_1000_gb_at_most(idle: Client, given: Given, size: int) -> None:
    assert faults(idle.do("extendVolume", **{**given["extendVolume"], "sizeGb": size})) == [["sizeGb"]]


@pytest.mark.parametrize("mutation", ["createVolume", "extendVolume"])
def test_a_size_is_a_whole_number_of_gb(idle: Client, given: Given, mutation: str) -> None:
    name = mutation[0].upper() + mutation[1:]
    query = f"mutation($it: {name}Input!) {{ {mutation}(input: $it) {{ __typename }} }}"

    for size in (2**31, -(2**31) - 1, 10.5, "10", True, None):
        (error,) = idle.errors(query, it={**given[mutation], "sizeGb": size})
        assert "sizeGb" in error["message"]


@pytest.mark.parametrize("product", ["", "ssd", "TAPE", "S" * 10_000, "SSD\0"])
def test_a_product_is_one_of_those_on_offer(idle: Client, given: Given, product: str) -> None:
    assert faults(idle.do("createVolume", **{**given["createVolume"], "product": product})) == [["product"]]


@pytest.mark.parametrize("field", ["serverId", "serverName", "device"])
def test_what_names_a_server_has_1_to_255_characters_none_of_control(idle: Client, given: Given, field: str) -> None:
    for what, label in BAD_LABELS.items():
        assert faults(idle.do("attachVolume", **{**given["attachVolume"], field: label})) == [[field]], what


@pytest.mark.parametrize("mutation", ["createVolume", "createSnapshot", "restoreVolume"])
def test_an_idempotency_key_has_1_to_64_printable_ascii_characters(idle: Client, given: Given, mutation: str) -> None:
    for what, key in BAD_KEYS.items():
        assert faults(idle.do(mutation, **{**given[mutation], "idempotencyKey": key})) == [["idempotencyKey"]], what


def test_a_reason_has_1_to_500_characters_none_of_control(idle_administrator: Client, given: Given) -> None:
    for what, reason in BAD_REASONS.items():
        problem = idle_administrator.do("resetSnapshotStatus", **{**given["resetSnapshotStatus"], "reason": reason})
        assert faults(problem) == [["reason"]], what


def test_all_faults_of_one_input_come_back_at_once(idle: Client) -> None:
    bad = {"name": "!", "description": "\0" + "한" * 100, "sizeGb": 0, "product": "?", "idempotencyKey": ""}

    places = faults(idle.do("createVolume", **bad))

    assert sorted(places) == [["description"], ["description"], ["idempotencyKey"], ["name"], ["product"], ["sizeGb"]]


@pytest.mark.parametrize(
    ("mutation", "fields"),
    [("updateVolume", ["name", "description", "protected"]), ("updateSnapshot", ["name", "description"])],
)
def test_null_is_no_value_for_an_update(idle: Client, given: Given, mutation: str, fields: list[str]) -> None:
    problem = idle.do(mutation, **given[mutation], **dict.fromkeys(fields))

    assert faults(problem) == [[field] for field in fields]


@pytest.mark.parametrize(
    ("query", "culprit"),
    [
        ("{ volumes(filter: {status: [BROKEN]}) { totalCount } }", "BROKEN"),
        ("{ volumes(filter: {category: TAPE}) { totalCount } }", "TAPE"),
        ("{ snapshots(filter: {status: [IN_USE]}) { totalCount } }", "IN_USE"),
        ("{ snapshots(orderBy: {field: COLOUR, direction: ASC}) { totalCount } }", "COLOUR"),
        ("{ volumes(orderBy: {field: NAME, direction: UP}) { totalCount } }", "UP"),
        ("{ volumeLifecycle { statuses { label(locale: FR) } } }", "FR"),
    ],
)
def test_a_value_that_an_enum_does_not_have_is_refused(idle: Client, query: str, culprit: str) -> None:
    (error,) = idle.errors(query)

    assert culprit in error["message"]


@pytest.mark.parametrize("field", ["expectedStatus", "status"])
def test_a_status_that_no_snapshot_has_cannot_be_set_nor_expected(
    idle_administrator: Client, given: Given, field: str
) -> None:
    query = "mutation($it: ResetSnapshotStatusInput!) { resetSnapshotStatus(input: $it) { __typename } }"

    for value in ("BROKEN", "available", "", 5, None):
        (error,) = idle_administrator.errors(query, it={**given["resetSnapshotStatus"], field: value})
        assert field in error["message"]
