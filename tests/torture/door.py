"""A tenant's way in: asks any replica that lives, again and again, until it is answered."""

import itertools
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import httpx

from app.testing.documents import members
from tests.client import Client

ANSWERED_WITHIN_S = 90.0
TRY_AGAIN_AFTER_S = 0.05
_LATER = {"UNAVAILABLE", "TIMED_OUT"}


class Answer(NamedTuple):
    """What was answered at last; `lost`: how many answers were lost before."""

    data: Any
    lost: int


class Door:
    """One tenant's clients of all replicas."""

    def __init__(self, addresses: Sequence[str], tenant: str) -> None:
        self._clients = [Client(address, tenant, roles=["member", "administrator"]) for address in addresses]
        self._turn = itertools.count()

    def close(self) -> None:
        for client in self._clients:
            client.http.close()

    def next(self) -> Client:
        """Return the client of the next replica, dead or alive."""
        return self._clients[next(self._turn) % len(self._clients)]

    def do(self, mutation: str, request_id: str = "", **given: Any) -> Answer:
        """Send a mutation by its name and input, as often as it takes; each time as the same request."""
        name = mutation[0].upper() + mutation[1:]
        query = f"mutation($i: {name}Input!) {{ it: {mutation}(input: $i) {{ __typename {members(name)} }} }}"
        answer = self.ask(query, request_id, i=given)
        return Answer(answer.data["it"], answer.lost)

    def ask(self, query: str, request_id: str = "", **variables: Any) -> Answer:
        """Send an operation until it is answered. An answer that tells of a bug raises AssertionError."""
        give_up_at = time.monotonic() + ANSWERED_WITHIN_S
        headers = {"X-Request-Id": request_id} if request_id else {}
        for lost in itertools.count():
            assert time.monotonic() < give_up_at, f"no replica answers: {query}"
            with suppress(httpx.TransportError):
                sent = {"query": query, "variables": variables}
                answer = self.next().http.post("/graphql", json=sent, headers=headers).json()
                if "errors" not in answer:
                    return Answer(answer["data"], lost)
                codes = {error["extensions"]["code"] for error in answer["errors"]}
                assert codes <= _LATER, f"{variables} is answered by {answer['errors']}"
            threading.Event().wait(TRY_AGAIN_AFTER_S)
        raise AssertionError
