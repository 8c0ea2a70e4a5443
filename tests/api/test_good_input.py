"""What the rules allow is taken as it is, to the last character; null is taken for absent where that is harmless."""

import pytest

from tests.api.rows import Rows
from tests.client import Client

FAMILY = "👨‍👩‍👧"


@pytest.mark.parametrize("name", ["abc", "a" * 20, "---", "007", "A-z-0-9"])
def test_a_name_may_have_3_bytes_20_bytes_and_be_taken_twice(idle: Client, rows: Rows, name: str) -> None:
    rows.volume(name=name)

    made = idle.do("createVolume", name=name, sizeGb=10, product="SSD")

    assert made["volume"]["name"] == name


@pytest.mark.parametrize(
    "description",
    ["", "한" * 100, FAMILY * 100, "e\u0301" * 100, "two\nlines and\ta tab", "{braces} and %s and 'quotes'; --"],
    ids=["empty", "100 letters", "100 families", "100 accents", "newline and tab", "punctuation"],
)
def test_a_description_is_kept_as_it_was_written(idle: Client, rows: Rows, description: str) -> None:
    volume = rows.volume()

    made = idle.do("createSnapshot", volumeId=volume.id, name="cut", description=description)
    told = idle.ask("query($id: ID!) { snapshot(id: $id) { description } }", id=made["snapshot"]["id"])

    assert told["snapshot"]["description"] == description


@pytest.mark.parametrize("size", [10, 1000])
def test_a_volume_may_have_10_and_1000_gb(idle: Client, size: int) -> None:
    made = idle.do("createVolume", name="data", sizeGb=size, product="HDD")

    assert (made["volume"]["sizeGb"], made["volume"]["status"]) == (size, "CREATING")


def test_null_for_what_has_a_default_is_the_default(idle: Client) -> None:
    nulls = {"description": None, "protected": None, "idempotencyKey": None}

    first, second = (idle.do("createVolume", name="data", sizeGb=10, product="SSD", **nulls) for _ in range(2))

    assert (first["volume"]["description"], first["volume"]["protected"]) == ("", False)
    assert first["volume"]["id"] != second["volume"]["id"]


def test_null_for_an_expected_version_expects_none(idle: Client, rows: Rows) -> None:
    volume = rows.volume()
    snapshot = rows.snapshot(volume)

    changed = idle.do("updateVolume", id=volume.id, name="renamed", expectedVersion=None)
    also = idle.do("updateSnapshot", id=snapshot.id, name="renamed", expectedVersion=None)

    assert (changed["volume"]["name"], also["snapshot"]["name"]) == ("renamed", "renamed")


@pytest.mark.parametrize(
    "arguments",
    [
        "first: null, last: null, after: null, before: null",
        "filter: null, orderBy: null",
        "filter: {}",
        "filter: {status: null, search: null}",
        'filter: {status: [], search: ""}',
    ],
)
@pytest.mark.parametrize("field", ["volumes", "snapshots"])
def test_null_for_an_argument_of_a_list_asks_nothing(idle: Client, rows: Rows, field: str, arguments: str) -> None:
    rows.snapshot(rows.volume())

    assert idle.ask(f"{{ it: {field}({arguments}) {{ totalCount nodes {{ id }} }} }}")["it"]["totalCount"] == 1


@pytest.mark.parametrize("given", [{}, {"name": "data"}, {"name": "data", "description": "", "protected": False}])
def test_an_update_that_says_nothing_new_changes_nothing(idle: Client, rows: Rows, given: dict[str, object]) -> None:
    volume = rows.volume()
    before = rows.revision()

    done = idle.do("updateVolume", id=volume.id, **given)

    assert (done["volume"]["version"], rows.revision()) == (1, before)


def test_an_update_changes_what_it_says_and_leaves_the_rest(idle: Client, rows: Rows) -> None:
    volume = rows.volume(description="before", protected=True)

    done = idle.do("updateVolume", id=volume.id, description="after")

    changed = done["volume"]
    assert (changed["name"], changed["description"], changed["protected"]) == ("data", "after", True)
    assert changed["version"] == 2
