"""What a caller can build on: quotas, versions, keys that make a retry harmless, and an administrator's help."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.drivers.contract import Refused
from app.drivers.files import Files
from app.drivers.sandbox import Sandbox
from app.settings import Settings
from app.testing.serving import serving
from tests.api.rows import Rows
from tests.client import SECRET, Client
from tests.drivers.contract import OWNER

QUOTAS = "{ viewer { tenant { quotas { name limit used } } } }"


def used(client: Client) -> dict[str, int]:
    """Read what the tenant uses, by the name of the quota."""
    quotas = client.ask(QUOTAS)["viewer"]["tenant"]["quotas"]
    return {quota["name"]: quota["used"] for quota in quotas}


def test_a_tenant_sees_its_limits_before_it_ever_did_anything(client: Client) -> None:
    assert client.ask(QUOTAS)["viewer"]["tenant"]["quotas"] == [
        {"name": "VOLUMES", "limit": 100, "used": 0},
        {"name": "SNAPSHOTS", "limit": 1000, "used": 0},
        {"name": "GIGABYTES", "limit": 50_000, "used": 0},
    ]


def test_a_row_counts_from_the_commit_that_makes_it_to_the_one_that_removes_it(client: Client) -> None:
    volume = client.volume(sizeGb=20)
    snapshot = client.snapshot(volume["id"])
    assert used(client) == {"VOLUMES": 1, "SNAPSHOTS": 1, "GIGABYTES": 40}

    client.do("deleteSnapshot", id=snapshot["id"])
    client.wait_for(snapshot["id"])
    client.do("extendVolume", id=volume["id"], sizeGb=30)
    assert used(client) == {"VOLUMES": 1, "SNAPSHOTS": 0, "GIGABYTES": 30}

    client.wait_for(volume["id"], "AVAILABLE")
    client.do("deleteVolume", id=volume["id"])
    client.wait_for(volume["id"])
    assert used(client) == {"VOLUMES": 0, "SNAPSHOTS": 0, "GIGABYTES": 0}


def test_requests_at_once_never_pass_a_quota_together(idle: Client, rows: Rows) -> None:
    volumes = rows.volumes(2)
    rows.fill_quotas()
    rows.remove(*volumes)

    def create(_: int) -> Any:
        return idle.do("createVolume", name="data", sizeGb=10, product="SSD")

    with ThreadPoolExecutor(6) as callers:
        answers = list(callers.map(create, range(6)))

    problems = [answer for answer in answers if answer["__typename"] == "QuotaExceeded"]
    assert len(problems) == 4
    assert [problems[0][field] for field in ("quota", "limit", "used", "requested")] == ["VOLUMES", 2, 2, 1]
    assert used(idle)["VOLUMES"] == 2


@pytest.mark.parametrize("kind", ["volume", "snapshot"])
def test_an_update_of_what_somebody_else_changed_is_a_conflict(idle: Client, rows: Rows, kind: str) -> None:
    volume = rows.volume()
    id_ = volume.id if kind == "volume" else rows.snapshot(volume).id
    mutation = f"update{kind.capitalize()}"

    done = idle.do(mutation, id=id_, name="mine", expectedVersion=1)
    problem = idle.do(mutation, id=id_, name="theirs", expectedVersion=1)

    assert (done[kind]["name"], done[kind]["version"]) == ("mine", 2)
    assert (problem["__typename"], problem["code"], problem["current"]) == ("VersionConflict", "VERSION_CONFLICT", 2)


def keyed(rows: Rows) -> dict[str, dict[str, Any]]:
    """Write an input for each mutation that takes an idempotency key."""
    volume = rows.volume()
    return {
        "createVolume": {"name": "data", "sizeGb": 10, "product": "SSD"},
        "createSnapshot": {"name": "cut", "volumeId": volume.id},
        "restoreVolume": {"name": "data-R", "snapshotId": rows.snapshot(volume).id},
    }


@pytest.mark.parametrize("mutation", ["createVolume", "createSnapshot", "restoreVolume"])
def test_the_same_key_with_the_same_input_is_done_once(idle: Client, rows: Rows, mutation: str) -> None:
    given = {**keyed(rows)[mutation], "idempotencyKey": "key-1"}

    first = idle.do(mutation, **given)
    revision = rows.revision()
    second = idle.do(mutation, **given)

    assert first["__typename"].endswith("Payload")
    assert second == first
    assert rows.revision() == revision


@pytest.mark.parametrize("mutation", ["createVolume", "createSnapshot", "restoreVolume"])
@pytest.mark.parametrize("other", ["another input", "another mutation"])
def test_the_same_key_for_anything_else_is_refused(idle: Client, rows: Rows, mutation: str, other: str) -> None:
    inputs = keyed(rows)
    idle.do(mutation, **inputs[mutation], idempotencyKey="key-1")
    if other == "another input":
        problem = idle.do(mutation, **{**inputs[mutation], "name": "other"}, idempotencyKey="key-1")
    else:
        another = next(name for name in inputs if name != mutation)
        problem = idle.do(another, **inputs[another], idempotencyKey="key-1")

    assert (problem["__typename"], problem["code"]) == ("Refused", "IDEMPOTENCY_KEY_REUSED")


def test_a_key_is_its_tenants_own(stranger: Client, client: Client) -> None:
    given = {"name": "data", "sizeGb": 10, "product": "SSD", "idempotencyKey": "key-1"}

    made = {caller.do("createVolume", **given)["volume"]["id"] for caller in (client, stranger)}

    assert len(made) == 2


def test_a_refused_request_does_not_use_up_its_key(idle: Client) -> None:
    given = {"name": "data", "product": "SSD", "idempotencyKey": "key-1"}

    assert idle.do("createVolume", **given, sizeGb=9)["__typename"] == "InvalidInput"
    assert idle.do("createVolume", **given, sizeGb=10)["__typename"] == "VolumePayload"


def test_a_key_answers_with_the_first_result_as_it_is_now_and_when_it_is_gone_as_it_was(client: Client) -> None:
    given = {"name": "data", "sizeGb": 10, "product": "SSD", "idempotencyKey": "key-1"}
    made = client.do("createVolume", **given)["volume"]
    client.wait_for(made["id"], "AVAILABLE")

    assert client.do("createVolume", **given)["volume"]["status"] == "AVAILABLE"

    client.do("deleteVolume", id=made["id"])
    client.wait_for(made["id"])
    assert client.do("createVolume", **given)["volume"] == made


@pytest.mark.parametrize("kind", ["volume", "snapshot"])
def test_deleting_what_is_being_deleted_answers_the_same_again(idle: Client, rows: Rows, kind: str) -> None:
    volume = rows.volume()
    id_ = volume.id if kind == "volume" else rows.snapshot(volume).id
    mutation = f"delete{kind.capitalize()}"

    first, second = (idle.do(mutation, id=id_) for _ in range(2))

    assert first[kind]["status"] == "DELETING"
    assert second == first


def test_only_an_administrator_retries_a_deletion_or_resets_a_status(
    idle: Client, idle_administrator: Client, rows: Rows
) -> None:
    snapshot = rows.snapshot(rows.volume(), status="ERROR_DELETING")
    reset = {"id": snapshot.id, "expectedStatus": "ERROR_DELETING", "status": "AVAILABLE", "reason": "it is whole"}

    for mutation, given in (("retrySnapshotDeletion", {"id": snapshot.id}), ("resetSnapshotStatus", reset)):
        problem = idle.do(mutation, **given)
        assert (problem["__typename"], problem["code"]) == ("Refused", "FORBIDDEN")

    done = idle_administrator.do("resetSnapshotStatus", **reset)["snapshot"]
    assert (done["status"], done["statusReason"]) == ("AVAILABLE", "it is whole")


def test_a_tenant_that_cannot_delete_is_told_whom_to_ask(idle: Client, rows: Rows) -> None:
    snapshot = rows.snapshot(rows.volume(), status="ERROR_DELETING")

    problem = idle.do("deleteSnapshot", id=snapshot.id)

    assert (problem["code"], problem["status"]) == ("INVALID_STATE", "ERROR_DELETING")
    assert problem["message"].endswith("ask your administrator")


def test_a_retried_deletion_is_done_when_the_storage_is_well_again(tmp_path: Path, tenant: str) -> None:
    settings = Settings(data=tmp_path, jwt_secret=SECRET)
    driver = Sandbox(Files(tmp_path / "storage", OWNER))
    driver.on("delete_snapshot", before=Refused("the storage allows no writing"))
    with serving(settings, driver) as address, Client(address, tenant, roles=["administrator"]) as administrator:
        snapshot = administrator.snapshot(administrator.volume()["id"])["id"]
        administrator.do("deleteSnapshot", id=snapshot)
        stuck = administrator.wait_for(snapshot, "ERROR_DELETING")

        done = administrator.do("retrySnapshotDeletion", id=snapshot)

        assert stuck["statusReason"] == "the storage allows no writing"
        assert (done["snapshot"]["status"], done["snapshot"]["statusReason"]) == ("DELETING", None)
        assert administrator.wait_for(snapshot) is None


def test_a_status_is_reset_only_from_the_one_expected(idle_administrator: Client, rows: Rows) -> None:
    snapshot = rows.snapshot(rows.volume())
    given = {"id": snapshot.id, "expectedStatus": "CREATING", "status": "ERROR", "reason": "it hangs"}

    problem = idle_administrator.do("resetSnapshotStatus", **given)

    assert (problem["code"], problem["status"], problem["allowedStatuses"]) == (
        "INVALID_STATE",
        "AVAILABLE",
        ["CREATING"],
    )


def test_a_snapshot_that_the_storage_does_not_hold_is_never_reset_to_available(
    idle_administrator: Client, rows: Rows
) -> None:
    snapshot = rows.snapshot(rows.volume(), status="ERROR", held=False)
    given = {"id": snapshot.id, "expectedStatus": "ERROR", "status": "AVAILABLE", "reason": "it looks well"}

    problem = idle_administrator.do("resetSnapshotStatus", **given)

    assert (problem["__typename"], problem["code"]) == ("InvalidState", "INVALID_STATE")
