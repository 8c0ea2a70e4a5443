"""Idempotency keys: kept for 24 hours, each tenant's its own."""

from datetime import timedelta

import pytest
from sqlalchemy import event, update

from app.domain.idempotency import IdempotencyKey
from app.domain.record import now
from app.store.database import writing
from app.store.store import Store
from tests.store.opened import rows_of

DAY = timedelta(hours=24)
MINUTE = timedelta(minutes=1)


def remember(store: Store, key: str, answer: str, tenant_id: str = "t") -> None:
    with store.unit_of_work(tenant_id, "tester") as work:
        work.keys.add(key, "digest", answer)
        work.commit()


def recalled(store: Store, key: str, tenant_id: str = "t") -> str | None:
    with store.unit_of_work(tenant_id, "tester") as work:
        found = work.keys.find(key)
        return None if found is None else found.answer


def age_by(store: Store, by: timedelta) -> None:
    """Make every key older than it is."""
    with writing(store._engine) as connection:
        connection.execute(update(IdempotencyKey).values(made_at=now() - by))
        connection.commit()


def test_a_key_is_remembered_once_it_is_committed(store: Store) -> None:
    with store.unit_of_work("t", "tester") as work:
        work.keys.add("given up", "digest", "lost")
    remember(store, "key", "first")
    assert (recalled(store, "key"), recalled(store, "given up"), recalled(store, "KEY")) == ("first", None, None)


@pytest.mark.parametrize(("old", "kept"), [(DAY - MINUTE, True), (DAY + MINUTE, False)])
def test_a_key_is_kept_for_24_hours(store: Store, old: timedelta, kept: bool) -> None:
    remember(store, "key", "first")
    age_by(store, old)
    assert (recalled(store, "key") is not None) == kept


def test_a_key_that_is_too_old_can_be_used_again(store: Store) -> None:
    remember(store, "key", "first")
    age_by(store, DAY + MINUTE)
    remember(store, "key", "second")
    assert recalled(store, "key") == "second"


def test_keys_that_are_too_old_are_forgotten_whosever_they_are_and_no_others(store: Store) -> None:
    remember(store, "one", "old")
    remember(store, "one", "old", "of a tenant who never came back")
    age_by(store, DAY + MINUTE)
    remember(store, "two", "new")
    assert store.forget_keys() == 2
    assert (recalled(store, "two"), rows_of(store, IdempotencyKey)) == ("new", 1)


def test_many_keys_are_forgotten_some_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.store._FORGOTTEN_AT_ONCE", 2)
    for number in range(5):
        remember(store, f"key-{number}", "old")
    age_by(store, DAY + MINUTE)
    commits: list[object] = []
    event.listen(store._engine, "commit", commits.append)
    assert store.forget_keys() == 5
    assert len(commits) >= 3
    assert rows_of(store, IdempotencyKey) == 0


def test_each_tenant_has_its_own_keys(store: Store) -> None:
    remember(store, "key", "mine")
    assert recalled(store, "key", "other") is None
    remember(store, "key", "theirs", "other")
    assert (recalled(store, "key"), recalled(store, "key", "other")) == ("mine", "theirs")
