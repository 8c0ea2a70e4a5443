"""A client of the service as any other: JSON over HTTP, and graphql-transport-ws over a WebSocket."""

import contextlib
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self, cast

import httpx
import jwt
from graphql import GraphQLSchema, GraphQLUnionType, build_schema
from websockets.sync.client import ClientConnection, connect

from app.domain.record import now

SECRET = "a secret of the tests, long enough for HS256"
WAIT_S = 20.0
PRINTED = Path(__file__).parent.parent / "schema.graphql"
VOLUME = """id name description category product sizeGb status statusReason progressPercent protected version
  attachment { serverId serverName device attachedAt connection } sourceSnapshot { id }"""
SNAPSHOT = """id name description sizeGb product status statusReason progressPercent consistency usedBytes checksum
  version volume { id }"""
MEMBERS = {
    "VolumePayload": f"volume {{ {VOLUME} }} warnings {{ code message }}",
    "SnapshotPayload": f"snapshot {{ {SNAPSHOT} }} warnings {{ code message }}",
    "RestorePayload": f"volume {{ {VOLUME} }} snapshot {{ {SNAPSHOT} }}",
    "NotFound": "code message id",
    "InvalidInput": "code message fields { path message }",
    "InvalidState": "code message status allowedStatuses",
    "VolumeInUse": "code message attachment { serverId }",
    "SnapshotsExist": "code message snapshots { id } totalCount",
    "QuotaExceeded": "code message quota limit used requested",
    "Refused": "code message",
    "VersionConflict": "code message current",
}


@cache
def printed_schema() -> GraphQLSchema:
    """The schema as it lies in the repository."""
    return build_schema(PRINTED.read_text(encoding="utf-8"))


def members(name: str) -> str:
    """Select what there is to see of each member of a mutation's result."""
    result = cast(GraphQLUnionType, printed_schema().type_map[f"{name}Result"])
    return " ".join(f"... on {member.name} {{ {MEMBERS[member.name]} }}" for member in result.types)


def token(tenant: str, *, name: str = "tester", roles: list[str] | None = None, seconds: float = 600) -> str:
    """Sign a token as an identity provider would."""
    claims = {"sub": f"{name}@example", "name": name, "tenant": tenant, "roles": roles or ["member"]}
    return jwt.encode({**claims, "exp": now().timestamp() + seconds}, SECRET, algorithm="HS256")


