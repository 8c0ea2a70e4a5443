"""Viewer: who is asking, for which tenant, and what that tenant may still use."""

from datetime import datetime

import strawberry

from app.api.context import Info
from app.api.enums import QuotaName, Role
from app.domain.allowance import Allowance
from app.domain.caller import Caller


@strawberry.type(description="A limit of the tenant and what is used of it.")
class Quota:
    name: QuotaName = strawberry.field(description="What is counted.")
    limit: int = strawberry.field(description="The limit; -1: none.")
    used: int = strawberry.field(
        description="What is used, from the commit that makes a row to the one that removes it."
    )


@strawberry.type(description="The owner of volumes and snapshots.")
class Tenant:
    id: strawberry.ID = strawberry.field(description="Its id, from the caller's token.")
    name: str = strawberry.field(description="Its name.")

    @classmethod
    def of(cls, caller: Caller) -> "Tenant":
        return cls(id=strawberry.ID(caller.tenant_id), name=caller.tenant_id)

    @strawberry.field(description="Its limits and what is used of them.")
    async def quotas(self, info: Info) -> list[Quota]:
        tenant = await info.context.load.tenant.load(None)
        return [Quota(name=name, limit=limit, used=used) for name, (limit, used) in tenant.quotas().items()]

    @strawberry.field(
        description="The end of its journal now. As `after` it lets a stream begin with what happens next."
    )
    async def cursor(self, info: Info) -> str:
        tenant = await info.context.load.tenant.load(None)
        return info.context.services.watch.cursor(info.context.caller, tenant.revision)


@strawberry.type(description="Who is asking.")
class Viewer:
    id: str = strawberry.field(description="The subject of the caller's token.")
    name: str = strawberry.field(description="The caller's name.")
    roles: list[Role] = strawberry.field(description="What the caller may be in its tenant.")
    tenant: Tenant = strawberry.field(description="The tenant that the caller acts for.")

    @classmethod
    def of(cls, caller: Caller) -> "Viewer":
        return cls(id=caller.subject, name=caller.name, roles=sorted(caller.roles), tenant=Tenant.of(caller))


@strawberry.type(
    description="What a caller may ask for. Each operation takes its `extensions.cost` off, and 1 per 64 characters."
)
class RateLimit:
    limit: int = strawberry.field(description="The points that the caller may spend at once.")
    remaining: int = strawberry.field(description="What is left of them; below 0 the next operation is refused.")
    reset_at: datetime = strawberry.field(description="When all will have come back, if nothing more is spent.")

    @classmethod
    def of(cls, allowance: Allowance) -> "RateLimit":
        return cls(limit=allowance.most, remaining=allowance.left, reset_at=allowance.full_at)


@strawberry.type(description="A product that a volume can be of. 상품 유형.")
class Product:
    name: str = strawberry.field(description="Its name, for `createVolume`.")
    description: str = strawberry.field(description="What it is good for.")
