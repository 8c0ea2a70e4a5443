"""Page: a stretch of a list, and Cursor, the place in a list from which a page goes on.

A place is the sort key and the id of a row, never a count of rows: what others add or remove meanwhile moves nothing.
"""

import base64
import contextlib
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Generic, TypeVar

from app.domain.message import say
from app.domain.problems import Unanswerable
from app.domain.record import Record

DEFAULT_SIZE = 20
MAX_SIZE = 100
_SEAL_BYTES = 6
_TOO_LARGE = 2**63
_write = json.JSONEncoder(separators=(",", ":")).encode

Item = TypeVar("Item")
Place = tuple[str | int, str]


class OrderField(StrEnum):
    """What a list may be sorted by; the values are the columns."""

    CREATED_AT = "created_at"
    NAME = "name"
    SIZE = "size_gb"
    STATUS = "status"


@dataclass(frozen=True)
class Order:
    """How a list is sorted; the id decides between equals. The newest come first unless told otherwise."""

    field: OrderField = OrderField.CREATED_AT
    descending: bool = True


@dataclass(frozen=True)
class Window:
    """Which stretch of a list is wanted: its first `size` rows, or its last, between two places."""

    size: int = DEFAULT_SIZE
    backward: bool = False
    after: str | None = None
    before: str | None = None

    @classmethod
    def of(
        cls, first: int | None = None, after: str | None = None, last: int | None = None, before: str | None = None
    ) -> "Window":
        """Read a connection's arguments; Unanswerable (INVALID_PAGE) if they contradict each other."""
        if first is not None and last is not None:
            raise Unanswerable("INVALID_PAGE", "last", say("ask for `first` or for `last`, not for both"))
        size, argument = (first, "first") if last is None else (last, "last")
        size = DEFAULT_SIZE if size is None else size
        if not 0 <= size <= MAX_SIZE:
            raise Unanswerable(
                "INVALID_PAGE",
                argument,
                say("`{argument}` is 0 to {most}; {size} is not", argument=argument, most=MAX_SIZE, size=size),
            )
        return cls(size, last is not None, after, before)


@dataclass(frozen=True)
class Page(Generic[Item]):
    """A stretch of a list. Few who read it want the `cursor` of every item, so each is written when it is asked for."""

    items: Sequence[Item]
    cursor: Callable[[Item], str]
    has_next: bool
    has_previous: bool

    @cached_property
    def cursors(self) -> Sequence[str]:
        """The cursor of each item."""
        return [self.cursor(item) for item in self.items]


@dataclass(frozen=True)
class ListName:
    """Which list a cursor belongs to. A cursor taken from another list, tenant or order is told apart by its seal."""

    tenant_id: str
    name: str
    order: Order = Order()

    def cursor(self, record: Record) -> str:
        """Return the place of a row in this list, as text."""
        key = getattr(record, self.order.field)
        place = (key.isoformat() if self.order.field is OrderField.CREATED_AT else key, record.id)
        return self.seal(place)

    def seal(self, place: Sequence[str | int]) -> str:
        """Write a place as text that shows any damage."""
        return self._sealed(_write(place).encode())

    def place(self, cursor: str, argument: str) -> tuple[datetime | str | int, str]:
        """Read the sort key and the id from a cursor of this list; Unanswerable (INVALID_CURSOR) for anything else."""
        match self._opened(cursor):
            case [str(key), str(id_)] if self.order.field is OrderField.CREATED_AT:
                with contextlib.suppress(ValueError, OverflowError):
                    return datetime.fromisoformat(key).astimezone(UTC), id_
            case [str(key), str(id_)] if self.order.field in (OrderField.NAME, OrderField.STATUS):
                return key, id_
            case [int(key), str(id_)] if self.order.field is OrderField.SIZE and abs(key) < _TOO_LARGE:
                return key, id_
        raise _no_cursor(argument)

    def stop(self, cursor: str, argument: str) -> tuple[int, str | None]:
        """Read the number from a cursor of a journal, and the cursor of what a stream told last while it opened there.

        Unanswerable (INVALID_CURSOR) for anything else.
        """
        match self._opened(cursor):
            case [int(number)] if 0 <= number < _TOO_LARGE:
                return number, None
            case [int(number), str(told)] if 0 <= number < _TOO_LARGE:
                return number, told
        raise _no_cursor(argument)

    def _opened(self, cursor: str) -> object:
        """Return what was sealed, None if the seal is not of this list. Anybody can seal, so it is still to be read."""
        with contextlib.suppress(ValueError, RecursionError):
            body = base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")[_SEAL_BYTES:]
            # base64 reads many texts as the same bytes, only ours is a cursor; and no database takes NUL in a text.
            if cursor == self._sealed(body) and b"\\u0000" not in body:
                return json.loads(body)
        return None

    def _sealed(self, body: bytes) -> str:
        return base64.urlsafe_b64encode(self._digest(body) + body).rstrip(b"=").decode()

    def _digest(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, digest_size=_SEAL_BYTES, key=self._key).digest()

    @cached_property
    def _key(self) -> bytes:
        name = repr((self.tenant_id, self.name, self.order.field.value, self.order.descending))
        return hashlib.sha256(name.encode()).digest()


def _no_cursor(argument: str) -> Unanswerable:
    return Unanswerable(
        "INVALID_CURSOR",
        argument,
        say("`{argument}` is no cursor of this list; take one from its own answers", argument=argument),
    )
