"""Rest: what a contender takes while it does nothing, and how long after its start it answers."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.load import Request
from tests.benchmarks.results import Measure
from tests.benchmarks.scale import Scale
from tests.benchmarks.servers import Contender, Server
from tests.benchmarks.streams import watching

_SETTLED_AFTER_S = 0.5


async def measure(
    contenders: Sequence[Contender], hello: Request, tenant: str, scale: Scale, log: Path
) -> list[Measure]:
    """Start each anew in each round."""
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    settled = min(_SETTLED_AFTER_S, scale.seconds)
    for _ in range(scale.rounds):
        for contender in contenders:
            began = time.perf_counter()
            server = Server(contender, log)
            try:
                await server.answers(hello)
                found["REST, start → first answer", "s", contender.name].append(time.perf_counter() - began)
                await asyncio.sleep(settled)
                found["REST, memory", "MB", contender.name].append(server.memory_mb)
                async with watching(server, tenant, lambda _: None, scale.idle):
                    await asyncio.sleep(settled)
                    row = f"REST, memory with {scale.idle} subscriptions"
                    found[row, "MB", contender.name].append(server.memory_mb)
            finally:
                server.stop()
    return [Measure(row, name, unit, values) for (row, unit, name), values in found.items()]
