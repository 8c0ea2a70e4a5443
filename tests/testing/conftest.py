"""A service as testers start one, and a project of theirs."""

from collections.abc import Callable, Iterator

import pytest

from app.testing.client import Client
from app.testing.launching import in_process
from app.testing.process import ROOT
from app.testing.service import Service

Run = Callable[..., pytest.RunResult]


@pytest.fixture(scope="session")
def sandboxed() -> Iterator[Service]:
    """A service in this process, with the sandbox on."""
    with in_process() as service:
        yield service


@pytest.fixture
def tester(sandboxed: Service) -> Iterator[Client]:
    """A member of a tenant that nobody else has."""
    with sandboxed.client() as client:
        yield client


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run pytest in a project that has one file of tests, where every warning is an error."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run(tests: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_project=tests)
        return pytester.runpytest_subprocess(
            "-p", "pytest_volume_snapshots", "-p", "no:cacheprovider", "-W", "error", *arguments
        )

    return run
