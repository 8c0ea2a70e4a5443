"""The sandbox: each misfortune comes when it is called, to the tenant that called it, and goes when it is sent away."""

from typing import Any

import pytest

from app.testing.stream import StreamEnded
from tests.client import Client

REFUSED = "the sandbox was told to refuse"
AGAIN = "the storage did not answer as it should; it is being tried again"
PROBLEM = "__typename ... on Problem { code message }"
RELEASE = f"mutation($id: ID!) {{ sandbox {{ it: release(id: $id) {{ {PROBLEM} }} }} }}"
LOSE = f"mutation($id: ID!) {{ sandbox {{ it: loseStorage(volumeId: $id) {{ {PROBLEM} }} }} }}"
STORIES = """query($after: String) { volumes(first: 100, after: $after, orderBy: { field: NAME, direction: ASC }) {
  nodes { name events(first: 30) { nodes { kind previousStatus status reason } } } } }"""
QUOTAS = "{ viewer { tenant { quotas { name limit used } } } }"
DONE = ["→CREATING", "CREATING→AVAILABLE"]


def order(tester: Client, field: str, members: str = PROBLEM) -> Any:
    """Give an order as it is written here, whatever it comes to."""
    return tester.ask(f"mutation {{ sandbox {{ it: {field} {{ {members} }} }} }}")["sandbox"]["it"]


def ask_volume(tester: Client, name: str) -> str:
    """Ask for a volume; return its id."""
    return str(tester.do("createVolume", name=name, sizeGb=10, product="SSD")["volume"]["id"])


def stories(tester: Client) -> dict[str, list[str]]:
    """Tell each volume's lines of the journal, as arrows with their reasons, by its name."""
    return {
        volume["name"]: [
            f"{line['previousStatus'] or ''}→{line['status'] or ''}" + (f": {line['reason']}" if line["reason"] else "")
            for line in volume["events"]["nodes"]
        ]
        for volume in tester.ask(STORIES)["volumes"]["nodes"]
    }


def limits(tester: Client) -> dict[str, int]:
    quotas = tester.ask(QUOTAS)["viewer"]["tenant"]["quotas"]
    return {quota["name"]: quota["limit"] for quota in quotas}


# Failures


def test_the_storage_refuses_as_often_as_it_was_told_and_no_more(tester: Client) -> None:
    tester.sandbox.fail_next("CREATE_VOLUME", times=2)
    for name in ("first", "second"):
        assert tester.wait_for(ask_volume(tester, name), "ERROR", "AVAILABLE")["statusReason"] == REFUSED
    assert tester.volume("third")["status"] == "AVAILABLE"


def test_what_has_another_name_is_left_alone(tester: Client) -> None:
    tester.sandbox.fail_next("CREATE_VOLUME", matching="bad-?")
    assert tester.volume("good")["status"] == "AVAILABLE"
    tester.wait_for(ask_volume(tester, "bad-1"), "ERROR")


def test_one_object_can_be_meant_by_its_id(tester: Client) -> None:
    meant, other = tester.volume(), tester.volume()
    tester.sandbox.fail_next("DELETE_VOLUME", matching=meant["id"])
    for volume in (other, meant):
        tester.do("deleteVolume", id=volume["id"])
    tester.wait_for(other["id"])
    tester.wait_for(meant["id"], "ERROR_DELETING")


def test_another_verb_is_left_alone(tester: Client) -> None:
    tester.sandbox.fail_next("DELETE_VOLUME")
    assert tester.volume()["status"] == "AVAILABLE"


# A hundred times the same


@pytest.mark.parametrize(
    ("outcome", "status", "expected"),
    [
        ("REFUSED", "ERROR", ["→CREATING", f"CREATING→ERROR: {REFUSED}"]),
        ("UNKNOWN", "AVAILABLE", ["→CREATING", f"CREATING→CREATING: {AGAIN}", "CREATING→AVAILABLE"]),
        ("CRASH", "AVAILABLE", DONE),
    ],
)
def test_a_failure_has_the_same_history_a_hundred_times(
    tester: Client, outcome: str, status: str, expected: list[str]
) -> None:
    names = [f"data-{n}" for n in range(100)]
    for name in names:
        tester.sandbox.fail_next("CREATE_VOLUME", outcome, matching=name)
    for id_ in [ask_volume(tester, name) for name in names]:
        tester.wait_for(id_, status)

    assert stories(tester) == dict.fromkeys(names, expected)


