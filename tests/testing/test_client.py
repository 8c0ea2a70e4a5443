"""A tester's client: what it waits for, follows and orders, and how it says that this did not come."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest

from app.testing.answers import WAIT_S, Unexpected
from app.testing.awaited import NotReached
from app.testing.client import Client
from app.testing.launching import in_process
from app.testing.service import Service, new_tenant
from app.testing.stream import StreamEnded

VOLUME = {"name": "data", "sizeGb": 10, "product": "SSD"}


# Waiting


def test_an_object_is_waited_for_by_any_of_some_statuses(tester: Client) -> None:
    tester.sandbox.fail_next("CREATE_VOLUME", matching="bad*")
    for name, status in (("bad-1", "ERROR"), ("good", "AVAILABLE")):
        made = tester.do("createVolume", **{**VOLUME, "name": name})["volume"]
        assert tester.wait_for(made["id"], "ERROR", "AVAILABLE")["status"] == status


def test_an_object_is_waited_for_until_it_is_gone_and_it_may_be_gone_already(tester: Client) -> None:
    volume = tester.volume()
    tester.do("deleteVolume", id=volume["id"])
    assert [tester.wait_for(volume["id"]) for _ in range(2)] == [None, None]


def test_what_is_gone_is_waited_for_no_longer(tester: Client) -> None:
    volume = tester.volume()
    tester.do("deleteVolume", id=volume["id"])
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(NotReached, match=r"is gone, not AVAILABLE or IN_USE.*(\n.*)+DELETED  DELETING → ·"):
            tester.wait_for(volume["id"], "AVAILABLE", "IN_USE", within_s=60)
    assert time.monotonic() - began < 60


def test_the_history_is_told_to_its_end_however_long_the_journal_is(tester: Client) -> None:
    volume, other = tester.volume(), tester.volume("other")
    for n in range(110):
        tester.do("updateVolume", id=(other if n else volume)["id"], description=f"{n}")
    tester.do("attachVolume", id=volume["id"], serverId="srv-1")
    tester.wait_for(volume["id"], "IN_USE")
    with pytest.raises(NotReached) as missed:
        tester.wait_for(volume["id"], "ERROR", within_s=0)
    told = str(missed.value).splitlines()[1:]
    assert [line.split("  ")[3] for line in told] == [
        "· → CREATING",
        "CREATING → AVAILABLE",
        "AVAILABLE → AVAILABLE",
        "AVAILABLE → ATTACHING",
        "ATTACHING → IN_USE",
    ]


def test_where_the_journal_has_expired_that_is_said(tester: Client) -> None:
    volume = tester.volume()
    tester.sandbox.expire_journal()
    with pytest.raises(NotReached, match="the journal has no line about it"):
        tester.wait_for(volume["id"], "ERROR", within_s=0)


def test_who_waits_is_not_disturbed_by_a_lost_connection(tester: Client) -> None:
    with ThreadPoolExecutor() as pool, tester.sandbox.hold("CREATE_VOLUME"):
        volume = tester.do("createVolume", **VOLUME)["volume"]
        waiting = pool.submit(tester.wait_for, volume["id"], "AVAILABLE")
        for _ in range(20):  # some of them while it greets, or asks
            while not tester.sandbox.drop_connections()["dropped"]:
                assert not waiting.done()
    assert waiting.result()["name"] == "data"


def test_of_what_nothing_was_told_in_time_it_is_not_said_that_it_is_gone(tester: Client) -> None:
    volume = tester.volume()
    with pytest.raises(NotReached, match=f"^{volume['id']} is not heard of in time, not ERROR;"):
        tester.wait_for(volume["id"], "ERROR", within_s=0)


def test_a_service_that_opens_no_socket_is_waited_for_no_longer_than_the_object(tester: Client) -> None:
    volume = tester.volume()
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        tester.address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(NotReached, match="not heard of in time"):
            tester.wait_for(volume["id"], "AVAILABLE", within_s=0.2)
        assert time.monotonic() - began < WAIT_S


# Following


def test_changes_are_followed_from_now_on(tester: Client) -> None:
    tester.volume("before")
    with tester.watch("volumeChanges") as changes:
        tester.volume("after")
        told = list(islice(changes, 2))
    assert [(it["kind"], it["volume"]["name"]) for it in told] == [("CREATED", "after"), ("CHANGED", "after")]


def test_changes_are_followed_from_a_cursor_on_and_by_the_arguments_of_the_field(tester: Client) -> None:
    cursor = tester.cursor()
    first, second = tester.volume("one"), tester.volume("two")
    with tester.watch("volumeChanges", after=cursor, volumeId=second["id"]) as changes:
        told = list(islice(changes, 2))
    assert {it["volumeId"] for it in told} == {second["id"]} != {first["id"]}
    with tester.watch("volumeChanges", after=told[0]["cursor"], volumeId=second["id"]) as changes:
        assert next(changes)["cursor"] == told[1]["cursor"]


def test_a_stream_that_has_nothing_to_tell_tells_nothing(chatty: Service) -> None:
    with chatty.client() as client, client.watch("volumeChanges") as changes:
        hear_bookmarks(client)
        client.volume()
        assert next(changes)["kind"] == "CREATED"


def test_over_lost_connections_nothing_is_missed_and_nothing_comes_twice(tester: Client) -> None:
    cursor = tester.cursor()
    cursors = []
    with tester.watch("volumeChanges", after=cursor) as changes:
        for n in range(5):
            tester.do("createVolume", **{**VOLUME, "name": f"data-{n}"})
            cursors.append(next(changes)["cursor"])
            tester.sandbox.drop_connections()
        cursors += [it["cursor"] for it in islice(changes, 5)]
    with tester.watch("volumeChanges", after=cursor) as changes:
        assert [it["cursor"] for it in islice(changes, 10)] == cursors


def test_a_cursor_that_has_expired_ends_the_stream_with_the_error(tester: Client) -> None:
    cursor = tester.cursor()
    tester.volume()
    tester.sandbox.expire_journal()
    with tester.watch("volumeChanges", after=cursor) as changes, pytest.raises(StreamEnded, match="CURSOR_EXPIRED"):
        next(changes)


@pytest.fixture
def chatty() -> Iterator[Service]:
    """A service that is never silent for long."""
    with in_process(bookmark_seconds=0.02) as service:
        yield service


def hear_bookmarks(client: Client) -> None:
    """Wait until every stream has been told some."""
    query = "subscription($after: String) { volumeChanges(after: $after) { kind } }"
    with client.watching(query, after=client.cursor()) as messages:
        assert {it["volumeChanges"]["kind"] for it in islice(messages, 5)} == {"BOOKMARK"}


# Ordering


def test_a_hold_ends_with_its_block_also_where_the_test_fails(tester: Client) -> None:
    with contextlib.suppress(ZeroDivisionError), tester.sandbox.hold("CREATE_VOLUME"):
        volume = tester.do("createVolume", **VOLUME)["volume"]
        raise ZeroDivisionError
    tester.wait_for(volume["id"], "AVAILABLE")


@pytest.mark.parametrize("end", ["release", "reset"])
def test_a_hold_may_be_over_before_its_block(tester: Client, end: str) -> None:
    with tester.sandbox.hold("CREATE_VOLUME") as plan:
        volume = tester.do("createVolume", **VOLUME)["volume"]
        tester.sandbox.release(plan) if end == "release" else tester.sandbox.reset()
        tester.wait_for(volume["id"], "AVAILABLE")


def test_one_object_can_be_let_go(tester: Client) -> None:
    with tester.sandbox.hold("CREATE_VOLUME"):
        volume = tester.do("createVolume", **VOLUME)["volume"]
        tester.sandbox.release(volume["id"])
        tester.wait_for(volume["id"], "AVAILABLE")


def test_bytes_can_be_lost_and_limits_set(tester: Client) -> None:
    volume = tester.volume()
    assert tester.sandbox.lose_storage(volume["id"])["volume"]["status"] == "UNMANAGED"
    limits = tester.sandbox.set_quota(volumes=1, gigabytes=-1)["tenant"]["quotas"]
    assert [it["limit"] for it in limits if it["name"] != "SNAPSHOTS"] == [1, -1]


@pytest.mark.parametrize("outcome", ["UNKNOWN", "CRASH"])
def test_what_nobody_knows_the_outcome_of_comes_right_by_itself(tester: Client, outcome: str) -> None:
    tester.sandbox.fail_next("CREATE_VOLUME", outcome)
    assert tester.volume()["status"] == "AVAILABLE"


def test_an_order_that_cannot_be_obeyed_is_a_mistake_of_the_test(tester: Client) -> None:
    with pytest.raises(Unexpected, match="INVALID_INPUT"):
        tester.sandbox.fail_next("CREATE_VOLUME", times=0)
    with pytest.raises(Unexpected, match="NO_VERB"):
        tester.sandbox.fail_next("NO_VERB")


def test_what_could_not_be_made_is_told_instead_of_waited_for(tester: Client) -> None:
    tester.sandbox.set_quota(volumes=0)
    with pytest.raises(Unexpected, match="QUOTA_EXCEEDED"):
        tester.volume()


# Awaited


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_a_client_that_is_awaited_follows_through_lost_connections_too(sandboxed: Service) -> None:
    client = sandboxed.async_client()
    async with client.watch("volumeChanges") as changes:
        assert (await client.sandbox.drop_connections())["dropped"] == 1
        volume = await client.volume()
        assert [(await anext(changes))["status"] for _ in range(2)] == ["CREATING", "AVAILABLE"]
    async with client.watching("subscription { volumeChanges { volumeId } }") as messages:
        assert await anext(messages) == {"volumeChanges": {"volumeId": volume["id"]}}


@pytest.mark.anyio
async def test_a_client_that_is_awaited_is_told_nothing_either_where_nothing_is_to_be_told(chatty: Service) -> None:
    tenant = new_tenant()
    client = chatty.async_client(tenant)
    async with client.watch("volumeChanges") as changes:
        with chatty.client(tenant) as other:
            await asyncio.to_thread(hear_bookmarks, other)
        await client.volume()
        assert (await anext(changes))["kind"] == "CREATED"


@pytest.mark.anyio
async def test_a_client_that_is_awaited_waits_and_tells_as_the_other_does(sandboxed: Service) -> None:
    client = sandboxed.async_client()
    volume = await client.volume()
    async with client.sandbox.hold("CREATE_SNAPSHOT"):
        snapshot = (await client.do("createSnapshot", volumeId=volume["id"], name="cut"))["snapshot"]
        with pytest.raises(NotReached, match="is CREATING, not AVAILABLE"):
            await client.wait_for(snapshot["id"], "AVAILABLE", within_s=0.5)
    await client.wait_for(snapshot["id"], "AVAILABLE")
    assert (await client.snapshot(volume["id"], "another"))["name"] == "another"
    await client.do("deleteSnapshot", id=snapshot["id"])
    assert [await client.wait_for(snapshot["id"]) for _ in range(2)] == [None, None]
    with pytest.raises(NotReached, match="is gone, not AVAILABLE"):
        await client.wait_for(snapshot["id"], "AVAILABLE")
