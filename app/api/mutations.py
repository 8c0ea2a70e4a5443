"""Mutations: what can be done. Each answers with its payload or with one of the problems that it can meet."""

from typing import Annotated, Any

import strawberry

from app.api import inputs
from app.api.context import Info
from app.api.inputs import Given
from app.api.problems import (
    InvalidInput,
    InvalidState,
    NotFound,
    QuotaExceeded,
    Refused,
    VersionConflict,
    VolumeInUse,
)
from app.api.types import Snapshot, SnapshotsExist, Volume
from app.api.warning import Warning
from app.domain.snapshot import Snapshot as SnapshotRow
from app.domain.volume import Volume as VolumeRow
from app.domain.warning import Warning as Known

WARNINGS = "What the caller should know though it was done."


@strawberry.type(description="A volume as the mutation left it. What it still owes goes on: watch `volumeChanges`.")
class VolumePayload:
    volume: VolumeRow = strawberry.field(description="The volume.", graphql_type=Volume)
    warnings: list[Warning] = strawberry.field(description=WARNINGS)

    @classmethod
    def of(cls, info: Info, done: tuple[VolumeRow, list[Known]]) -> "VolumePayload":
        return cls(volume=done[0], warnings=Warning.all_of(done[1], info.context.locale))


@strawberry.type(description="A snapshot as the mutation left it. What it still owes goes on: watch `snapshotChanges`.")
class SnapshotPayload:
    snapshot: SnapshotRow = strawberry.field(description="The snapshot.", graphql_type=Snapshot)
    warnings: list[Warning] = strawberry.field(description=WARNINGS)

    @classmethod
    def of(cls, info: Info, done: tuple[SnapshotRow, list[Known]]) -> "SnapshotPayload":
        return cls(snapshot=done[0], warnings=Warning.all_of(done[1], info.context.locale))


@strawberry.type(description="A volume that is being filled, and the snapshot that it is filled from.")
class RestorePayload:
    volume: VolumeRow = strawberry.field(
        description="The new volume: CREATING until every byte can be read.", graphql_type=Volume
    )
    snapshot: SnapshotRow = strawberry.field(
        description="The snapshot that it is restored from.", graphql_type=Snapshot
    )


def _result(name: str, what: str) -> Any:
    return strawberry.union(name, description=f"What {what} comes to: the payload, or the problem that it met.")


CreateVolumeResult = Annotated[
    VolumePayload | InvalidInput | QuotaExceeded | Refused,
    _result("CreateVolumeResult", "creating a volume"),
]
UpdateVolumeResult = Annotated[
    VolumePayload | NotFound | InvalidInput | InvalidState | VersionConflict | Refused,
    _result("UpdateVolumeResult", "changing a volume"),
]
DeleteVolumeResult = Annotated[
    VolumePayload | NotFound | InvalidState | VolumeInUse | SnapshotsExist | Refused,
    _result("DeleteVolumeResult", "deleting a volume"),
]
ExtendVolumeResult = Annotated[
    VolumePayload | NotFound | InvalidInput | InvalidState | VolumeInUse | QuotaExceeded | Refused,
    _result("ExtendVolumeResult", "extending a volume"),
]
AttachVolumeResult = Annotated[
    VolumePayload | NotFound | InvalidInput | InvalidState | VolumeInUse | Refused,
    _result("AttachVolumeResult", "attaching a volume"),
]
DetachVolumeResult = Annotated[
    VolumePayload | NotFound | InvalidState | Refused,
    _result("DetachVolumeResult", "detaching a volume"),
]
CreateSnapshotResult = Annotated[
    SnapshotPayload | NotFound | InvalidInput | InvalidState | QuotaExceeded | Refused,
    _result("CreateSnapshotResult", "creating a snapshot"),
]
UpdateSnapshotResult = Annotated[
    SnapshotPayload | NotFound | InvalidInput | InvalidState | VersionConflict | Refused,
    _result("UpdateSnapshotResult", "changing a snapshot"),
]
DeleteSnapshotResult = Annotated[
    SnapshotPayload | NotFound | InvalidState | Refused,
    _result("DeleteSnapshotResult", "deleting a snapshot"),
]
RestoreVolumeResult = Annotated[
    RestorePayload | NotFound | InvalidInput | InvalidState | QuotaExceeded | Refused,
    _result("RestoreVolumeResult", "restoring a volume"),
]
RetrySnapshotDeletionResult = Annotated[
    SnapshotPayload | NotFound | InvalidState | Refused,
    _result("RetrySnapshotDeletionResult", "retrying a deletion"),
]
ResetSnapshotStatusResult = Annotated[
    SnapshotPayload | NotFound | InvalidInput | InvalidState | Refused,
    _result("ResetSnapshotStatusResult", "resetting a status"),
]


