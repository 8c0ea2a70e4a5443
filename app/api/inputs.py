"""Inputs: what the mutations take. The rules are the domain's; here are only the names and the words."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import strawberry

from app.api.enums import SnapshotStatus

NAME = "3 to 20 bytes; A-Z, a-z, 0-9 and `-` only. 3byte 이상 20byte 이내, 영문과 숫자, '-' 만 가능."
DESCRIPTION = "At most 100 characters as a person counts them; no control characters but newline and tab."
KEY = (
    "1 to 64 printable ASCII characters, kept for 24 hours: the same key with the same input answers with the first "
    "result and does nothing."
)
VERSION = "Refuse with VersionConflict unless this is the object's version now."

Input = TypeVar("Input")
Given = Annotated[Input, strawberry.argument(description="To what it is done, and how.")]


def given(**fields: Any) -> Mapping[str, Any]:
    """Return the fields that the caller sent, null ones too."""
    return {name: some.value for name, some in fields.items() if some}


@strawberry.input(description="A volume to be created.")
class CreateVolumeInput:
    name: str = strawberry.field(description=NAME)
    size_gb: int = strawberry.field(description="Whole GB, 10 to 1000. DATA Volume은 최소 10GB부터 최대 1TB까지.")
    product: str = strawberry.field(description="One of `products`. 상품 유형.")
    description: str | None = strawberry.field(default="", description=DESCRIPTION)
    protected: bool | None = strawberry.field(default=False, description="Protect it from deletion. 반납보호.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="What to change of a volume. Fields left out stay as they are.")
class UpdateVolumeInput:
    id: strawberry.ID = strawberry.field(description="The volume.")
    name: strawberry.Maybe[str | None] = strawberry.field(default=None, description=NAME)
    description: strawberry.Maybe[str | None] = strawberry.field(default=None, description=DESCRIPTION)
    protected: strawberry.Maybe[bool | None] = strawberry.field(
        default=None, description="Protect it from deletion. 반납보호."
    )
    expected_version: int | None = strawberry.field(default=None, description=VERSION)


@strawberry.input(description="A volume to be deleted.")
class DeleteVolumeInput:
    id: strawberry.ID = strawberry.field(description="The volume.")


@strawberry.input(description="A volume to be made larger.")
class ExtendVolumeInput:
    id: strawberry.ID = strawberry.field(description="The volume.")
    size_gb: int = strawberry.field(
        description="The size that it will have: greater than now, at most 1000. 입력된 크기가 최종 Volume 크기."
    )


@strawberry.input(description="A volume to be attached to a server.")
class AttachVolumeInput:
    id: strawberry.ID = strawberry.field(description="The volume.")
    server_id: str = strawberry.field(description="The server's id: 1 to 255 characters.")
    server_name: str | None = strawberry.field(default=None, description="The server's name: 1 to 255 characters.")
    device: str | None = strawberry.field(default=None, description="The device on the server: 1 to 255 characters.")


@strawberry.input(description="A volume to be detached from its server.")
class DetachVolumeInput:
    id: strawberry.ID = strawberry.field(description="The volume.")


@strawberry.input(description="A snapshot to be cut.")
class CreateSnapshotInput:
    volume_id: strawberry.ID = strawberry.field(description="The volume to cut it from: DATA, AVAILABLE or IN_USE.")
    name: str = strawberry.field(description=NAME)
    description: str | None = strawberry.field(default="", description=DESCRIPTION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="What to change of a snapshot. Fields left out stay as they are.")
class UpdateSnapshotInput:
    id: strawberry.ID = strawberry.field(description="The snapshot.")
    name: strawberry.Maybe[str | None] = strawberry.field(default=None, description=NAME)
    description: strawberry.Maybe[str | None] = strawberry.field(default=None, description=DESCRIPTION)
    expected_version: int | None = strawberry.field(default=None, description=VERSION)


@strawberry.input(description="A snapshot to be deleted.")
class DeleteSnapshotInput:
    id: strawberry.ID = strawberry.field(description="The snapshot.")


@strawberry.input(description="A volume to be restored. Size and product follow the snapshot.")
class RestoreVolumeInput:
    snapshot_id: strawberry.ID = strawberry.field(description="The snapshot: AVAILABLE.")
    name: str = strawberry.field(description=NAME)
    description: str | None = strawberry.field(default="", description=DESCRIPTION)
    protected: bool | None = strawberry.field(
        default=False, description="Protect the new volume from deletion. 반납보호."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="A snapshot whose deletion is to be tried once more.")
class RetrySnapshotDeletionInput:
    id: strawberry.ID = strawberry.field(description="The snapshot: ERROR_DELETING.")


@strawberry.input(description="A status to be set by hand.")
class ResetSnapshotStatusInput:
    id: strawberry.ID = strawberry.field(description="The snapshot.")
    expected_status: SnapshotStatus = strawberry.field(description="The status that it is believed to have now.")
    status: SnapshotStatus = strawberry.field(
        description="ERROR, or AVAILABLE if the storage still holds its bytes; see the `snapshotLifecycle`."
    )
    reason: str = strawberry.field(description="Why: 1 to 500 characters. It stands in the history.")
