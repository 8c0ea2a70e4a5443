"""Awaited: an object that is to come into a status, and the history that is shown when it does not."""

from collections.abc import Sequence
from typing import Any

from app.testing.stream import Following


class NotReached(AssertionError):
    """An object did not come to what was waited for; the message shows its history."""


class Gone(Exception):
    """The object is gone, and will be in no status any more."""


class Awaited:
    """An object, and the statuses of which any will do; none: it is to be gone.

    `following` tells of it. `found` is the object as it was told last; `untold`: nothing was told of it, so it may be
    gone already.
    """

    def __init__(self, id_: str, statuses: Sequence[str]) -> None:
        self.id, self._statuses = id_, statuses
        self._kind = "volume" if id_.startswith("vol-") else "snapshot"
        self.following = Following(f"{self._kind}Changes", **{f"{self._kind}Id": id_})
        self.found: dict[str, Any] | None = None
        self.untold = True
        self._gone = False

    def has_come(self, message: dict[str, Any]) -> bool:
        """Tell by the next message whether it has come to that. Raises Gone if it never will."""
        if message["kind"] == "DELETED":
            return self.is_gone()
        if message["kind"] == "BOOKMARK":
            return False
        self.untold = False
        self.found = message[self._kind] or self.found
        return self.found is not None and self.found["status"] in self._statuses

    def is_gone(self) -> bool:
        """Take it for gone; that is what was waited for, or raises Gone."""
        self.found, self._gone = None, True
        if self._statuses:
            raise Gone
        return True

    def missed(self, history: "History") -> NotReached:
        """Tell what it came to instead."""
        wanted = " or ".join(self._statuses) or "gone"
        stands = "gone" if self._gone else self.found["status"] if self.found else "not heard of in time"
        return NotReached(f"{self.id} is {stands}, not {wanted}; its history:\n{history}")


class History:
    """The lines of a journal that are about one object, read by pages of the journal."""

    def __init__(self, id_: str) -> None:
        self._id = id_
        self._lines: list[dict[str, Any]] = []
        self.after: str | None = None
        self.goes_on = True

    def add(self, page: dict[str, Any]) -> None:
        """Keep what is about the object."""
        self._lines += [line for line in page["nodes"] if line["subjectId"] == self._id]
        self.after, self.goes_on = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    def __str__(self) -> str:
        return "\n".join(map(_spelled, self._lines)) or "  the journal has no line about it"


def _spelled(line: dict[str, Any]) -> str:
    arrow = f"{line['previousStatus'] or '·'} → {line['status'] or '·'}"
    why = f": {line['reason']}" if line["reason"] else ""
    return f"  {line['at']}  {line['kind']:<7}  {arrow}  by {line['actor']}{why}"
