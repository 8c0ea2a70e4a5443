"""OwedRows: what rows owe, as series for Prometheus, asked of the database at each scrape.

    owed_rows{kind, status}             how many rows owe work; a status at rest stands for work in the background
    owed_oldest_seconds{kind, status}   for how long the one has that came to owe it first

Every process over the same database tells the same.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Lock, Thread

import structlog
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app.store.debts import Debt
from app.store.store import Store

_ANSWER_WITHIN_S = 2.0

log = structlog.get_logger()


class OwedRows(Collector):
    """The series of one store. If its database does not answer they are left out, and the others are still told."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._asked: Future[list[Debt]] | None = None

    def collect(self) -> Iterator[Metric]:
        """Ask; blocks for two seconds at most."""
        try:
            debts = self._ask().result(_ANSWER_WITHIN_S)
        except Exception:
            log.warning("nobody knows what rows owe: the database does not answer", exc_info=True)
            return
        rows = GaugeMetricFamily("owed_rows", "Rows that owe work to the storage.", labels=["kind", "status"])
        oldest = GaugeMetricFamily(
            "owed_oldest_seconds", "For how long the oldest of them has owed it, in seconds.", labels=["kind", "status"]
        )
        for debt in debts:
            rows.add_metric([debt.kind, debt.status], debt.rows)
            oldest.add_metric([debt.kind, debt.status], debt.oldest.total_seconds())
        yield from (rows, oldest)

    def _ask(self) -> Future[list[Debt]]:
        """Ask anew unless an answer is still awaited: however many scrapes come, a hung database holds one thread."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = _aside(self._store.debts)
            return self._asked


def _aside(ask: Callable[[], list[Debt]]) -> Future[list[Debt]]:
    """Ask in a thread of its own; unlike an executor's, it does not keep the process from ending."""
    answer: Future[list[Debt]] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except Exception as error:  # noqa: BLE001  whoever waits for the answer hears of it
            answer.set_exception(error)

    Thread(target=run, name="owed-rows", daemon=True).start()
    return answer
