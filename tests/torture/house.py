"""The house that is tortured: processes that serve and processes that work, a database, a storage, all their faults."""

import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from app.domain.unavailable import Unavailable
from app.store.store import Quotas, Store
from app.testing.process import Process
from tests.client import SECRET
from tests.torture.clock import Clock
from tests.torture.postgres import Postgres
from tests.torture.storage import Storage

LEASE_S = 1.0
UP_WITHIN_S = 60.0
_MOMENT_S = 0.3
Fault = Callable[[int], AbstractContextManager[None]]
"""Strikes at once; is over at the end of the block. Takes a number to choose by."""


class Replica:
    """One process of the house. It may die and be started again; what serves keeps its port."""

    def __init__(self, *command: str, clock: Clock, settings: Mapping[str, object]) -> None:
        self.serves = command[0] == "serve"
        self._command, self._clock = command, clock
        self._settings = {**settings, "port": _free_port()} if self.serves else settings
        self.address = f"http://127.0.0.1:{self._settings.get('port')}"
        self.start()

    def start(self) -> None:
        if self.serves:
            self.process = Process(*self._command, **self._settings)
        else:
            self.process = _Late(str(self._clock.file), *self._command, **self._settings)

    def is_up(self) -> None:
        """Wait until it serves or works. One that ended, for it was started amid a fault, is started again."""
        give_up_at = time.monotonic() + UP_WITHIN_S
        while not any("the database and the storage answer" in line for line in self.process.lines):
            assert time.monotonic() < give_up_at, f"{self._command} does not start: {self.process.lines[-3:]}"
            if self.process.has_ended():
                self.process.kill()
                self.start()
            time.sleep(0.05)


class House:
    """A service over a storage. `faults` are all that can strike it, by name."""

    def __init__(self, folder: Path, storage: Storage, postgres: Postgres | None) -> None:
        self.storage = storage
        self._postgres = postgres
        self._clock = Clock(folder / "clock")
        database = {"database_url": postgres.url} if postgres else {}
        self.settings: Mapping[str, Any] = {
            **storage.settings,
            **database,
            "jwt_secret": SECRET,
            "lease_seconds": LEASE_S,
            "bookmark_seconds": 1,
            "quota_volumes": 6,
            "quota_snapshots": 12,
            "limit_points_per_second": 0,
        }
        url = postgres.url if postgres else f"sqlite:///{self.settings['data'] / 'service.db'}"
        self.store = Store(url, Quotas(-1, -1, -1), timedelta(seconds=LEASE_S))
        self.store.make_ready()
        serve = ("serve", "--no-worker") if postgres else ("serve",)
        commands = [serve, serve, ("worker",), ("worker",)] if postgres else [serve, ("worker",)]
        self._replicas = [Replica(*command, clock=self._clock, settings=self.settings) for command in commands]
        self.faults = self._faults()

    @property
    def addresses(self) -> Sequence[str]:
        """Where it is served."""
        return [replica.address for replica in self._replicas if replica.serves]

    def are_up(self) -> None:
        """Wait until every process serves or works."""
        for replica in self._replicas:
            replica.is_up()

    def close(self) -> None:
        for replica in self._replicas:
            replica.process.kill()
        self.store.close()

    def complaints(self) -> str:
        """Return the last warnings of each process that lives."""
        found = [[line for line in it.process.lines if '"level":"info"' not in line][-4:] for it in self._replicas]
        return "".join(line for lines in found for line in lines)

    def doctor(self, *flags: str) -> None:
        """Let the doctor look; nothing may be amiss afterwards."""
        with Process("doctor", *flags, **self.settings) as doctor:
            assert doctor.ended() == 0, f"the doctor says that something is amiss, and left so: {doctor.lines}"

    def _faults(self) -> Mapping[str, Fault]:
        faults: dict[str, Fault] = {
            "worker killed": partial(self._killed, serving=False),
            "service killed": partial(self._killed, serving=True),
            "process paused": self._paused,
            "clock set back": self._clock.back,
            **self.storage.ills,
        }
        if self._postgres:
            faults["database crashed"] = partial(self._restarted, self._postgres, "immediate")
            faults["database restarted"] = partial(self._restarted, self._postgres, "fast")
            faults["connections cut"] = partial(self._connections_cut, self._postgres)
        return faults

    @contextmanager
    def _killed(self, which: int, *, serving: bool) -> Iterator[None]:
        replica = self._chosen(which, [it for it in self._replicas if it.serves == serving])
        self._work_is_under_way()
        replica.process.kill()
        yield
        replica.start()

    @contextmanager
    def _paused(self, which: int) -> Iterator[None]:
        process = self._chosen(which, self._replicas).process
        self._work_is_under_way()
        process.pause()
        yield
        process.resume()  # if it was not killed meanwhile

    @contextmanager
    def _restarted(self, postgres: Postgres, mode: str, _: int) -> Iterator[None]:
        postgres.restart(mode)
        yield

    @contextmanager
    def _connections_cut(self, postgres: Postgres, _: int) -> Iterator[None]:
        postgres.cut_connections()
        yield

    def _work_is_under_way(self) -> None:
        """Wait a moment for an instant at which some worker holds a row: few others matter."""
        give_up_at = time.monotonic() + _MOMENT_S
        with suppress(Unavailable):
            while time.monotonic() < give_up_at and not any(row.lease for row in self.store.every_record()):
                pass

    def _chosen(self, which: int, replicas: Sequence[Replica]) -> Replica:
        return replicas[which % len(replicas)]


class _Late(Process):
    """A process that goes by the clock that may be set back."""

    module = Clock.__module__


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
