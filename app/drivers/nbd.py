"""Attached volumes over NBD: each is served on a Unix socket by a `qemu-nbd` of its own.

    <folder>/exports/<volume>.attached    the sign that the volume is to be served, locked by its server
    <folder>/exports/<volume>.sock        the socket

Who starts a server has locked the sign, and leaves the lock to it: the kernel lets it go when the server ends, however
it ends. So there is never a second server, and a sign that anybody can lock has none: the machine was started anew, or
the server was killed. Then `tidy` starts another. A server has a session of its own, and outlives the worker.

The sockets are where the volumes are, so that nobody has to be told of another folder, and the next start finds them.
"""

import fcntl
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL
from urllib.parse import quote

from app.drivers.contract import Unsure
from app.drivers.folder import Folder, final, opened, plain

SIGN = ".attached"
SOCKET = ".sock"
CLIENTS = "4"  # who attach one volume at once: a server may have several connections, or a copy may be taken beside it

_LONGEST_PATH = 107  # bytes, of a Unix socket on Linux
_LONGEST_HANDLE = 28
_STARTS_WITHIN_S = 10.0
_ANSWERS_WITHIN_S = 5.0
_ENDS_WITHIN_S = {signal.SIGTERM: 10.0, signal.SIGKILL: 5.0}
_CREDENTIALS = struct.Struct("3i")  # process, user, group


class Unfit(Exception):
    """Nothing can be served here; the text says what to do."""


def must_serve(folder: Path) -> None:
    """Raise Unfit unless volumes could be served from the folder."""
    if not shutil.which("qemu-nbd"):
        raise Unfit("there is no qemu-nbd here: install it (Debian: qemu-utils)")
    too_long = len(os.fsencode(_socket(folder, "v" * _LONGEST_HANDLE))) - _LONGEST_PATH
    if too_long > 0:
        raise Unfit(f"the path of {folder} is too long for Unix sockets in it, by {too_long} bytes: move it")


def uri(folder: Path, volume: str) -> str:
    """Name the export as clients of NBD do."""
    return f"nbd+unix:///{plain(volume)}?socket={quote(str(_socket(folder, volume)))}"


class Exports:
    """`folder` is the storage's, `place` its open folder of exports. Everything may raise OSError besides."""

    def __init__(self, folder: Path, place: int) -> None:
        self._folder, self._place = folder, place

    def begin(self, volume: str) -> None:
        """Serve a volume that is there. Raises Unsure if nobody knows whether it is served."""
        with opened(plain(volume) + SIGN, os.O_RDWR | os.O_CREAT, within=self._place) as sign:
            os.fsync(self._place)
            if _lock(sign):
                self._serve(volume, sign)
            else:
                with self._connected(volume):
                    pass

    def end(self, volume: str) -> None:
        """Let nobody serve the volume any more, and cut its clients off. Raises Unsure if its server does not end."""
        with suppress(FileNotFoundError), opened(plain(volume) + SIGN, os.O_RDWR, within=self._place) as sign:
            while not _lock(sign):
                self._stop(volume)
            for name in (volume + SOCKET, volume + SIGN):  # the sign last: what is left half-way is found by it
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=self._place)
        os.fsync(self._place)

    def mend(self, volumes: Folder) -> None:
        """Serve again what has no server, and end what has no volume. Raises Unsure if that fails for some."""
        failed = None
        for name in os.listdir(self._place):
            if name.endswith(SIGN):
                try:
                    self._mend(name.removesuffix(SIGN), volumes)
                except Unsure as unsure:
                    failed = unsure
        if failed:
            raise failed

    def _mend(self, volume: str, volumes: Folder) -> None:
        if not volumes.has(volume):
            self.end(volume)
            return
        with suppress(FileNotFoundError), opened(volume + SIGN, os.O_RDWR, within=self._place) as sign:
            if _lock(sign):
                self._serve(volume, sign)

    def _serve(self, volume: str, sign: int) -> None:
        """Start the server; it has the lock from its first instant."""
        if not os.fstat(sign).st_nlink:
            raise Unsure("the export was ended just now")
        where = ("--socket", str(_socket(self._folder, volume)), "--export-name", volume)
        how = ("--fork", "--persistent", "--shared", CLIENTS, "--format", "raw", "--discard", "unmap")
        command = ("qemu-nbd", *how, *where, str(self._folder / "volumes" / final(volume)))
        try:
            with tempfile.TemporaryFile() as said:
                done = subprocess.run(  # noqa: S603  no shell reads these words
                    command,
                    check=False,
                    stdin=DEVNULL,
                    stdout=DEVNULL,
                    stderr=said,
                    pass_fds=[sign],
                    timeout=_STARTS_WITHIN_S,
                )
                said.seek(0)
                told = said.read().decode(errors="replace").strip()
        except subprocess.TimeoutExpired as error:
            raise Unsure(f"qemu-nbd did not start within {_STARTS_WITHIN_S:.0f} s") from error
        except OSError as error:
            raise Unsure(f"qemu-nbd cannot be run: {error.strerror}") from error
        if done.returncode:
            raise Unsure(f"qemu-nbd did not start: {told}")

    def _stop(self, volume: str) -> None:
        """End the server, unless it ends by itself meanwhile."""
        with self._connected(volume) as client, suppress(ProcessLookupError), _process_behind(client) as process:
            for number, within_s in _ENDS_WITHIN_S.items():
                signal.pidfd_send_signal(process, number)
                if _tells(process, select.POLLIN, within_s):
                    return
            raise Unsure("the server of the export does not end")

    @contextmanager
    def _connected(self, volume: str) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(_ANSWERS_WITHIN_S)
            try:
                client.connect(str(_socket(self._folder, volume)))
            except OSError as error:
                raise Unsure(f"the server of the export does not answer: {error}") from error
            yield client


def _socket(folder: Path, volume: str) -> Path:
    return folder / "exports" / (volume + SOCKET)


def _lock(sign: int) -> bool:
    """Lock the sign until it is closed here and in each process that it was left to; False if somebody else has."""
    try:
        fcntl.flock(sign, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _process_behind(client: socket.socket) -> Iterator[int]:
    """Open the process that listens, so that no other one can take the place of its number."""
    pid = _CREDENTIALS.unpack(client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))[0]
    process = os.pidfd_open(pid)
    try:
        if _tells(client.fileno(), select.POLLHUP, 0):  # it ended, and the number may be another's by now
            raise ProcessLookupError
        yield process
    finally:
        os.close(process)


def _tells(file: int, event: int, within_s: float) -> bool:
    poll = select.poll()
    poll.register(file, event)
    return any(found & event for _, found in poll.poll(within_s * 1000))
