"""What only PostgreSQL does, or has to be asked for."""

import queue
import threading
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Select, make_url, select, text, update
from sqlmodel import col

from app.domain.record import now
from app.domain.unavailable import Collided, Unavailable
from app.domain.volume import Volume, VolumeFilter
from app.store import database
from app.store.leases import Reach
from app.store.schema import WrongSchema
from app.store.store import Store
from tests.domain.make import a_volume
from tests.store.opened import LONG, NO_LIMITS, change, opened, put, side_by_side
from tests.store.postgres import new_database, new_empty_database

WAIT_S = 20.0


@pytest.fixture
def url() -> str:
    return new_database()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with opened(url) as store:
        yield store


@pytest.mark.parametrize("setting", ["statement_timeout", "lock_timeout"])
def test_nothing_is_waited_for_without_end(store: Store, setting: str) -> None:
    with store._engine.connect() as connection:
        assert connection.execute(text(f"SHOW {setting}")).scalar() == "10s"


def test_texts_are_sorted_as_python_sorts_them_whatever_language_the_database_speaks(store: Store) -> None:
    columns = "SELECT table_name, column_name, collation_name FROM information_schema.columns"
    ours = (
        f"{columns} WHERE table_name IN ('volume', 'snapshot', 'journal', 'tenant') AND data_type = 'character varying'"
    )
    with store._engine.connect() as connection:
        found = connection.execute(text(ours)).all()
    assert {collation for _, _, collation in found} == {"C"}
    assert len(found) > 30


def test_a_start_over_an_older_schema_says_what_to_do() -> None:
    store = Store(new_empty_database(), NO_LIMITS, LONG)
    with pytest.raises(WrongSchema, match="run `python -m app migrate`"):
        store.make_ready()
    store.migrate()
    store.make_ready()
    store.close()


def test_a_pool_that_is_used_up_is_unavailable_and_not_a_hang(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "POOL_SIZE", 1)
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 1000)
    with opened(url) as store, store.reading("t") as one:
        assert one.tenant
        with pytest.raises(Unavailable, match="busy"), store.reading("t"):
            pass


def test_a_server_that_is_away_is_unavailable() -> None:
    store = Store("postgresql://nobody@127.0.0.1:1/nothing", NO_LIMITS, LONG)
    with pytest.raises(Unavailable, match="does not answer"), store.reading("t") as reading:
        assert reading.tenant
    store.close()


def test_what_a_lost_connection_undid_may_be_begun_again_and_the_next_one_works(store: Store) -> None:
    put(store, a_volume())

    def read_on() -> None:
        with store.reading("t") as reading:
            assert reading.tenant
            _cut_all_but_own(store)
            reading.journal.reach()

    with pytest.raises(Collided):
        read_on()
    assert len(store.every_record()) == 1


def test_of_a_commit_whose_connection_was_cut_nobody_says_that_it_may_be_begun_again(store: Store) -> None:
    put(store, volume := a_volume())
    rename = update(Volume).where(col(Volume.id) == volume.id).values(name="other")

    def commit() -> None:
        with database.writing(store._engine) as connection:
            connection.execute(rename)
            _cut_all_but_own(store)
            connection.commit()

    with pytest.raises(Unavailable) as caught:
        commit()
    assert not isinstance(caught.value, Collided)


def test_a_connection_that_died_while_it_rested_reaches_no_caller(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, a_volume())
    monkeypatch.setattr(database, "_ALIVE_FOR_S", 0)
    _cut_all_but_own(store)
    with store.reading("t") as reading:
        assert reading.tenant.volumes == 1


def test_what_was_prepared_for_one_reading_serves_the_next(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "POOL_SIZE", 1)
    with opened(url) as store:
        for _ in range(10):
            with store.reading("t") as reading:
                reading.journal.reach()
        with store._engine.connect() as connection:
            prepared = connection.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()
    assert any("tenant.revision" in statement for statement in prepared), prepared


def _cut_all_but_own(store: Store) -> None:
    address = store._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as other:
        cut = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        other.execute(f"{cut} WHERE datname = current_database() AND pid <> pg_backend_pid()")


