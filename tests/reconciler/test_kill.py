"""kill -9: the processes themselves die, at any instant, and the next ones bring every row to rest."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.domain.snapshot import Snapshot
from app.drivers.files import Files
from app.reconciler.doctor import Doctor
from app.store.leases import Owed
from app.store.store import Quotas, Store
from app.testing.process import Process
from tests.client import SECRET, Client
from tests.reconciler.bench import digest, until

LARGE = 128 * 2**20
ROUNDS = 4


class House:
    """A data folder that outlives the processes, and what is to be seen in it from outside."""

    def __init__(self, data: Path) -> None:
        self.storage = data / "storage"
        self.settings = {"data": data, "port": 0, "jwt_secret": SECRET, "lease_seconds": 0.5, "side_by_side": 4}
        self.store = Store(f"sqlite:///{data / 'service.db'}", Quotas(-1, -1, -1), timedelta(seconds=1))
        self.store.migrate()

    @contextmanager
    def serving(self, *flags: str) -> Iterator[tuple[Process, Client]]:
        """A service of this house, and a tenant's client of it."""
        with Process("serve", *flags, **self.settings) as process, Client(process.address(), "t-1") as client:
            yield process, client

    def rows(self) -> dict[str, Owed]:
        return {row.id: row for row in self.store.every_record()}

    def until(self, fits: Callable[[], bool]) -> None:
        """Wait until the database says something, whoever writes it."""
        with self.store.hearing_other_processes():
            until(self.store.bell, fits)

    def comes_to_rest(self) -> None:
        """Wait until no row is on its way, and see that rows and bytes agree."""
        self.until(lambda: not any(row.status in row.lifecycle.transitional for row in self.rows().values()))
        assert {row.status for row in self.rows().values()} == {"AVAILABLE"}
        assert Doctor(self.store, Files(self.storage, self.store.installation())).examine() == []

    def content(self, id_: str) -> str:
        return digest(self.storage / ("volumes" if id_.startswith("vol-") else "snapshots") / f"{id_}.raw")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.store.close()


def large_volume(house: House, client: Client) -> str:
    """A volume with so many bytes that copying them takes a while."""
    id_ = str(client.volume("large")["id"])
    bytes_ = random.Random("large").randbytes(2**24)
    with (house.storage / "volumes" / f"{id_}.raw").open("r+b") as file:
        for _ in range(LARGE // len(bytes_)):
            file.write(bytes_)
    return id_


class Tenant:
    """Asks for everything at once, and remembers what it was answered: what is to be there, and what is to be gone."""

    def __init__(self, large: str, kept: str) -> None:
        self.large, self.kept = large, kept
        self.here, self.gone = {large, kept}, set[str]()

    def asks(self, client: Client) -> None:
        old = self.here - {self.large, self.kept}
        self._made(client.do("createSnapshot", volumeId=self.large, name="cut")["snapshot"])
        self._made(client.do("restoreVolume", snapshotId=self.kept, name="again")["volume"])
        self._made(client.do("createVolume", name="empty", sizeGb=10, product="SSD")["volume"])
        for id_ in sorted(old):
            self.here.remove(id_)  # from now on nobody knows, until it is answered
            assert "code" not in client.do("deleteVolume" if id_.startswith("vol-") else "deleteSnapshot", id=id_)
            self.gone.add(id_)

    def _made(self, answered: dict[str, Any]) -> None:
        self.here.add(answered["id"])


def test_whenever_the_service_is_killed_every_row_comes_to_rest_with_the_right_bytes(house: House) -> None:
    chance = random.Random("kill -9")
    with house.serving() as (_, client):
        large = large_volume(house, client)
        tenant = Tenant(large, client.snapshot(large)["id"])
    for _ in range(ROUNDS):
        with house.serving() as (process, client):
            nothing_is_lost(house, tenant)
            killer = threading.Timer(chance.uniform(0, 0.8), process.kill)
            killer.start()
            with suppress(httpx.TransportError):
                tenant.asks(client)
            killer.join()
    with house.serving() as (process, _):
        nothing_is_lost(house, tenant)
        process.stop()
    assert list(house.storage.rglob("*.tmp")) == [], "no half file is left"


def nothing_is_lost(house: House, tenant: Tenant) -> None:
    """Everything rests, what was answered holds, and all copies have the bytes of their source."""
    house.comes_to_rest()
    rows = house.rows()
    assert tenant.here <= rows.keys()
    assert not tenant.gone & rows.keys()
    wanted = house.content(tenant.large)
    for row in rows.values():
        if isinstance(row, Snapshot) or row.source_snapshot_id:
            assert house.content(row.id) == wanted


def test_when_a_worker_beside_the_service_is_killed_another_one_goes_on(house: House) -> None:
    alone = {**house.settings, "side_by_side": 1}
    with house.serving("--no-worker") as (_, client):
        with Process("worker", **alone):
            large = large_volume(house, client)
            cuts = [client.do("createSnapshot", volumeId=large, name="cut")["snapshot"]["id"] for _ in range(3)]
            house.until(lambda: any(house.rows()[cut].lease is not None for cut in cuts))
        assert "CREATING" in {house.rows()[cut].status for cut in cuts}, "killed meanwhile"
        with Process("worker", **alone) as worker:
            house.comes_to_rest()
            worker.stop()
        assert {house.content(cut) for cut in cuts} == {house.content(large)}
