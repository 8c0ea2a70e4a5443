"""Attachment: the server that a volume is attached to."""

from datetime import datetime
from typing import Any

import strawberry


@strawberry.type(description="The server that a volume is attached to, and how it reaches the bytes.")
class Attachment:
    server_id: str = strawberry.field(description="The server's id, as the caller gave it.")
    server_name: str | None = strawberry.field(description="The server's name, if the caller gave one.")
    device: str | None = strawberry.field(
        description="The device on the server, such as `/dev/vdb`, if the caller gave one."
    )
    attached_at: datetime = strawberry.field(description="When it was asked to be attached.")
    connection: str = strawberry.field(
        description="How the server reaches the bytes: `file:///…`, a raw file on its host, or `rbd:pool/image`."
    )

    @classmethod
    def of(cls, row: Any) -> "Attachment | None":
        if row.attached_at is None:
            return None
        return cls(
            server_id=row.server_id,
            server_name=row.server_name,
            device=row.device,
            attached_at=row.attached_at,
            connection=row.connection,
        )