class Client:
    """One caller, over HTTP and WebSockets."""

    def __init__(
        self, address: str, tenant: str, *, roles: list[str] | None = None, language: str = "en", name: str = "tester"
    ) -> None:
        self.address = address
        self.tenant = tenant
        self.authorization = f"Bearer {token(tenant, name=name, roles=roles)}"
        headers = {"Authorization": self.authorization, "Accept-Language": language}
        self.http = httpx.Client(base_url=address, headers=headers, timeout=WAIT_S, verify=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def post(self, query: str, **variables: Any) -> dict[str, Any]:
        """Send an operation; return the whole answer, errors and all."""
        response = self.http.post("/graphql", json={"query": query, "variables": variables})
        assert response.status_code == 200, response.text
        return cast(dict[str, Any], response.json())

    def ask(self, query: str, **variables: Any) -> Any:
        """Send an operation that has no errors; return its data."""
        answer = self.post(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def errors(self, query: str, **variables: Any) -> list[dict[str, Any]]:
        """Send an operation that has faults; return its errors. A fault of the caller's is never one of the service."""
        response = self.http.post("/graphql", json={"query": query, "variables": variables})
        assert response.status_code in (200, 400), response.text
        errors = cast(list[dict[str, Any]], response.json()["errors"])
        assert not [error for error in errors if error.get("extensions", {}).get("code") == "INTERNAL"], errors
        return errors

    def do(self, mutation: str, **given: Any) -> Any:
        """Send a mutation by its name and input; return its payload or its problem, with `__typename`."""
        return self.do_all((mutation, given))[0]

    def do_all(self, *wanted: tuple[str, dict[str, Any]]) -> list[Any]:
        """Send several mutations in one request, each by its name and input; return what each came to, in order."""
        inputs, fields = [], []
        for n, (mutation, _) in enumerate(wanted):
            name = mutation[0].upper() + mutation[1:]
            inputs.append(f"$i{n}: {name}Input!")
            fields.append(f"r{n}: {mutation}(input: $i{n}) {{ __typename {members(name)} }}")
        query = f"mutation({', '.join(inputs)}) {{ {' '.join(fields)} }}"
        data = self.ask(query, **{f"i{n}": given for n, (_, given) in enumerate(wanted)})
        return [data[f"r{n}"] for n in range(len(wanted))]

    def volume(self, name: str = "data", **given: Any) -> Any:
        """Create a volume and wait until it is AVAILABLE."""
        made = self.do("createVolume", **{"name": name, "sizeGb": 10, "product": "SSD", **given})
        return self.settled(made["volume"]["id"], "AVAILABLE")

    def snapshot(self, volume_id: str, name: str = "cut", **given: Any) -> Any:
        """Cut a snapshot and wait until it is AVAILABLE."""
        made = self.do("createSnapshot", volumeId=volume_id, name=name, **given)
        return self.settled(made["snapshot"]["id"], "AVAILABLE")

    def settled(self, id_: str, *statuses: str) -> Any:
        """Wait until a volume or snapshot is in one of the statuses; return it. No status: until it is gone."""
        kind, fields = ("volume", VOLUME) if id_.startswith("vol-") else ("snapshot", SNAPSHOT)
        query = f"subscription($id: ID!) {{ it: {kind}Changes({kind}Id: $id) {{ kind now: {kind} {{ {fields} }} }} }}"
        with self.watching(query, id=id_) as messages:
            for message in messages:
                told, found = message["it"]["kind"], message["it"]["now"]
                if found is not None and found["status"] in statuses:
                    return found
                if not statuses and (told == "DELETED" or (told == "BOOKMARK" and not self._has(id_))):
                    return None
        raise AssertionError(f"the stream about {id_} ended before it was {statuses or 'gone'}")

    def _has(self, id_: str) -> bool:
        return self.ask("query($id: ID!) { node(id: $id) { id } }", id=id_)["node"] is not None

    def path(self, volume_id: str) -> Path:
        """Attach a volume and return the file that its server would write to."""
        self.do("attachVolume", id=volume_id, serverId="srv-1")
        attached = self.settled(volume_id, "IN_USE")
        return Path(httpx.URL(attached["attachment"]["connection"]).path)

    @contextlib.contextmanager
    def socket(self, **parameters: str) -> Iterator[ClientConnection]:
        """Open a WebSocket and greet; `parameters` are the connection's."""
        address = self.address.replace("http", "ws", 1) + "/graphql"
        with connect(address, subprotocols=["graphql-transport-ws"], open_timeout=WAIT_S) as socket:  # type: ignore[list-item]
            payload = {"Authorization": self.authorization, **parameters}
            socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            assert json.loads(socket.recv(timeout=WAIT_S))["type"] == "connection_ack"
            yield socket

    @contextlib.contextmanager
    def watching(self, query: str, **variables: Any) -> Iterator[Iterator[dict[str, Any]]]:
        """Subscribe; yields the data of each message. Errors that end the stream raise StreamEnded."""
        with self.socket() as socket:
            message = {"query": query, "variables": variables}
            socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": message}))
            yield self._messages(socket)

    @contextlib.contextmanager
    def event_stream(self, query: str, last: str | None = None, **variables: Any) -> Iterator[Iterator["Event"]]:
        """Send an operation whose answer is an event stream; yields its events. `last` is the id to go on from."""
        headers = {"Accept": "text/event-stream"} | ({} if last is None else {"Last-Event-ID": last})
        request = {"query": query, "variables": variables}
        with self.http.stream("POST", "/graphql", json=request, headers=headers) as response:
            if response.status_code != 200:
                raise Declined(response.read())
            yield _events(response)

    def _messages(self, socket: ClientConnection) -> Iterator[dict[str, Any]]:
        while True:
            message = json.loads(socket.recv(timeout=WAIT_S))
            if message["type"] == "complete":
                return
            if message["type"] == "error":
                raise StreamEnded(message["payload"])
            if message["type"] == "next" and message["payload"].get("errors"):
                raise StreamEnded(message["payload"]["errors"])
            if message["type"] == "next":
                yield message["payload"]["data"]


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


class StreamEnded(Exception):
    """A stream told errors; the first argument is their list."""


def until(messages: Iterator[dict[str, Any]], fits: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Read messages up to the first that fits; return them all. The socket's time-out is the bound."""
    seen = []
    for message in messages:
        seen.append(message)
        if fits(message):
            return seen
    raise AssertionError(f"the stream ended; it told {seen}")