def test_a_hold_has_the_same_history_a_hundred_times_and_keeps_no_worker(tester: Client) -> None:
    names = [f"data-{n}" for n in range(99)]
    with tester.sandbox.hold("CREATE_VOLUME", matching="data-*", at_percent=50):
        held = [ask_volume(tester, name) for name in names]
        assert tester.volume("passes")["status"] == "AVAILABLE"
        for id_ in held:
            half_way(tester, id_)
    for id_ in held:
        tester.wait_for(id_, "AVAILABLE")

    assert stories(tester) == {name: [DONE[0], "CREATING→CREATING", DONE[1]] for name in names} | {"passes": DONE}


def half_way(tester: Client, id_: str) -> None:
    """Wait until a volume shows half of its progress."""
    query = "subscription($id: ID!) { it: volumeChanges(volumeId: $id) { volume { progressPercent } } }"
    with tester.watching(query, id=id_) as messages:
        assert any(message["it"]["volume"]["progressPercent"] == 50 for message in messages if message["it"]["volume"])


def test_what_is_slow_tells_ten_steps_each_time(tester: Client) -> None:
    names = [f"slow-0s-{n}" for n in range(20)]
    for id_ in [ask_volume(tester, name) for name in names]:
        tester.wait_for(id_, "AVAILABLE")

    steps = ["CREATING→CREATING"] * 10
    assert stories(tester) == {name: [DONE[0], *steps, DONE[1]] for name in names}


# Releasing


def test_one_object_is_released_by_its_id_and_the_others_by_that_of_the_hold(tester: Client) -> None:
    with tester.sandbox.hold("CREATE_VOLUME"):
        first, second = ask_volume(tester, "first"), ask_volume(tester, "second")
        tester.sandbox.release(first)
        tester.wait_for(first, "AVAILABLE")
        assert tester.ask("query($id: ID!) { volume(id: $id) { status } }", id=second)["volume"]["status"] == "CREATING"
    tester.wait_for(second, "AVAILABLE")


def test_what_is_not_held_cannot_be_released(tester: Client) -> None:
    volume = tester.volume()["id"]

    assert tester.ask(RELEASE, id=volume)["sandbox"]["it"] == {
        "__typename": "InvalidState",
        "code": "INVALID_STATE",
        "message": f"nothing holds {volume}, which is AVAILABLE",
    }


def test_what_is_only_slow_cannot_be_released(tester: Client) -> None:
    id_ = ask_volume(tester, "slow-60s-1")
    assert tester.ask(RELEASE, id=id_)["sandbox"]["it"]["message"] == f"nothing holds {id_}, which is CREATING"


def test_a_hold_can_be_released_but_once(tester: Client) -> None:
    plan = order(tester, "hold(verb: CREATE_VOLUME)", "... on PlanPayload { id }")["id"]
    told = [tester.ask(RELEASE, id=plan)["sandbox"]["it"]["__typename"] for _ in range(2)]
    assert told == ["ReleasePayload", "NotFound"]


# Names


def test_a_snapshot_named_so_cannot_be_made(tester: Client) -> None:
    made = tester.do("createSnapshot", volumeId=tester.volume()["id"], name="fail-create-1")
    assert tester.wait_for(made["snapshot"]["id"], "ERROR")["statusReason"] == REFUSED


def test_a_volume_named_so_cannot_be_made_nor_restored(tester: Client) -> None:
    snapshot = tester.snapshot(tester.volume()["id"])
    restored = tester.do("restoreVolume", snapshotId=snapshot["id"], name="fail-create-1")["volume"]["id"]
    for id_ in (ask_volume(tester, "fail-create-2"), restored):
        tester.wait_for(id_, "ERROR")


def test_a_snapshot_that_cannot_be_deleted_is_renamed_and_its_deletion_tried_again(tester: Client) -> None:
    id_ = tester.snapshot(tester.volume()["id"], "fail-delete-1")["id"]
    tester.do("deleteSnapshot", id=id_)
    tester.wait_for(id_, "ERROR_DELETING")

    tester.do("retrySnapshotDeletion", id=id_)
    tester.wait_for(id_, "ERROR_DELETING")
    tester.do("updateSnapshot", id=id_, name="mended")
    tester.do("retrySnapshotDeletion", id=id_)
    tester.wait_for(id_)


