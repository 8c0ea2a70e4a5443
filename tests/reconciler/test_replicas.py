"""Several processes over one database: whoever asks any of them sees one service; a dead one takes nothing along."""

import contextlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.testing.process import Process
from tests.client import SECRET, Client
from tests.store.postgres import new_database

WATCH = """subscription($after: String) { it: volumeChanges(after: $after) {
  kind cursor volumeId volume { name status } } }"""


class Replicas(NamedTuple):
    """Two that serve and one that works, and a tenant's client of each that serves."""

    one: Client
    other: Client
    serving: list[Process]
    working: Process
    settings: dict[str, Any]


@pytest.fixture(params=["sqlite", "postgresql"])
def replicas(request: pytest.FixtureRequest, tmp_path: Path, tenant: str) -> Iterator[Replicas]:
    settings = {
        "data": tmp_path,
        "port": 0,
        "jwt_secret": SECRET,
        "database_url": new_database() if request.param == "postgresql" else "",
        "lease_seconds": 0.5,
        "bookmark_seconds": 20,
    }
    with contextlib.ExitStack() as running:
        working = running.enter_context(Process("worker", **settings))
        working.logged("answer")
        serving = [running.enter_context(Process("serve", "--no-worker", **settings)) for _ in range(2)]
        one, other = (running.enter_context(Client(process.address(), tenant)) for process in serving)
        yield Replicas(one, other, serving, working, settings)


def test_what_is_written_through_one_is_read_through_the_other_at_once(replicas: Replicas) -> None:
    for name in ("first", "second", "third"):
        made = replicas.one.do("createVolume", name=name, sizeGb=10, product="SSD")
        query = "query($id: ID!) { volume(id: $id) { name } }"
        assert replicas.other.ask(query, id=made["volume"]["id"]) == {"volume": {"name": name}}


def test_a_stream_of_one_tells_what_is_done_through_the_other_without_waiting_for_its_bookmark(
    replicas: Replicas,
) -> None:
    with replicas.one.watching(WATCH) as messages:
        assert next(messages)["it"]["kind"] == "BOOKMARK"
        replicas.other.do("createVolume", name="abc", sizeGb=10, product="SSD")
        told = [message["it"] for message in islice(messages, 2)]
    assert [(it["kind"], it["volume"]["name"]) for it in told] == [("CREATED", "abc"), ("CHANGED", "abc")]


def test_who_is_cut_off_from_one_goes_on_at_the_other_with_nothing_missing_and_nothing_twice(
    replicas: Replicas,
) -> None:
    told: list[str] = []
    after = replicas.one.ask("{ viewer { tenant { cursor } } }")["viewer"]["tenant"]["cursor"]
    here, there = replicas.one, replicas.other
    for heard in (1, 2, 1, 3, 1, 4):
        with here.watching(WATCH, after=after) as messages:
            there.do("createVolume", name="abc", sizeGb=10, product="SSD")
            told += [message["it"]["cursor"] for message in islice(messages, heard)]
        after, here, there = told[-1], there, here

    lines = replicas.one.ask("{ events(first: 100) { nodes { cursor } } }")["events"]["nodes"]
    assert told == [line["cursor"] for line in lines][: len(told)]
    assert len(told) == 12


def test_a_worker_that_is_killed_leaves_its_work_to_the_next(replicas: Replicas) -> None:
    replicas.working.kill()
    made = [replicas.one.do("createVolume", name=f"v-{n}", sizeGb=10, product="SSD") for n in range(5)]
    with Process("worker", **replicas.settings):
        for it in made:
            replicas.other.wait_for(it["volume"]["id"], "AVAILABLE")


def test_a_service_that_is_killed_takes_nothing_along(replicas: Replicas) -> None:
    made = replicas.one.do("createVolume", name="before", sizeGb=10, product="SSD")
    replicas.serving[0].kill()
    assert replicas.other.wait_for(made["volume"]["id"], "AVAILABLE")["name"] == "before"


class Uvicorn(Process):
    """`python -m uvicorn …`."""

    module = "uvicorn"


def test_the_workers_of_uvicorn_share_one_file_too(tmp_path: Path, tenant: str) -> None:
    flags = ("--workers", "2", "--port", "0", "--timeout-graceful-shutdown", "4")
    settings = {"data": tmp_path, "jwt_secret": SECRET}
    with (
        Uvicorn("app.cli:application", "--factory", *flags, **settings) as parent,
        contextlib.ExitStack() as leaving,
    ):
        leaving.callback(parent.stop)  # its workers would outlive it, were it killed
        address = parent.address()
        for _ in range(2):
            parent.logged("startup complete")
        one, *others = [leaving.enter_context(Client(address, tenant)) for _ in range(8)]
        streams = [leaving.enter_context(other.watching(WATCH)) for other in others]
        for messages in streams:
            assert next(messages)["it"]["kind"] == "BOOKMARK"
        made = one.volume()
        for messages, other in zip(streams, others, strict=True):
            told = [message["it"] for message in islice(messages, 2)]
            assert [(it["kind"], it["volumeId"]) for it in told] == [("CREATED", made["id"]), ("CHANGED", made["id"])]
            assert other.ask("{ volumes { totalCount } }") == {"volumes": {"totalCount": 1}}


@pytest.mark.parametrize(
    ("settings", "told"), [({}, "set --jwt-secret or --jwt-jwks"), ({"dev": "1"}, "--dev is for `serve`")]
)
def test_what_serve_refuses_is_refused_there_too(tmp_path: Path, settings: dict[str, str], told: str) -> None:
    flags = ("--factory", "--port", "0")
    with Uvicorn("app.cli:application", *flags, data=tmp_path, **settings) as refused:
        assert refused.ended() != 0
    assert told in "".join(refused.lines)
