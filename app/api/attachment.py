"""Attachment: the server that a volume is attached to."""

from datetime import datetime

import strawberry

from app.domain.attachment import Attachment as Known


@strawberry.type(description="The server that a volume is attached to, and how it reaches the bytes.")
class Attachment:
    shows = Known

    server_id: str = strawberry.field(description="The server's id, as the caller gave it.")
    server_name: str | None = strawberry.field(description="The server's name, if the caller gave one.")
    device: str | None = strawberry.field(
        description="The device on the server, such as `/dev/vdb`, if the caller gave one."
    )
    attached_at: datetime = strawberry.field(description="When it was asked to be attached.")
    connection: str = strawberry.field(
        description="How the server reaches the bytes: `file:///…`, a raw file on its host, or `rbd:pool/image`."
    )
