"""A run: some tenants ask, faults strike, and when all have ended the verdict is spoken."""

import queue
import random
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from app.domain.record import now
from app.store.leases import Owed
from tests.torture import verdict
from tests.torture.door import Door
from tests.torture.house import House
from tests.torture.struck import Struck
from tests.torture.subscriber import Subscriber
from tests.torture.tenant import Tenant

TENANTS = 3
AT_REST_WITHIN_S = 90.0
TOLD_WITHIN_S = 20.0
_LOOK_EVERY_S = 0.05
_SOON = timedelta(minutes=5)
_CURSOR = "{ viewer { tenant { cursor } } }"


@dataclass
class Tally:
    """What a run, or many, came to."""

    runs: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    rest_s: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.runs} runs; faults: {dict(sorted(self.faults.items()))}; "
            f"operations: {dict(sorted(self.operations.items()))}; at rest after {self.rest_s:.1f} s at most"
        )


class Run:
    """One run in a house, by new tenants, each with two subscribers: over event streams and over WebSockets."""

    def __init__(self, house: House, chance: random.Random, tally: Tally) -> None:
        self._house, self._chance, self._tally = house, chance, tally
        self.struck = Struck(house)
        self._doors: list[Door] = []
        self.tenants: list[Tenant] = []
        self._subscribers: list[tuple[Tenant, str, Subscriber]] = []
        for n in range(TENANTS):
            name = f"t-{n}-{secrets.token_hex(4)}"
            tenant = Tenant(name, self._door(name), house.storage, random.Random(chance.random()))
            cursor = tenant.door.ask(_CURSOR).data["viewer"]["tenant"]["cursor"]
            for field_, prefix, over_events in (
                ("volumeChanges", "vol-", n % 2 == 0),
                ("snapshotChanges", "snap-", n % 2 == 1),
            ):
                subscriber = Subscriber(self._door(name), field_, cursor, over_events=over_events)
                self._subscribers.append((tenant, prefix, subscriber))
            self.tenants.append(tenant)

    def _door(self, name: str) -> Door:
        self._doors.append(Door(self._house.addresses, name))
        return self._doors[-1]

    def ask(self, tenant: Tenant, verbs: Sequence[tuple[str, int]]) -> None:
        """Let a tenant do these things, one after the other, once it has done the others."""
        while True:
            self.struck.let_go()
            if tenant.failure:
                raise tenant.failure
            try:
                tenant.todo.put(verbs, timeout=_LOOK_EVERY_S)
            except queue.Full:
                continue
            return

    def verdict(self) -> None:
        """Let everybody finish, and check what was promised."""
        self.struck.let_go(of_all=True)
        self._house.are_up()
        for tenant in self.tenants:
            tenant.done()
        started = time.monotonic()
        self._comes_to_rest()
        self._tally.rest_s = max(self._tally.rest_s, time.monotonic() - started)
        self._is_mended()
        for tenant in self.tenants:
            self._check(tenant)
        self._every_subscriber_saw_the_journal()
        self._count()
        if not self._house.storage.slow:
            self._everybody_leaves()

    def ends(self) -> None:
        """Leave the house as it was found, also after a failure."""
        self.struck.let_go(of_all=True)
        for tenant in self.tenants:
            with suppress(Exception):
                tenant.done()
        for _, _, subscriber in self._subscribers:
            subscriber.leave()
        for _, _, subscriber in self._subscribers:
            with suppress(Exception):
                subscriber.stop()
        for door in self._doors:
            door.close()

    def _comes_to_rest(self) -> None:
        give_up_at = time.monotonic() + AT_REST_WITHIN_S
        while moving := [row for row in self._house.store.every_record() if _is_on_its_way(row)]:
            ids = {row.id: row.status for row in moving}
            assert time.monotonic() < give_up_at, f"not at rest: {ids}"
            time.sleep(_LOOK_EVERY_S)

    def _is_mended(self) -> None:
        """Let an administrator and the doctor mend what faults left behind, and see that nothing is left."""
        for tenant in self.tenants:
            rows = verdict.rows_of(self._house, tenant)
            failed = {id_ for id_, row in rows.items() if row.status == "ERROR_DELETING"}
            tenant.retry_deletions(id_ for id_ in failed if id_.startswith("snap-"))
        self._house.doctor("--mend")
        self._comes_to_rest()
        self._nothing_is_orphaned()

    def _nothing_is_orphaned(self) -> None:
        known = {row.id for row in self._house.store.every_record()}
        strays = self._house.storage.strays(self._house.store.installation(), known)
        assert not strays, f"orphaned: {strays}"

    def _check(self, tenant: Tenant) -> None:
        with self._house.store.reading(tenant.name) as reading:
            lines, revision = verdict.lines_of(reading), reading.tenant.revision
        rows = verdict.rows_of(self._house, tenant)
        storage = self._house.storage
        was_ill = storage.may_refuse and not storage.ills.keys().isdisjoint(self.struck.ever)
        verdict.the_journal_has_no_gap(lines, revision)
        verdict.each_accepted_mutation_was_done_once(tenant, lines)
        verdict.only_the_ill_storage_refused(lines, was_ill=was_ill)
        verdict.the_rows_are_as_told(tenant, rows, verdict.told_by(lines, tenant.asked))
        verdict.the_bytes_are_exact(self._house, tenant, rows, self._chance)
        verdict.the_quotas_equal_the_rows(tenant, rows)

    def _every_subscriber_saw_the_journal(self) -> None:
        journals = [verdict.journal_cursors(tenant, prefix) for tenant, prefix, _ in self._subscribers]
        give_up_at = time.monotonic() + TOLD_WITHIN_S
        for journal, (_, _, subscriber) in zip(journals, self._subscribers, strict=True):
            while len(subscriber.told) < len(journal) and time.monotonic() < give_up_at:
                time.sleep(_LOOK_EVERY_S)
            subscriber.leave()
        for journal, (_, _, subscriber) in zip(journals, self._subscribers, strict=True):
            subscriber.stop()
            assert subscriber.told == journal, f"told {len(subscriber.told)} of {len(journal)} changes, or others"

    def _everybody_leaves(self) -> None:
        """Let the tenants delete all that they have: it is possible, nothing stays, and the next run has room."""
        for tenant in self.tenants:
            tenant.leave()
        self._comes_to_rest()
        assert not self._house.store.every_record()
        self._nothing_is_orphaned()

    def _count(self) -> None:
        self._tally.runs += 1
        self._tally.faults.update(self.struck.ever)
        for tenant in self.tenants:
            self._tally.operations["blocks written"] += tenant.written
            self._tally.operations["answers lost"] += tenant.lost
            for asked in tenant.asked.values():
                self._tally.operations[asked.verb if asked.accepted else "refused"] += 1
        self._tally.operations["changes told"] += sum(len(it.told) for _, _, it in self._subscribers)
        self._tally.operations["streams opened"] += sum(it.opened for _, _, it in self._subscribers)


def _is_on_its_way(row: Owed) -> bool:
    """Whether it is moving, or owes something soon. What a shared snapshot holds alone is measured again for ever."""
    owes = row.owed_at is not None and row.owed_at < now() + _SOON
    return row.status in row.lifecycle.transitional or owes or row.owes_at_rest