@strawberry.type(description="What can be done. A field is null only after a failure that nobody foresaw.")
class Mutation:
    @strawberry.mutation(description="Create a DATA volume of zeros. The payload's volume is CREATING.")
    async def create_volume(self, info: Info, input: Given[inputs.CreateVolumeInput]) -> CreateVolumeResult | None:
        done = await info.context.change(
            info.context.services.volumes.create,
            info.context.caller,
            name=input.name,
            description=input.description or "",
            size_gb=input.size_gb,
            product=input.product,
            protected=input.protected or False,
            idempotency_key=input.idempotency_key,
        )
        return VolumePayload.of(info, done)

    @strawberry.mutation(description="Change a volume's name, description or protection.")
    async def update_volume(self, info: Info, input: Given[inputs.UpdateVolumeInput]) -> UpdateVolumeResult | None:
        done = await info.context.change(
            info.context.services.volumes.update,
            info.context.caller,
            input.id,
            inputs.given(name=input.name, description=input.description, protected=input.protected),
            expected_version=input.expected_version,
        )
        return VolumePayload.of(info, done)

    @strawberry.mutation(description="Delete a volume. The payload's volume is DELETING, the second time too.")
    async def delete_volume(self, info: Info, input: Given[inputs.DeleteVolumeInput]) -> DeleteVolumeResult | None:
        done = await info.context.change(info.context.services.volumes.delete, info.context.caller, input.id)
        return VolumePayload.of(info, done)

    @strawberry.mutation(description="Make a volume larger. Detach it first. 확장.")
    async def extend_volume(self, info: Info, input: Given[inputs.ExtendVolumeInput]) -> ExtendVolumeResult | None:
        done = await info.context.change(
            info.context.services.volumes.extend, info.context.caller, input.id, size_gb=input.size_gb
        )
        return VolumePayload.of(info, done)

    @strawberry.mutation(
        description="Attach a volume to a server; the payload's attachment says how it reaches the bytes. 연결."
    )
    async def attach_volume(self, info: Info, input: Given[inputs.AttachVolumeInput]) -> AttachVolumeResult | None:
        done = await info.context.change(
            info.context.services.volumes.attach,
            info.context.caller,
            input.id,
            server_id=input.server_id,
            server_name=input.server_name,
            device=input.device,
        )
        return VolumePayload.of(info, done)

    @strawberry.mutation(description="Detach a volume from its server. Never ROOT. 해제.")
    async def detach_volume(self, info: Info, input: Given[inputs.DetachVolumeInput]) -> DetachVolumeResult | None:
        done = await info.context.change(info.context.services.volumes.detach, info.context.caller, input.id)
        return VolumePayload.of(info, done)

    @strawberry.mutation(
        description="Cut a snapshot of a DATA volume: all of its content at one instant. Snapshot 생성."
    )
    async def create_snapshot(
        self, info: Info, input: Given[inputs.CreateSnapshotInput]
    ) -> CreateSnapshotResult | None:
        done = await info.context.change(
            info.context.services.snapshots.create,
            info.context.caller,
            volume_id=input.volume_id,
            name=input.name,
            description=input.description or "",
            idempotency_key=input.idempotency_key,
        )
        return SnapshotPayload.of(info, done)

    @strawberry.mutation(description="Change a snapshot's name or description. Snapshot 수정.")
    async def update_snapshot(
        self, info: Info, input: Given[inputs.UpdateSnapshotInput]
    ) -> UpdateSnapshotResult | None:
        done = await info.context.change(
            info.context.services.snapshots.update,
            info.context.caller,
            input.id,
            inputs.given(name=input.name, description=input.description),
            expected_version=input.expected_version,
        )
        return SnapshotPayload.of(info, done)

    @strawberry.mutation(
        description="Delete a snapshot. The payload's snapshot is DELETING, the second time too. 삭제."
    )
    async def delete_snapshot(
        self, info: Info, input: Given[inputs.DeleteSnapshotInput]
    ) -> DeleteSnapshotResult | None:
        done = await info.context.change(info.context.services.snapshots.delete, info.context.caller, input.id)
        return SnapshotPayload.of(info, done)

    @strawberry.mutation(description="Make a new DATA volume from a snapshot, with its size and product. Volume 복원.")
    async def restore_volume(self, info: Info, input: Given[inputs.RestoreVolumeInput]) -> RestoreVolumeResult | None:
        made, source = await info.context.change(
            info.context.services.snapshots.restore,
            info.context.caller,
            snapshot_id=input.snapshot_id,
            name=input.name,
            description=input.description or "",
            protected=input.protected or False,
            idempotency_key=input.idempotency_key,
        )
        return RestorePayload(volume=made, snapshot=source)

    @strawberry.mutation(
        description="Try once more to delete a snapshot in ERROR_DELETING. Administrators. 삭제 재시도."
    )
    async def retry_snapshot_deletion(
        self, info: Info, input: Given[inputs.RetrySnapshotDeletionInput]
    ) -> RetrySnapshotDeletionResult | None:
        done = await info.context.change(info.context.services.snapshots.retry_deletion, info.context.caller, input.id)
        return SnapshotPayload.of(info, done)

    @strawberry.mutation(description="Set a snapshot's status by hand. Administrators. 상태 재설정.")
    async def reset_snapshot_status(
        self, info: Info, input: Given[inputs.ResetSnapshotStatusInput]
    ) -> ResetSnapshotStatusResult | None:
        done = await info.context.change(
            info.context.services.snapshots.reset_status,
            info.context.caller,
            input.id,
            expected=input.expected_status,
            to=input.status,
            reason=input.reason,
        )
        return SnapshotPayload.of(info, done)
