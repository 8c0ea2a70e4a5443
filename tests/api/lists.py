"""Every list of the schema: how to ask for it, and how to put rows into it that fit."""

from dataclasses import dataclass
from typing import Any

from app.domain.snapshot import Snapshot
from app.domain.volume import Volume
from tests.api.rows import Rows
from tests.client import Client

ARGUMENTS = "first: $first, after: $after"
BOTH_WAYS = f"{ARGUMENTS}, last: $last, before: $before"
PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


@dataclass(frozen=True)
class Owners:
    """The volume and the snapshot that have lists of their own."""

    volume: Volume
    snapshot: Snapshot


@dataclass(frozen=True)
class List:
    """A list: the fields that lead to it, the object that the first of them is about, and what it can be asked."""

    path: tuple[str, ...]
    of: str | None = None
    backward: bool = True

    @property
    def name(self) -> str:
        """Its place, as a reader would write it."""
        return ".".join(self.path)

    def query(self, nodes: str = "__typename") -> str:
        """Write the query for a page of it."""
        variables = ["$first: Int", "$after: String"]
        variables += ["$last: Int", "$before: String"] if self.backward else []
        field = f"{self.path[-1]}({BOTH_WAYS if self.backward else ARGUMENTS})"
        page = f"{field} {{ edges {{ cursor node {{ {nodes} }} }} {PAGE} }}"
        if self.of is None:
            return f"query({', '.join(variables)}) {{ {page} }}"
        return f"query({', '.join(['$id: ID!', *variables])}) {{ {self.path[0]}(id: $id) {{ {page} }} }}"

    def ask(self, client: Client, owners: Owners, nodes: str = "__typename", **window: Any) -> Any:
        """Ask for a page of it."""
        told = client.ask(self.query(nodes), **self.about(owners), **window)
        for field in self.path:
            told = told[field]
        return told

    def about(self, owners: Owners) -> dict[str, str]:
        """Return the variable that says whose list it is."""
        return {} if self.of is None else {"id": getattr(owners, self.of).id}


LISTS = [
    List(("volumes",)),
    List(("snapshots",)),
    List(("events",), backward=False),
    List(("volume", "snapshots"), of="volume"),
    List(("volume", "events"), of="volume", backward=False),
    List(("snapshot", "restoredVolumes"), of="snapshot"),
    List(("snapshot", "events"), of="snapshot", backward=False),
]


def fill(rows: Rows, count: int) -> Owners:
    """Put so many objects, or more, into every list."""
    volume = rows.volume(name="origin")
    snapshot, *_ = rows.snapshots([volume] * count)
    rows.volumes(count, name="restored", source_snapshot_id=snapshot.id)
    changes = [{"description": f"change {n}"} for n in range(count)]
    return Owners(rows.change(volume, *changes), rows.change(snapshot, *changes))
