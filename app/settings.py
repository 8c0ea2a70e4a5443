"""Settings: read once at the edge, frozen, passed down as values. Each is a flag and a variable `APP_…`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def _setting(default: Any, panel: str, help_: str, **bounds: float) -> Any:
    return field(default=default, metadata={"panel": panel, "help": help_, "bounds": bounds})


@dataclass(frozen=True)
class Settings:
    """The panel of a field says which commands take it."""

    host: str = _setting("127.0.0.1", "Address", "The address to listen on.")
    port: int = _setting(8000, "Server", "The port to listen on; 0 takes a free one.", min=0, max=65535)
    worker_port: int = _setting(
        0, "Worker", "The port where `worker` tells `/healthz`, `/readyz` and `/metrics`; 0: none.", min=0, max=65535
    )
    dev: bool = _setting(
        False,
        "Server",
        "To try it: demo data, the sandbox, tokens `demo`, `other`, `test-NAME`, also with `-admin`; loopback only.",
    )
    sandbox: bool = _setting(
        False, "Server", "Let tenants plan errors, waits and losses of their own, for tests; loopback only."
    )
    sandbox_anywhere: bool = _setting(False, "Server", "Serve a sandbox on other addresses than loopback too.")
    worker: bool = _setting(
        True, "Server", "Do the work that rows owe in this process too; else run `worker` beside it."
    )
    bookmark_seconds: float = _setting(20.0, "Server", "The longest silence of a subscription, in seconds.", max=30)

    keep_megabytes: int = _setting(
        64, "Server", "The memory for answers that are told again while nothing changed, in MB; 0: none.", min=0
    )
    explore: bool = _setting(True, "Server", "GraphiQL, introspection, and suggestions in messages about a document.")
    compile: bool = _setting(
        True, "Server", "Plan how selections of plain fields are run once a document; graphql-core runs all if not."
    )
    origins: str = _setting(
        "", "Server", "The origins of other sites whose pages may call, with commas between; `*`: any."
    )
    traces: str = _setting(
        "", "Server", "Where traces go, by OTLP over HTTP; nowhere if empty. Needs the extra `tracing`."
    )

    data: Path = _setting(Path("data"), "Storage", "The folder for the database and the volumes' bytes.")
    storage: str = _setting(
        "",
        "Storage",
        "Where the bytes are: `rbd:POOL` or `rbd:POOL/NAMESPACE` of Ceph; files in the data folder if empty.",
    )
    ceph_conf: Path = _setting(Path("/etc/ceph/ceph.conf"), "Storage", "The configuration of the Ceph cluster.")
    ceph_user: str = _setting("volumes", "Storage", "The user of the Ceph cluster, without `client.`.")
    nbd: bool = _setting(
        False, "Storage", "Serve attached volumes over NBD, by `qemu-nbd` on Unix sockets; else they are raw files."
    )
    database_url: str = _setting("", "Storage", "The database: `postgresql://…`; SQLite in the data folder if empty.")

    side_by_side: int = _setting(2, "Work", "How many volumes and snapshots are copied or restored at once.", min=1)
    lease_seconds: float = _setting(
        10.0, "Work", "How long a dead worker keeps its work from the others, in seconds.", min=0.1
    )
    journal_days: int = _setting(30, "Work", "How long lines of the journal are kept, in days.", min=1)

    products: str = _setting(
        "HDD: economical, for large data read in a row; SSD: fast, for databases and systems",
        "Rules",
        "The products on offer, as `NAME: description; NAME: description`.",
    )
    contact: str = _setting("your administrator", "Rules", "Whom a tenant asks when only an administrator can help.")
    quota_volumes: int = _setting(100, "Rules", "The volumes that a new tenant may have; -1: any number.", min=-1)
    quota_snapshots: int = _setting(1000, "Rules", "The snapshots that a new tenant may have; -1: any number.", min=-1)
    quota_gigabytes: int = _setting(50_000, "Rules", "The GB that a new tenant may have; -1: any number.", min=-1)

    limit_tokens: int = _setting(2000, "Limits", "The tokens that a document may have.", min=1)
    limit_depth: int = _setting(20, "Limits", "How deep an operation may select.", min=1)
    limit_aliases: int = _setting(
        50, "Limits", "The aliases that an operation may have, spread fragments counted.", min=0
    )
    limit_directives: int = _setting(50, "Limits", "The directives that an operation may have.", min=0)
    limit_root_fields: int = _setting(20, "Limits", "The fields that an operation may begin with.", min=1)
    limit_cost: int = _setting(5000, "Limits", "The objects that an operation may ask for, pages counted full.", min=1)

    limit_seconds: float = _setting(
        10.0, "Limits", "How long an operation may take, in seconds; subscriptions have no end.", min=0.1
    )
    limit_points: int = _setting(50_000, "Limits", "The cost that a caller may run up at once.", min=1)
    limit_points_per_second: float = _setting(
        5000.0, "Limits", "How much of that comes back each second; 0: no such limit.", min=0
    )
    limit_streams: int = _setting(
        2000, "Limits", "The sockets and event streams that a tenant may have open at once.", min=0
    )

    jwt_secret: str = _setting("", "Tokens", "The secret of HS256 tokens.")
    jwt_jwks: str = _setting("", "Tokens", "The JWKS of RS256 and ES256 tokens: a file or a URL.")
    jwt_issuer: str = _setting("", "Tokens", "The issuer that tokens must name; any if empty.")
    jwt_audience: str = _setting("", "Tokens", "The audience that tokens must name; any if empty.")
    claim_subject: str = _setting("sub", "Tokens", "The claim that holds the caller's id.")
    claim_name: str = _setting("name", "Tokens", "The claim that holds the caller's name.")
    claim_tenant: str = _setting("tenant", "Tokens", "The claim that holds the tenant's id.")
    claim_roles: str = _setting("roles", "Tokens", "The claim that holds the roles: `member`, `administrator`.")

    @property
    def is_sandbox(self) -> bool:
        """Whether tenants may plan what befalls them. What does their work has to be here to know of it."""
        return self.sandbox or (self.dev and self.worker)

    @property
    def url(self) -> str:
        """The database that is meant."""
        return self.database_url or f"sqlite:///{self.data.absolute() / 'service.db'}"

    @property
    def allowed_origins(self) -> list[str]:
        """The origins whose pages may call."""
        return [origin.strip() for origin in self.origins.split(",") if origin.strip()]

    @property
    def offered(self) -> dict[str, str]:
        """The products by name."""
        pairs = (offer.partition(":") for offer in self.products.split(";") if offer.strip())
        return {name.strip(): description.strip() for name, _, description in pairs}
