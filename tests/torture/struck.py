"""The faults that have struck a house and are not over yet."""

import time
from contextlib import ExitStack

from tests.torture.house import House


class Struck:
    """Lets faults strike, each for a while. `ever` are the names of all that did, as often as they did."""

    def __init__(self, house: House) -> None:
        self.ever: list[str] = []
        self._house = house
        self._lasting: dict[str, tuple[float, ExitStack]] = {}

    def by(self, fault: str, which: int, seconds: float) -> None:
        """Let a fault strike now, and last so long. One that lasts already just goes on."""
        self.let_go()
        if fault not in self._lasting:
            stack = ExitStack()
            stack.enter_context(self._house.faults[fault](which))
            self._lasting[fault] = time.monotonic() + seconds, stack
            self.ever.append(fault)

    def let_go(self, *, of_all: bool = False) -> None:
        """End what is over, or everything."""
        for fault, (until, stack) in list(self._lasting.items()):
            if of_all or time.monotonic() >= until:
                del self._lasting[fault]
                stack.close()
