"""A tenant that asks for whatever it is told to, and remembers what it was answered: the model of what must be."""

import queue
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from tests.torture.content import Content, noise, overwritten
from tests.torture.door import Door
from tests.torture.storage import Storage

LARGE = 64
WAIT_S = 3.0
LEFT_WITHIN_S = 30.0
STATE = """query($id: ID!) { node(id: $id) {
  ... on Volume { status snapshots(filter: { status: [CREATING] }) { totalCount } }
  ... on Snapshot { state: status }
} }"""


@dataclass
class Thing:
    """A volume or a snapshot, and what it should hold."""

    id: str
    content: Content


class Asked(NamedTuple):
    """A mutation and what was answered: None if an answer was lost and a later one said no. Then the journal tells."""

    verb: str
    id: str | None
    given: Mapping[str, Any]
    accepted: bool | None


class Tenant:
    """Does, in a thread of its own, what is put in its queue: verbs, each with a number to choose by."""

    def __init__(self, name: str, door: Door, storage: Storage, chance: random.Random) -> None:
        self.name = name
        self.door = door
        self.asked: dict[str, Asked] = {}
        self.volumes: dict[str, Thing] = {}
        self.snapshots: dict[str, Thing] = {}
        self.todo: queue.Queue[Sequence[tuple[str, int]] | None] = queue.Queue(maxsize=2)
        self.failure: Exception | None = None
        self.written = 0
        self.lost = 0
        self._storage, self._chance = storage, chance
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def done(self) -> None:
        """Wait until all is answered. Raises what went wrong."""
        self.todo.put(None)
        self._thread.join()
        if self.failure:
            raise self.failure

    def _work(self) -> None:
        while (verbs := self.todo.get()) is not None:
            try:
                for verb, which in verbs if self.failure is None else ():
                    VERBS[verb](self, which)
            except Exception as failure:  # noqa: BLE001  told to who waits for the thread
                self.failure = failure

    # What it can be told to do

    def create_volume(self, which: int) -> None:
        made = self._make("createVolume", name="data", sizeGb=10 + which % 3, product="SSD")
        if made:
            id_ = made["volume"]["id"]
            self.volumes[id_] = Thing(id_, {})

    def create_snapshot(self, which: int) -> None:
        for volume in _chosen(self.volumes, which):
            self._is_at_rest(volume)
            made = self._make("createSnapshot", volumeId=volume.id, name="cut")
            if made:
                id_ = made["snapshot"]["id"]
                self.snapshots[id_] = Thing(id_, volume.content)

    def restore_volume(self, which: int) -> None:
        for snapshot in _chosen(self.snapshots, which):
            self._is_at_rest(snapshot)
            made = self._make("restoreVolume", snapshotId=snapshot.id, name="again")
            if made:
                id_ = made["volume"]["id"]
                self.volumes[id_] = Thing(id_, snapshot.content)

    def write(self, which: int) -> None:
        """Write to a volume, unless it is on its way or being cut: only so everybody knows what is in the copy."""
        for volume in _chosen(self.volumes, which):
            if not self._is_at_rest(volume):
                continue
            blocks = noise(self._chance, LARGE if which % 8 == 0 else 1 + which % 3)
            with self._storage.well() as well:
                if well:
                    self._storage.write(volume.id, blocks)
                    volume.content = overwritten(volume.content, blocks)
                    self.written += len(blocks)

    def attach_volume(self, which: int) -> None:
        for volume in _chosen(self.volumes, which):
            self._change("attachVolume", volume.id, serverId="srv-1")

    def detach_volume(self, which: int) -> None:
        for volume in _chosen(self.volumes, which):
            self._change("detachVolume", volume.id)

    def extend_volume(self, which: int) -> None:
        for volume in _chosen(self.volumes, which):
            self._change("extendVolume", volume.id, sizeGb=13 + len(self.asked))

    def update_volume(self, which: int) -> None:
        for volume in _chosen(self.volumes, which):
            self._change("updateVolume", volume.id, description=f"{len(self.asked)}")

    def update_snapshot(self, which: int) -> None:
        for snapshot in _chosen(self.snapshots, which):
            self._change("updateSnapshot", snapshot.id, description=f"{len(self.asked)}")

    def delete_volume(self, which: int) -> None:
        for volume in _chosen(self.volumes, which):
            if self._change("deleteVolume", volume.id):
                del self.volumes[volume.id]

    def delete_snapshot(self, which: int) -> None:
        for snapshot in _chosen(self.snapshots, which):
            if self._change("deleteSnapshot", snapshot.id):
                del self.snapshots[snapshot.id]

    def leave(self) -> None:
        """Detach and delete all that there is."""
        for id_ in self.volumes:
            self._change("detachVolume", id_)
        left = {**dict.fromkeys(self.snapshots, "deleteSnapshot"), **dict.fromkeys(self.volumes, "deleteVolume")}
        give_up_at = time.monotonic() + LEFT_WITHIN_S
        while left:
            assert time.monotonic() < give_up_at, f"cannot be deleted: {left}"
            for id_, verb in list(left.items()):
                if self.door.do(verb, id=id_).data.get("code") in (None, "NOT_FOUND"):
                    del left[id_]
            time.sleep(0.05)

    def retry_deletions(self, snapshots: Iterable[str]) -> None:
        """Have an administrator delete what could not be deleted."""
        for id_ in snapshots:
            self._change("retrySnapshotDeletion", id_)

    def _is_at_rest(self, thing: Thing) -> bool:
        """Wait a while until it is there, and nobody is copying it; return whether it is so."""
        give_up_at = time.monotonic() + WAIT_S
        while time.monotonic() < give_up_at:
            found = self.door.ask(STATE, id=thing.id).data["node"]
            if found is None:
                return False
            cuts = found.get("snapshots", {"totalCount": 0})["totalCount"]
            if not cuts and found.get("status", found.get("state")) in ("AVAILABLE", "IN_USE"):
                return True
            time.sleep(0.05)
        return False

    def _make(self, verb: str, **given: Any) -> Any:
        """Ask for something new, now and then twice at the same time; return the payload, or None."""
        request_id = self._new_request()
        times = 2 if self._chance.random() < 0.2 else 1
        with ThreadPoolExecutor(times) as pool:
            send = partial(self.door.do, verb, request_id, idempotencyKey=request_id, **given)
            answers = [call.result() for call in [pool.submit(send) for _ in range(times)]]
        made = [answer.data for answer in answers if "code" not in answer.data]
        ids = {_subject(verb, it) for it in made}
        assert len(ids) <= 1, f"{verb} with the same key made {ids}"
        self.lost += sum(answer.lost for answer in answers)
        self.asked[request_id] = Asked(verb, next(iter(ids), None), given, bool(made))
        return made[0] if made else None

    def _change(self, verb: str, id_: str, **given: Any) -> bool | None:
        """Ask for a change; return whether it was accepted, None if nobody knows."""
        request_id = self._new_request()
        answer = self.door.do(verb, request_id, id=id_, **given)
        refused = "code" in answer.data
        accepted = None if refused and answer.lost else not refused
        self.lost += answer.lost
        self.asked[request_id] = Asked(verb, id_, given, accepted)
        return accepted

    def _new_request(self) -> str:
        return f"{self.name}.{len(self.asked)}"


VERBS: Mapping[str, Callable[[Tenant, int], None]] = {
    verb.__name__: verb
    for verb in (
        Tenant.create_volume,
        Tenant.create_snapshot,
        Tenant.restore_volume,
        Tenant.write,
        Tenant.attach_volume,
        Tenant.detach_volume,
        Tenant.extend_volume,
        Tenant.update_volume,
        Tenant.update_snapshot,
        Tenant.delete_volume,
        Tenant.delete_snapshot,
    )
}


def _chosen(things: Mapping[str, Thing], which: int) -> Iterator[Thing]:
    """Yield one of them, if there is any."""
    if things:
        yield list(things.values())[which % len(things)]


def _subject(verb: str, made: Any) -> str:
    return str(made["snapshot" if verb == "createSnapshot" else "volume"]["id"])
