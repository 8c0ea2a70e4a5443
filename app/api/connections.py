"""Connections: the arguments of a list and what a page of it looks like."""

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry

from app.api.enums import (
    OrderDirection,
    SnapshotOrderField,
    SnapshotStatus,
    VolumeCategory,
    VolumeOrderField,
    VolumeStatus,
)
from app.domain.input import searchable
from app.domain.page import Order, OrderField, Page
from app.domain.snapshot import SnapshotFilter
from app.domain.volume import VolumeFilter

First = Annotated[
    int | None,
    strawberry.argument(
        description="How many at most, from the front: 0 to 100, 20 if neither `first` nor `last` is given."
    ),
]
After = Annotated[str | None, strawberry.argument(description="The cursor behind which the page begins.")]
Last = Annotated[
    int | None, strawberry.argument(description="How many at most, from the back: 0 to 100; not together with `first`.")
]
Before = Annotated[str | None, strawberry.argument(description="The cursor before which the page ends.")]


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follow behind this page.")
    has_previous_page: bool = strawberry.field(description="Whether more lie before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first edge; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last edge; null on an empty page.")

    @classmethod
    def of(cls, page: Page[Any]) -> "PageInfo":
        start, end = (page.cursor(page.items[0]), page.cursor(page.items[-1])) if page.items else (None, None)
        return cls(has_next_page=page.has_next, has_previous_page=page.has_previous, start_cursor=start, end_cursor=end)


@strawberry.input(
    name="SnapshotFilter",
    description="Which snapshots a list holds. Fields left out ask nothing; those given must all fit.",
)
class SnapshotFilterInput:
    status: list[SnapshotStatus] | None = strawberry.field(
        default=None, description="In one of these statuses; an empty list asks nothing."
    )
    volume_id: strawberry.ID | None = strawberry.field(default=None, description="Cut from this volume.")
    search: str | None = strawberry.field(
        default=None,
        description="Having this text in the name or the description, in any case; at most 100 characters.",
    )


@strawberry.input(
    name="VolumeFilter",
    description="Which volumes a list holds. Fields left out ask nothing; those given must all fit.",
)
class VolumeFilterInput:
    status: list[VolumeStatus] | None = strawberry.field(
        default=None, description="In one of these statuses; an empty list asks nothing."
    )
    category: VolumeCategory | None = strawberry.field(default=None, description="Of this category.")
    search: str | None = strawberry.field(
        default=None,
        description="Having this text in the name or the description, in any case; at most 100 characters.",
    )


@strawberry.input(description="How a list of snapshots is sorted. The newest come first unless this is given.")
class SnapshotOrder:
    field: SnapshotOrderField = strawberry.field(description="What it is sorted by; equals are sorted by id.")
    direction: OrderDirection = strawberry.field(description="Which end comes first.")


@strawberry.input(description="How a list of volumes is sorted. The newest come first unless this is given.")
class VolumeOrder:
    field: VolumeOrderField = strawberry.field(description="What it is sorted by; equals are sorted by id.")
    direction: OrderDirection = strawberry.field(description="Which end comes first.")


OfSnapshots = Annotated[SnapshotFilterInput | None, strawberry.argument(description="Which of them; all if left out.")]
OfVolumes = Annotated[VolumeFilterInput | None, strawberry.argument(description="Which of them; all if left out.")]
BySnapshot = Annotated[SnapshotOrder | None, strawberry.argument(description="How they are sorted; the newest first.")]
ByVolume = Annotated[VolumeOrder | None, strawberry.argument(description="How they are sorted; the newest first.")]


def order_of(given: SnapshotOrder | VolumeOrder | None) -> Order:
    """Read an order; the newest first if none is given."""
    if given is None:
        return Order()
    return Order(OrderField[given.field.name], given.direction is OrderDirection.DESC)


def snapshot_filter(given: SnapshotFilterInput | None, volume_id: str | None = None) -> SnapshotFilter:
    """Read a filter. Within a volume's own list another volume's id fits nothing."""
    if given is None:
        return SnapshotFilter(volume_id=volume_id)
    asked = given.volume_id
    both = volume_id if asked in (None, volume_id) else asked if volume_id is None else ""
    return SnapshotFilter(_each_once(given.status), both, searchable(given.search))


def volume_filter(given: VolumeFilterInput | None) -> VolumeFilter:
    """Read a filter."""
    if given is None:
        return VolumeFilter()
    return VolumeFilter(_each_once(given.status), given.category, searchable(given.search))


def _each_once(statuses: Sequence[Any] | None) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(statuses or ()))
