"""The benchmarks run, and every contender answers what it should. How fast, no test says."""

import asyncio
import json
import os
import subprocess
import sys
from itertools import repeat
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import orjson
import pytest

from tests.benchmarks import plots
from tests.benchmarks.data import Owner
from tests.benchmarks.load import Request, WrongAnswer, load, post
from tests.benchmarks.questions import Place, Questions
from tests.benchmarks.results import ON_SQLITE, SERVICE, Measure, Results
from tests.benchmarks.servers import PEERS, ROOT, bare, running

WITHIN_S = 280.0
SERVICES = {SERVICE, ON_SQLITE}
KNOWING = SERVICES | {"mercurius, JIT", "graphql-yoga", "plain Strawberry"}
ALL = KNOWING | {"bare Starlette route"}
OWNER = Owner("reading", 200)
NOTHING = Request(b"", bool)
DRAWN = Results(
    {},
    growth=[Measure("LIST, SQLite", column, "ms", [1.0, 2.0]) for column in ("1,000", "1,000,000")],
    curves={SERVICE: [(100.0, 1.0, 2.0), (200.0, 2.0, 3.0)]},
)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command writes. It ends badly at the first answer that is not right."""
    folder = tmp_path_factory.mktemp("benchmarks")
    command = [sys.executable, "-W", "error", "-m", "tests.benchmarks", "--smoke", "--out", str(folder)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    assert ran.returncode == 0, ran.stderr
    return folder


@pytest.fixture(scope="module")
def found(out: Path) -> Any:
    """What was measured, all of it."""
    found = json.loads((out / "results.json").read_text(encoding="utf-8"))
    if missing := [note for note in found["notes"] if "left out" in note]:
        message = f"NOT ALL MEASURED: {' '.join(missing)}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.mark.timeout(WITHIN_S)
@pytest.mark.parametrize(
    ("case", "rows", "contenders"),
    [
        ("LIST", 2, ALL),
        ("ONE", 1, ALL),
        ("WRITE", 2, ALL),
        ("CREATE", 3, SERVICES),
        ("FAN-OUT", 2, KNOWING),
        ("REST", 3, KNOWING),
    ],
)
def test_all_contenders_answer_rightly(found: Any, case: str, rows: int, contenders: set[str]) -> None:
    measures = [(measure["row"], measure["column"]) for measure in found["requests"] if measure["row"].startswith(case)]
    wanted = {(row, contender) for row in {row for row, _ in measures} for contender in contenders}
    assert (set(measures), len(wanted)) == (wanted, rows * len(contenders))


def test_small_tenants_and_large_ones_are_answered_from_both_databases(found: Any) -> None:
    measures = {(*measure["row"].rsplit(", ", 1), measure["column"]) for measure in found["growth"]}
    questions = ("LIST of 50", "a page at depth", "totalCount", "quotas")
    assert measures == {(q, db, n) for q in questions for db in ("PostgreSQL", "SQLite") for n in ("100", "200")}


def test_bytes_come_out_as_they_went_in(found: Any) -> None:
    assert {measure["column"] for measure in found["bytes"]} == {
        "this service", "`cp`, then `sync`", "`FICLONE`, then `fsync`"
    }  # fmt: skip


def test_the_table_names_each_contender_and_what_it_is_not(out: Path, found: Any) -> None:
    text = (out / "results.md").read_text(encoding="utf-8")
    assert all(f"| {name} |" in text for name in ALL)
    assert "Not measured here" in text
    assert "synchronous_commit on" in text


def test_a_page_is_right_only_with_the_snapshots_that_were_asked_for() -> None:
    right = next(Questions(NOTHING, [OWNER], [Place(OWNER, 100, "")]).pages).right
    pages = {newest: orjson.dumps([OWNER.told(newest - n) for n in range(50)]) for newest in (100, 99, 98)}
    assert [newest for newest, page in pages.items() if right(page)] == [99]


def test_one_is_right_only_with_its_own_volume() -> None:
    right = next(Questions(NOTHING, [OWNER], []).ones).right
    (mine,) = [number for number in range(OWNER.snapshots) if right(orjson.dumps(OWNER.told(number)))]
    assert not right(orjson.dumps({**OWNER.told(mine), "volume": OWNER.told(mine - 1)["volume"]}))


def test_a_wrong_answer_ends_the_run(tmp_path: Path) -> None:
    async def run() -> None:
        with running([bare()], tmp_path) as [server]:
            await server.answers(Request(post("/kept", "", b"wrong"), lambda _: True))
            await load(server.port, repeat(Request(post("/graphql", "", b""), b"right".__eq__)), clients=1, seconds=0)

    with pytest.raises(WrongAnswer, match="200 b'wrong'"):
        asyncio.run(run())


def test_better_is_more_of_what_is_a_second_and_less_of_what_is_waited_for() -> None:
    assert Measure("", "", "/s", [10, 30, 20]).ahead_of(Measure("", "", "/s", [5, 10, 20])) == 2
    assert Measure("", "", "ms", [10, 30, 20]).ahead_of(Measure("", "", "ms", [5, 10, 20])) == 0.5


@pytest.mark.parametrize("draw", [plots.latency, plots.growth])
def test_a_plot_is_the_same_each_time(draw: Any) -> None:
    drawn = draw(DRAWN)
    assert ET.fromstring(drawn).tag.endswith("svg")
    assert drawn == draw(DRAWN)


def test_the_peers_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (PEERS / "package-lock.json").read_text(encoding="utf-8")
