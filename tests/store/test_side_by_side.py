"""Many threads at one tenant: its numbers have no gaps, and its quotas hold."""

from collections.abc import Iterator

import pytest

from app.domain.problems import QuotaExceeded
from app.domain.volume import Volume
from app.store.store import Quotas, Store
from tests.domain.make import a_volume
from tests.domain.raised import raised
from tests.store.opened import lines, opened, put, side_by_side, summed, used

THREADS, EACH = 8, 5


def test_numbers_have_no_gaps_and_are_in_the_order_of_commits(store: Store) -> None:
    committed: list[int] = []

    def write(_: int) -> None:
        for _ in range(EACH):
            with store.unit_of_work("t", "tester") as work:
                work.add(a_volume())
                committed.append(work.tenant.revision)
                work.commit()

    side_by_side(THREADS, write)
    everything = list(range(1, THREADS * EACH + 1))
    assert committed == everything
    assert [line.number for line in lines(store, "t")] == everything


def test_tenants_that_write_side_by_side_each_have_their_own_numbers(store: Store) -> None:
    def write(number: int) -> None:
        for _ in range(EACH):
            put(store, a_volume(f"t-{number}"))

    side_by_side(THREADS, write)
    for number in range(THREADS):
        assert [line.number for line in lines(store, f"t-{number}")] == list(range(1, EACH + 1))


def test_a_tenant_comes_to_be_once_however_many_meet_it_first(store: Store) -> None:
    side_by_side(THREADS, lambda _: put(store, a_volume()))
    assert used(store, "t") == (THREADS, 0, THREADS * 10)


@pytest.fixture
def small(url: str) -> Iterator[Store]:
    """A store whose tenants may have 5 volumes, or 70 GB."""
    with opened(url, Quotas(5, 5, 70)) as store:
        yield store


@pytest.mark.parametrize(("size_gb", "fit"), [(10, 5), (20, 3)], ids=["by number", "by gigabytes"])
def test_two_at_once_can_never_pass_a_quota_together(small: Store, size_gb: int, fit: int) -> None:
    def take(_: int) -> QuotaExceeded | None:
        volume = a_volume(size_gb=size_gb)
        with small.unit_of_work("t", "tester") as work:
            problem = raised(QuotaExceeded, lambda: work.tenant.admit(**volume.counted))
            if problem is None:
                work.add(volume)
                work.commit()
            return problem

    refusals = [problem for problem in side_by_side(THREADS, take) if problem is not None]
    assert len(refusals) == THREADS - fit
    assert used(small, "t") == summed(small, "t") == (fit, 0, fit * size_gb)


def test_changes_of_one_row_queue_up_and_none_is_lost(store: Store) -> None:
    put(store, volume := a_volume())

    def describe(number: int) -> None:
        with store.unit_of_work("t", "tester") as work:
            row = work.volumes.get(volume.id)
            work.change(row, description=f"{row.description}{number}")
            work.commit()

    side_by_side(THREADS, describe)
    with store.reading("t") as reading:
        changed: Volume = reading.volumes.get(volume.id)
    assert sorted(changed.description) == [str(number) for number in range(THREADS)]
    assert changed.version == 1 + THREADS
