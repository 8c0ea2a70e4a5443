"""Caller: who asks, for which tenant, with which rights. It comes from a token, never from an argument."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.message import say
from app.domain.problems import ProblemCode, Refused


class Role(StrEnum):
    """What a caller may be in its tenant."""

    MEMBER = "MEMBER"
    ADMINISTRATOR = "ADMINISTRATOR"


@dataclass(frozen=True)
class Caller:
    """A person or program acting within one tenant, during one request. `until`: when what proves that ends."""

    subject: str
    name: str
    tenant_id: str
    roles: frozenset[Role]
    request_id: str | None = None
    until: datetime | None = None

    def must_be_administrator(self) -> None:
        """Raise Refused (FORBIDDEN) unless the caller is an administrator of the tenant."""
        if Role.ADMINISTRATOR not in self.roles:
            raise Refused(
                ProblemCode.FORBIDDEN,
                say("only an administrator may do this; {name} is not one", name=self.name),
            )
