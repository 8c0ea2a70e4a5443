"""Launching: a service of one's own, on a free port and over a folder that is gone with it, with the sandbox on."""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from app.settings import Settings
from app.starting import starting
from app.testing.process import Process

if TYPE_CHECKING:
    from app.testing.service import Service

_LEASE_S = 1.0


@contextlib.contextmanager
def in_process(**given: Any) -> Iterator["Service"]:
    """Serve in a thread while the block runs, with those settings."""
    with starting():
        from app.testing.service import Service
        from app.testing.serving import serving  # takes long, and a service that is a process does without

    with _settings(given) as settings, serving(Settings(**settings)) as address:
        yield Service(address, settings["jwt_secret"])


@contextlib.contextmanager
def as_process(**given: Any) -> Iterator["Service"]:
    """Serve by a process of its own while the block runs, with those settings."""
    with _settings(given) as settings, Process("serve", **settings) as process:
        with starting():  # what its clients need takes long too, and is read meanwhile
            from app.testing.documents import whole_schema
            from app.testing.service import Service

            whole_schema()
        yield Service(process.address(), settings["jwt_secret"])
        process.stop()


@contextlib.contextmanager
def _settings(given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    with TemporaryDirectory(prefix="volume-service-") as folder:
        own = {"data": Path(folder), "port": 0, "sandbox": True, "lease_seconds": _LEASE_S}
        yield {**own, "jwt_secret": secrets.token_hex(32), **given}
