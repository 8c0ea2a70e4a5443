"""The RBD driver keeps the contract over a real cluster, and knows the ills of clusters."""

import json
import os
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.drivers.ceph import Ceph
from app.drivers.contract import Driver, Inventory, Refused, Unsure
from app.drivers.rbd import MARKER, Rbd
from app.settings import Settings
from app.testing.serving import serving
from tests.client import SECRET, Client

from .ceph import POOL, USER, Cluster
from .contract import MIB, OWNER, SIZE, BackDoor, DriverContract, content, cut, ignore, written
from .interruptions import Crash, Dying, InterruptionContract, Moment
from .test_files import VERBS, Fate

CHANGES = {"create", "clone", "rename", "resize", "rm", "snap"}
"""The commands of `rbd` that change the cluster."""


class RbdBackDoor:
    def __init__(self, cluster: Cluster, pool: str) -> None:
        self._cluster, self._pool = cluster, pool

    def write(self, volume: str, offset: int, data: bytes) -> None:
        record = b"w" + struct.pack("<QQ", offset, len(data)) + data
        self.rbd("import-diff", "-", self.image(volume), data=b"rbd diff v1\n" + record + b"e")

    def read_volume(self, volume: str) -> bytes:
        return self.rbd("export", self.image(volume), "-")

    def read_snapshot(self, snapshot: str) -> bytes:
        for entry in self.read("ls", "-l", self._pool):
            handle, _, size = entry.get("snapshot", "").rpartition(".")
            if handle == snapshot:
                return self.rbd("export", f"{self.image(entry['image'])}@{entry['snapshot']}", "-")[: int(size)]
        raise AssertionError(f"there is no {snapshot}")

    def strays(self) -> list[str]:
        hidden = [name for name in self.read("ls", self._pool) if name.startswith(".") and not name.startswith(MARKER)]
        kept = [name for name in hidden if self.read("snap", "ls", self.image(name))]
        return sorted({*hidden} - {*kept}) + [image["name"] for image in self.trash()]

    def markers(self) -> list[str]:
        return [name for name in self.read("ls", self._pool) if name.startswith(MARKER)]

    def owner(self) -> str:
        """Whose the pool is, as its one marker says."""
        (marker,) = self.markers()
        return marker.removeprefix(f"{MARKER}.").rpartition(".")[0]

    def trash(self) -> list[dict[str, str]]:
        return list(self.read("trash", "ls", "--all", self._pool))

    def image(self, name: str) -> str:
        return f"{self._pool}/{name}"

    def read(self, *command: str) -> Any:
        return json.loads(self.rbd(*command, "--format", "json"))

    def rbd(self, *command: str, data: bytes = b"") -> bytes:
        return self._cluster.bytes("rbd", *command, data=data)


@pytest.fixture(scope="session")
def ceph(cluster: Cluster) -> Ceph:
    return Ceph(cluster.conf, USER)


@pytest.fixture
def pool(cluster: Cluster) -> str:
    """A namespace of its own for each test."""
    return cluster.new_namespace()


@pytest.fixture
def back_door(cluster: Cluster, pool: str) -> RbdBackDoor:
    return RbdBackDoor(cluster, pool)


@pytest.fixture
def driver(ceph: Ceph, pool: str) -> Rbd:
    return Rbd(ceph, pool, OWNER)


@pytest.fixture
def mortal(monkeypatch: pytest.MonkeyPatch) -> Dying:
    """Lets this process die at a command that changes the cluster."""

    @contextmanager
    def dying(step: int, moment: Moment) -> Iterator[None]:
        fate, run = Fate(step, moment), subprocess.run
        dying_run = fate.wrap(run)

        def call(command: tuple[str, ...], **options: Any) -> Any:
            return (dying_run if command[1] in CHANGES else run)(command, **options)

        with monkeypatch.context() as patch:
            patch.setattr(subprocess, "run", call)
            yield

    return dying


