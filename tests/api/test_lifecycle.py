"""The state machines can be asked for, and are the very tables that the code enforces."""

from typing import Any

import pytest

from app.domain.lifecycle import Lifecycle
from app.domain.snapshot import SNAPSHOT_LIFECYCLE
from app.domain.volume import VOLUME_LIFECYCLE
from tests.client import Client

TABLES = [("volumeLifecycle", VOLUME_LIFECYCLE), ("snapshotLifecycle", SNAPSHOT_LIFECYCLE)]
VOLUME_LABELS = {
    "CREATING": ("Creating", "처리중"),
    "AVAILABLE": ("Available", "사용 가능"),
    "ATTACHING": ("Attaching", "처리중"),
    "IN_USE": ("In use", "사용중"),
    "DETACHING": ("Detaching", "처리중"),
    "EXTENDING": ("Extending", "처리중"),
    "DELETING": ("Deleting", "처리중"),
    "ERROR": ("Failed", "장애"),
    "ERROR_DELETING": ("Deletion failed", "삭제 에러"),
    "UNMANAGED": ("Unmanaged", "비정상"),
}
SNAPSHOT_LABELS = {
    "CREATING": ("Creating", "처리중"),
    "AVAILABLE": ("Available", "사용 가능"),
    "DELETING": ("Deleting", "처리중"),
    "ERROR": ("Error", "에러"),
    "ERROR_DELETING": ("Deletion failed", "삭제 에러"),
}


@pytest.mark.parametrize(("field", "table"), TABLES)
def test_the_transitions_are_those_of_the_table(client: Client, field: str, table: Lifecycle[Any]) -> None:
    told = client.ask(f"{{ it: {field} {{ transitions {{ from to by }} }} }}")["it"]["transitions"]

    assert told == [{"from": arrow.source, "to": arrow.target, "by": arrow.by} for arrow in table]


@pytest.mark.parametrize(("field", "table"), TABLES)
def test_a_status_is_transitional_when_work_is_owed_in_it(client: Client, field: str, table: Lifecycle[Any]) -> None:
    told = client.ask(f"{{ it: {field} {{ statuses {{ status transitional }} }} }}")["it"]["statuses"]

    assert {it["status"] for it in told if it["transitional"]} == set(table.transitional)
    assert [it["status"] for it in told] == list(table.meanings)


@pytest.mark.parametrize(("field", "labels"), [("volume", VOLUME_LABELS), ("snapshot", SNAPSHOT_LABELS)])
def test_a_status_is_called_as_in_the_user_guide(
    client: Client, field: str, labels: dict[str, tuple[str, str]]
) -> None:
    told = client.ask(f"{{ it: {field}Lifecycle {{ statuses {{ status en: label ko: label(locale: KO) }} }} }}")

    assert {it["status"]: (it["en"], it["ko"]) for it in told["it"]["statuses"]} == labels


@pytest.mark.parametrize("field", ["volumeLifecycle", "snapshotLifecycle"])
def test_a_status_is_described_in_both_languages(client: Client, field: str) -> None:
    told = client.ask(f"{{ it: {field} {{ statuses {{ en: description ko: description(locale: KO) }} }} }}")

    for status in told["it"]["statuses"]:
        assert status["en"].isascii()
        assert any("가" <= char <= "힣" for char in status["ko"])


@pytest.mark.parametrize("argument", ["", "(locale: null)", "(locale: EN)"])
def test_a_label_is_english_unless_asked_otherwise(client: Client, argument: str) -> None:
    told = client.ask(f"{{ it: volumeLifecycle {{ statuses {{ label{argument} }} }} }}")

    assert [it["label"] for it in told["it"]["statuses"]] == [english for english, _ in VOLUME_LABELS.values()]
