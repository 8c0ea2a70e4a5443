"""The shape of every error of the service, in one place. A client is written against this: change nothing, only add.

What is expected of a mutation is a member of its result. Whatever else is wrong is `{"errors": [{"message",
"extensions": {"code"}}]}`, over every transport; a socket that cannot go on is closed with a code.
"""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from app.domain.problems import ProblemCode
from app.settings import Settings
from app.testing.answers import WAIT_S
from app.testing.serving import serving
from tests.api.rows import Rows
from tests.client import SECRET, Client, token

HELLO = {"query": "{ viewer { id } }"}
CREATE = 'mutation { createVolume(input: { name: "abc", sizeGb: 10, product: "SSD" }) { __typename } }'
STREAM = {"Accept": "text/event-stream"}
NEW = {"Accept": "application/graphql-response+json"}
OLD = {"Accept": "application/json"}
Send = Callable[[Client], httpx.Response]


def sent(json: Any = HELLO, **headers: str) -> Send:
    return lambda client: client.http.post("/graphql", json=json, headers=headers)


def raw(method: str, path: str, content: bytes = b"", **headers: str) -> Send:
    return lambda client: client.http.request(method, path, content=content, headers=headers)


# Refused before anything is read as GraphQL

REFUSED: dict[str, tuple[Send, int, str, dict[str, str]]] = {
    "a path that is not there": (raw("GET", "/nowhere"), 404, "NOT_FOUND", {}),
    "a method that health does not know": (raw("POST", "/healthz"), 405, "METHOD_NOT_ALLOWED", {}),
    "a method that GraphQL does not know": (raw("PUT", "/graphql"), 405, "METHOD_NOT_ALLOWED", {"allow": "GET, POST"}),
    "a mutation by GET": (
        lambda client: client.http.get("/graphql", params={"query": CREATE}),
        405,
        "METHOD_NOT_ALLOWED",
        {"allow": "POST"},
    ),
    "a GET that any page can send": (
        lambda client: httpx.get(f"{client.address}/graphql", params=HELLO),
        403,
        "PREFLIGHT_REQUIRED",
        {},
    ),
    "no token": (
        lambda client: httpx.post(f"{client.address}/graphql", json=HELLO),
        401,
        "UNAUTHENTICATED",
        {"www-authenticate": "Bearer"},
    ),
    "a token that does not hold": (
        sent(Authorization=f"Bearer {token('t', seconds=-1)}"),
        401,
        "UNAUTHENTICATED",
        {"www-authenticate": "Bearer"},
    ),
    "an answer of another type": (sent(Accept="text/csv"), 406, "NOT_ACCEPTABLE", {}),
    "a body of another type": (
        raw("POST", "/graphql", b"a", **{"Content-Type": "text/plain"}),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        {"accept-post": "application/json"},
    ),
    "a body too large": (sent({"query": " " * 300_000}), 413, "BODY_TOO_LARGE", {}),
    "headers too large": (sent(**{"X-Large": "x" * 17_000}), 431, "HEADERS_TOO_LARGE", {}),
    "no JSON": (raw("POST", "/graphql", b"{", **{"Content-Type": "application/json"}), 400, "BAD_REQUEST", {}),
    "no object": (sent([HELLO]), 400, "BAD_REQUEST", {}),
    "no query": (sent({}), 400, "BAD_REQUEST", {}),
    "variables that are none": (sent({**HELLO, "variables": 5}), 400, "BAD_REQUEST", {}),
    "an operation that is not there": (sent({**HELLO, "operationName": "Nobody"}), 400, "BAD_REQUEST", {}),
    "a subscription without a stream": (
        sent({"query": "subscription { volumeChanges { kind } }"}),
        400,
        "BAD_REQUEST",
        {},
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_refused_request_says_its_code_and_message_in_json(client: Client, fault: str) -> None:
    send, status, code, headers = REFUSED[fault]
    response = send(client)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/json")
    assert response.json() == {
        "errors": [{"message": response.json()["errors"][0]["message"], "extensions": {"code": code}}]
    }
    assert headers.items() <= dict(response.headers).items()
    assert response.headers["x-request-id"]


# Read, and found wanting

DOCUMENTS: dict[str, tuple[dict[str, Any], str]] = {
    "no GraphQL": ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    "too many tokens": ({"query": "{ viewer { id } } " * 1000}, "GRAPHQL_PARSE_FAILED"),
    "a field that is not there": ({"query": "{ viewer { nothing } }"}, "GRAPHQL_VALIDATION_FAILED"),
    "one of several operations unnamed": (
        {"query": "query A { viewer { id } } query B { viewer { id } }"},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "too much at once": (
        {"query": "{ volumes(first: 100) { nodes { snapshots(first: 100) { nodes { id } } } } }"},
        "LIMIT_EXCEEDED",
    ),
}


@pytest.mark.parametrize("fault", DOCUMENTS)
def test_a_bad_document_is_told_alike_over_every_transport(client: Client, fault: str) -> None:
    request, code = DOCUMENTS[fault]
    new = client.http.post("/graphql", json=request, headers=NEW)
    old = client.http.post("/graphql", json=request, headers=OLD)
    with client.socket() as socket:
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": request}))
        message = json.loads(socket.recv(timeout=WAIT_S))
    events = client.http.post("/graphql", json=request, headers=STREAM).text.split("\n")
    streamed = json.loads(events[1].removeprefix("data: "))

    assert (new.status_code, old.status_code, message["type"], events[0]) == (400, 200, "error", "event: next")
    for answer in (new.json(), old.json(), streamed):
        assert "data" not in answer
        assert answer["errors"] == message["payload"]
    assert {error["extensions"]["code"] for error in message["payload"]} == {code}
    assert all(error["message"] for error in message["payload"])


def test_variables_that_do_not_fit_are_found_when_the_operation_is_run_and_told_alike(client: Client) -> None:
    request = {"query": "query($id: ID!) { volume(id: $id) { id } }", "variables": {}}
    response = client.http.post("/graphql", json=request, headers=NEW)
    with client.socket() as socket:
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": request}))
        message = json.loads(socket.recv(timeout=WAIT_S))

    assert (response.status_code, message["type"]) == (400, "next")
    assert response.json()["errors"] == message["payload"]["errors"]
    assert response.json()["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}


def test_a_limit_that_is_passed_is_named_with_what_was_found(client: Client) -> None:
    (error,) = client.errors("{ volumes(first: 100) { nodes { snapshots(first: 100) { nodes { id } } } } }")
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": "COST", "most": 5000, "found": 10_201}


# Run, without an answer

QUESTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "a page both ways": ("{ volumes(first: 1, last: 1) { totalCount } }", {"code": "INVALID_PAGE", "argument": "last"}),
    "a page too long": ("{ volumes(first: 101) { totalCount } }", {"code": "INVALID_PAGE", "argument": "first"}),
    "a cursor of nothing": (
        '{ volumes(after: "x") { nodes { id } } }',
        {"code": "INVALID_CURSOR", "argument": "after"},
    ),
    "a search too long": (
        f'{{ volumes(filter: {{ search: "{"x" * 300}" }}) {{ nodes {{ id }} }} }}',
        {"code": "INVALID_FILTER", "argument": "search"},
    ),
}


@pytest.mark.parametrize("fault", QUESTIONS)
def test_a_question_without_an_answer_says_which_argument_is_wrong_and_where(client: Client, fault: str) -> None:
    query, extensions = QUESTIONS[fault]
    response = client.http.post("/graphql", json={"query": query}, headers=NEW)
    (error,) = response.json()["errors"]
    assert (response.status_code, response.json()["data"]) == (200, {"volumes": None})
    assert (error["path"], error["extensions"]) == (["volumes"], extensions)
    assert error["message"]
    assert error["locations"]


def test_a_cursor_that_has_expired_ends_a_stream_with_its_code(tester: Client) -> None:
    tester.volume()
    old = tester.ask("{ events(first: 1) { nodes { cursor } } }")["events"]["nodes"][0]["cursor"]
    tester.sandbox.expire_journal()
    with tester.event_stream("subscription { volumeChanges { kind } }", last=old) as events:
        (error,) = next(events).data["errors"]
    assert error["extensions"] == {"code": "CURSOR_EXPIRED", "argument": "after"}


# Expected of a mutation

Ask = Callable[[Client, Rows], Any]


def over_quota(client: Client, rows: Rows) -> Any:
    rows.fill_quotas()
    return client.do("createVolume", name="abc", sizeGb=10, product="SSD")


PROBLEMS: dict[ProblemCode, tuple[str, Ask]] = {
    ProblemCode.NOT_FOUND: ("NotFound", lambda client, _: client.do("deleteVolume", id="vol-1")),
    ProblemCode.INVALID_INPUT: (
        "InvalidInput",
        lambda client, _: client.do("createVolume", name="", sizeGb=1, product="none"),
    ),
    ProblemCode.INVALID_STATE: (
        "InvalidState",
        lambda client, rows: client.do("detachVolume", id=rows.volume().id),
    ),
    ProblemCode.ROOT_VOLUME_NOT_SUPPORTED: (
        "Refused",
        lambda client, rows: client.do("createSnapshot", volumeId=rows.volume(category="ROOT").id, name="cut"),
    ),
    ProblemCode.VOLUME_ATTACHED: (
        "VolumeInUse",
        lambda client, rows: client.do("deleteVolume", id=rows.volume(status="IN_USE").id),
    ),
    ProblemCode.VOLUME_PROTECTED: (
        "Refused",
        lambda client, rows: client.do("deleteVolume", id=rows.volume(protected=True).id),
    ),
    ProblemCode.SNAPSHOTS_EXIST: (
        "SnapshotsExist",
        lambda client, rows: client.do("deleteVolume", id=rows.snapshot(rows.volume()).volume_id),
    ),
    ProblemCode.QUOTA_EXCEEDED: ("QuotaExceeded", over_quota),
    ProblemCode.FORBIDDEN: (
        "Refused",
        lambda client, rows: client.do("retrySnapshotDeletion", id=rows.snapshot(rows.volume()).id),
    ),
    ProblemCode.VERSION_CONFLICT: (
        "VersionConflict",
        lambda client, rows: client.do("updateVolume", id=rows.volume().id, name="new", expectedVersion=99),
    ),
    ProblemCode.IDEMPOTENCY_KEY_REUSED: (
        "Refused",
        lambda client, _: [
            client.do("createVolume", name=name, sizeGb=10, product="SSD", idempotencyKey="key")
            for name in ("abc", "def")
        ][1],
    ),
}
BESIDE: dict[str, set[str]] = {
    "NotFound": {"id"},
    "InvalidInput": {"fields"},
    "InvalidState": {"status", "allowedStatuses"},
    "VolumeInUse": {"attachment"},
    "SnapshotsExist": {"snapshots", "totalCount"},
    "QuotaExceeded": {"quota", "limit", "used", "requested"},
    "Refused": set(),
    "VersionConflict": {"current"},
}
"""What each type of problem tells beside its code and message."""


@pytest.mark.parametrize("code", ProblemCode)
def test_an_expected_failure_is_a_member_of_the_result(idle: Client, rows: Rows, code: ProblemCode) -> None:
    type_, ask = PROBLEMS[code]
    problem = ask(idle, rows)
    assert (problem["__typename"], problem["code"]) == (type_, code)
    assert problem["message"]
    assert problem.keys() == {"__typename", "code", "message"} | BESIDE[type_]


# Expected of nobody, and what comes of too much


@pytest.fixture
def broken(tmp_path: Path, tenant: str) -> Iterator[Client]:
    """A caller of a service whose database lost a table."""
    settings = Settings(data=tmp_path, jwt_secret=SECRET, worker=False)
    with serving(settings) as address, Client(address, tenant) as client:
        with contextlib.closing(sqlite3.connect(tmp_path / "service.db")) as database:
            database.execute("DROP TABLE volume")
        client.http.headers["X-Request-ID"] = "r-1"
        yield client


def test_what_nobody_expected_shows_a_code_and_the_request_id_alone_over_every_transport(broken: Client) -> None:
    shown = {
        "message": "Something went wrong here. Request r-1.",
        "extensions": {"code": "INTERNAL", "requestId": "r-1"},
    }
    query = "{ volumes { totalCount } }"
    watch = "subscription { volumeChanges { kind } }"
    answers = [broken.http.post("/graphql", json={"query": query}).json()]
    with broken.event_stream(watch) as events:
        answers.append(next(events).data)
    address = broken.address.replace("http", "ws", 1) + "/graphql"
    headers = {"X-Request-ID": "r-1", "Authorization": broken.authorization}
    with _opened(address, headers) as socket:
        _greeted(socket)
        for operation in (query, watch):
            socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": operation}}))
            answers.append(json.loads(socket.recv(timeout=WAIT_S))["payload"])
            assert json.loads(socket.recv(timeout=WAIT_S))["type"] == "complete"

    for answer in answers:
        (error,) = answer["errors"]
        assert {key: error[key] for key in shown} == shown
        assert error.keys() <= {"message", "extensions", "path", "locations"}


TOO_MUCH = {
    "RATE_LIMITED": {"limit_points": 1, "limit_points_per_second": 0.001},
    "TOO_MANY_STREAMS": {"limit_streams": 0},
}


@pytest.mark.parametrize("code", TOO_MUCH)
def test_too_much_is_429_and_when_to_come_again(tmp_path: Path, tenant: str, code: str) -> None:
    settings = Settings(data=tmp_path, jwt_secret=SECRET, worker=False, **TOO_MUCH[code])  # type: ignore[arg-type]
    with serving(settings) as address, Client(address, tenant) as client:
        client.http.post("/graphql", json={"query": "{ volumes { nodes { id } } }"})
        response = client.http.post("/graphql", json=HELLO, headers=STREAM)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]) == (429, {"code": code})
    assert int(response.headers["retry-after"]) > 0


def test_keys_that_are_away_are_503_and_when_to_come_again(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, jwt_jwks="http://127.0.0.1:1/keys", worker=False)
    foreign = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJhIn0.AAAA"
    with serving(settings) as address:
        response = httpx.post(f"{address}/graphql", json=HELLO, headers={"Authorization": f"Bearer {foreign}"})
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]) == (503, {"code": "UNAVAILABLE"})
    assert response.headers["retry-after"] == "5"


