"""Clients of NBD, and how to look at the servers from outside."""

import os
import select
import signal
import socket
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.drivers.files import Files
from tests.programs import needed, run

from .contract import OWNER


@contextmanager
def exporting(folder: Path) -> Iterator[None]:
    """Let servers be started over a storage, and end all that are left."""
    needed("qemu-utils e2fsprogs", "qemu-nbd", "qemu-img", "qemu-io", "mkfs.ext4", "e2fsck")
    yield
    for server in servers(folder):
        os.kill(server, signal.SIGKILL)
        gone(server)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for Unix sockets; that of a test may be too long."""
    with tempfile.TemporaryDirectory(prefix="nbd-") as name, exporting(Path(name)):
        yield Path(name)


def files_over_nbd(folder: Path) -> Files:
    return Files(folder, OWNER, over_nbd=True)


def path_of(uri: str) -> str:
    """The socket of an export."""
    return uri.partition("?socket=")[2]


def answers(uri: str) -> bool:
    """Whether somebody serves there."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path_of(uri))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        return True


def server_of(uri: str) -> int:
    """The process that serves there."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path_of(uri))
        return int(struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])


def servers(folder: Path) -> list[int]:
    """All processes that serve something in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if words[0] == b"qemu-nbd" and any(word.startswith(os.fsencode(folder)) for word in words):
            found.append(int(process.name))
    return found


def nothing_is_left(folder: Path) -> bool:
    """Whether no volume is served, nor is to be."""
    return not servers(folder) and not [*folder.glob("exports/*")]


def gone(process: int) -> None:
    """Wait until a process has ended."""
    try:
        ending = os.pidfd_open(process)
    except ProcessLookupError:
        return
    poll = select.poll()
    poll.register(ending, select.POLLIN)
    assert poll.poll(20_000), "it does not end"
    os.close(ending)


def killed(uri: str) -> int:
    """Kill a server as the system does that runs out of memory; return which it was."""
    server = server_of(uri)
    os.kill(server, signal.SIGKILL)
    gone(server)
    return server


def read(uri: str, into: Path, size: int | None = None) -> bytes:
    """Copy all that an export shows into a file, holes as holes; return its content, or so many first bytes."""
    run("qemu-img", "convert", "-f", "raw", "-O", "raw", uri, into)
    with into.open("rb") as file:
        return file.read(size)


def write(uri: str, *commands: str) -> None:
    """Let qemu-io write, and flush."""
    words = [word for command in (*commands, "flush") for word in ("-c", command)]
    run("qemu-io", "-f", "raw", *words, uri)


def write_image(image: Path, uri: str) -> None:
    """Write a whole image into an empty volume, and flush."""
    options = ("-t", "writeback", "-n", "--target-is-zero")
    run("qemu-img", "convert", *options, "-f", "raw", "-O", "raw", image, uri)
