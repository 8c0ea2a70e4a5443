"""A driver around another one that fails, holds or dies where it is told to.

Told for example:

    sandbox.on("create_snapshot", before=Unsure("timed out"))       the first call raises and does nothing
    sandbox.on("create_snapshot", call=2, after=Died())             the second does all, and nobody hears of it
    sandbox.on("delete_volume", before=(hold := Hold()))            the call waits for hold.released.set()

The tests of the workers tell it by `on`; the tenants of a service tell its `faults`.
"""

from collections.abc import Callable
from copy import copy
from threading import Lock
from typing import ParamSpec, TypeVar

from app.drivers.contract import Cut, Driver, Inventory, Refused, Report
from app.drivers.faults import Action, Call, Fault, Faults

P = ParamSpec("P")
T = TypeVar("T")
Whose = Callable[[str], tuple[str, str] | None]
"""Tells by an object's id its tenant and its name; None where no object has the id."""

_MOST_CALLS = 10_000
_LOOKS = ("connection", "inventory", "tidy", "check", "used_bytes")


class Sandbox:
    """`calls` names the verbs that were called last, in order. Nobody's objects are known if nobody says whose."""

    def __init__(self, driver: Driver, faults: Faults | None = None, whose: Whose = lambda _: None) -> None:
        self._driver = driver
        self._faults = faults or Faults()
        self._whose = whose
        self._lock = Lock()
        self.calls: list[str] = []

    def on(self, verb: str, *, call: int = 1, before: Action | None = None, after: Action | None = None) -> None:
        """Plan what happens at the nth call of a verb, or with "*" at the nth call of all, counted from the first."""
        made = len(self.calls) if verb == "*" else self.calls.count(verb)
        if call > made:
            self._faults.add(Fault(verb, before, after, skips=call - made - 1))

    def lose_volume(self, volume: str) -> None:
        """Let a volume's bytes be gone, whatever is planned: behind the service's back."""
        self._driver.detach_volume(volume)
        self._driver.delete_volume(volume)

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
        call = self._call(verb.__name__, *args)
        before, after = self._faults.strike(call)
        try:
            _act(before)
            result = verb(*args, **kwargs)
            _act(after)
        except Refused:
            self._faults.done(call)
            raise
        self._faults.done(call)
        return result

    def _call(self, verb: str, *args: object) -> Call:
        with self._lock:
            self.calls.append(verb)
            del self.calls[:-_MOST_CALLS]
        id_ = str(args[0]) if args else None
        known = None if id_ is None or verb in _LOOKS else self._whose(id_)
        return Call(verb, id_, *(known or ()))


def _act(action: Action | None) -> None:
    if isinstance(action, BaseException):
        raise copy(action)  # one that is raised again and again would keep a longer trace each time
    if action is not None:
        action.reached.set()
        action.released.wait()
