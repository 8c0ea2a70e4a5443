"""Reconciler: threads that claim rows which are owed work, let the steps do it, and record the answer.

    claim ─► take a step ─► it returned        follow the arrow "done", or stay
                          ├ Refused            follow the arrow "refused" or "lost", with the reason
                          ├ Unsure, or a bug   give back, to be tried again after a growing pause
                          ├ NotYet             give back, to go on when the storage says
                          ├ LeaseLost          somebody else has it: change nothing
                          ├ Stopping           give back at once
                          └ Died               leave it as it is: the lease will lapse

Whatever is recorded is guarded by the lease, so of two workers that take each other for dead only one is heard.
"""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from app.domain import lifecycle
from app.domain.record import now
from app.domain.unavailable import Unavailable
from app.domain.volume import unmanaged
from app.drivers.contract import Died, Driver, NotYet, Refused, Unsure
from app.reconciler.metrics import LEASES_LOST, RETRIES, measured
from app.reconciler.steps import Outcome, Steps
from app.store.leases import Owed, Reach
from app.store.store import Store
from app.store.unit_of_work import LeaseLost

_ACTOR = "storage"
_IDLE_S = 5.0
_STOP_WITHIN_S = 4.0
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 60.0
_PROGRESS_EVERY_S = 1.0
_TIDY_EVERY_S = 60.0

log = structlog.get_logger()


class Stopping(Exception):
    """The process is asked to end: let go of the work, somebody will go on with it."""


