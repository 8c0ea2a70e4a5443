"""Ceph, through its own command line.

`rbd` and `ceph` serve every Python, and can be killed when they hang. The bindings (python3-rbd) answer ten times as
fast, but load in the distribution's own CPython alone, and a call that hangs in them hangs its thread for good. A
command takes about a tenth of a second; volumes and snapshots are not made so often that this would matter.
"""

import errno
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import DEVNULL, PIPE, Popen
from typing import IO, Any, cast

from app.drivers.contract import Refused, Unsure

_TICK_S = 0.2
_FREE_HOLDS_S = 10.0

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class Failed(Unsure):
    """A command ended with an error. `code` is errno's; what it means for what was asked, only who asked can tell."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"the cluster did not do it ({code}): {text}")
        self.code = code


class Ceph:
    """A cluster as one user of it sees it. Every method raises Unsure, or Refused where no space is left.

    A command is killed after `answer_within_s`. Ceph itself waits without end by default; here each request to a
    monitor or an OSD gives up after half of that, which also ends commands that may take long altogether.
    """

    def __init__(self, conf: str, user: str, *, answer_within_s: float = 60.0) -> None:
        self._answer_within_s = answer_within_s
        waits = ("client_mount_timeout", "rados_mon_op_timeout", "rados_osd_op_timeout")
        options = [f"--id {user}", *(f"--{wait}={answer_within_s / 2:.0f}" for wait in waits)]
        self._environment = {**os.environ, "CEPH_CONF": conf, "CEPH_ARGS": " ".join(options), "LC_ALL": "C.UTF-8"}
        self._free: dict[str, tuple[float, int]] = {}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command that moves no bytes."""
        try:
            done = subprocess.run(  # noqa: S603  no shell reads these words
                command,
                check=False,
                stdin=DEVNULL,
                capture_output=True,
                text=True,
                env=self._environment,
                timeout=self._answer_within_s,
            )
        except subprocess.TimeoutExpired as error:
            raise Unsure(f"the cluster did not answer within {self._answer_within_s:.0f} s") from error
        except OSError as error:
            raise Unsure(f"{command[0]} cannot be run: {error.strerror}") from error
        _must_be_done(done.returncode, done.stderr)
        return done

    def read(self, *command: str) -> Any:
        """Run a command that answers in JSON."""
        return json.loads(self.run(*command, "--format", "json").stdout)

    @contextmanager
    def running(self, *command: str) -> Iterator["Running"]:
        """Run a command that moves bytes, and await its end, or kill it if the block ends with an exception."""
        with tempfile.TemporaryFile() as said:
            try:
                process = Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=said, env=self._environment)  # noqa: S603
            except OSError as error:
                raise Unsure(f"{command[0]} cannot be run: {error.strerror}") from error
            with process:
                try:
                    yield Running(process, said)
                    process.wait()
                finally:
                    process.kill()  # nothing, once it has ended
            said.seek(0)
            _must_be_done(process.returncode, said.read().decode(errors="replace"))

    def free(self, pool: str) -> int:
        """Return how many bytes may still be written to a pool, as it was within the last ten seconds."""
        asked_at, free = self._free.get(pool, (-_FREE_HOLDS_S, 0))
        if time.monotonic() - asked_at >= _FREE_HOLDS_S:
            free = self._free_now(pool)
            self._free[pool] = time.monotonic(), free
        return free

    def _free_now(self, pool: str) -> int:
        for found in self.read("ceph", "df", "detail")["pools"]:
            if found["name"] == pool:
                stats = found["stats"]
                free = int(stats["max_avail"])
                return max(0, min(free, stats["quota_bytes"] - stats["stored"]) if stats["quota_bytes"] else free)
        raise Unsure(f"the cluster has no pool {pool}")


class Running:
    """A command under way. Its `output` is to be read to the end."""

    def __init__(self, process: Popen[bytes], said: IO[bytes]) -> None:
        self._process, self._said = process, said
        self.output = cast(IO[bytes], process.stdout)

    def percentages(self) -> Iterator[int]:
        """Yield how far it says it is, several times a second until it ends, also while nothing moves."""
        while True:
            try:
                self._process.wait(_TICK_S)
            except subprocess.TimeoutExpired:
                length = os.fstat(self._said.fileno()).st_size
                said = os.pread(self._said.fileno(), 100, max(0, length - 100))
                yield max(map(int, re.findall(rb"(\d+)% complete", said)), default=0)
            else:
                return


@contextmanager
def passing(*codes: int) -> Iterator[None]:
    """Let commands that fail with these codes pass: what was to be reached is so already, or is for later."""
    try:
        yield
    except Failed as failed:
        if failed.code not in codes:
            raise


def _must_be_done(code: int, said: str) -> None:
    if code in NO_SPACE:
        raise Refused("no space is left on the storage")
    if code:
        raise Failed(code, _in_one_line(said))


def _in_one_line(said: str) -> str:
    """Leave out the lines of the client's own log, which begin with a date."""
    return "; ".join(line for line in said.splitlines() if line and not re.match(r"\d{4}-\d\d-\d\dT", line))
