"""Service: one that runs, as a test sees it: clients of any tenant."""

import dataclasses
import secrets
from collections.abc import Sequence

from app.testing.async_client import AsyncClient
from app.testing.client import Client
from app.testing.tokens import token


@dataclasses.dataclass(frozen=True)
class Service:
    """Where it is, and the secret of its tokens."""

    address: str
    secret: str

    def client(self, tenant: str = "", *, roles: Sequence[str] = ("member",), language: str = "en") -> Client:
        """Return a caller; of a tenant that nobody else has, if none is named."""
        return Client(self.address, self.authorization(tenant or new_tenant(), roles), language=language)

    def async_client(
        self, tenant: str = "", *, roles: Sequence[str] = ("member",), language: str = "en"
    ) -> AsyncClient:
        """Return a caller that is awaited; of a tenant that nobody else has, if none is named."""
        return AsyncClient(self.address, self.authorization(tenant or new_tenant(), roles), language=language)

    def authorization(self, tenant: str, roles: Sequence[str] = ("member",)) -> str:
        """Return the header by which a caller is known."""
        return f"Bearer {token(self.secret, tenant, roles=roles)}"


def new_tenant() -> str:
    """Name a tenant that nobody else has."""
    return f"t-{secrets.token_hex(6)}"
