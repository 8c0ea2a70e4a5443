"""Service: a service of one's own, on a free port and over a folder that is gone with it, with the sandbox on."""

import contextlib
import dataclasses
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.settings import Settings
from app.starting import starting
from app.testing.async_client import AsyncClient
from app.testing.client import Client
from app.testing.documents import whole_schema
from app.testing.process import Process
from app.testing.tokens import token

_LEASE_S = 1.0


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


@contextlib.contextmanager
def in_process(**given: Any) -> Iterator[Service]:
    """Serve in a thread while the block runs, with those settings."""
    with starting():
        from app.testing.serving import serving  # takes long, and a service that is a process does without

    with _settings(given) as settings, serving(Settings(**settings)) as address:
        yield Service(address, settings["jwt_secret"])


@contextlib.contextmanager
def as_process(**given: Any) -> Iterator[Service]:
    """Serve by a process of its own while the block runs, with those settings."""
    with _settings(given) as settings, Process("serve", **settings) as process:
        whole_schema()  # is read meanwhile
        yield Service(process.address(), settings["jwt_secret"])
        process.stop()


@contextlib.contextmanager
def _settings(given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    with TemporaryDirectory(prefix="volume-service-") as folder:
        own = {"data": Path(folder), "port": 0, "sandbox": True, "lease_seconds": _LEASE_S}
        yield {**own, "jwt_secret": secrets.token_hex(32), **given}