class Reconciler:
    """Does what the rows owe. `side_by_side` bounds how many are worked on at once whose bytes take time to move."""

    def __init__(self, store: Store, driver: Driver, *, side_by_side: int, journal_kept_for: timedelta) -> None:
        self._store = store
        self._driver = measured(driver, Stopping, LeaseLost)
        self._steps = Steps(store, self._driver)
        self._side_by_side = side_by_side
        self._journal_kept_for = journal_kept_for
        self._leases: set[str] = set()
        self._stopping = threading.Event()
        self._wake = threading.Condition()
        self._rings = 0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Work while the block runs; at its end let go of what is under way, within a few seconds."""
        self._stopping.clear()
        often = self._store.leases.length.total_seconds() / 3
        # Tidying may take longer than a lease lives, so the leases are kept by a thread of its own.
        threads = [
            threading.Thread(target=self._every, args=(often, self._keep), name="reconciler-keep", daemon=True),
            threading.Thread(target=self._every, args=(_TIDY_EVERY_S, self._tidy), name="reconciler-tidy", daemon=True),
        ]
        for n, reach in enumerate(self._reaches()):
            threads.append(threading.Thread(target=self._work, args=(reach,), name=f"reconciler-{n}", daemon=True))
        with self._store.bell.working(lambda _: self._ring()):
            for thread in threads:
                thread.start()
            try:
                yield
            finally:
                self._stopping.set()
                self._ring()
                give_up_at = time.monotonic() + _STOP_WITHIN_S
                for thread in threads:
                    thread.join(max(0.0, give_up_at - time.monotonic()))

    def _reaches(self) -> Iterator[Reach]:
        """One worker only for what is done in a moment, so that no copy keeps it waiting, and those that copy.

        Of these one leaves the background alone, so that no long checksum keeps a copy waiting.
        """
        yield Reach.QUICK
        yield Reach.ALL if self._side_by_side == 1 else Reach.OWED
        for _ in range(1, self._side_by_side):
            yield Reach.ALL

    def _work(self, reach: Reach) -> None:
        while not self._stopping.is_set():
            rings = self._rings
            try:
                if self.work_once(reach):
                    continue
                due_in = self._store.leases.next_due_in(reach)
            except Unavailable as error:
                log.warning("nobody knows what is owed", reason=str(error.__cause__ or error))
                due_in = None
            except Died:
                log.warning("a worker died, as it was told; another takes its place")
                continue
            except Exception:
                log.exception("a worker failed; it goes on")
                due_in = None
            with self._wake:
                pause = _IDLE_S if due_in is None else min(_IDLE_S, due_in + 0.01)
                self._wake.wait_for(partial(self._rang_since, rings), pause)

    def work_once(self, reach: Reach = Reach.ALL) -> bool:
        """Work on the row that is owed it the longest; False if none is due."""
        claimed = self._store.leases.claim(reach)
        if claimed is not None:
            self._settle(claimed)
        return claimed is not None

    def _rang_since(self, rings: int) -> bool:
        return self._rings != rings

    def _ring(self) -> None:
        with self._wake:
            self._rings += 1
            self._wake.notify_all()

    def _settle(self, record: Owed) -> None:
        """Work on one claimed row until it is recorded how it goes on, or given back."""
        lease = record.lease or ""
        self._leases.add(lease)
        started = time.monotonic()
        try:
            outcome = self._ask_storage(record)
            self._record(record, outcome)
            log.info("settled", id=record.id, was=record.status, by=outcome.by, seconds=time.monotonic() - started)
        except LeaseLost:
            _lost(record)
            self._sweep_up(record)
        except Stopping:
            with contextlib.suppress(LeaseLost):
                self._store.leases.end(lease)
        except NotYet as answer:
            self._come_again(record, answer)
        except Exception as error:  # noqa: BLE001  no failure is taken for an answer: whatever it is, try again
            self._give_back(record, error)
        finally:
            self._leases.discard(lease)

    def _ask_storage(self, record: Owed) -> Outcome:
        try:
            return self._steps.take(record, Progress(self, record))
        except Refused as refusal:
            log.warning("refused", id=record.id, was=record.status, reason=str(refusal))
            return self._steps.refused(record, refusal)

    def _record(self, record: Owed, outcome: Outcome) -> None:
        lease = record.lease or ""
        if outcome.by is None and not outcome.values:
            self._store.leases.end(lease, **{**_AT_REST, **outcome.quiet})
            return
        with self._store.unit_of_work(record.tenant_id, _ACTOR) as work:
            if outcome.by is None:
                work.change(record, under=lease, **{**_FREE, **_AT_REST, **outcome.quiet, **outcome.values})
            elif record.lifecycle.targets(outcome.by, record.status) == (None,):
                work.remove(record, under=lease)
            else:
                work.move(record, outcome.by, under=lease, **outcome.values)
            for volume in work.volumes.find([outcome.lost or ""]).values():
                if volume.lifecycle.targets(lifecycle.LOST, volume.status):
                    work.move(volume, lifecycle.LOST, **unmanaged(outcome.values["status_reason"]))
            work.commit()

    def _sweep_up(self, record: Owed) -> None:
        try:
            self._steps.sweep_up(record)
        except (Refused, Unsure, NotYet) as error:
            log.warning("bytes of a row that is gone may be left for the doctor", id=record.id, reason=str(error))

    def _come_again(self, record: Owed, answer: NotYet) -> None:
        """Give back a row whose work the storage is still at; tell the tenant how far it came, if that is news."""
        again = {"owed_at": now() + timedelta(seconds=answer.again_in_s)}
        told = record.status in record.lifecycle.transitional or record.owes_at_rest
        try:
            if told and answer.percent not in (None, record.progress_percent):
                self._change(record, progress_percent=answer.percent, **_FREE, **again)
            else:
                self._store.leases.end(record.lease or "", **again)
        except LeaseLost:
            _lost(record)

    def _give_back(self, record: Owed, error: Exception) -> None:
        """The outcome is unknown: let anybody try again."""
        if isinstance(error, Unsure):
            log.warning("unsure", id=record.id, was=record.status, attempt=record.attempts + 1, reason=str(error))
        else:
            log.exception("a step failed", id=record.id, was=record.status, attempt=record.attempts + 1)
        try:
            self._put_off(record)
        except LeaseLost:
            _lost(record)
        else:
            RETRIES.labels(record.__tablename__, record.status).inc()

    def _put_off(self, record: Owed) -> None:
        """Let the row be tried again after a pause that grows, and tell the tenant once."""
        again = {"owed_at": now() + _pause(record.attempts), "attempts": record.attempts + 1}
        lease = record.lease or ""
        if record.attempts or record.status not in record.lifecycle.transitional:
            self._store.leases.end(lease, **again)
            return
        reason = "the storage did not answer as it should; it is being tried again"
        self._change(record, status_reason=reason, **_FREE, **again)

    def _change(self, record: Owed, **values: Any) -> None:
        with self._store.unit_of_work(record.tenant_id, _ACTOR) as work:
            work.change(record, under=record.lease, **values)
            work.commit()

    def _every(self, seconds: float, do: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            try:
                do()
            except (Unavailable, Unsure) as error:
                log.warning("housekeeping waits", what=do.__name__, reason=str(error.__cause__ or error))
            except Exception:
                log.exception("housekeeping failed; it is tried again", what=do.__name__)
            self._stopping.wait(seconds)

    def _keep(self) -> None:
        """Keep the leases alive."""
        self._store.leases.renew(tuple(self._leases))

    def _tidy(self) -> None:
        """Keep the journal short, the keys few and the storage tidy; the storage last, for it may be away."""
        self._store.forget_journal(self._journal_kept_for)
        self._store.forget_keys()
        self._driver.tidy()

    @property
    def stopping(self) -> bool:
        """Whether work in progress should be let go of."""
        return self._stopping.is_set()

    def progress(self, record: Owed, percent: int) -> None:
        """Record how far the work is. Raises LeaseLost if it is no longer ours to do."""
        self._change(record, progress_percent=percent)


class Progress:
    """Hears from the driver how far it is, and tells the tenant at most once a second."""

    def __init__(self, reconciler: Reconciler, record: Owed) -> None:
        self._reconciler = reconciler
        self._record = record
        self._told_at = time.monotonic()
        self._told = record.progress_percent

    def __call__(self, percent: int) -> None:
        """Raise Stopping or LeaseLost to end the work."""
        self.aside(percent)
        moment = time.monotonic()
        if moment - self._told_at < _PROGRESS_EVERY_S:
            return
        self._told_at = moment
        if percent != self._told:
            self._told = percent
            self._reconciler.progress(self._record, percent)

    def aside(self, _: int) -> None:
        """Raise Stopping to end what a row at rest owes, of which the tenant is told nothing."""
        if self._reconciler.stopping:
            raise Stopping


_FREE = {"lease": None, "leased_until": None}
_AT_REST = {"owed_at": None, "attempts": 0}


def _lost(record: Owed) -> None:
    """Say that somebody else has the row: another worker, or a tenant who went ahead of the background."""
    log.info("lease lost", id=record.id, was=record.status)
    LEASES_LOST.inc()


def _pause(attempts: int) -> timedelta:
    """Twice as long each time, up to a minute, give or take half, so that many do not come back at once."""
    seconds = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(attempts, 16))
    return timedelta(seconds=seconds * random.uniform(0.5, 1.5))  # noqa: S311  no secret
