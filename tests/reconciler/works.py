"""Everything that a tenant can ask for and the storage then owes: how it is asked for, and the verb that does it."""

from collections.abc import Callable
from typing import NamedTuple

from app.store.leases import Owed
from tests.reconciler.bench import Bench


class Work(NamedTuple):
    """`ask` prepares what is needed and asks; it returns the row that now owes work."""

    ask: Callable[[Bench], Owed]
    verb: str


WORKS = {
    "create volume": Work(lambda bench: bench.ask_volume(), "create_volume"),
    "restore volume": Work(lambda bench: bench.ask_restore(bench.snapshot()), "restore_volume"),
    "attach volume": Work(lambda bench: bench.ask_attach(bench.volume()), "attach_volume"),
    "detach volume": Work(lambda bench: bench.ask_detach(bench.attached()), "detach_volume"),
    "extend volume": Work(lambda bench: bench.ask_extend(bench.volume()), "extend_volume"),
    "delete volume": Work(lambda bench: bench.ask_delete(bench.volume()), "delete_volume"),
    "create snapshot": Work(lambda bench: bench.ask_snapshot(bench.volume()), "create_snapshot"),
    "delete snapshot": Work(lambda bench: bench.ask_delete(bench.snapshot()), "delete_snapshot"),
}
