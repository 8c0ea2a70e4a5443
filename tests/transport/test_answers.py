"""Answers that are told again: just those that would be told anew, to whom they were told, and while they hold."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import Response

from app.api.context import Context, Services
from app.api.locale import Locale
from app.api.schema import schema
from app.domain.receipt import Receipt
from app.service.snapshots import SnapshotService
from app.service.volumes import VolumeService
from app.service.watch import Watch
from app.settings import Settings
from app.testing.serving import serving
from app.transport.answers import Answers, Lasting, Question
from app.transport.envelope import Envelope
from app.transport.time_limit import TimeLimit
from tests.client import SECRET, Client, token
from tests.domain.make import a_member
from tests.store.opened import DATABASES, opened

LIST = "{ snapshots { totalCount nodes { name status volume { name status } } } volumes { nodes { id name version } } }"
QUERIES = [
    LIST,
    "{ viewer { id name roles tenant { id cursor quotas { name used limit } } } }",
    "{ volumes(first: 2) { nodes { name actions { action allowed problem { code message } } } } }",
    '{ volumes(filter: { search: "b" }) { totalCount nodes { name } pageInfo { hasNextPage endCursor } } }',
    "{ volumes(orderBy: { field: NAME, direction: ASC }) { nodes { name description snapshots { totalCount } } } }",
    "{ events(first: 5) { nodes { kind subjectName actor } } }",
    '{ volumes(after: "nonsense") { totalCount } }',
    "{ snapshotLifecycle { statuses { status label } } }",
]
MAKE = """mutation($name: String!) { createVolume(input: { name: $name, sizeGb: 10, product: "SSD" }) {
  ... on VolumePayload { volume { id } } ... on Problem { code } } }"""


class Pair(NamedTuple):
    """Two services over one database: one tells answers again, the other never does."""

    keeping: str
    forgetting: str


@pytest.fixture(scope="module", params=DATABASES)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder: Path = tmp_path_factory.mktemp("answers")
    shared: dict[str, Any] = {
        "data": folder,
        "jwt_secret": SECRET,
        "worker": False,
        "limit_points_per_second": 0,
        "database_url": DATABASES[request.param](folder),
    }
    with ExitStack() as running:
        addresses = [
            running.enter_context(serving(Settings(**shared, keep_megabytes=megabytes))) for megabytes in (1, 0)
        ]
        yield Pair(*addresses)


@pytest.fixture
def keeping(pair: Pair, tenant: str) -> Iterator[Client]:
    """A caller of the service that keeps, in a tenant that stands somewhere."""
    with Client(pair.keeping, tenant) as client:
        client.do("createVolume", name="first", sizeGb=10, product="SSD")
        yield client


def told_again(address: str) -> float:
    """How many answers were told again so far."""
    families = text_string_to_metric_families(httpx.get(f"{address}/metrics").text)
    return sum(it.value for metric in families for it in metric.samples if it.name == "graphql_answers_again_total")


class Step(NamedTuple):
    """A change through one of the services, then a question to both."""

    tenant: int
    change: int
    through: int
    role: int
    language: str
    query: int
    times: int


STEPS = st.lists(
    st.builds(
        Step,
        tenant=st.integers(0, 1),
        change=st.integers(0, 4),
        through=st.integers(0, 1),
        role=st.integers(0, 1),
        language=st.sampled_from(["en", "ko"]),
        query=st.integers(0, len(QUERIES) - 1),
        times=st.integers(1, 3),
    ),
    min_size=5,
    max_size=15,
)
ROLES = (["member"], ["member", "administrator"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, data=st.data())
def test_what_is_told_again_is_what_would_be_told_anew(
    pair: Pair, tenant: str, steps: list[Step], data: st.DataObject
) -> None:
    run = data.draw(st.uuids(), label="run").hex[:12]
    with ExitStack() as clients:

        def caller(address: str, step: Step) -> Client:
            client = Client(
                address,
                f"{tenant}-{run}-{step.tenant}",
                roles=ROLES[step.role],
                language=step.language,
                name=f"n{step.role}",
            )
            return clients.enter_context(client)

        for step in steps:
            _change(caller(pair[step.through], step), step.change)
            for _ in range(step.times):
                told, anew = (caller(address, step).post(QUERIES[step.query]) for address in pair)
                assert told == anew


QUESTION = Question("t", "ann@example", "ann", frozenset(), "en", "application/json", "POST", b"{}")


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 4), min_size=1, max_size=12), st.integers(0, 5))
def test_no_answer_is_older_than_its_question_however_changes_fall_between_its_steps(
    changes: list[tuple[int, int, int, int]], at_once: int
) -> None:
    asyncio.run(_tell(changes, at_once))


async def _tell(changes: list[tuple[int, int, int, int]], at_once: int) -> None:
    """Ask many times, some at once; each step of each is followed by some commits, and lets others go on."""
    revision = 0
    answers = Answers(lambda _: standing(), 2**20)
    pending: list[int] = []

    async def step() -> None:
        nonlocal revision
        revision += pending.pop() if pending else 0
        await asyncio.sleep(0)

    async def standing() -> int:
        found = revision
        await step()
        return found

    async def told() -> None:
        began = revision
        envelope = Envelope(a_member(), "en", None)

        async def ask() -> Response:
            await step()
            found = Response(str(revision))
            envelope.receipt.lasting = True
            await step()
            return found

        response = await answers.tell(QUESTION, envelope, ask)
        assert int(bytes(response.body)) >= began

    for some in changes:
        pending[:] = some
        await asyncio.gather(*(told() for _ in range(1 + at_once)))


def _change(client: Client, which: int) -> None:
    volumes = client.ask("{ volumes(first: 1) { nodes { id name } } }")["volumes"]["nodes"]
    if which == 0 or not volumes:
        client.do("createVolume", name="abc", sizeGb=10, product="SSD")
    elif which == 1:
        name = "bbb" if volumes[0]["name"] != "bbb" else "ccc"
        client.do("updateVolume", id=volumes[0]["id"], name=name)
    elif which == 2:
        client.do("deleteVolume", id=volumes[0]["id"])
    elif which == 3:
        client.do("createSnapshot", volumeId=volumes[0]["id"], name="snap")


def test_a_question_that_comes_again_is_told_its_answer_again(pair: Pair, keeping: Client) -> None:
    before = told_again(pair.keeping)
    answers = [keeping.ask(LIST) for _ in range(5)]

    assert answers == [answers[0]] * 5
    assert told_again(pair.keeping) == before + 3  # the first time it is noticed, the second time it is kept


def test_what_another_process_changed_is_told_at_once(pair: Pair, keeping: Client, tenant: str) -> None:
    with Client(pair.forgetting, tenant) as other:
        for n in range(5):
            other.do("createVolume", name=f"abc-{n}", sizeGb=10, product="SSD")
            for _ in range(3):
                assert len(keeping.ask(LIST)["volumes"]["nodes"]) == n + 2


def test_every_caller_is_told_of_itself(pair: Pair, keeping: Client, tenant: str) -> None:
    who = "{ viewer { id name roles tenant { id } } }"
    for _ in range(3):
        for name, roles in (("ann", ["member"]), ("bob", ["member"]), ("ann", ["member", "administrator"])):
            for of in (tenant, f"{tenant}-2"):
                with Client(pair.keeping, of, name=name, roles=roles) as client:
                    viewer = client.ask(who)["viewer"]
                told = viewer["id"], viewer["name"], viewer["tenant"]["id"], sorted(viewer["roles"])
                assert told == (f"{name}@example", name, of, sorted(role.upper() for role in roles))


def test_everybody_is_told_in_the_own_language(keeping: Client, tenant: str) -> None:
    why_not = "{ volumes { nodes { actions { problem { message } } } } }"
    with Client(keeping.address, tenant, language="ko") as korean:
        told = [(str(keeping.ask(why_not)), str(korean.ask(why_not))) for _ in range(3)]
    assert told == [told[0]] * 3
    assert all(english.isascii() and not its_korean.isascii() for english, its_korean in told)


def test_a_token_that_does_not_hold_is_told_nothing_that_was_kept(pair: Pair, keeping: Client) -> None:
    for _ in range(3):
        keeping.ask(LIST)
    for authorization in ("Bearer nonsense", f"Bearer {token(keeping.tenant, seconds=-5)}", ""):
        answer = httpx.post(f"{pair.keeping}/graphql", json={"query": LIST}, headers={"Authorization": authorization})
        assert (answer.status_code, "data" in answer.json()) == (401, False)


def test_a_mutation_is_done_each_time(keeping: Client) -> None:
    made = {keeping.post(MAKE, name="abc")["data"]["createVolume"]["volume"]["id"] for _ in range(4)}
    assert len(made) == 4


@pytest.mark.parametrize(
    "query",
    [
        "{ rateLimit { remaining } viewer { id } }",
        "{ events { nodes { kind } } }",
        '{ volumes(after: "nonsense") { totalCount } }',
        "{ viewr { id } }",
        MAKE,
    ],
    ids=["what the clock decides", "lines that are forgotten", "an error", "a bad document", "a mutation"],
)
def test_what_does_not_last_is_not_told_again(pair: Pair, keeping: Client, query: str) -> None:
    before = told_again(pair.keeping)
    for _ in range(4):
        keeping.http.post("/graphql", json={"query": query, "variables": {"name": "abc"}})
    assert told_again(pair.keeping) == before


def test_an_answer_costs_the_same_when_it_is_told_again(tmp_path: Path, tenant: str) -> None:
    left = "{ rateLimit { remaining } }"
    slow = Settings(data=tmp_path, jwt_secret=SECRET, worker=False, limit_points_per_second=0.001)
    with serving(slow) as address, Client(address, tenant) as client:
        client.do("createVolume", name="abc", sizeGb=10, product="SSD")
        spent = []
        for _ in range(4):
            before = client.ask(left)["rateLimit"]["remaining"]
            client.ask(LIST)
            spent.append(before - client.ask(left)["rateLimit"]["remaining"])
    assert len(set(spent)) == 1
    assert spent[0] > 40


def test_an_answer_that_did_not_come_in_time_does_not_last(tmp_path: Path) -> None:
    with opened(DATABASES["sqlite"](tmp_path)) as store, ThreadPoolExecutor(1) as threads:
        busy = threading.Event()
        threads.submit(busy.wait)
        volumes, snapshots = VolumeService(store, {}), SnapshotService(store, "")
        services = Services(volumes, snapshots, Watch(store), {}, bookmark_every_s=1, threads=threads)
        receipt = Receipt()
        context = Context(services, a_member(), Locale.EN, receipt)
        answer = asyncio.run(schema(partial(TimeLimit, 0.05), Lasting).execute(LIST, context_value=context))
        busy.set()
    assert [error.extensions for error in answer.errors or ()] == [{"code": "TIMED_OUT"}]
    assert not receipt.lasting


def test_a_get_that_was_answered_needs_to_be_told_only_that_nothing_changed(keeping: Client) -> None:
    first = keeping.http.get("/graphql", params={"query": LIST})
    headers = {"If-None-Match": f'"other", W/{first.headers["etag"]}'}
    for _ in range(3):
        again = keeping.http.get("/graphql", params={"query": LIST}, headers=headers)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert first.headers["cache-control"] == "private, no-cache"

    keeping.do("createVolume", name="abc", sizeGb=10, product="SSD")
    after = keeping.http.get("/graphql", params={"query": LIST}, headers=headers)
    assert (after.status_code, len(after.json()["data"]["volumes"]["nodes"])) == (200, 2)


@pytest.mark.parametrize("query", ["{ rateLimit { remaining } }", "{ viewr { id } }"])
def test_what_does_not_last_has_no_etag(keeping: Client, query: str) -> None:
    assert "etag" not in keeping.http.get("/graphql", params={"query": query}).headers


def test_an_answer_by_post_has_no_etag_for_nobody_may_ask_by_one(keeping: Client) -> None:
    assert "etag" not in keeping.http.post("/graphql", json={"query": LIST}).headers


def test_what_is_kept_has_its_bounds(pair: Pair, keeping: Client) -> None:
    for n in range(100):
        filler = "x" * 100_000
        for _ in range(2):
            keeping.http.post("/graphql", json={"query": "{ viewer { id } }", "variables": {"unused": f"{n}{filler}"}})
    families = text_string_to_metric_families(httpx.get(f"{pair.keeping}/metrics").text)
    (kept,) = (it.value for metric in families for it in metric.samples if it.name == "graphql_answers_kept_bytes")
    assert 0 < kept <= 2**20


def test_a_service_that_may_keep_nothing_tells_nothing_again(pair: Pair, tenant: str) -> None:
    before = told_again(pair.forgetting)
    with Client(pair.forgetting, tenant) as client:
        for _ in range(4):
            client.ask(LIST)
    assert told_again(pair.forgetting) == before
