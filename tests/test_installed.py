"""The installed package serves outside the checkout, with everything that it needs in it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.client import PRINTED

WHERE = "import app, sys; sys.stdout.write(app.__file__)"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder from which the checkout is not seen; skips where the package is not installed."""
    found = subprocess.run([sys.executable, "-c", WHERE], capture_output=True, text=True, cwd=tmp_path, check=False)
    if found.returncode != 0:
        pytest.skip("the package is not installed: `pip install '.[test]'` first")
    return tmp_path


def _run(elsewhere: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=elsewhere, check=True, timeout=60).stdout


def test_it_prints_the_schema_with_its_korean_words(elsewhere: Path) -> None:
    assert _run(elsewhere, "schema") == PRINTED.read_text(encoding="utf-8")


def test_it_carries_its_migrations(elsewhere: Path) -> None:
    assert _run(elsewhere, "migrate") == "the schema is the newest\n"
    assert (elsewhere / "data" / "service.db").exists()


def test_pytest_finds_its_plugin(elsewhere: Path) -> None:
    command = [sys.executable, "-m", "pytest", "--fixtures", "-p", "no:cacheprovider"]
    told = subprocess.run(command, capture_output=True, text=True, cwd=elsewhere, check=False, timeout=60).stdout
    assert "volume_client -- " in told
