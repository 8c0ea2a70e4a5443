"""Messages come in the language that the caller reads: Korean if it prefers that, else English."""

import json
from collections.abc import Iterator

import pytest

from app.testing.answers import WAIT_S
from tests.api.conftest import Idle
from tests.api.rows import Rows
from tests.client import Client

ENGLISH = "a name has 3 to 20 bytes, of A-Z, a-z, 0-9 and '-' only"
KOREAN = "이름은 3byte 이상 20byte 이내, 영문과 숫자, '-' 만 가능합니다"
BAD_NAME = """mutation { it: createVolume(input: {name: "x", sizeGb: 10, product: "SSD"}) {
  ... on InvalidInput { message fields { message } } } }"""


@pytest.fixture
def korean(idle_service: Idle, tenant: str) -> Iterator[Client]:
    """A caller of the test's own tenant who reads Korean."""
    with Client(idle_service.address, tenant, language="ko-KR,ko;q=0.9,en;q=0.8") as client:
        yield client


@pytest.mark.parametrize(
    ("accept", "message"),
    [
        ("ko", KOREAN),
        ("ko-KR", KOREAN),
        ("KO-kr", KOREAN),
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", KOREAN),
        ("fr, ko;q=0.5", KOREAN),
        ("en;q=0.5, ko;q=0.6", KOREAN),
        ("en;q=0, ko;q=0.1", KOREAN),
        ("ko, en", KOREAN),
        ("en, ko", ENGLISH),
        ("en-US,en;q=0.9,ko;q=0.8", ENGLISH),
        ("ko;q=0", ENGLISH),
        ("ko;q=much, en", ENGLISH),
        ("ko;q=nan, en", ENGLISH),
        ("fr", ENGLISH),
        ("*", ENGLISH),
        ("", ENGLISH),
        (",;q=,;;", ENGLISH),
    ],
)
def test_messages_come_in_the_language_that_the_caller_likes_best(idle: Client, accept: str, message: str) -> None:
    idle.http.headers["Accept-Language"] = accept

    assert idle.ask(BAD_NAME)["it"]["fields"][0]["message"] == message


@pytest.mark.parametrize(
    ("parameters", "message"),
    [({"Accept-Language": "ko-KR"}, KOREAN), ({"accept-language": "ko"}, KOREAN), ({}, ENGLISH)],
)
def test_a_socket_speaks_the_language_of_its_connection_parameter(
    idle: Client, parameters: dict[str, str], message: str
) -> None:
    with idle.socket(**parameters) as socket:
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": BAD_NAME}}))
        told = json.loads(socket.recv(timeout=WAIT_S))

    assert told["payload"]["data"]["it"]["fields"][0]["message"] == message


def test_the_reason_why_a_stream_ends_is_told_in_the_language_of_the_socket(idle: Client) -> None:
    query = 'subscription { volumeChanges(after: "none of ours") { kind } }'

    with idle.socket(**{"Accept-Language": "ko"}) as socket:
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))
        told = socket.recv(timeout=WAIT_S)

    assert "이 목록의 커서가 아닙니다" in str(told)


def test_an_unanswerable_question_is_told_in_korean(korean: Client) -> None:
    (error,) = korean.errors("{ volumes(first: 1, last: 1) { totalCount } }")

    assert error["message"] == "`first`와 `last` 중 하나만 입력해 주세요"


def test_the_warning_about_an_attached_volume_is_the_sentence_of_the_user_guide(rows: Rows, korean: Client) -> None:
    volume = rows.volume(status="IN_USE")

    done = korean.do("createSnapshot", volumeId=volume.id, name="cut")

    assert done["warnings"] == [
        {
            "code": "VOLUME_ATTACHED",
            "message": "서버에 연결된 볼륨에서 스냅샷을 만들면 일부 데이터가 손상될 수 있습니다",
        }
    ]


def test_the_rule_for_sizes_is_the_sentence_of_the_user_guide(korean: Client) -> None:
    problem = korean.do("createVolume", name="data", sizeGb=9, product="SSD")

    assert "DATA Volume은 최소 10GB부터 최대 1000GB까지" in problem["fields"][0]["message"]


def test_a_message_within_a_message_is_translated_too(rows: Rows, idle_service: Idle, tenant: str) -> None:
    snapshot = rows.snapshot(rows.volume(), status="ERROR", held=False)
    given = {"id": snapshot.id, "expectedStatus": "ERROR", "status": "AVAILABLE", "reason": "it looks well"}

    with Client(idle_service.address, tenant, roles=["administrator"], language="ko") as administrator:
        problem = administrator.do("resetSnapshotStatus", **given)

    assert problem["message"].endswith("없음 (스토리지에 데이터가 없습니다)")


def test_problems_of_actions_are_told_in_korean(rows: Rows, korean: Client) -> None:
    volume = rows.volume(protected=True)

    told = korean.ask("query($id: ID!) { volume(id: $id) { actions { action problem { message } } } }", id=volume.id)

    (delete,) = [it for it in told["volume"]["actions"] if it["action"] == "DELETE"]
    assert delete["problem"]["message"] == f"볼륨 {volume.id}에 반납보호가 설정되어 있어 삭제할 수 없습니다"