class TestOverACluster(DriverContract, InterruptionContract):
    @pytest.fixture
    def reopen(self, ceph: Ceph, pool: str) -> Callable[[], Driver]:
        # No draft is spared: in these tests who has not finished is dead.
        return lambda: Rbd(ceph, pool, OWNER, dead_after=timedelta(0))

    @pytest.fixture
    def back_door(self, back_door: RbdBackDoor) -> BackDoor:
        return back_door

    @pytest.fixture
    def dying(self, mortal: Dying) -> Dying:
        return mortal

    @pytest.fixture
    def bytes_read(self) -> Callable[[], int]:
        # Of this thread: what the process has read includes what its children read to start.
        return lambda: int(Path("/proc/thread-self/io").read_text().split()[1])


class TestClones:
    def test_a_restored_volume_is_a_clone_until_it_is_flattened(self, driver: Rbd, back_door: RbdBackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        assert back_door.read("info", back_door.image("restored"))["parent"]["image"] == "volume"
        driver.flatten_volume("restored", ignore)
        assert "parent" not in back_door.read("info", back_door.image("restored"))

    @pytest.mark.parametrize("order", list(permutations(["volume", "snapshot", "flatten"])), ids="-".join)
    def test_all_may_be_deleted_in_any_order(self, driver: Rbd, back_door: RbdBackDoor, order: list[str]) -> None:
        cut(driver, volume=written(driver, back_door))
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        acts: dict[str, Callable[[], object]] = {
            "volume": lambda: driver.delete_volume("volume"),
            "snapshot": lambda: driver.delete_snapshot("snapshot"),
            "flatten": lambda: driver.flatten_volume("restored", ignore),
        }
        for act in order:
            acts[act]()
            driver.tidy()
            assert back_door.read_volume("restored") == content()
        assert back_door.strays() == []

    def test_a_clone_that_is_deleted_lets_go_of_all_that_it_came_from(
        self, driver: Rbd, back_door: RbdBackDoor
    ) -> None:
        cut(driver, volume=written(driver, back_door))
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        driver.delete_volume("volume")
        driver.delete_snapshot("snapshot")
        driver.tidy()
        assert back_door.trash() != []
        driver.delete_volume("restored")
        driver.tidy()
        assert back_door.strays() == []

    def test_a_flattening_that_is_broken_off_is_completed_by_the_next(
        self, driver: Rbd, back_door: RbdBackDoor
    ) -> None:
        size = 1000 << 30  # even without data that takes a while
        driver.create_volume("volume", size)
        cut(driver, size=size)
        driver.restore_volume("restored", "snapshot", size, ignore)

        def stop(percent: int) -> None:
            raise RuntimeError("stop")

        with pytest.raises(RuntimeError, match="stop"):
            driver.flatten_volume("restored", stop)
        assert "parent" in back_door.read("info", back_door.image("restored"))
        driver.detach_volume("restored")
        driver.flatten_volume("restored", ignore)
        assert "parent" not in back_door.read("info", back_door.image("restored"))

    def test_a_restored_volume_has_the_size_of_the_snapshot_though_the_volume_had_grown(
        self, driver: Rbd, back_door: RbdBackDoor
    ) -> None:
        driver.extend_volume(written(driver, back_door), SIZE * 2)
        back_door.write("volume", SIZE, b"beyond")
        cut(driver)
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        assert back_door.read_volume("restored") == content()
        driver.extend_volume("restored", SIZE * 2)
        assert back_door.read_volume("restored") == content(SIZE * 2)

    def test_a_snapshot_holds_alone_the_objects_that_are_other_before_and_after(
        self, driver: Rbd, back_door: RbdBackDoor
    ) -> None:
        driver.create_volume("volume", SIZE)
        back_door.write("volume", 0, b"\x01" * SIZE)
        cut(driver, "first")
        back_door.write("volume", 0, b"\x02" * MIB)
        cut(driver, "second")
        assert (driver.used_bytes("first"), driver.used_bytes("second")) == (MIB, 0)
        back_door.write("volume", 0, b"\x03" * 2 * MIB)
        assert (driver.used_bytes("first"), driver.used_bytes("second")) == (MIB, MIB)


class TestIlls:
    @pytest.mark.parametrize("daemon", ["mon", "osd"])
    def test_a_cluster_that_does_not_answer_is_unsure_and_a_later_call_completes(
        self, cluster: Cluster, driver: Rbd, pool: str, back_door: RbdBackDoor, daemon: str
    ) -> None:
        written(driver, back_door)
        impatient = Rbd(Ceph(cluster.conf, USER, answer_within_s=2), pool, OWNER)
        with cluster.frozen(daemon):
            for act in (
                impatient.check,
                impatient.tidy,
                lambda: impatient.delete_volume("volume"),
                lambda: cut(impatient),
            ):
                with pytest.raises(Unsure):
                    act()
        cut(driver)
        assert back_door.read_snapshot("snapshot") == content()
        assert driver.inventory() == Inventory({"volume": SIZE}, {"snapshot": SIZE})

    @pytest.mark.parametrize("verb", ["create", "snap", "clone", "rename"])
    def test_what_was_done_though_the_answer_was_lost_is_found(
        self, driver: Rbd, back_door: RbdBackDoor, monkeypatch: pytest.MonkeyPatch, verb: str
    ) -> None:
        run = subprocess.run

        def lost(command: tuple[str, ...], **options: Any) -> Any:
            done = run(command, **options)
            if command[1] == verb:
                raise subprocess.TimeoutExpired(command, 60)
            return done

        def work() -> None:
            driver.create_volume("volume", SIZE)
            cut(driver)
            driver.restore_volume("restored", "snapshot", SIZE, ignore)

        with monkeypatch.context() as patch:
            patch.setattr(subprocess, "run", lost)
            with pytest.raises(Unsure):
                work()
        work()
        assert driver.inventory() == Inventory({"volume": SIZE, "restored": SIZE}, {"snapshot": SIZE})

    def test_a_full_cluster_is_refused_before_it_blocks(self, cluster: Cluster) -> None:
        cluster.new_pool("small")
        driver, back_door = Rbd(Ceph(cluster.conf, "admin"), "small", OWNER), RbdBackDoor(cluster, "small")
        cut(driver, volume=written(driver, back_door))
        driver.restore_volume("restored", "snapshot", SIZE, ignore)
        cluster.ceph("osd", "pool", "set-quota", "small", "max_bytes", "1")
        driver = Rbd(Ceph(cluster.conf, "admin"), "small", OWNER)
        for act in (
            lambda: driver.create_volume("other", SIZE),
            lambda: driver.extend_volume("volume", SIZE * 2),
            lambda: cut(driver, "other"),
            lambda: driver.restore_volume("other", "snapshot", SIZE, ignore),
            lambda: driver.flatten_volume("restored", ignore),
        ):
            with pytest.raises(Refused, match=r"^not enough free space: needs 0\.07 GB, 0\.00 GB free$"):
                act()
        driver.delete_snapshot("snapshot")
        assert driver.inventory() == Inventory({"volume": SIZE, "restored": SIZE}, {})

    def test_the_lock_of_a_server_that_died_is_broken_when_it_is_detached(
        self, cluster: Cluster, driver: Rbd, pool: str, back_door: RbdBackDoor
    ) -> None:
        driver.create_volume("volume", SIZE)
        command = ["rbd", "bench", "--io-type", "write", "--io-total", "1T", back_door.image("volume")]
        environment = {**os.environ, "CEPH_CONF": cluster.conf}
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
            until(lambda: back_door.read("lock", "ls", back_door.image("volume")))
            server.kill()
        (lock,) = back_door.read("lock", "ls", back_door.image("volume"))
        driver.detach_volume("volume")
        assert back_door.read("lock", "ls", back_door.image("volume")) == []
        assert lock["address"] in cluster.ceph("osd", "blocklist", "ls")
        # One who still had to wait for the dead would be unsure.
        cut(Rbd(Ceph(cluster.conf, USER, answer_within_s=15), pool, OWNER), size=SIZE)

    def test_a_publication_cut_off_half_way_is_mended_by_tidying(
        self, cluster: Cluster, ceph: Ceph, driver: Rbd, pool: str, back_door: RbdBackDoor, tmp_path: Path
    ) -> None:
        draft, file = ".draft.volume.1700000000.cut-off", str(tmp_path / "id")
        back_door.rbd("create", "--size", "4M", back_door.image(draft))
        objects = ["rados", "--pool", POOL, "--namespace", pool.removeprefix(f"{POOL}/")]
        cluster.run(*objects, "get", f"rbd_id.{draft}", file)
        cluster.run(*objects, "put", "rbd_id.volume", file)  # what a renaming does first, before the directory
        assert driver.inventory().volumes == {}
        with pytest.raises(Unsure):
            driver.create_volume("volume", SIZE)
        driver.tidy()
        assert written(driver, back_door)
        driver.tidy()
        assert back_door.read_volume("volume") == content()
        assert back_door.strays() == []

    def test_a_draft_is_left_alone_until_its_worker_must_be_dead(
        self, ceph: Ceph, driver: Rbd, pool: str, back_door: RbdBackDoor, mortal: Dying
    ) -> None:
        with pytest.raises(Crash), mortal(1, "after"):
            driver.create_volume("volume", SIZE)
        (draft,) = back_door.strays()
        driver.tidy()
        assert back_door.strays() == [draft]
        Rbd(ceph, pool, OWNER, dead_after=timedelta(0)).tidy()
        assert back_door.strays() == []


class TestWhatIsNotThere:
    """Another pool, or another cluster, must never pass for volumes that are gone."""

    @pytest.mark.parametrize("verb", VERBS)
    def test_a_pool_without_the_marker_is_unsure(self, driver: Rbd, back_door: RbdBackDoor, verb: str) -> None:
        (marker,) = back_door.markers()
        back_door.rbd("rm", back_door.image(marker))
        with pytest.raises(Unsure):
            VERBS[verb](driver)

    @pytest.mark.parametrize("wrong", ["no such user", "no such pool", "no such configuration"])
    def test_what_is_not_the_cluster_is_unsure(self, cluster: Cluster, pool: str, wrong: str) -> None:
        user = "nobody" if wrong == "no such user" else USER
        conf = "/nowhere/ceph.conf" if wrong == "no such configuration" else cluster.conf
        with pytest.raises(Unsure):
            Rbd(Ceph(conf, user), "nowhere" if wrong == "no such pool" else pool, OWNER)

    def test_a_pool_of_others_is_not_taken_for_a_storage(self, ceph: Ceph, pool: str, back_door: RbdBackDoor) -> None:
        back_door.rbd("create", "--size", "4M", back_door.image("thesis"))
        with pytest.raises(Unsure):
            Rbd(ceph, pool, OWNER)
        assert back_door.read("ls", pool) == ["thesis"]

    def test_an_empty_pool_that_may_not_be_new_is_another_one(
        self, ceph: Ceph, pool: str, back_door: RbdBackDoor
    ) -> None:
        with pytest.raises(Unsure):
            Rbd(ceph, pool, OWNER, may_be_new=False)
        assert back_door.read("ls", pool) == []


class TestWhoseItIs:
    """Two databases over one pool would each take the bytes of the other for strays."""

    @pytest.mark.parametrize("may_be_new", [True, False])
    def test_a_pool_of_another_owner_is_refused(
        self, ceph: Ceph, driver: Rbd, pool: str, back_door: RbdBackDoor, may_be_new: bool
    ) -> None:
        with pytest.raises(Unsure, match="marked as that of another database"):
            Rbd(ceph, pool, "another", may_be_new=may_be_new)
        assert back_door.owner() == OWNER

    def test_a_pool_that_two_new_owners_marked_at_once_is_neither_s(
        self, ceph: Ceph, driver: Rbd, pool: str, back_door: RbdBackDoor
    ) -> None:
        back_door.rbd("create", "--size", "0", back_door.image(f"{MARKER}.another.1"))
        for owner in (OWNER, "another"):
            with pytest.raises(Unsure, match="marked as that of another database"):
                Rbd(ceph, pool, owner)
        with pytest.raises(Unsure):
            driver.tidy()

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_a_start_that_died_half_way_is_mended_by_the_next(
        self, ceph: Ceph, pool: str, back_door: RbdBackDoor, mortal: Dying, moment: Moment
    ) -> None:
        with pytest.raises(Crash), mortal(1, moment):
            Rbd(ceph, pool, OWNER)
        assert Rbd(ceph, pool, OWNER).inventory() == Inventory({}, {})
        assert back_door.owner() == OWNER

    def test_several_markers_of_one_owner_are_as_good_as_one(
        self, driver: Rbd, ceph: Ceph, pool: str, back_door: RbdBackDoor
    ) -> None:
        back_door.rbd("create", "--size", "0", back_door.image(f"{MARKER}.{OWNER}.2"))
        Rbd(ceph, pool, OWNER).create_volume("volume", SIZE)
        assert driver.inventory().volumes == {"volume": SIZE}

    def test_a_pool_from_before_goes_to_the_first_owner_who_is_not_new(
        self, ceph: Ceph, pool: str, back_door: RbdBackDoor
    ) -> None:
        back_door.rbd("create", "--size", "0", back_door.image(MARKER))
        with pytest.raises(Unsure, match="not marked as that of a database"):
            Rbd(ceph, pool, "new")
        Rbd(ceph, pool, OWNER, may_be_new=False)
        for may_be_new in (True, False):
            with pytest.raises(Unsure, match="marked as that of another database"):
                Rbd(ceph, pool, "later", may_be_new=may_be_new)
            assert Rbd(ceph, pool, OWNER, may_be_new=may_be_new).inventory() == Inventory({}, {})
        assert MARKER in back_door.markers(), "the processes of the former version go on"


class TestNames:
    @pytest.mark.parametrize("handle", ["", "../volume", "a/b", ".hidden", "a@b", "a\0b"])
    def test_a_handle_that_is_no_plain_name_is_a_programming_error(self, driver: Rbd, handle: str) -> None:
        with pytest.raises(ValueError, match="handle"):
            driver.create_volume(handle, SIZE)
        with pytest.raises(ValueError, match="handle"):
            driver.delete_snapshot(handle)

    def test_a_connection_is_what_qemu_calls_the_image(self, driver: Rbd, pool: str) -> None:
        assert driver.connection("volume") == f"rbd:{pool}/volume"

    def test_a_snapshot_of_an_operator_is_left_alone(self, driver: Rbd, back_door: RbdBackDoor) -> None:
        cut(driver, volume=written(driver, back_door))
        back_door.rbd("snap", "create", f"{back_door.image('volume')}@backup")
        assert driver.inventory().snapshots == {"snapshot": SIZE}
        assert driver.used_bytes("snapshot") == 0


class TestService:
    """What a tenant sees of it."""

    @pytest.fixture
    def client(self, cluster: Cluster, pool: str, tmp_path: Path) -> Iterator[Client]:
        settings = Settings(data=tmp_path, storage=f"rbd:{pool}", ceph_conf=Path(cluster.conf), jwt_secret=SECRET)
        with serving(settings) as address, Client(address, "t") as client:
            yield client

    def test_a_snapshot_of_an_attached_volume_is_crash_consistent_and_what_is_restored_is_flattened(
        self, client: Client, pool: str, back_door: RbdBackDoor
    ) -> None:
        volume = client.volume()
        client.do("attachVolume", id=volume["id"], serverId="srv-1")
        attached = client.wait_for(volume["id"], "IN_USE")
        assert attached["attachment"]["connection"] == f"rbd:{pool}/{volume['id']}"
        back_door.write(volume["id"], MIB, b"written by the server")
        snapshot = client.snapshot(volume["id"])
        assert snapshot["consistency"] == "CRASH_CONSISTENT"
        made = client.do("restoreVolume", snapshotId=snapshot["id"], name="again")
        restored = back_door.image(client.wait_for(made["volume"]["id"], "AVAILABLE")["id"])
        until(lambda: "parent" not in back_door.read("info", restored) and not back_door.read("snap", "ls", restored))
        client.do("deleteSnapshot", id=snapshot["id"])
        client.wait_for(snapshot["id"])
        assert back_door.rbd("export-diff", "--no-progress", restored, "-").count(b"written by the server") == 1

    def test_another_pool_is_not_ready(self, cluster: Cluster, client: Client, tmp_path: Path) -> None:
        client.volume()
        other = f"rbd:{cluster.new_namespace()}"
        settings = Settings(data=tmp_path, storage=other, ceph_conf=Path(cluster.conf), jwt_secret=SECRET)
        with serving(settings) as address:
            assert httpx.get(f"{address}/readyz").json() == {"database": "ok", "storage": "does not answer"}


def until(holds: Callable[[], object]) -> None:
    """Look until it holds; each look takes a while."""
    give_up_at = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < give_up_at
