"""Storage engines of all kinds, made of the real files: that copy, share bytes, take long, talk a lot."""

import threading
from dataclasses import replace
from pathlib import Path

from app.drivers.contract import Cut, Report
from app.drivers.files import Files
from tests.drivers.contract import OWNER


class Clock:
    """Stands still until it is turned; takes the place of the module `time`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Copying(Files):
    """Files that copy, whatever the file system of the tests could do."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, OWNER)
        self._shares = False


class Sharing(Copying):
    """Says what an engine says where bytes are shared: cut in an instant, restored at once, nothing read."""

    def create_snapshot(self, snapshot: str, volume: str, size: int, report: Report) -> Cut:
        return replace(super().create_snapshot(snapshot, volume, size, report), instant=True, checksum=None)

    def restore_volume(self, volume: str, snapshot: str, size: int, report: Report) -> None:
        super().restore_volume(volume, snapshot, size, report)


class Slow(Copying):
    """Its copies are `under_way` and tell how far they are, until they may `go_on` or are ended: `ended_by` what."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.under_way, self.go_on = threading.Event(), threading.Event()
        self.ended_by = ""

    def create_snapshot(self, snapshot: str, volume: str, size: int, report: Report) -> Cut:
        def told(percent: int) -> None:
            self.under_way.set()
            while not self.go_on.wait(0.01):
                report(percent)

        try:
            return super().create_snapshot(snapshot, volume, size, told)
        except Exception as error:
            self.ended_by = type(error).__name__
            raise


class Telling(Sharing):
    """Tells each percentage of a cut a tenth of a second apart by the clock, and of a checksum a second."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        super().__init__(folder)
        self._clock = clock

    def create_snapshot(self, snapshot: str, volume: str, size: int, report: Report) -> Cut:
        self._tell(report, 0.1)
        return super().create_snapshot(snapshot, volume, size, report)

    def checksum_snapshot(self, snapshot: str, report: Report) -> str:
        self._tell(report, 1)
        return super().checksum_snapshot(snapshot, report)

    def flatten_volume(self, volume: str, report: Report) -> None:
        self._tell(report, 0.1)
        super().flatten_volume(volume, report)

    def _tell(self, report: Report, apart: float) -> None:
        for percent in range(101):
            self._clock.now += apart
            report(percent)
