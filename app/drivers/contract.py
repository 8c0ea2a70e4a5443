"""What every storage engine promises to the reconciler.

A handle is the id of a row: `volume` and `snapshot` below are such ids. The engine names the bytes by them, so a
verb that is called again finds its own work. Every verb may be called any number of times with the same arguments,
and after a crash at any instant of an earlier call; the end is the same as that of one call.

A verb that returns has its result on stable storage. One that fails raises

    Refused   the storage said no, for good: nothing half made is left behind that looks whole
    └ Missing   the thing that the verb works on is not there, and the storage itself is
    Unsure    the outcome is unknown: a time-out, an input/output error, storage that is away. Call again later
    NotYet    the storage is at it, and says when to call again; meanwhile nobody needs to wait for it

and never takes an error that it does not know for "not there". What a `Report` raises passes through.

The words come from the CSI specification, whose controllers make the same two-fold distinction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


class Refused(Exception):
    """The storage refused for good; the text is fit for a tenant's eyes and names no path."""


class Missing(Refused):
    """What the verb works on is not in the storage, and the storage itself answers."""


class Unsure(Exception):
    """Nobody knows whether it happened; the same call, later, will tell."""


class NotYet(Exception):
    """The storage is at it: the same call, so many seconds later, goes on with it. `percent` is how far it came."""

    def __init__(self, again_in_s: float, percent: int | None = None) -> None:
        super().__init__(again_in_s, percent)
        self.again_in_s = again_in_s
        self.percent = percent


class Died(BaseException):
    """Stands for the death of a worker at that instant: no `except Exception` sees it. Only the sandbox raises it."""


Report = Callable[[int], None]
"""Is told the percentage done, 0 to 100, several times a second while bytes move; may raise to end the work.

Nobody is told anything during a cut in an instant or the last flush to the disk, however long they take.
"""


@dataclass(frozen=True)
class Cut:
    """What is known of a snapshot once it is on stable storage.

    `instant`: its bytes are those of one atomic instant, also while somebody writes to the volume.
    `checksum`: taken while copying; None where no byte was read, then `checksum_snapshot` tells.
    `used_bytes`: what only this snapshot holds; None where the storage cannot tell.
    """

    instant: bool
    checksum: str | None
    used_bytes: int | None


@dataclass(frozen=True)
class Inventory:
    """Everything that the storage holds under a final name, with its size in bytes."""

    volumes: Mapping[str, int]
    snapshots: Mapping[str, int]


class Driver(Protocol):
    """Nine verbs that change the storage, and six that look or tidy. Sizes are bytes. Any thread may call."""

    def create_volume(self, volume: str, size: int) -> None:
        """Make a volume of zeros."""

    def restore_volume(self, volume: str, snapshot: str, size: int, report: Report) -> str | None:
        """Make a volume with the snapshot's bytes.

        Returns the checksum of what was copied, or None where the two share bytes and none was read. Missing if
        the snapshot is not there.
        """

    def flatten_volume(self, volume: str, report: Report) -> None:
        """Copy what a restored volume still shares in a way that keeps the space of what was deleted from coming back.

        Done already where bytes are copied, or shared by reference counts. Servers may use the volume meanwhile.
        Missing if it is not there.
        """

    def extend_volume(self, volume: str, size: int) -> None:
        """Grow a volume to `size`; what is added reads as zeros. Never shrinks. Missing if it is not there."""

    def attach_volume(self, volume: str) -> None:
        """Let a server reach the volume at its `connection`. Missing if it is not there."""

    def detach_volume(self, volume: str) -> None:
        """End the server's way in; what it wrote is on stable storage after. A volume not there is detached."""

    def delete_volume(self, volume: str) -> None:
        """Let the volume be gone; one that is not there is gone. Its space may come back a little later."""

    def create_snapshot(self, snapshot: str, volume: str, size: int, report: Report) -> Cut:
        """Cut a read-only copy of the first `size` bytes of the volume. Missing if the volume is not there."""

    def delete_snapshot(self, snapshot: str) -> None:
        """Let the snapshot be gone, without harm to its volume or to volumes restored from it."""

    def checksum_snapshot(self, snapshot: str, report: Report) -> str:
        """Hash the snapshot's content. Holes and zeros are alike and cost no reading. Missing if not there.

        Equal content gives equal checksums whatever engine, layout or verb took them.
        """

    def used_bytes(self, snapshot: str) -> int | None:
        """Bytes that only this snapshot holds, or None where the storage cannot tell. Missing if not there."""

    def connection(self, volume: str) -> str:
        """How a server reaches the volume's bytes once attached, as a URI. Asks nobody: it is a matter of names."""

    def inventory(self) -> Inventory:
        """List what is there. Unsure if the storage cannot tell all of it."""

    def tidy(self) -> None:
        """Remove what dead workers left unfinished, and give back the space of what was deleted.

        Safe beside living workers, also those of other processes. Raises Unsure if the storage does not answer.
        """

    def check(self) -> None:
        """Raise Unsure if the storage does not answer; cheap enough to be asked every second."""
