"""A clock that can be set back: that of `python -m tests.torture.clock FILE COMMAND`, not the system's.

It is the wall clock alone that steps, wherever the service reads it. What counts intervals goes on, as in any system.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from pathlib import Path


class Clock:
    """Tells the right time until it is set back, by a file that others may read it from."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._tell(0)

    @contextmanager
    def back(self, seconds: int) -> Iterator[None]:
        """Let it be so many seconds ago, until it is set right."""
        self._tell(seconds)
        yield
        self._tell(0)

    def _tell(self, behind: int) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(str(behind))
        new.rename(self.file)


def _run(file: Path) -> None:
    """Run the service by the clock that is told in a file."""
    from app import cli
    from app.domain import record

    right = time.time

    def told() -> float:
        return right() - int(file.read_text())

    class Late(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(told(), tz)

    time.time = told
    vars(record)["datetime"] = Late
    cli.main()


if __name__ == "__main__":
    _run(Path(sys.argv.pop(1)))
