"""Streams: CREATE, from the request until a subscription tells AVAILABLE; FAN-OUT, from a change to all who watch."""

import asyncio
import re
import secrets
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import orjson

from tests.benchmarks.data import Owner
from tests.benchmarks.load import Connection, WrongAnswer, percentile
from tests.benchmarks.questions import NOW, WATCH, asked, operation, payload, rename
from tests.benchmarks.results import Measure
from tests.benchmarks.scale import CHANGES_PER_SECOND, Scale
from tests.benchmarks.servers import Server
from tests.benchmarks.sockets import Heard, Socket

HEARD_WITHIN_S = 120.0
VOLUME = """mutation($input: CreateVolumeInput!) {
  createVolume(input: $input) { ... on VolumePayload { volume { id } } }
}"""
CREATE = """mutation($input: CreateSnapshotInput!) {
  createSnapshot(input: $input) { ... on SnapshotPayload { snapshot { id } } }
}"""
_CHANGE = re.compile(rb'"change-[0-9a-f]{4}-(\d{6})"')


@asynccontextmanager
async def watching(server: Server, tenant: str, heard: Heard, watchers: int = 1) -> AsyncIterator[None]:
    """Have so many subscribe to what is next, while the block runs."""
    after = None
    if server.contender.is_service:
        async with Connection.to(server.port) as connection:
            after = (await asked(connection, tenant, NOW))["viewer"]["tenant"]["cursor"]
    sockets: list[Socket] = []
    try:
        while len(sockets) < watchers:
            sockets += [await Socket.to(server.port, payload(tenant), operation(WATCH, after=after), heard)]
        yield
    finally:
        for socket in sockets:
            socket.close()


async def create(services: Sequence[Server], scale: Scale) -> list[Measure]:
    """Measure the services in turn: one creation after the other, and several at once."""
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for number in range(scale.rounds):
        for service in services:
            name = service.contender.name
            alone, _ = await _created(service, f"alone-{number}", 1, scale.creations)
            together, seconds = await _created(service, f"together-{number}", scale.clients, scale.creations)
            found["CREATE → AVAILABLE, p50", "ms", name].append(1000 * statistics.median(alone))
            found["CREATE → AVAILABLE, p99", "ms", name].append(1000 * percentile(alone, 99))
            found[f"CREATE → AVAILABLE, {scale.clients} at once", "/s", name].append(len(together) / seconds)
    return [Measure(row, name, unit, values) for (row, unit, name), values in found.items()]


async def _created(service: Server, tenant: str, clients: int, creations: int) -> tuple[list[float], float]:
    """Let each client cut its share of snapshots of an empty volume; return how long each took, and all of it."""
    available: dict[str, asyncio.Future[float]] = defaultdict(asyncio.get_running_loop().create_future)

    def heard(content: bytes) -> None:
        told = orjson.loads(content)["payload"]["data"]["snapshotChanges"]
        if told["status"] == "AVAILABLE" and not available[told["snapshot"]["name"]].done():
            available[told["snapshot"]["name"]].set_result(time.perf_counter())

    async def client(number: int, volume: str) -> list[float]:
        seconds = []
        async with Connection.to(service.port) as connection:
            for name in (f"cut-{number}-{n}" for n in range(-(-creations // clients))):
                began = time.perf_counter()
                await asked(connection, tenant, CREATE, input={"volumeId": volume, "name": name})
                seconds.append(await asyncio.wait_for(available[name], HEARD_WITHIN_S) - began)
        return seconds

    async with watching(service, tenant, heard), Connection.to(service.port) as connection:
        made = await asked(connection, tenant, VOLUME, input={"name": "empty", "sizeGb": 10, "product": "SSD"})
        volume = made["createVolume"]["volume"]["id"]
        await _at_rest(connection, tenant, volume)
        began = time.perf_counter()
        told = await asyncio.gather(*(client(number, volume) for number in range(clients)))
    return [seconds for mine in told for seconds in mine], time.perf_counter() - began


async def _at_rest(connection: Connection, tenant: str, volume: str) -> None:
    query = "query($id: ID!) { volume(id: $id) { status } }"
    while (await asked(connection, tenant, query, id=volume))["volume"]["status"] != "AVAILABLE":
        await asyncio.sleep(0.01)


async def fan_out(servers: Sequence[Server], owner: Owner, scale: Scale) -> list[Measure]:
    """Measure the servers in turn: so many who watch one tenant, and a change every 50 ms."""
    found: dict[tuple[int, str], list[float]] = defaultdict(list)
    for _ in range(scale.rounds):
        for server in servers:
            audience = _Audience(server, owner, scale.subscribers)
            seconds = await audience.hear(scale.changes)
            for percent in (50, 99):
                found[percent, server.contender.name].append(1000 * percentile(seconds, percent))
    row = f"FAN-OUT to {scale.subscribers}, change sent → received"
    return [Measure(f"{row}, p{percent}", name, "ms", values) for (percent, name), values in found.items()]


class _Audience:
    """Those who watch one tenant, and when they heard of each change."""

    def __init__(self, server: Server, owner: Owner, watchers: int) -> None:
        self._server, self._owner, self._watchers = server, owner, watchers
        self._moments: dict[int, list[float]] = defaultdict(list)
        self._run = secrets.token_hex(2)  # to give a snapshot the name that it has is no change

    async def hear(self, changes: int) -> list[float]:
        """Make changes; return how long after it was asked for each was heard by each. Raises WrongAnswer."""
        async with watching(self._server, self._owner.id, self._heard, self._watchers):
            await self._all_are_there()
            began = time.perf_counter()
            moments = {number: began + number / CHANGES_PER_SECOND for number in range(changes)}
            await asyncio.gather(*(self._change(number, at) for number, at in moments.items()))
            for number in moments:
                await self._all_heard(number, HEARD_WITHIN_S)
        if any(len(self._moments[number]) != self._watchers for number in moments):
            raise WrongAnswer(f"{self._server.contender.name}: not everybody heard of each change once")
        return [heard - at for number, at in moments.items() for heard in self._moments[number]]

    async def _all_are_there(self) -> None:
        """Make changes until all hear of one: no message of the protocol tells that a subscription has begun."""
        for attempt in range(900_000, 900_030):
            await self._change(attempt, time.perf_counter())
            if await self._all_heard(attempt, 1.0):
                return
        raise WrongAnswer(f"{self._server.contender.name}: not all of {self._watchers} hear of changes")

    async def _all_heard(self, number: int, within_s: float) -> bool:
        give_up_at = time.perf_counter() + within_s
        while len(self._moments[number]) < self._watchers:
            if time.perf_counter() > give_up_at:
                return False
            await asyncio.sleep(0.01)
        return True

    async def _change(self, number: int, at: float) -> None:
        """Make a change at its time, however long the ones before it take."""
        async with Connection.to(self._server.port) as connection:
            await asyncio.sleep(at - time.perf_counter())
            await connection.ask(rename(self._owner, number % self._owner.snapshots, f"change-{self._run}-{number:06}"))

    def _heard(self, content: bytes) -> None:
        if (change := _CHANGE.search(content)) is not None:  # else it is a bookmark, which the service sends in silence
            self._moments[int(change[1])].append(time.perf_counter())
