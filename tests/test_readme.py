"""The README is true: its examples are run as they stand, its tables say what the code says."""

import dataclasses
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import parse

from app.settings import Settings
from app.store.database import POOL_SIZE
from app.testing import plugin
from app.testing.serving import serving
from tests.client import PRINTED, Client

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SHELL, ANY_PYTHON, GRAPHQL, TYPESCRIPT = (
    [text for kind, text in BLOCKS if kind == wanted] for wanted in ("sh", "python", "graphql", "ts")
)
TESTS = [text for text in ANY_PYTHON if "def test_" in text]
PYTHON = [text for text in ANY_PYTHON if text not in TESTS]
INSTALLS = [text for text in SHELL if text.startswith("pip ")]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What the README's first command serves."""
    with serving(Settings(data=tmp_path_factory.mktemp("readme"), dev=True)) as address:
        yield address


def _moved(text: str, address: str) -> str:
    return text.replace("http://localhost:8000", address).replace("ws://localhost:8000", address.replace("http", "ws"))


def _by_this_python(script: str) -> str:
    return re.sub(r"\bpython (?=-)", f"{sys.executable} ", script)


def test_there_are_two_commands_to_begin_with() -> None:
    assert INSTALLS == ["pip install . && python -m app serve --dev\n", "pip install '.[test]' && pytest\n"]


@pytest.mark.parametrize("example", [text for text in SHELL if text not in INSTALLS])
def test_the_shell_examples_run(example: str, address: str) -> None:
    script = _by_this_python(_moved(example, address))

    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, cwd=ROOT, check=False
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()
    assert "errors" not in ran.stdout


@pytest.mark.parametrize("example", PYTHON)
def test_the_python_examples_run(example: str, address: str, tmp_path: Path) -> None:
    script = tmp_path / "example.py"
    script.write_text(_moved(example, address), encoding="utf-8")

    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=60)

    assert ran.returncode == 0, ran.stderr
    assert "AVAILABLE" in ran.stdout


def test_each_example_of_testing_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    (examples,) = TESTS
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(examples)
    ran = pytester.runpytest_subprocess("-p", "pytest_volume_snapshots", "-p", "no:cacheprovider", "-W", "error")
    ran.assert_outcomes(passed=examples.count("def test_"))


def test_every_fixture_of_testing_is_in_its_table() -> None:
    fixtures = {name for name in vars(plugin) if "volume_" in name}
    rows = re.findall(r"^\| (`.*?`) \|", README.partition("| fixture |")[2].partition("\n\n")[0], re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == fixtures


def test_the_example_in_typescript_is_what_the_tests_of_the_clients_run() -> None:
    assert [(ROOT / "tests/clients/vitest/snapshots.test.ts").read_text(encoding="utf-8")] == TYPESCRIPT


def test_the_check_for_breaking_changes_tells_what_is_gone(tmp_path: Path) -> None:
    (check,) = (text for text in SHELL if "find_breaking_changes" in text)
    kept = PRINTED.read_text(encoding="utf-8").replace("type Query {", 'type Query {\n  """Gone."""\n  gone: Int\n', 1)
    (tmp_path / "schema.graphql").write_text(kept, encoding="utf-8")

    ran = subprocess.run(
        ["bash", "-c", _by_this_python(check)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (1, "Field Query.gone was removed.\n1 breaking changes\n")


def test_the_graphql_examples_do_what_they_say_when_pasted_one_after_another(address: str) -> None:
    with Client(address, "demo") as client:
        client.http.headers.pop("Authorization")
        client.authorization = "Bearer demo"
        ids = {"vol-…": "", "snap-…": ""}
        for example in GRAPHQL:
            if example.startswith("subscription"):
                with client.watching(example) as messages:
                    assert next(messages)["snapshotChanges"]["kind"] == "CURRENT"
                continue
            answer = client.ask(example.replace("vol-…", ids["vol-…"]).replace("snap-…", ids["snap-…"]))
            for result in answer.values() if example.startswith("mutation") else ():
                assert "code" not in result, result
                _wait(client, result, ids)


def _wait(client: Client, result: dict[str, dict[str, str]], ids: dict[str, str]) -> None:
    """Do as the reader does: look for the status that follows, and copy the id."""
    for kind, prefix in (("volume", "vol-…"), ("snapshot", "snap-…")):
        if "id" in result.get(kind, {}):
            ids[prefix] = ids[prefix] or result[kind]["id"]
            client.wait_for(result[kind]["id"], "AVAILABLE")
    if result.get("volume", {}).get("status") == "ATTACHING":
        client.wait_for(ids["vol-…"], "IN_USE")


def test_the_table_of_settings_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `--([\w/-]+)` \| `(APP_\w+)` \| (.*?) \| (.*) \|$", README, re.MULTILINE)
    told = {variable: (flag.split("/")[0].replace("-", "_"), default, text) for flag, variable, default, text in rows}
    shown = {True: "`yes`", False: "`no`", "": ""}
    assert told == {
        f"APP_{field.name.upper()}": (
            field.name,
            shown.get(field.default, f"`{field.default}`")
            if isinstance(field.default, (bool, str))
            else f"`{field.default}`",
            field.metadata["help"],
        )
        for field in dataclasses.fields(Settings)
    }


def test_every_graphql_example_is_a_document() -> None:
    assert [parse(example).kind for example in GRAPHQL] == ["document"] * len(GRAPHQL)


def test_every_picture_is_there_and_no_burden_to_load() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", README)
    assert len(pictures) == 4
    assert all(0 < (ROOT / picture).stat().st_size < 150_000 for picture in pictures)


def test_the_number_of_connections_is_that_of_the_pool_and_one_that_listens() -> None:
    assert f"Each process opens {POOL_SIZE + 1} connections at most" in README
