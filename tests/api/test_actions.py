"""`actions` tells before what the mutation answers then: in every state, for every caller, word for word."""

from typing import Any

import pytest

from app.domain.snapshot import Snapshot, SnapshotStatus
from app.domain.volume import Volume, VolumeStatus
from app.testing.documents import MEMBERS
from tests.api.conftest import NewTenant
from tests.client import Client

PROBLEMS = [member for member in MEMBERS if not member.endswith("Payload")]
PROBLEM = " ".join(f"... on {member} {{ {MEMBERS[member]} }}" for member in PROBLEMS if member != "InvalidInput")
ACTIONS = f"""actions {{ action allowed warnings {{ code message }}
  problem {{ __typename code message {PROBLEM} ... on InvalidInput {{ fields {{ path message }} }} }} }}"""
VOLUME_STATES = ["", "protected, quotas full", "with snapshots", "largest"]
EVERYTHING = ", ".join(VOLUME_STATES[1:])
SNAPSHOT_STATES = ["", "held", "held, restoring", "held, quotas full"]


def actions_of(client: Client, kind: str, ids: list[str]) -> list[dict[str, Any]]:
    """Ask what may be done with each of the objects; by the name of the action."""
    query = " ".join(f'o{n}: {kind}(id: "{id_}") {{ {ACTIONS} }}' for n, id_ in enumerate(ids))
    told = client.ask(f"{{ {query} }}")
    return [{state["action"]: state for state in told[f"o{n}"]["actions"]} for n in range(len(ids))]


def done(answer: dict[str, Any]) -> bool:
    """Whether a mutation did what it was asked."""
    return str(answer["__typename"]).endswith("Payload")


def agree(told: dict[str, Any], answer: dict[str, Any]) -> bool:
    """Whether what was told before is what the mutation answered."""
    if done(answer):
        return bool(told["allowed"]) and told["problem"] is None and told["warnings"] == answer.get("warnings", [])
    return not told["allowed"] and told["problem"] == answer and told["warnings"] == []


def volume_mutation(action: str, volume: Volume) -> tuple[str, dict[str, Any]]:
    """Write the mutation of an action, with an input that is in order."""
    match action:
        case "UPDATE":
            return "updateVolume", {"id": volume.id, "description": "changed"}
        case "DELETE":
            return "deleteVolume", {"id": volume.id}
        case "EXTEND":
            return "extendVolume", {"id": volume.id, "sizeGb": volume.size_gb + 1}
        case "ATTACH":
            return "attachVolume", {"id": volume.id, "serverId": "srv-2"}
        case "DETACH":
            return "detachVolume", {"id": volume.id}
    return "createSnapshot", {"volumeId": volume.id, "name": "cut"}


def snapshot_mutation(action: str, snapshot: Snapshot, status: str | None) -> tuple[str, dict[str, Any]]:
    """Write the mutation of an action, with an input that is in order; `status`: the one to reset to."""
    match action:
        case "UPDATE":
            return "updateSnapshot", {"id": snapshot.id, "description": "changed"}
        case "DELETE":
            return "deleteSnapshot", {"id": snapshot.id}
        case "RESTORE":
            return "restoreVolume", {"snapshotId": snapshot.id, "name": "data-R"}
        case "RETRY_DELETION":
            return "retrySnapshotDeletion", {"id": snapshot.id}
    given = {"id": snapshot.id, "expectedStatus": snapshot.status, "reason": "to see what it says"}
    return "resetSnapshotStatus", {**given, "status": status}


@pytest.mark.parametrize(
    ("category", "state"), [*(("DATA", state) for state in VOLUME_STATES), ("ROOT", ""), ("ROOT", EVERYTHING)]
)
@pytest.mark.parametrize("status", VolumeStatus)
def test_what_may_be_done_with_a_volume_is_what_the_mutations_do(
    new_tenant: NewTenant, status: str, category: str, state: str
) -> None:
    rows, client = new_tenant()
    actions = ["UPDATE", "DELETE", "EXTEND", "ATTACH", "DETACH", "CREATE_SNAPSHOT"]
    volumes = rows.volumes(
        len(actions),
        status=status,
        category=category,
        protected="protected" in state,
        size_gb=1000 if "largest" in state else 10,
    )
    if "with snapshots" in state:
        rows.snapshots(volumes)
    if "quotas full" in state:
        rows.fill_quotas()

    told = actions_of(client, "volume", [volume.id for volume in volumes])
    wanted = [volume_mutation(action, volume) for action, volume in zip(actions, volumes, strict=True)]
    answers = client.do_all(*wanted)

    for action, states, answer in zip(actions, told, answers, strict=True):
        assert list(states) == actions
        assert agree(states[action], answer), (states[action], answer)


@pytest.mark.parametrize("role", ["member", "administrator"])
@pytest.mark.parametrize("state", SNAPSHOT_STATES)
@pytest.mark.parametrize("status", SnapshotStatus)
def test_what_may_be_done_with_a_snapshot_is_what_the_mutations_do(
    new_tenant: NewTenant, status: str, state: str, role: str
) -> None:
    rows, client = new_tenant(role)
    actions = ["UPDATE", "DELETE", "RESTORE", "RETRY_DELETION"]
    ways = [*((action, None) for action in actions), *(("RESET_STATUS", to) for to in SnapshotStatus)]
    snapshots = rows.snapshots([rows.volume()] * len(ways), status=status, held="held" in state)
    if "restoring" in state:
        for snapshot in snapshots:
            rows.volume(status="CREATING", source_snapshot_id=snapshot.id)
    if "quotas full" in state:
        rows.fill_quotas()

    told = actions_of(client, "snapshot", [snapshot.id for snapshot in snapshots])
    wanted = [snapshot_mutation(action, snapshot, to) for (action, to), snapshot in zip(ways, snapshots, strict=True)]
    answers = client.do_all(*wanted)

    agreed = [agree(states[action], answer) for (action, _), states, answer in zip(ways, told, answers, strict=True)]
    resets = slice(len(actions), None)
    if any(done(answer) for answer in answers[resets]):
        assert told[-1]["RESET_STATUS"]["allowed"], "some status would do, and it was not told"
        agreed = agreed[: len(actions)]
    assert all(agreed), (told, answers)
