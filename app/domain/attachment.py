"""Attachment: the server that a volume is attached to."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Attachment:
    """The server as the caller named it; `connection`: how it reaches the bytes, as a URI."""

    server_id: str | None
    server_name: str | None
    device: str | None
    attached_at: datetime
    connection: str | None
