"""Whom a token told a moment ago is known without looking at it again, as long as it holds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.caller import Caller
from app.domain.record import now
from app.transport.acquaintances import Acquaintances
from app.transport.identity import Unauthenticated
from tests.domain.make import a_member


class Told:
    """An identity that knows the callers of some tokens, and nobody else."""

    def __init__(self, **callers: Caller) -> None:
        self._callers = callers

    def caller(self, authorization: str | None, request_id: str) -> Caller:
        if authorization not in self._callers:
            raise Unauthenticated
        return replace(self._callers[authorization], request_id=request_id)


def test_a_token_is_looked_at_once_and_its_caller_then_known_under_each_request() -> None:
    known = Acquaintances(Told(ann=a_member()))

    assert known.at_once("ann", "1") is None
    assert known.caller("ann", "1") == replace(a_member(), request_id="1")
    assert known.at_once("ann", "2") == replace(a_member(), request_id="2")
    assert known.at_once("bob", "3") is None


def test_a_token_that_is_over_is_known_no_more() -> None:
    known = Acquaintances(Told(ann=replace(a_member(), until=now() - timedelta(milliseconds=1))))
    known.caller("ann", "1")

    assert known.at_once("ann", "2") is None


def test_a_token_that_did_not_hold_is_not_remembered() -> None:
    known = Acquaintances(Told())
    with pytest.raises(Unauthenticated):
        known.caller("ann", "1")

    assert known.at_once("ann", "2") is None


def test_only_so_many_are_remembered() -> None:
    callers = {f"t{n}": a_member() for n in range(10_001)}
    known = Acquaintances(Told(**callers))
    for token in callers:
        known.caller(token, "1")

    assert (known.at_once("t0", "2"), known.at_once("t10000", "2")) == (None, replace(a_member(), request_id="2"))
