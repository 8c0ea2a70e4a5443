"""Programs of others that a test needs. Where one is missing it is skipped, but fails in CI, where all must be."""

import os
import shutil
import subprocess
from collections.abc import Callable

import pytest


def needed(packages: str, *programs: str) -> None:
    """Skip the test unless the programs are there; `packages` are Debian's."""
    if missing := [program for program in programs if not shutil.which(program)]:
        say: Callable[[str], None] = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"NOT TESTED: there is no {', '.join(missing)} here (Debian: {packages})")


def run(*command: object) -> str:
    """Run a program that must succeed; return what it printed."""
    ran = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
