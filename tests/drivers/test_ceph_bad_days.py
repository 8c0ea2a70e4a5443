"""The bad days of whoever runs it on Ceph: a sentence tells what is wrong, and once it is mended all goes on."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.testing.process import Process
from tests.client import SECRET, Client

from .ceph import POOL, Cluster

RED = {"database": "ok", "storage": "does not answer"}
GREEN = {"database": "ok", "storage": "ok"}


@pytest.fixture
def settings(cluster: Cluster, tmp_path: Path) -> dict[str, Any]:
    """Those of a service over a namespace of its own."""
    storage = f"rbd:{cluster.new_namespace()}"
    return {"data": tmp_path, "port": 0, "jwt_secret": SECRET, "storage": storage, "ceph_conf": cluster.conf}


@contextlib.contextmanager
def serving(settings: dict[str, Any]) -> Iterator[tuple[Process, Client]]:
    with Process("serve", **settings) as process, Client(process.address(), "t") as client:
        yield process, client


def comes_to(client: Client, parts: dict[str, str]) -> None:
    """Ask until it is as ready as that; the test's time-out is the bound."""
    while client.http.get("/readyz").json() != parts:
        assert client.http.get("/healthz").status_code == 200, "it lives all the while"


def said(settings: dict[str, Any]) -> str:
    """What a command says that looks once, and ends."""
    given = {name: value for name, value in settings.items() if name not in ("port", "jwt_secret")}
    with Process("doctor", **given) as doctor:
        assert doctor.ended() == 1
    (line,) = doctor.lines
    return line


def test_a_configuration_without_a_monitor_is_said_to_have_none(
    cluster: Cluster, settings: dict[str, Any], tmp_path: Path
) -> None:
    lines = Path(cluster.conf).read_text().splitlines()
    bare = tmp_path / "ceph.conf"
    bare.write_text("\n".join([*(line for line in lines if not line.startswith("mon host")), ""]))
    told = said({**settings, "ceph_conf": bare})
    assert "unable to get monitor info" in told
    assert "do --ceph-conf and --ceph-user fit" in told


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"storage": "rbd:nowhere"}, "error opening pool 'nowhere': (2) No such file or directory"),
        ({"storage": f"rbd:{POOL}/nowhere"}, "namespace 'nowhere' does not exist"),
        ({"ceph_conf": "/nowhere/ceph.conf"}, "did not load config file"),
        ({"ceph_user": "nobody"}, "couldn't connect to the cluster!"),
        ({"ceph_user": "without-caps"}, "(13) Permission denied"),
        ({"ceph_user": "reading-only"}, "(1) Operation not permitted"),
    ],
    ids=["no such pool", "no such namespace", "no such configuration", "no such user", "no caps", "caps to read alone"],
)
def test_a_wrong_setting_is_said_in_a_line_that_tells_where_to_look(
    cluster: Cluster, settings: dict[str, Any], wrong: dict[str, str], told: str
) -> None:
    cluster.new_user("without-caps")
    cluster.new_user("reading-only", "mon", "profile rbd", "osd", f"profile rbd-read-only pool={POOL}")
    line = said({**settings, **wrong})
    assert told in line
    assert line.endswith("may that user work in it?\n")


def test_a_key_that_is_given_its_caps_later_and_a_pool_that_is_made_later_are_waited_for(
    cluster: Cluster, settings: dict[str, Any]
) -> None:
    cluster.new_user("newcomer")
    settings |= {"storage": f"rbd:{POOL}/made-later", "ceph_user": "newcomer"}
    with serving(settings) as (_, client):
        comes_to(client, RED)
        cluster.ceph("auth", "caps", "client.newcomer", "mon", "profile rbd", "osd", f"profile rbd pool={POOL}")
        cluster.run("rbd", "namespace", "create", f"{POOL}/made-later")
        comes_to(client, GREEN)
        client.volume()


def test_a_cluster_that_stops_answering_turns_readiness_red_and_what_was_asked_for_is_done_when_it_is_back(
    cluster: Cluster, settings: dict[str, Any]
) -> None:
    with serving(settings) as (_, client):
        comes_to(client, GREEN)
        with cluster.frozen("osd"):
            comes_to(client, RED)
            made = client.do("createVolume", name="meanwhile", sizeGb=10, product="SSD")["volume"]
        client.wait_for(made["id"], "AVAILABLE")
        comes_to(client, GREEN)


def test_an_image_that_somebody_removed_is_found_by_the_doctor_and_by_the_next_operation(
    cluster: Cluster, settings: dict[str, Any]
) -> None:
    pool = settings["storage"].removeprefix("rbd:")
    with serving(settings) as (_, client):
        asked, looked_at = client.volume(), client.volume()
        for volume in (asked, looked_at):
            cluster.run("rbd", "rm", "--no-progress", f"{pool}/{volume['id']}")
        client.do("attachVolume", id=asked["id"], serverId="srv-1")
        assert client.wait_for(asked["id"], "UNMANAGED")["statusReason"] == "the volume is not in the storage"
        given = {name: value for name, value in settings.items() if name not in ("port", "jwt_secret")}
        with Process("doctor", "--mend", **given) as doctor:
            assert doctor.ended() == 0
        found = client.wait_for(looked_at["id"], "UNMANAGED")
        assert found["statusReason"] == "the storage does not hold its bytes"
