"""Requests: LIST, ONE and WRITE, one contender after the other in each round; and latency against load."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import NamedTuple

from tests.benchmarks.data import Owner
from tests.benchmarks.load import Request, load, percentile, post
from tests.benchmarks.questions import Questions, rename, renames
from tests.benchmarks.results import Measure, Results
from tests.benchmarks.scale import Scale
from tests.benchmarks.servers import Server

Asked = Mapping[Server, Iterator[Request]]


class Case(NamedTuple):
    """A row of the table: what each contender is asked for, and by how many at once."""

    name: str
    row: str
    asked: Asked
    clients: int


async def measure(
    servers: Sequence[Server],
    limit: Server,
    readable: Sequence[Owner],
    writable: Sequence[Owner],
    scale: Scale,
    wanted: Sequence[str],
    results: Results,
) -> None:
    """Measure the cases that are wanted; the limit is told what the first of the servers, the service, answers."""
    questions = {server: await Questions.of(server, readable) for server in servers}
    pages = {server: of.pages for server, of in questions.items()}
    cases = [
        Case("LIST", "LIST of 50, nothing changed", {s: of.newest for s, of in questions.items()}, scale.clients),
        Case("LIST", "LIST of 50, always another page", pages, scale.clients),
        Case("ONE", "ONE, always another", {s: of.ones for s, of in questions.items()}, scale.clients),
        Case("WRITE", f"WRITE, {scale.clients} at once", {s: renames(writable) for s in servers}, scale.clients),
        Case("WRITE", "WRITE, one after the other", {s: renames(writable) for s in servers}, 1),
    ]
    for case in cases:
        if case.name in wanted:
            asked = {**case.asked, limit: await _kept(limit, servers[0], next(case.asked[servers[0]]))}
            results.requests += await _in_turn(case._replace(asked=asked), readable, scale)
    if "LIST" in wanted:
        asked = {**pages, limit: await _kept(limit, servers[0], next(pages[servers[0]]))}
        results.curves = {server.contender.name: await _curve(server, asked[server], scale) for server in asked}


async def _in_turn(case: Case, readable: Sequence[Owner], scale: Scale) -> list[Measure]:
    """Let the contenders answer in turn, round after round. The service has kept no answer of the round before."""
    found: dict[Server, list[float]] = {server: [] for server in case.asked}
    for _ in range(scale.rounds):
        for server, requests in case.asked.items():
            for owner in readable if server.contender.is_service else ():
                await server.answers(rename(owner, 0, f"round-{secrets.token_hex(4)}"))
            done = await load(server.port, requests, clients=case.clients, seconds=scale.seconds, warm_up=scale.warm_up)
            found[server].append(done.per_second)
    return [Measure(case.row, server.contender.name, "/s", values) for server, values in found.items()]


async def _curve(server: Server, requests: Iterator[Request], scale: Scale) -> list[tuple[float, float, float]]:
    points = []
    for clients in scale.loads:
        done = await load(server.port, requests, clients=clients, seconds=scale.seconds, warm_up=scale.warm_up)
        median, last = (1000 * percentile(done.latencies, percent) for percent in (50, 99))
        points.append((done.per_second, median, last))
    return points


async def _kept(limit: Server, service: Server, request: Request) -> Iterator[Request]:
    """Put the service's answer where the bare route finds it; it is asked for the very same."""
    body = await service.answers(request)
    await limit.answers(Request(post("/kept", "", body), lambda _: True))
    return repeat(Request(request.raw, body.__eq__))
