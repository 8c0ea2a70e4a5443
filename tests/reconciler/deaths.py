"""Deaths: a worker dies at every instant at which it talks to the storage."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count

from app.drivers.contract import Died
from tests.reconciler.bench import Bench, Moment, Row


class Deaths:
    """Lets the worker die before or after its first call of the storage, then its second … each time at a work anew."""

    def __init__(self, bench: Bench, moment: Moment) -> None:
        self._bench, self._moment = bench, moment
        self.deaths = 0

    def of(self, ask: Callable[[Bench], Row]) -> Iterator[Row]:
        """Yield each row whose worker died and that another worker then brought to rest."""
        for call in count(1):
            row = ask(self._bench)
            if not self._dies_at(call):
                return
            self.deaths = call
            self._bench.time_passes()
            self._bench.over(self._bench.driver)
            self._bench.work()
            yield row

    def _dies_at(self, call: int) -> bool:
        self._bench.over(self._bench.driver)
        self._bench.at(self._moment, "*", Died(), call=call)
        with suppress(Died):
            self._bench.work()
            return False
        return True
