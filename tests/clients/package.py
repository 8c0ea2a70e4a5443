"""The npm package that lies here, and the Node that runs it."""

import os
import signal
import subprocess
from pathlib import Path

INSTALL_WITHIN_S = 240.0
RUN_WITHIN_S = 60.0


class Failed(Exception):
    """A program ended badly, or not in time; the first argument is what it wrote."""


class Package:
    """A copy of the package in a folder, run by the Node of that name."""

    def __init__(self, folder: Path, node: Path) -> None:
        self.folder = folder
        self._node = node
        # The programs of npm packages look for `node` in the PATH, where another one may lie.
        self._environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}

    def install(self) -> None:
        """Install what the lock file says. Raises Failed."""
        npm = self._node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
        self._call(INSTALL_WITHIN_S, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")

    def run(self, script: str, *arguments: str, **environment: str) -> None:
        """Run a script of package.json. Raises Failed."""
        self._call(RUN_WITHIN_S, "--run", script, "--", *arguments, **environment)

    def _call(self, within_s: float, *arguments: str | Path, **environment: str) -> None:
        process = subprocess.Popen(
            [self._node, *arguments],
            cwd=self.folder,
            env={**self._environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # what it started holds the pipe open too
            output, _ = process.communicate()
            output += f"\nkilled after {within_s} s"
        if process.returncode != 0:
            raise Failed(output)