def _locking(volume: Volume) -> Select[str]:
    return select(col(Volume.id)).where(col(Volume.id) == volume.id).with_for_update()


def test_of_two_that_lock_each_other_out_one_collides_and_the_other_is_done(store: Store) -> None:
    put(store, one := a_volume("a"))
    put(store, other := a_volume("b"))
    together = threading.Barrier(2)

    def cross(number: int) -> type[Exception] | None:
        first, second = (one, other) if number else (other, one)
        try:
            with database.writing(store._engine) as connection:
                for volume in (first, second):
                    connection.execute(_locking(volume))
                    if volume is first:
                        together.wait(WAIT_S)
        except Collided as error:
            return type(error)
        return None

    assert sorted(map(str, side_by_side(2, cross))) == ["<class 'app.domain.unavailable.Collided'>", "None"]


def test_workers_that_ask_at_once_each_get_another_row_and_none_waits(store: Store) -> None:
    volumes = [Volume.begin("t", "tester", name="data", product="SSD", size_gb=10) for _ in range(8)]
    put(store, *volumes)
    claimed = side_by_side(8, lambda _: store.leases.claim(Reach.ALL))
    assert {row.id for row in claimed if row} == {volume.id for volume in volumes}


def test_a_row_that_somebody_else_is_taking_is_passed_over(store: Store) -> None:
    first, second = (Volume.begin("t", "tester", name="data", product="SSD", size_gb=10) for _ in range(2))
    put(store, first)
    put(store, second)
    with database.writing(store._engine) as other:
        other.execute(_locking(first))
        claimed = store.leases.claim(Reach.ALL)
    assert claimed is not None
    assert claimed.id == second.id


def test_who_listens_is_told_again_after_a_lost_connection(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_ALIVE_FOR_S", 0)
    rang: dict[str, threading.Event] = {"before": threading.Event(), "after": threading.Event()}
    with (
        store.bell.listening(lambda tenant_id: rang[tenant_id].set() if tenant_id in rang else None),
        store.hearing_other_processes(),
        opened(str(store._engine.url.render_as_string(hide_password=False))) as another,
    ):
        put(another, a_volume("before"))
        assert rang["before"].wait(WAIT_S)
        _cut_all_but_own(store)
        put(another, a_volume("after"))
        assert rang["after"].wait(WAIT_S), "it did not listen again"


def test_workers_sleep_through_changes_of_other_processes_that_owe_nothing(url: str, store: Store) -> None:
    put(store, volume := a_volume(owed_at=None))
    told: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    woken: list[str | None] = []
    with (
        opened(url) as another,
        another.bell.listening(told.put),
        another.bell.working(woken.append),
        another.hearing_other_processes(),
    ):
        assert told.get(timeout=WAIT_S) == "t", "it did not learn where the tenant stands"
        change(store, volume, name="renamed")
        put(store, a_volume(owed_at=now()))
        put(store, a_volume(owed_at=None))
        for _ in range(3):
            assert told.get(timeout=WAIT_S) == "t"
    assert len(woken) == 2, "one for the start, one for what is owed"


def test_who_may_not_add_an_extension_has_all_but_the_index_for_searches() -> None:
    url = make_url(new_empty_database())
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS humble")
        owner.execute("CREATE ROLE humble LOGIN PASSWORD 'humble'")
        owner.execute("GRANT CREATE ON SCHEMA public TO humble")
    humble = url.set(username="humble", password="humble")
    with opened(humble.render_as_string(hide_password=False)) as store:
        put(store, a_volume(name="orders"), a_volume(name="users"))
        with store.reading("t") as reading:
            assert reading.volumes.counts([VolumeFilter(search="RDER")]) == [1]
        with store._engine.connect() as connection:
            indexes = set(connection.execute(text("SELECT indexname FROM pg_indexes")).scalars())
    assert {"volume_in_status", "snapshot_by_text", "volume_by_text"} & indexes == {"volume_in_status"}
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as owner:
        owner.execute("DROP OWNED BY humble")
        owner.execute("DROP ROLE humble")