@pytest.mark.parametrize("way_out", ["release", "rename"])
def test_a_snapshot_named_so_waits_until_it_is_released_or_renamed(tester: Client, way_out: str) -> None:
    id_ = tester.do("createSnapshot", volumeId=tester.volume()["id"], name="hold-1")["snapshot"]["id"]
    tester.volume("meanwhile")
    assert tester.wait_for(id_, "CREATING")["status"] == "CREATING"
    if way_out == "release":
        tester.sandbox.release(id_)
    else:
        tester.do("updateSnapshot", id=id_, name="no-more")
    tester.wait_for(id_, "AVAILABLE")


def test_a_snapshot_named_so_takes_its_time_with_progress(tester: Client) -> None:
    volume = tester.volume()["id"]
    with tester.watching("subscription { it: snapshotChanges { status snapshot { progressPercent } } }") as messages:
        tester.do("createSnapshot", volumeId=volume, name="slow-1s-1")
        told: list[int | None] = []
        for message in messages:
            if message["it"]["snapshot"] is not None:
                told.append(message["it"]["snapshot"]["progressPercent"])
            if message["it"]["status"] == "AVAILABLE":
                break
    assert [percent for percent in dict.fromkeys(told) if percent is not None] == list(range(0, 100, 10))


# Quotas, losses, the journal


def test_a_quota_is_full_when_it_is_told_to_be(tester: Client) -> None:
    tester.sandbox.set_quota(volumes=1)
    first, second = tester.do_all(
        *[("createVolume", {"name": name, "sizeGb": 10, "product": "SSD"}) for name in ("one", "two")]
    )
    assert [first["__typename"], second["__typename"]] == ["VolumePayload", "QuotaExceeded"]


def test_a_quota_that_is_left_out_stays_and_answers_that_are_kept_follow(tester: Client) -> None:
    before = [limits(tester) for _ in range(3)][-1]
    tester.sandbox.set_quota(snapshots=-1, gigabytes=70)
    assert limits(tester) == {**before, "SNAPSHOTS": -1, "GIGABYTES": 70}


def test_a_volume_that_lost_its_bytes_is_unmanaged_and_no_server_reaches_it(tester: Client) -> None:
    id_ = tester.volume()["id"]
    path = tester.path(id_)
    assert path.exists()

    tester.sandbox.lose_storage(id_)

    found = tester.wait_for(id_, "UNMANAGED")
    assert (found["statusReason"], found["attachment"]) == ("the storage does not hold its bytes", None)
    assert not path.exists()


def test_a_volume_on_its_way_has_no_bytes_to_lose(tester: Client) -> None:
    id_ = ask_volume(tester, "hold-1")
    assert tester.ask(LOSE, id=id_)["sandbox"]["it"]["__typename"] == "InvalidState"


def test_cursors_expire_up_to_the_one_that_is_named(tester: Client) -> None:
    cursors = [tester.cursor()]
    for name in ("one", "two"):
        tester.volume(name)
        cursors.append(tester.cursor())

    assert tester.sandbox.expire_journal(before=cursors[1])["forgotten"] == 2

    assert tester.errors("query($at: String) { events(after: $at) { nodes { kind } } }", at=cursors[0])[0][
        "extensions"
    ] == {"code": "CURSOR_EXPIRED", "argument": "after"}
    query = "query($at: String) { events(after: $at) { nodes { subjectName } } }"
    assert [it["subjectName"] for it in tester.ask(query, at=cursors[1])["events"]["nodes"]] == ["two", "two"]


def test_a_stream_that_comes_back_to_a_journal_that_is_gone_is_told_so(tester: Client) -> None:
    cursor = tester.cursor()
    tester.volume()
    tester.sandbox.expire_journal()
    with (
        pytest.raises(StreamEnded) as ended,
        tester.watching("subscription($at: String) { volumeChanges(after: $at) { kind } }", at=cursor) as messages,
    ):
        next(messages)
    assert ended.value.args[0][0]["extensions"]["code"] == "CURSOR_EXPIRED"


# Resetting, and others


