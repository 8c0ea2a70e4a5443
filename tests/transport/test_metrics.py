"""What Prometheus is told. Services of one process share its counters: only what one's own operation adds counts."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from app.settings import Settings
from app.testing.serving import serving
from app.transport.metrics import Names
from tests.client import SECRET, Client

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scraped(address: str) -> Series:
    """Read every series as Prometheus does, by name and labels."""
    metrics = plain_text(httpx.get(f"{address}/metrics").text)
    return {(it.name, frozenset(it.labels.items())): it.value for metric in metrics for it in metric.samples}


def value(series: Series, name: str, **labels: str) -> float:
    return series.get((name, frozenset(labels.items())), 0.0)


@pytest.fixture
def counted(tmp_path: Path, tenant: str) -> Iterator[Client]:
    """A caller of a service of the test's own, whose streams are silent unless something happens."""
    settings = Settings(data=tmp_path, jwt_secret=SECRET, worker=False, bookmark_seconds=30, limit_points_per_second=0)
    with serving(settings) as address, Client(address, tenant) as client:
        yield client


@pytest.mark.parametrize(
    ("accept", "read"),
    [("text/plain", plain_text), ("application/openmetrics-text; version=1.0.0", openmetrics)],
)
def test_prometheus_can_read_it_in_both_of_its_formats(service: str, accept: str, read: object) -> None:
    response = httpx.get(f"{service}/metrics", headers={"Accept": accept})
    families: list[Metric] = list(read(response.text))  # type: ignore[operator]
    assert {"graphql_operations", "driver_call_seconds", "owed_rows", "leases_lost", "streams_open"} <= {
        family.name.removesuffix("_total") for family in families
    }
    assert response.headers["content-type"].startswith(accept.partition(";")[0])


@pytest.mark.parametrize(
    ("query", "kind", "outcome"),
    [
        ("query Named { viewer { id } }", "query", "OK"),
        ("query Named { viewer { nothing } }", "query", "GRAPHQL_VALIDATION_FAILED"),
        ('query Named { volumes(after: "x") { totalCount } }', "query", "INVALID_CURSOR"),
        (
            "query Named { volumes(first: 100) { nodes { snapshots(first: 100) { nodes { id } } } } }",
            "query",
            "LIMIT_EXCEEDED",
        ),
        ("mutation Named { deleteVolume(input: { id: 1 }) { __typename } }", "mutation", "OK"),
    ],
)
def test_an_operation_is_counted_by_its_name_kind_and_outcome(
    counted: Client, query: str, kind: str, outcome: str
) -> None:
    labels = {"operation": "Named", "kind": kind, "outcome": outcome}
    before = value(scraped(counted.address), "graphql_operations_total", **labels)
    counted.http.post("/graphql", json={"query": query})
    assert value(scraped(counted.address), "graphql_operations_total", **labels) == before + 1


@pytest.mark.parametrize("name", ["Nobody", 5, {"a": 1}])
def test_an_operation_that_is_not_in_the_document_is_counted_and_answered_as_ever(
    counted: Client, name: object
) -> None:
    response = counted.http.post("/graphql", json={"query": "{ viewer { id } }", "operationName": name})
    assert (response.status_code, response.json()["errors"][0]["extensions"]) == (400, {"code": "BAD_REQUEST"})


def test_a_document_that_cannot_be_read_is_counted_as_such(counted: Client) -> None:
    labels = {"operation": "", "kind": "unreadable", "outcome": "GRAPHQL_PARSE_FAILED"}
    before = value(scraped(counted.address), "graphql_operations_total", **labels)
    counted.http.post("/graphql", json={"query": "{"})
    assert value(scraped(counted.address), "graphql_operations_total", **labels) == before + 1


def test_only_so_many_names_of_operations_are_told_apart() -> None:
    names = Names(most=2)
    assert [names.told(name) for name in ("A", "B", "C", "A", None, "")] == ["A", "B", "(another)", "A", "", ""]


def test_a_request_is_counted_by_the_status_of_its_answer(counted: Client) -> None:
    before = value(scraped(counted.address), "http_requests_total", status="404")
    counted.http.get("/nowhere")
    assert value(scraped(counted.address), "http_requests_total", status="404") == before + 1


def test_sockets_streams_and_what_they_tell_are_counted(counted: Client) -> None:
    before = scraped(counted.address)
    with counted.watching("subscription { volumeChanges { kind } }") as messages:
        assert next(messages)["volumeChanges"]["kind"] == "BOOKMARK"
        counted.do("createVolume", name="abc", sizeGb=10, product="SSD")
        assert next(messages)["volumeChanges"]["kind"] == "CREATED"
        now = scraped(counted.address)
        assert (
            value(now, "streams_open", transport="websocket")
            == value(before, "streams_open", transport="websocket") + 1
        )
        assert value(now, "graphql_subscriptions_open") == value(before, "graphql_subscriptions_open") + 1
        assert value(now, "graphql_events_total") > value(before, "graphql_events_total")
        assert value(now, "graphql_event_lag_seconds_count") > value(before, "graphql_event_lag_seconds_count")


def test_a_stream_whose_client_leaves_just_as_something_happens_ends_all_the_same(counted: Client) -> None:
    open_before = value(scraped(counted.address), "graphql_subscriptions_open")
    for _ in range(20):
        with counted.watching("subscription { volumeChanges { kind } }") as messages:
            next(messages)
            counted.do("createVolume", name="abc", sizeGb=10, product="SSD")
    while value(scraped(counted.address), "graphql_subscriptions_open") > open_before:
        pass  # the end of a socket is heard a moment later; the test's time-out is the bound, before the next bookmark


def test_no_label_holds_what_a_tenant_wrote_or_a_token(counted: Client) -> None:
    counted.do("createVolume", name="a-secret-name", sizeGb=10, product="SSD", description="a secret text")
    text = httpx.get(f"{counted.address}/metrics").text
    for secret in ("a-secret-name", "a secret text", counted.tenant, counted.authorization.removeprefix("Bearer ")):
        assert secret not in text
