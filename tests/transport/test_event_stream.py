"""GraphQL over event streams, as graphql-sse has it in distinct connections: each operation has its own response."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.settings import Settings
from app.testing.serving import serving
from app.transport.event_stream import EventStream
from tests.client import SECRET, Client, Event, token

WATCH = "subscription { volumeChanges { kind volume { name } } }"
STREAM = {"Accept": "text/event-stream"}


def kinds(events: Iterator[Event], count: int) -> list[str]:
    """Read so many events; return the kinds of their messages."""
    return [next(events).data["data"]["volumeChanges"]["kind"] for _ in range(count)]


def test_a_subscription_is_a_stream_of_next_events(client: Client) -> None:
    client.volume("data")
    with client.event_stream(WATCH) as events:
        first = next(events)
        assert (first.name, first.data["data"]) == (
            "next",
            {"volumeChanges": {"kind": "CURRENT", "volume": {"name": "data"}}},
        )
        assert kinds(events, 1) == ["BOOKMARK"]
        client.do("createVolume", name="second", sizeGb=10, product="SSD")
        assert kinds(events, 1) == ["CREATED"]


def test_a_query_over_an_event_stream_is_one_event_and_complete(client: Client) -> None:
    with client.event_stream("{ viewer { id } }") as events:
        answer, complete = list(events)
    assert (answer.name, answer.data["data"], answer.id) == ("next", {"viewer": {"id": "tester@example"}}, None)
    assert complete == Event("complete", None, "")


def test_a_mutation_may_come_over_an_event_stream(client: Client) -> None:
    create = 'mutation { createVolume(input: { name: "abc", sizeGb: 10, product: "SSD" }) { __typename } }'
    with client.event_stream(create) as events:
        assert next(events).data["data"] == {"createVolume": {"__typename": "VolumePayload"}}


def test_a_bad_document_is_told_as_an_event_and_completes_the_stream(client: Client) -> None:
    with client.event_stream("subscription { nothing }") as events:
        answer, complete = list(events)
    assert [error["extensions"]["code"] for error in answer.data["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]
    assert complete.name == "complete"


def test_lines_end_by_lf_for_urql_splits_there(client: Client) -> None:
    response = client.http.post("/graphql", json={"query": "{ viewer { id } }"}, headers=STREAM)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.content.endswith(b"event: complete\ndata: \n\n")
    assert b"\r" not in response.content


@pytest.mark.parametrize(
    "accept",
    [
        "application/graphql-response+json, application/graphql+json, application/json, text/event-stream",
        "text/event-stream;q=0.5, application/json",
        "*/*",
    ],
)
def test_who_would_rather_have_json_gets_json(client: Client, accept: str) -> None:
    response = client.http.post("/graphql", json={"query": "{ viewer { id } }"}, headers={"Accept": accept})
    assert "json" in response.headers["content-type"]
    assert response.json()["data"]


@pytest.mark.parametrize("accept", ["text/event-stream", "text/event-stream, multipart/mixed"])
def test_who_would_rather_have_events_gets_events(client: Client, accept: str) -> None:
    with client.http.stream("POST", "/graphql", json={"query": WATCH}, headers={"Accept": accept}) as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"


def test_the_id_of_an_event_is_the_cursor_of_its_message(client: Client) -> None:
    client.volume()
    with client.event_stream("subscription { volumeChanges { cursor } }") as events:
        told = [next(events) for _ in range(2)]
    assert [event.id for event in told] == [event.data["data"]["volumeChanges"]["cursor"] for event in told]


def test_last_event_id_goes_on_after_that_event_also_if_the_operation_has_no_cursor(client: Client) -> None:
    client.volume()
    with client.event_stream(WATCH) as events:
        assert kinds(events, 1) == ["CURRENT"]
        bookmark = next(events)
    client.do("createVolume", name="second", sizeGb=10, product="SSD")

    with client.event_stream(WATCH, last=bookmark.id) as events:
        assert next(events).data["data"]["volumeChanges"] == {"kind": "CREATED", "volume": {"name": "second"}}


def test_last_event_id_counts_for_more_than_the_cursor_that_the_operation_began_with(client: Client) -> None:
    client.volume()
    begun, *_, last = client.ask("{ events { nodes { cursor } } }")["events"]["nodes"]
    query = "subscription($after: String) { volumeChanges(after: $after) { kind } }"
    with client.event_stream(query, last=last["cursor"], after=begun["cursor"]) as events:
        assert kinds(events, 1) == ["BOOKMARK"]


def test_last_event_id_means_nothing_outside_of_an_event_stream(client: Client) -> None:
    answer = client.http.post("/graphql", json={"query": "{ viewer { id } }"}, headers={"Last-Event-ID": "nonsense"})
    assert answer.json()["data"] == {"viewer": {"id": "tester@example"}}


def test_an_id_that_is_no_cursor_ends_the_stream_with_its_code(client: Client) -> None:
    with client.event_stream(WATCH, last="nonsense") as events:
        answer, complete = list(events)
    assert [error["extensions"]["code"] for error in answer.data["errors"]] == ["INVALID_CURSOR"]
    assert (answer.id, complete.name) == (None, "complete")


def test_a_stream_ends_with_its_token_and_does_not_say_that_it_is_complete(client: Client) -> None:
    headers = {**STREAM, "Authorization": f"Bearer {token(client.tenant, seconds=1.5)}"}
    response = client.http.post("/graphql", json={"query": WATCH}, headers=headers)
    assert "BOOKMARK" in response.text
    assert "event: complete" not in response.text


def test_silence_is_filled_with_comments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventStream, "__init__", lambda self: super(EventStream, self).__init__(0.05))
    with (
        serving(Settings(data=tmp_path, jwt_secret=SECRET, worker=False)) as address,
        Client(address, "t") as client,
        client.event_stream(WATCH) as events,
    ):
        assert next(event for event in events if not event.name) == Event("", None, "ping")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"Authorization": "Bearer nonsense"}, 401, "UNAUTHENTICATED"),
        ({"Content-Type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
def test_what_is_refused_before_it_is_read_is_refused_in_json(
    client: Client, changed: dict[str, str], status: int, code: str
) -> None:
    response = client.http.post("/graphql", json={"query": WATCH}, headers={**STREAM, **changed})
    assert (response.status_code, response.headers["content-type"]) == (status, "application/json")
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == [code]


def test_a_page_elsewhere_cannot_open_an_event_stream(client: Client) -> None:
    address = f"{client.address}/graphql?query=subscription{{volumeChanges{{kind}}}}"
    response = httpx.get(address, headers=STREAM)
    assert response.json()["errors"][0]["extensions"]["code"] == "PREFLIGHT_REQUIRED"


def test_a_subscription_may_be_asked_for_by_get(client: Client) -> None:
    with client.http.stream("GET", "/graphql", params={"query": WATCH}, headers=STREAM) as response:
        assert next(response.iter_lines()).startswith("id: ")
