"""IdempotencyKey: the promise that the same request, sent again, answers with the first result and does nothing."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Field, SQLModel

from app.domain.message import say
from app.domain.problems import ProblemCode, Refused

KEPT_FOR = timedelta(hours=24)


class IdempotencyKey(SQLModel, table=True):
    """`digest` stands for the verb and its input; `answer` is the first result, as JSON."""

    __tablename__ = "idempotency_key"

    tenant_id: str = Field(primary_key=True, foreign_key="tenant.id")
    key: str = Field(primary_key=True)
    digest: str
    answer: str
    made_at: datetime = Field(index=True)

    def must_be_for(self, digest: str) -> None:
        """Raise Refused (IDEMPOTENCY_KEY_REUSED) if the key was used for another input."""
        if digest != self.digest:
            raise Refused(
                ProblemCode.IDEMPOTENCY_KEY_REUSED,
                say("the idempotency key {key} was used with another input; take a new one", key=self.key),
            )


def digest_of(verb: str, given: Mapping[str, object]) -> str:
    """Return what the verb and its input come to; equal inputs give equal digests."""
    text = json.dumps([verb, given], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
