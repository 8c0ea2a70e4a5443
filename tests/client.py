"""The client of the project's own tests: a tester's, and what only those ask for who test the service itself."""

import contextlib
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import httpx
from graphql import GraphQLSchema, build_schema

from app.testing import client, tokens

SECRET = "a secret of the tests, long enough for HS256"
PRINTED = Path(__file__).parent.parent / "schema.graphql"


@cache
def printed_schema() -> GraphQLSchema:
    """The schema as it lies in the repository."""
    return build_schema(PRINTED.read_text(encoding="utf-8"))


def token(tenant: str, *, name: str = "tester", roles: list[str] | None = None, seconds: float = 600) -> str:
    """Sign a token as an identity provider would."""
    return tokens.token(SECRET, tenant, name=name, roles=roles or ["member"], seconds=seconds)


class Client(client.Client):
    """One caller, known by its tenant."""

    def __init__(
        self, address: str, tenant: str, *, roles: list[str] | None = None, language: str = "en", name: str = "tester"
    ) -> None:
        self.tenant = tenant
        super().__init__(address, f"Bearer {token(tenant, name=name, roles=roles)}", language=language)

    def errors(self, query: str, **variables: Any) -> list[dict[str, Any]]:
        """Send an operation that has faults; return its errors. A fault of the caller's is never one of the service."""
        response = self.http.post("/graphql", json={"query": query, "variables": variables})
        assert response.status_code in (200, 400), response.text
        errors = cast(list[dict[str, Any]], response.json()["errors"])
        assert not [error for error in errors if error.get("extensions", {}).get("code") == "INTERNAL"], errors
        return errors

    def path(self, volume_id: str) -> Path:
        """Attach a volume and return the file that its server would write to."""
        self.do("attachVolume", id=volume_id, serverId="srv-1")
        attached = self.wait_for(volume_id, "IN_USE")
        return Path(httpx.URL(attached["attachment"]["connection"]).path)

    @contextlib.contextmanager
    def event_stream(self, query: str, last: str | None = None, **variables: Any) -> Iterator[Iterator["Event"]]:
        """Send an operation whose answer is an event stream; yields its events. `last` is the id to go on from."""
        headers = {"Accept": "text/event-stream"} | ({} if last is None else {"Last-Event-ID": last})
        request = {"query": query, "variables": variables}
        with self.http.stream("POST", "/graphql", json=request, headers=headers) as response:
            if response.status_code != 200:
                raise Declined(response.read())
            yield _events(response)


class Event(NamedTuple):
    """An event of a stream. A comment is one whose name is empty, and its text the data."""

    name: str
    id: str | None
    data: Any


def _events(response: httpx.Response) -> Iterator[Event]:
    text = ""
    for piece in response.iter_text():
        text += piece
        *whole, text = text.split("\n\n")
        yield from map(_event, whole)


def _event(block: str) -> Event:
    fields = dict(line.split(": ", 1) for line in block.split("\n"))
    data = fields.get("data", "")
    return Event(fields.get("event", ""), fields.get("id"), json.loads(data) if data else fields.get("", ""))


class Declined(Exception):
    """An event stream was not opened; the argument is what was answered instead."""


def until(messages: Iterator[dict[str, Any]], fits: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Read messages up to the first that fits; return them all. The socket's time-out is the bound."""
    seen = []
    for message in messages:
        seen.append(message)
        if fits(message):
            return seen
    raise AssertionError(f"the stream ended; it told {seen}")
