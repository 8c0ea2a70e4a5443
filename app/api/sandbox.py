"""Sandbox: what testers tell the service to do to them. No schema has it but that of a service that is a sandbox."""

from typing import Annotated

import strawberry

from app.api.context import Info
from app.api.enums import Outcome, StorageVerb
from app.api.mutations import Mutation, VolumePayload
from app.api.problems import InvalidInput, InvalidState, NotFound, Refused
from app.api.viewer import Tenant
from app.service.sandbox import SandboxService

Verb = Annotated[StorageVerb, strawberry.argument(description="What the storage is asked to do.")]
Matching = Annotated[
    str, strawberry.argument(description="For which objects: a pattern of the name (`*`, `?`, `[…]`), or an id.")
]


@strawberry.type(description="What was planned. It is kept in memory until it is used up, released or reset.")
class PlanPayload:
    id: strawberry.ID = strawberry.field(description="Its id, for `release`.")


@strawberry.type(description="What was released.")
class ReleasePayload:
    id: strawberry.ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="The tenant as it is now.")
class TenantPayload:
    tenant: Tenant = strawberry.field(description="The tenant, with its quotas and the end of its journal.")


@strawberry.type(description="The journal was cut short.")
class ExpireJournalPayload:
    forgotten: int = strawberry.field(description="How many lines were forgotten.")


@strawberry.type(description="The streams were cut.")
class DropConnectionsPayload:
    dropped: int = strawberry.field(description="How many sockets and event streams there were.")


FailNextResult = Annotated[
    PlanPayload | InvalidInput | Refused,
    strawberry.union("FailNextResult", description="What planning a failure comes to."),
]
HoldResult = Annotated[
    PlanPayload | InvalidInput | Refused,
    strawberry.union("HoldResult", description="What holding comes to."),
]
ReleaseResult = Annotated[
    ReleasePayload | NotFound | InvalidState,
    strawberry.union("ReleaseResult", description="What releasing comes to."),
]
SetQuotaResult = Annotated[
    TenantPayload | InvalidInput,
    strawberry.union("SetQuotaResult", description="What setting the quotas comes to."),
]
LoseStorageResult = Annotated[
    VolumePayload | NotFound | InvalidState,
    strawberry.union("LoseStorageResult", description="What losing a volume's bytes comes to."),
]
ExpireJournalResult = Annotated[
    ExpireJournalPayload | InvalidInput,
    strawberry.union("ExpireJournalResult", description="What cutting the journal short comes to."),
]


@strawberry.type(
    description="What a tester can have happen to the caller's own tenant. Fields of one selection are done side by "
    "side: alias `sandbox` to have them done in order."
)
class Sandbox:
    service: strawberry.Private[SandboxService]

    @strawberry.field(description="Let the storage fail the next calls of a verb that match.")
    async def fail_next(
        self,
        info: Info,
        verb: Verb,
        outcome: Annotated[Outcome, strawberry.argument(description="How they fail.")],
        times: Annotated[int, strawberry.argument(description="How many of them: 1 to 1000.")] = 1,
        matching: Matching = "*",
    ) -> FailNextResult | None:
        plan = self.service.fail_next(info.context.caller, verb, outcome, times=times, matching=matching)
        return PlanPayload(id=strawberry.ID(plan))

    @strawberry.field(description="Let every call of a verb that matches wait until it is released.")
    async def hold(
        self,
        info: Info,
        verb: Verb,
        matching: Matching = "*",
        at_percent: Annotated[
            int | None, strawberry.argument(description="How far it is to be meanwhile: 0 to 100; null: it tells none.")
        ] = None,
    ) -> HoldResult | None:
        plan = self.service.hold(info.context.caller, verb, matching=matching, at_percent=at_percent)
        return PlanPayload(id=strawberry.ID(plan))

    @strawberry.field(description="Let go on what waits: all that a hold keeps, or one object. Forget a failure.")
    async def release(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID, strawberry.argument(description="Of what was planned; or of an object that is held.")
        ],
    ) -> ReleaseResult | None:
        await info.context.change(self.service.release, info.context.caller, id)
        return ReleasePayload(id=id)

    @strawberry.field(description="Set the tenant's quotas: -1 for none; what is left out stays as it is.")
    async def set_quota(
        self,
        info: Info,
        volumes: Annotated[int | None, strawberry.argument(description="How many volumes it may have.")] = None,
        snapshots: Annotated[int | None, strawberry.argument(description="How many snapshots it may have.")] = None,
        gigabytes: Annotated[int | None, strawberry.argument(description="How many GB these may have in all.")] = None,
    ) -> SetQuotaResult | None:
        limits = {"volumes": volumes, "snapshots": snapshots, "gigabytes": gigabytes}
        await info.context.change(self.service.set_quota, info.context.caller, limits)
        return TenantPayload(tenant=Tenant.of(info.context.caller))

    @strawberry.field(description="Take a volume's bytes away behind the service's back. The volume is UNMANAGED then.")
    async def lose_storage(
        self, info: Info, volume_id: Annotated[strawberry.ID, strawberry.argument(description="The volume.")]
    ) -> LoseStorageResult | None:
        volume = await info.context.change(self.service.lose_storage, info.context.caller, volume_id)
        return VolumePayload.of(info, (volume, []))

    @strawberry.field(description="Cut every socket and event stream of the tenant, as a lost network would.")
    async def drop_connections(self, info: Info) -> DropConnectionsPayload | None:
        return DropConnectionsPayload(dropped=self.service.drop_connections(info.context.caller))

    @strawberry.field(description="Forget the oldest lines of the tenant's journal, so that older cursors expire.")
    async def expire_journal(
        self,
        info: Info,
        before: Annotated[
            str | None, strawberry.argument(description="The cursor of the last line to forget; null: of them all.")
        ] = None,
    ) -> ExpireJournalResult | None:
        forgotten = await info.context.change(self.service.expire_journal, info.context.caller, before)
        return ExpireJournalPayload(forgotten=forgotten)

    @strawberry.field(description="Forget all that was planned, and give the tenant the quotas of a new one.")
    async def reset(self, info: Info) -> TenantPayload | None:
        await info.context.change(self.service.reset, info.context.caller)
        return TenantPayload(tenant=Tenant.of(info.context.caller))


@strawberry.type(name="Mutation", description=Mutation.__strawberry_definition__.description)  # type: ignore[attr-defined]
class SandboxMutation(Mutation):
    @strawberry.mutation(description="What is for tests alone: have happen what elsewhere only misfortune brings.")
    async def sandbox(self, info: Info) -> Sandbox | None:
        service = info.context.services.sandbox
        return None if service is None else Sandbox(service=service)