def test_a_sandbox_full_of_plans_is_quiet_once_it_is_reset(tester: Client) -> None:
    before = limits(tester)
    tester.sandbox.set_quota(volumes=1, snapshots=0, gigabytes=20)
    for _ in range(99):
        tester.sandbox.fail_next("CREATE_VOLUME", times=1000)
    order(tester, 'hold(verb: CREATE_VOLUME, matching: "waits")')
    assert order(tester, "failNext(verb: CREATE_VOLUME, outcome: CRASH)") == {
        "__typename": "Refused",
        "code": "QUOTA_EXCEEDED",
        "message": "a sandbox keeps 100 faults and holds; release some, or reset it",
    }
    waits = ask_volume(tester, "waits")

    tester.sandbox.reset()

    tester.wait_for(waits, "AVAILABLE")
    assert limits(tester) == before
    assert tester.volume()["status"] == "AVAILABLE"


def test_nothing_that_one_tenant_plans_befalls_another(tester: Client, neighbour: Client) -> None:
    before = limits(neighbour)
    for verb in ("CREATE_VOLUME", "CREATE_SNAPSHOT"):
        tester.sandbox.fail_next(verb, times=1000)
    order(tester, "hold(verb: DELETE_VOLUME)")
    tester.sandbox.set_quota(volumes=0)

    volume = neighbour.volume()["id"]
    neighbour.do("deleteSnapshot", id=(snapshot := neighbour.snapshot(volume)["id"]))
    neighbour.wait_for(snapshot)
    neighbour.do("deleteVolume", id=volume)
    neighbour.wait_for(volume)
    assert limits(neighbour) == before


def test_what_another_tenant_has_and_planned_is_not_there(tester: Client, neighbour: Client) -> None:
    plan = order(neighbour, "hold(verb: CREATE_VOLUME)", "... on PlanPayload { id }")["id"]
    volume = ask_volume(neighbour, "theirs")
    for query, id_ in ((RELEASE, plan), (RELEASE, volume), (LOSE, volume), (RELEASE, "nothing"), (LOSE, "nothing")):
        assert tester.ask(query, id=id_)["sandbox"]["it"]["code"] == "NOT_FOUND"

    tester.sandbox.reset()

    query = "query($id: ID!) { volume(id: $id) { status } }"
    assert neighbour.ask(query, id=volume)["volume"]["status"] == "CREATING"
    neighbour.sandbox.release(plan)
    neighbour.wait_for(volume, "AVAILABLE")


# Bad input


@pytest.mark.parametrize(
    ("field", "paths"),
    [
        ("failNext(verb: CREATE_VOLUME, outcome: CRASH, times: 0)", ["times"]),
        ("failNext(verb: CREATE_VOLUME, outcome: CRASH, times: 1001)", ["times"]),
        ('failNext(verb: CREATE_VOLUME, outcome: CRASH, times: -1, matching: "")', ["times", "matching"]),
        ('hold(verb: CREATE_VOLUME, matching: "", atPercent: 101)', ["matching", "atPercent"]),
        ("hold(verb: CREATE_VOLUME, atPercent: -1)", ["atPercent"]),
        ("setQuota(volumes: -2, snapshots: 5, gigabytes: -9)", ["volumes", "gigabytes"]),
        ('expireJournal(before: "yesterday")', ["before"]),
    ],
)
def test_every_fault_of_an_order_is_told_with_its_place(tester: Client, field: str, paths: list[str]) -> None:
    before = limits(tester)
    told = order(tester, field, "__typename ... on InvalidInput { fields { path } }")
    assert told["__typename"] == "InvalidInput"
    assert [fault["path"] for fault in told["fields"]] == [[path] for path in paths]
    assert limits(tester) == before


@pytest.mark.parametrize(
    "field",
    [
        "failNext(verb: CREATE_SERVER, outcome: REFUSED) { __typename }",
        "failNext(verb: CREATE_VOLUME, outcome: FIRE) { __typename }",
        "failNext(verb: CREATE_VOLUME, outcome: REFUSED, times: null) { __typename }",
        "hold { __typename }",
        "explode",
    ],
)
def test_an_order_that_nobody_knows_is_no_document(tester: Client, field: str) -> None:
    (error,) = tester.errors(f"mutation {{ sandbox {{ {field} }} }}")
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_in_production_there_is_no_sandbox(client: Client) -> None:
    (error,) = client.errors("mutation { sandbox { reset { tenant { id } } } }")
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "'sandbox'" in error["message"]
