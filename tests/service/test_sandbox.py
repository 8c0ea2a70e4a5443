"""What a tenant asks of its sandbox goes on at once, disturbs nobody else, and can be asked again where it failed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.domain.problems import NotFound
from app.domain.record import now
from app.domain.volume import Volume
from app.drivers.faults import Faults
from app.service.sandbox import SandboxService, StorageVerb
from app.store.leases import Reach
from app.store.store import Store
from tests.service.house import MEMBER, STRANGER, VOLUME, House


@pytest.fixture
def sandbox(house: House) -> SandboxService:
    return SandboxService(house.store, Faults(), lose=lambda _: None, drop=lambda _: 0)


def put_off(house: House) -> Volume:
    """A volume on its way, whose storage is to be asked again in an hour."""
    made, _ = house.volumes.create(MEMBER, **VOLUME)
    claimed = house.store.leases.claim(Reach.OWED)
    assert claimed is not None
    house.store.leases.end(claimed.lease or "", owed_at=now() + timedelta(hours=1))
    return made


def hold(sandbox: SandboxService) -> str:
    return sandbox.hold(MEMBER, StorageVerb.CREATE_VOLUME, matching="*", at_percent=None)


def due(house: House) -> str | None:
    """The id of what a worker would take now."""
    claimed = house.store.leases.claim(Reach.OWED)
    return None if claimed is None else claimed.id


@contextmanager
def heard(store: Store) -> Iterator[list[str]]:
    """Who is woken in the block."""
    woken: list[str] = []
    with (
        store.bell.listening(lambda _: woken.append("streams")),
        store.bell.working(lambda _: woken.append("workers")),
    ):
        yield woken


@contextmanager
def broken(store: Store) -> Iterator[None]:
    """A database that changes nothing while the block runs."""
    rename(store, "snapshot", "away")
    try:
        yield
    finally:
        rename(store, "away", "snapshot")


def rename(store: Store, table: str, to: str) -> None:
    with store._engine.connect() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {to}"))
        connection.commit()


def release_plan(sandbox: SandboxService, _: Volume) -> Callable[[], None]:
    plan = hold(sandbox)
    return lambda: sandbox.release(MEMBER, plan)


def release_one(sandbox: SandboxService, volume: Volume) -> Callable[[], None]:
    hold(sandbox)
    return lambda: sandbox.release(MEMBER, volume.id)


def reset(sandbox: SandboxService, _: Volume) -> Callable[[], None]:
    return lambda: sandbox.reset(MEMBER)


ENDS = pytest.mark.parametrize("end", [release_plan, release_one, reset])
End = Callable[[SandboxService, Volume], Callable[[], None]]


@ENDS
def test_what_was_put_off_is_due_at_once_and_only_workers_are_woken(
    house: House, sandbox: SandboxService, end: End
) -> None:
    volume = put_off(house)
    ends = end(sandbox, volume)
    assert due(house) is None
    with heard(house.store) as woken:
        ends()
        assert woken[0] == "workers"
    assert due(house) == volume.id


def test_where_nothing_waits_nobody_is_woken(house: House, sandbox: SandboxService) -> None:
    put_off(house)
    plan = sandbox.hold(STRANGER, StorageVerb.CREATE_VOLUME, matching="*", at_percent=None)
    with heard(house.store) as woken:
        sandbox.release(STRANGER, plan)
    assert woken == []
    assert due(house) is None


@ENDS
def test_what_failed_can_be_asked_again(house: House, sandbox: SandboxService, end: End) -> None:
    volume = put_off(house)
    ends = end(sandbox, volume)
    with broken(house.store), pytest.raises(DBAPIError):
        ends()
    assert due(house) is None
    ends()
    assert due(house) == volume.id


def test_a_plan_that_was_released_is_forgotten(house: House, sandbox: SandboxService) -> None:
    plan = hold(sandbox)
    sandbox.release(MEMBER, plan)
    with pytest.raises(NotFound):
        sandbox.release(MEMBER, plan)
