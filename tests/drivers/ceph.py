"""A Ceph cluster of the tests' own, on loopback: a monitor, a manager and an OSD that keeps its bytes in a sparse file.

Made of the distribution's packages alone: no systemd, no device, no kernel module, no root. A monitor that pauses for a
second before each change, as they do, would make the tests slow; this one does not.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

POOL = "volumes"
USER = "volumes"
CAPS = ("mon", "profile rbd", "osd", f"profile rbd pool={POOL}")
"""The least that will do; the README says the same."""

PROGRAMS = ("ceph", "rbd", "ceph-mon", "ceph-mgr", "ceph-osd", "ceph-authtool", "monmaptool", "setpriv")
PACKAGES = "ceph-common ceph-mon ceph-mgr ceph-osd"

CONF = """
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{port}
public addr = 127.0.0.1
ms bind msgr1 = false
auth allow insecure global id reclaim = false
keyring = {folder}/$name.keyring
run dir = {folder}
log file = {folder}/$name.log
log to stderr = false
crash dir = {folder}/crash
mon data = {folder}/mon
mgr data = {folder}/mgr
osd data = {folder}/osd
mgr initial modules =
mon allow pool delete = true
mon allow pool size one = true
mon data avail crit = 1
mon data avail warn = 2
osd pool default size = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
paxos propose interval = 0.05
paxos min wait = 0.01
bluestore block size = {disk}
bluestore cache autotune = false
bluestore cache size = 134217728
osd delete sleep hdd = 0
osd snap trim sleep hdd = 0
# Objects of 1 MiB, so that small volumes have several.
rbd default order = 20
[client]
log file =
admin socket =
"""


class Cluster:
    """A running cluster; `conf` is the path of its configuration."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.conf = str(folder / "ceph.conf")
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        fsid = str(uuid.uuid4())
        Path(self.conf).write_text(CONF.format(folder=self._folder, fsid=fsid, port=port, disk=8 << 30))
        self._start_monitor(fsid, port)
        self._start_manager()
        self._start_osd()
        self.new_pool(POOL)
        self.new_user(USER, *CAPS)

    def stop(self) -> None:
        for daemon in self._daemons.values():
            daemon.kill()
            daemon.wait()

    def ceph(self, *command: str) -> str:
        """Run an administrator's command."""
        return self.run("ceph", "--connect-timeout", "30", *command)

    def run(self, *command: str, data: bytes = b"") -> str:
        return self.bytes(*command, data=data).decode()

    def bytes(self, *command: str, data: bytes = b"") -> bytes:
        environment = {**os.environ, "CEPH_CONF": self.conf}
        return subprocess.run(command, input=data, check=True, capture_output=True, env=environment, timeout=60).stdout

    def new_pool(self, name: str) -> None:
        self.ceph("osd", "pool", "create", name, "8", "8")
        self.run("rbd", "pool", "init", name)
        give_up_at = time.monotonic() + 60
        while not self._room_in(name):  # until the manager has heard of it
            assert time.monotonic() < give_up_at, "the manager does not hear of the pool"

    def _room_in(self, pool: str) -> int:
        pools = json.loads(self.ceph("df", "--format", "json"))["pools"]
        return sum(found["stats"]["max_avail"] for found in pools if found["name"] == pool)

    def new_user(self, name: str, *caps: str) -> None:
        self.ceph("auth", "get-or-create", f"client.{name}", *caps, "-o", self._keyring(f"client.{name}"))

    def new_namespace(self) -> str:
        """Make a namespace of the pool, as empty as a new pool and made much faster."""
        name = f"{POOL}/{secrets.token_hex(6)}"
        self.run("rbd", "namespace", "create", name)
        return name

    @contextmanager
    def frozen(self, daemon: str) -> Iterator[None]:
        """Let a daemon neither hear nor answer: `mon`, `mgr` or `osd`."""
        self._daemons[daemon].send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._daemons[daemon].send_signal(signal.SIGCONT)

    def kill(self, daemon: str) -> None:
        """End a daemon as the fall of its machine would."""
        self._daemons[daemon].kill()
        self._daemons[daemon].wait()

    def start_again(self, daemon: str) -> None:
        self._start(daemon, {"mon": "a", "mgr": "x", "osd": "0"}[daemon])

    def _start_monitor(self, fsid: str, port: int) -> None:
        admin, own = self._keyring("client.admin"), self._keyring("mon.a")
        caps = ["--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *"]
        self.run("ceph-authtool", "--create-keyring", admin, "--gen-key", "-n", "client.admin", *caps)
        self.run("ceph-authtool", "--create-keyring", own, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        self.run("ceph-authtool", own, "--import-keyring", admin)
        monmap = str(self._folder / "monmap")
        self.run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", f"[v2:127.0.0.1:{port}]", monmap)
        (self._folder / "mon").mkdir()
        self.run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", own)
        self._start("mon", "a")

    def _start_manager(self) -> None:
        (self._folder / "mgr").mkdir()
        self.ceph("config", "set", "mgr", "mgr/devicehealth/enable_monitoring", "false", "--force")
        caps = ["mon", "allow profile mgr", "osd", "allow *", "mds", "allow *"]
        self.ceph("auth", "get-or-create", "mgr.x", *caps, "-o", self._keyring("mgr.x"))
        self._start("mgr", "x")

    def _start_osd(self) -> None:
        (self._folder / "osd").mkdir()
        fsid = str(uuid.uuid4())
        secret = self.run("ceph-authtool", "--gen-print-key").strip()
        self.run("ceph", "osd", "new", fsid, "-i", "-", data=f'{{"cephx_secret": "{secret}"}}'.encode())
        self.run("ceph-authtool", "--create-keyring", self._keyring("osd.0"), "-n", "osd.0", "--add-key", secret)
        self.run("ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", fsid)
        self._start("osd", "0")

    def _start(self, kind: str, name: str) -> None:
        with (self._folder / f"{kind}.out").open("wb") as out:
            # Killed tests can stop nothing; the kernel ends what they started.
            command = ["setpriv", "--pdeathsig", "KILL", f"ceph-{kind}", "-i", name, "-f", "-c", self.conf]
            self._daemons[kind] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def _keyring(self, name: str) -> str:
        return str(self._folder / f"{name}.keyring")


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Bring a cluster up for a while. Skips the tests where there is no Ceph, but in CI, where there must be."""
    if missing := [program for program in PROGRAMS if not shutil.which(program)]:
        say: Callable[[str], None] = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"NOT TESTED: there is no {', '.join(missing)} here (Debian: {PACKAGES})")
    with ExitStack() as stack:
        # A short path, for the daemons have Unix sockets in it.
        cluster = Cluster(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ceph-"))))
        stack.callback(cluster.stop)
        cluster.start()
        yield cluster
