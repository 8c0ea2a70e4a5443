"""Growth: how much longer a tenant of many snapshots waits than one of few.

Before each question something changes, so that no answer can have been kept.
"""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import count

from tests.benchmarks.data import Owner
from tests.benchmarks.load import Connection, Request
from tests.benchmarks.questions import LIST, PAGE, asked, raw, rename
from tests.benchmarks.results import Measure
from tests.benchmarks.scale import Scale
from tests.benchmarks.servers import Server

_AT_DEPTH = """query($volumeId: ID!) {
  snapshots(last: 1, filter: { volumeId: $volumeId }) { edges { cursor } }
}"""
_COUNT = "{ snapshots(first: 1) { totalCount } }"
_QUOTA = "{ viewer { tenant { quotas { name used } } } }"


async def measure(server: Server, database: str, owners: Sequence[Owner], scale: Scale) -> list[Measure]:
    """Ask for each thing of each tenant in turn; the columns are the tenants' numbers of snapshots."""
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    numbers = count()
    async with Connection.to(server.port) as connection:
        questions = {owner: await _questions(connection, owner) for owner in owners}
        for _ in range(scale.rounds):
            for what in questions[owners[0]]:
                seconds: dict[int, list[float]] = defaultdict(list)
                for _ in range(scale.repeats):
                    for owner in owners:
                        await connection.ask(rename(owner, 0, f"grown-{next(numbers)}"))
                        await connection.ask(questions[owner][what])
                        seconds[owner.snapshots].append(connection.seconds)
                for snapshots, mine in seconds.items():
                    found[what, snapshots].append(1000 * statistics.median(mine))
    return [
        Measure(f"{what}, {database}", f"{snapshots:,}", "ms", values) for (what, snapshots), values in found.items()
    ]


async def _questions(connection: Connection, owner: Owner) -> Mapping[str, Request]:
    """Return what is asked of a tenant, each with what its answer must have."""
    number = owner.volumes // 2  # the oldest of its volume: nineteen of twenty snapshots are newer
    told = await asked(connection, owner.id, _AT_DEPTH, volumeId=owner.volume_id(number))
    (edge,) = told["snapshots"]["edges"]

    def having(proof: str, query: str, **variables: object) -> Request:
        return Request(raw(owner.id, query, **variables), lambda body: proof.encode() in body)

    return {
        "LIST of 50": having(owner.snapshot_id(owner.snapshots - PAGE), LIST, first=PAGE),
        "a page at depth": having(owner.snapshot_id(number - 1), LIST, first=PAGE, after=edge["cursor"]),
        "totalCount": having(f'"totalCount":{owner.snapshots}}}', _COUNT),
        "quotas": having(f'"used":{owner.snapshots}}}', _QUOTA),
    }
