"""Quotas: what a tenant may take, counted before it is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.problems import QuotaExceeded
from app.domain.tenant import UNLIMITED, QuotaName, Tenant
from tests.domain.make import a_tenant, some
from tests.domain.raised import raised


def refused(tenant: Tenant, **more: int) -> QuotaExceeded | None:
    """The quota that so much more would pass, if any."""
    return raised(QuotaExceeded, lambda: tenant.admit(**more))


@pytest.mark.parametrize("name", ["volumes", "snapshots", "gigabytes"])
def test_a_quota_may_be_used_up_to_its_limit_and_not_one_more(name: str) -> None:
    tenant = a_tenant(**{f"max_{name}": 7, name: 5})
    assert refused(tenant, **{name: 2}) is None
    problem = refused(tenant, **{name: 3})
    assert problem is not None
    assert (problem.quota, problem.limit, problem.used, problem.requested) == (QuotaName(name.upper()), 7, 5, 3)
    assert str(problem) == f"the quota {name.upper()} allows 7; 5 are used and 3 more were asked for"


def test_minus_one_is_no_limit() -> None:
    assert refused(a_tenant(gigabytes=10**12), gigabytes=10**12) is None


def test_zero_admits_nothing() -> None:
    assert refused(a_tenant(max_volumes=0), volumes=1) is not None


def test_what_asks_for_nothing_of_a_quota_is_not_refused_by_it() -> None:
    beyond = a_tenant(max_volumes=1, volumes=3)
    assert refused(beyond, snapshots=1, gigabytes=10) is None


@given(st.integers(UNLIMITED, 5), st.lists(st.integers(-2, 3)))
@some
def test_no_quota_is_ever_passed_by_what_was_admitted(limit: int, changes: list[int]) -> None:
    tenant = a_tenant(max_volumes=limit)
    for more in changes:
        if refused(tenant, volumes=more) is None:
            tenant.count(volumes=max(more, -tenant.volumes))
        assert tenant.volumes >= 0
        assert limit == UNLIMITED or tenant.volumes <= limit
    assert tenant.quotas()[QuotaName.VOLUMES] == (limit, tenant.volumes)
