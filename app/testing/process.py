"""The service as a process of its own, that can be killed as the fall of its machine would kill it."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from app.testing.answers import WAIT_S

ROOT = Path(__file__).parent.parent.parent
"""Where `app` lies, so that `-m app` is this one."""


class Ended(Exception):
    """The process ended before it said what was waited for; the first argument is what it said."""


class Process:
    """`python -m app …`, with settings in its environment. Its log is JSON, for it is no terminal that it writes to."""

    module = "app"

    def __init__(self, *command: str, **settings: object) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("APP_")}
        environment |= {f"APP_{name.upper()}": str(value) for name, value in settings.items()}
        self._process = subprocess.Popen(  # noqa: S603  this very Python
            [sys.executable, "-m", self.module, *command], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
        )
        self.lines: list[str] = []
        self._log: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=[self._process.stderr])
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    def logged(self, event: str) -> dict[str, Any]:
        """Wait for a line of the log that holds such an event; those before it are passed over. Raises Ended."""
        while True:
            line = self._log.get(timeout=WAIT_S)
            if line is None:
                raise Ended("".join(self.lines))
            if event in line["event"]:
                return line

    def address(self) -> str:
        """Wait until it serves; return where."""
        said = str(self.logged("running on")["event"])
        return next(word for word in said.split() if word.startswith("http"))

    def kill(self) -> None:
        """End it at once, wherever it stands."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Let it stand still, and know nothing of it."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> int:
        """Ask it to end, and return the exit code; below zero: the signal that ended it."""
        return self._end(signal.SIGTERM)

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def ended(self) -> int:
        """Wait until it ends by itself; return the exit code."""
        code = self._process.wait(WAIT_S)
        self._reader.join()
        return code

    def _end(self, number: signal.Signals) -> int:
        self._process.send_signal(number)
        code = self._process.wait(WAIT_S)
        self._reader.join()
        return code

    def _read(self, stderr: IO[str]) -> None:
        with stderr:
            for line in stderr:
                self.lines.append(line)
                self._log.put(_entry(line))
        self._log.put(None)


def _entry(line: str) -> dict[str, Any]:
    """Read a line of the log. One that is none, as a traceback's or a library's, is an event in its own words."""
    try:
        return {"event": line, **json.loads(line)}
    except (ValueError, TypeError):
        return {"event": line}
