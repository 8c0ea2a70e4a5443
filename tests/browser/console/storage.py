"""A storage that takes its time when it is told to, so that there is time to watch."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from app.drivers.contract import Report
from app.drivers.files import Files
from tests.drivers.contract import OWNER


class Storage(Files):
    """Files, as the service has them without a setting."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, OWNER)
        self._may_restore = threading.Event()
        self._may_restore.set()

    def restore_volume(self, volume: str, snapshot: str, size: int, report: Report) -> str | None:
        self._may_restore.wait()
        return super().restore_volume(volume, snapshot, size, report)

    @contextlib.contextmanager
    def holding_restores(self) -> Iterator[None]:
        """Let no restore come to an end while the block runs."""
        self._may_restore.clear()
        try:
            yield
        finally:
            self._may_restore.set()
