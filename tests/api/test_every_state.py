"""Every status of the tables is reached by public calls alone, and stays for as long as a test wants to look at it."""

from collections.abc import Callable
from typing import Any

import pytest

from app.domain.snapshot import SnapshotStatus
from app.domain.volume import VolumeStatus
from tests.client import Client

HOLD = "mutation($verb: StorageVerb!) { sandbox { hold(verb: $verb) { __typename } } }"
Reach = Callable[[Client], str]


def asked(tester: Client, mutation: str, **given: Any) -> str:
    """Ask for something; return the id of what it is about."""
    result = tester.do(mutation, **given)
    return str(result.get("volume", result.get("snapshot"))["id"])


def created(tester: Client, name: str = "data") -> str:
    return asked(tester, "createVolume", name=name, sizeGb=10, product="SSD")


def volume(tester: Client) -> str:
    return str(tester.volume()["id"])


def in_use(tester: Client) -> str:
    id_ = asked(tester, "attachVolume", id=volume(tester), serverId="srv-1")
    tester.wait_for(id_, "IN_USE")
    return id_


def snapshot(tester: Client) -> str:
    return str(tester.snapshot(volume(tester))["id"])


def cut(tester: Client) -> str:
    return asked(tester, "createSnapshot", volumeId=volume(tester), name="cut")


def held(verb: str, ask: Reach) -> Reach:
    """Hold the storage at a verb, then ask for it."""

    def reach(tester: Client) -> str:
        tester.ask(HOLD, verb=verb)
        return ask(tester)

    return reach


def refused(verb: str, ask: Reach) -> Reach:
    """Let the storage refuse a verb, then ask for it."""

    def reach(tester: Client) -> str:
        tester.sandbox.fail_next(verb)
        return ask(tester)

    return reach


def lost(tester: Client) -> str:
    id_ = volume(tester)
    tester.sandbox.lose_storage(id_)
    return id_


VOLUMES: dict[VolumeStatus, Reach] = {
    VolumeStatus.CREATING: held("CREATE_VOLUME", created),
    VolumeStatus.AVAILABLE: volume,
    VolumeStatus.ATTACHING: held("ATTACH_VOLUME", lambda it: asked(it, "attachVolume", id=volume(it), serverId="s")),
    VolumeStatus.IN_USE: in_use,
    VolumeStatus.DETACHING: held("DETACH_VOLUME", lambda it: asked(it, "detachVolume", id=in_use(it))),
    VolumeStatus.EXTENDING: held("EXTEND_VOLUME", lambda it: asked(it, "extendVolume", id=volume(it), sizeGb=20)),
    VolumeStatus.DELETING: held("DELETE_VOLUME", lambda it: asked(it, "deleteVolume", id=volume(it))),
    VolumeStatus.ERROR: refused("CREATE_VOLUME", created),
    VolumeStatus.ERROR_DELETING: refused("DELETE_VOLUME", lambda it: asked(it, "deleteVolume", id=volume(it))),
    VolumeStatus.UNMANAGED: lost,
}
SNAPSHOTS: dict[SnapshotStatus, Reach] = {
    SnapshotStatus.CREATING: held("CREATE_SNAPSHOT", cut),
    SnapshotStatus.AVAILABLE: snapshot,
    SnapshotStatus.DELETING: held("DELETE_SNAPSHOT", lambda it: asked(it, "deleteSnapshot", id=snapshot(it))),
    SnapshotStatus.ERROR: refused("CREATE_SNAPSHOT", cut),
    SnapshotStatus.ERROR_DELETING: refused("DELETE_SNAPSHOT", lambda it: asked(it, "deleteSnapshot", id=snapshot(it))),
}
REFUSALS: dict[str, tuple[Reach, str]] = {
    "ATTACH_VOLUME": (lambda it: asked(it, "attachVolume", id=volume(it), serverId="srv-1"), "AVAILABLE"),
    "DETACH_VOLUME": (lambda it: asked(it, "detachVolume", id=in_use(it)), "IN_USE"),
    "EXTEND_VOLUME": (lambda it: asked(it, "extendVolume", id=volume(it), sizeGb=20), "AVAILABLE"),
    "RESTORE_VOLUME": (lambda it: asked(it, "restoreVolume", snapshotId=snapshot(it), name="again"), "ERROR"),
}
STATUSES = [(f"volume {status}", status, reach) for status, reach in VOLUMES.items()] + [
    (f"snapshot {status}", status, reach) for status, reach in SNAPSHOTS.items()
]


@pytest.mark.parametrize(("status", "reach"), [it[1:] for it in STATUSES], ids=[it[0] for it in STATUSES])
def test_a_public_call_reaches_every_status(tester: Client, status: str, reach: Reach) -> None:
    id_ = reach(tester)

    assert tester.wait_for(id_, status)["status"] == status


def test_no_status_is_left_out() -> None:
    assert (set(VOLUMES), set(SNAPSHOTS)) == (set(VolumeStatus), set(SnapshotStatus))


@pytest.mark.parametrize("verb", REFUSALS)
def test_what_the_storage_refuses_goes_back_to_where_it_was_or_to_error(tester: Client, verb: str) -> None:
    ask, status = REFUSALS[verb]
    tester.sandbox.fail_next(verb)

    found = tester.wait_for(ask(tester), status)

    assert found["statusReason"] == "the sandbox was told to refuse"