def test_an_operation_that_took_too_long_is_503(tmp_path: Path, tenant: str) -> None:
    settings = Settings(data=tmp_path, jwt_secret=SECRET, worker=False, limit_seconds=0.2)
    with (
        serving(settings) as address,
        Client(address, tenant) as client,
        contextlib.closing(sqlite3.connect(tmp_path / "service.db", isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        response = client.http.post("/graphql", json={"query": CREATE}, headers=NEW)
    assert response.status_code == 503
    assert [error["extensions"] for error in response.json()["errors"]] == [{"code": "TIMED_OUT"}]
    assert "data" not in response.json()


# Sockets that cannot go on

INIT = {"type": "connection_init"}
SUBSCRIBE = {"id": "1", "type": "subscribe", "payload": {"query": "subscription { volumeChanges { kind } }"}}
CLOSED: dict[str, tuple[list[Any], int]] = {
    "a frame that is no message": ([INIT, []], 4400),
    "an operation before the greeting": ([SUBSCRIBE], 4401),
    "a token that does not hold": ([{**INIT, "payload": {"Authorization": "Bearer no"}}], 4403),
    "no greeting in time": ([], 4408),
    "an id that is taken": ([INIT, SUBSCRIBE, SUBSCRIBE], 4409),
    "a second greeting": ([INIT, INIT], 4429),
    "a frame too large": ([INIT, " " * 70_000], 1009),
}


@pytest.mark.parametrize("fault", CLOSED)
def test_a_socket_that_cannot_go_on_is_closed_with_a_code(client: Client, fault: str) -> None:
    frames, code = CLOSED[fault]
    address = client.address.replace("http", "ws", 1) + "/graphql"
    with _opened(address, {"Authorization": client.authorization}) as socket, contextlib.suppress(ConnectionClosed):
        for frame in frames:
            socket.send(json.dumps(frame))
        while True:
            socket.recv(timeout=WAIT_S)
    assert socket.close_code == code
    assert code == 1009 or socket.close_reason


def _opened(address: str, headers: dict[str, str]) -> ClientConnection:
    return connect(address, subprotocols=["graphql-transport-ws"], additional_headers=headers)  # type: ignore[list-item]


def _greeted(socket: ClientConnection) -> None:
    socket.send(json.dumps(INIT))
    assert json.loads(socket.recv(timeout=WAIT_S))["type"] == "connection_ack"
