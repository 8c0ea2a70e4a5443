"""Questions: what is asked of each contender, in the same words, and how an answer is told right from wrong."""

import random
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache, partial
from itertools import count, cycle, repeat
from typing import Any, NamedTuple

import orjson

from tests.benchmarks.data import TOLD, Owner
from tests.benchmarks.load import Connection, Request, WrongAnswer, post
from tests.benchmarks.servers import Server
from tests.client import token

PAGE = 50
_DAY_S = 86_400.0
_FIELDS = f"{{ {' '.join(TOLD)} volume {{ id name status }} }}"
LIST = f"""query List($first: Int!, $after: String) {{
  snapshots(first: $first, after: $after) {{ nodes {_FIELDS} pageInfo {{ hasNextPage endCursor }} }}
}}"""
CURSORS = """query Cursors($after: String) {
  snapshots(first: 100, after: $after) { edges { cursor } pageInfo { hasNextPage endCursor } }
}"""
ONE = f"query One($id: ID!) {{ snapshot(id: $id) {_FIELDS} }}"
RENAME = """mutation Rename($input: UpdateSnapshotInput!) {
  updateSnapshot(input: $input) { ... on SnapshotPayload { snapshot { id name version } } }
}"""
WATCH = """subscription Watch($after: String) {
  snapshotChanges(after: $after) { kind status snapshot { id name status version } }
}"""
NOW = "{ viewer { tenant { cursor } } }"


@cache
def payload(tenant: str) -> dict[str, Any]:
    """Say who is calling over a socket: the service reads the token, the peers believe the name."""
    return {"Authorization": f"Bearer {token(tenant, seconds=_DAY_S)}", "tenant": tenant}


@cache
def _headers(tenant: str) -> str:
    told = payload(tenant)
    return f"Content-Type: application/json\r\nX-Tenant: {tenant}\r\nAuthorization: {told['Authorization']}\r\n"


def operation(query: str, **variables: Any) -> dict[str, Any]:
    return {"query": query, "variables": variables}


def raw(tenant: str, query: str, **variables: Any) -> bytes:
    """Write an operation as it goes over the wire."""
    return post("/graphql", _headers(tenant), orjson.dumps(operation(query, **variables)))


def fine(body: bytes) -> bool:
    """Whether an answer has data and no errors."""
    return b'"errors"' not in body and b'"data"' in body


async def asked(connection: Connection, tenant: str, query: str, **variables: Any) -> Any:
    """Return the data of an answer. Raises WrongAnswer."""
    body = await connection.ask(Request(raw(tenant, query, **variables), fine))
    return orjson.loads(body)["data"]


class Place(NamedTuple):
    """A place in the list of a tenant, newest first: behind the snapshot of that number."""

    owner: Owner
    number: int
    cursor: str


class Questions:
    """What one server is asked for, in an order that is the same for all; made by `of`, which looks at the answers."""

    def __init__(self, newest: Request, owners: Sequence[Owner], places: Sequence[Place]) -> None:
        self.newest = repeat(newest)
        self.pages = _pages(places)
        self.ones = _ones(owners)

    @classmethod
    async def of(cls, server: Server, owners: Sequence[Owner]) -> "Questions":
        """Compare a few answers with the rows, field by field. Raises WrongAnswer."""
        owner, newest = owners[0], raw(owners[0].id, LIST, first=PAGE)
        async with Connection.to(server.port) as connection:
            body = await connection.ask(Request(newest, partial(_tells, owner, owner.snapshots)))
            places = [place for owner in owners for place in await _places(connection, owner)]
            for place in (places[0], places[-1]):
                question = raw(place.owner.id, LIST, first=PAGE, after=place.cursor)
                await connection.ask(Request(question, partial(_tells, place.owner, place.number)))
            told = (await asked(connection, owner.id, ONE, id=owner.snapshot_id(0)))["snapshot"]
        if _parsed(told) != owner.told(0):
            raise WrongAnswer(f"{server.contender.name}: {told}")
        return cls(Request(newest, body.__eq__), owners, places)


def renames(owners: Sequence[Owner]) -> Iterator[Request]:
    """Yield changes, each of another tenant than the one before; no name is given twice, for that is no change."""
    chance, run = random.Random("renames"), secrets.token_hex(2)
    for n, owner in zip(count(), cycle(owners)):
        yield rename(owner, chance.randrange(owner.snapshots), f"renamed-{run}-{n}")


def rename(owner: Owner, number: int, name: str) -> Request:
    """Ask for a change; the answer has the new name."""
    id_ = owner.snapshot_id(number)
    return Request(raw(owner.id, RENAME, input={"id": id_, "name": name}), partial(_has, 1, [id_, name]))


def _pages(places: Sequence[Place]) -> Iterator[Request]:
    """Yield pages, each of another place; none comes again before all the others did."""
    shuffled = random.Random("pages").sample(places, len(places))
    for owner, number, cursor in cycle(shuffled):
        ends = [owner.snapshot_id(n) for n in (number - 1, number - PAGE)]
        yield Request(raw(owner.id, LIST, first=PAGE, after=cursor), partial(_has, PAGE, ends))


def _ones(owners: Sequence[Owner]) -> Iterator[Request]:
    """Yield snapshots; none comes again before all the others did."""
    each = [(owner, number) for owner in owners for number in range(owner.snapshots)]
    for owner, number in cycle(random.Random("ones").sample(each, len(each))):
        ids = [owner.snapshot_id(number), owner.volume_id(number)]
        yield Request(raw(owner.id, ONE, id=ids[0]), partial(_has, 1, ids))


async def _places(connection: Connection, owner: Owner) -> list[Place]:
    """Walk through the tenant's list; return each place with a whole page behind it."""
    cursors: list[str] = []
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        told = (await asked(connection, owner.id, CURSORS, after=page["endCursor"]))["snapshots"]
        cursors += [edge["cursor"] for edge in told["edges"]]
        page = told["pageInfo"]
    if len(cursors) != owner.snapshots:
        raise WrongAnswer(f"{len(cursors)} snapshots instead of {owner.snapshots}")
    return [Place(owner, owner.snapshots - 1 - n, cursor) for n, cursor in enumerate(cursors[:-PAGE])]


def _has(snapshots: int, texts: Sequence[str], body: bytes) -> bool:
    """Whether an answer has so many snapshots, and those texts; quick, for it is asked of every answer."""
    return body.count(b'"snap-') == snapshots and all(f'"{text}"'.encode() in body for text in texts)


def _tells(owner: Owner, below: int, body: bytes) -> bool:
    """Whether an answer is the page of the snapshots below that number, each field as in the rows."""
    nodes = orjson.loads(body)["data"]["snapshots"]["nodes"]
    return [_parsed(node) for node in nodes] == [owner.told(below - n) for n in range(1, PAGE + 1)]


def _parsed(node: dict[str, Any]) -> dict[str, Any]:
    return {**node, "createdAt": datetime.fromisoformat(node["createdAt"])}
