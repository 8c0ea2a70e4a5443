"""A driver around another one that fails, holds or dies where it is told to.

Told for example:

    sandbox.on("create_snapshot", before=Unsure("timed out"))       the first call raises and does nothing
    sandbox.on("create_snapshot", call=2, after=Died())             the second does all, and nobody hears of it
    sandbox.on("delete_volume", before=(hold := Hold()))            the call waits for hold.released.set()
"""

from collections.abc import Callable
from threading import Event, Lock
from typing import ParamSpec, TypeVar

from app.drivers.contract import Cut, Driver, Inventory, Report

P = ParamSpec("P")
T = TypeVar("T")


class Died(BaseException):
    """Stands for the death of the process at that instant: no `except Exception` sees it."""


class Hold:
    """Keeps a call waiting. `reached` is set when it has come, `released` lets it go on."""

    def __init__(self) -> None:
        self.reached, self.released = Event(), Event()


Action = BaseException | Hold


class Sandbox:
    """`calls` names the verbs that were called, in order."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._plan: dict[tuple[str, int], tuple[Action | None, Action | None]] = {}
        self._lock = Lock()
        self.calls: list[str] = []

    def on(self, verb: str, *, call: int = 1, before: Action | None = None, after: Action | None = None) -> None:
        """Plan what happens at the nth call of a verb, or with "*" at the nth call of all, counted from the first."""
        self._plan[verb, call] = before, after

    def create_volume(self, volume: str, size: int) -> None:
        return self._do(self._driver.create_volume, volume, size)

    def restore_volume(self, volume: str, snapshot: str, size: int, report: Report) -> str | None:
        return self._do(self._driver.restore_volume, volume, snapshot, size, report)

    def flatten_volume(self, volume: str, report: Report) -> None:
        return self._do(self._driver.flatten_volume, volume, report)

    def extend_volume(self, volume: str, size: int) -> None:
        return self._do(self._driver.extend_volume, volume, size)

    def attach_volume(self, volume: str) -> None:
        return self._do(self._driver.attach_volume, volume)

    def detach_volume(self, volume: str) -> None:
        return self._do(self._driver.detach_volume, volume)

    def delete_volume(self, volume: str) -> None:
        return self._do(self._driver.delete_volume, volume)

    def create_snapshot(self, snapshot: str, volume: str, size: int, report: Report) -> Cut:
        return self._do(self._driver.create_snapshot, snapshot, volume, size, report)

    def delete_snapshot(self, snapshot: str) -> None:
        return self._do(self._driver.delete_snapshot, snapshot)

    def checksum_snapshot(self, snapshot: str, report: Report) -> str:
        return self._do(self._driver.checksum_snapshot, snapshot, report)

    def used_bytes(self, snapshot: str) -> int | None:
        return self._do(self._driver.used_bytes, snapshot)

    def connection(self, volume: str) -> str:
        return self._do(self._driver.connection, volume)

    def inventory(self) -> Inventory:
        return self._do(self._driver.inventory)

    def tidy(self) -> None:
        return self._do(self._driver.tidy)

    def check(self) -> None:
        return self._do(self._driver.check)

    def _do(self, verb: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        with self._lock:
            self.calls.append(verb.__name__)
            turns = [(verb.__name__, self.calls.count(verb.__name__)), ("*", len(self.calls))]
        plans = [self._plan[turn] for turn in turns if turn in self._plan]
        for before, _ in plans:
            _act(before)
        result = verb(*args, **kwargs)
        for _, after in plans:
            _act(after)
        return result


def _act(action: Action | None) -> None:
    if isinstance(action, BaseException):
        raise action
    if action is not None:
        action.reached.set()
        action.released.wait()
