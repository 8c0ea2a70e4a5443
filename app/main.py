"""Main: plugs everything together. Decides nothing."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Route, WebSocketRoute

from app.api.context import Context, Services
from app.api.locale import Locale
from app.api.schema import schema
from app.demo import Demo
from app.domain.caller import Caller
from app.drivers.contract import Driver, Refused, Unsure
from app.drivers.files import Files
from app.reconciler.loop import Reconciler
from app.service.snapshots import SnapshotService
from app.service.volumes import VolumeService
from app.service.watch import Watch
from app.settings import Settings
from app.store.store import Quotas, Store
from app.transport.graphql import GraphQLView
from app.transport.health import health_routes
from app.transport.identity import Claims, DevelopmentIdentity, Identity, TokenIdentity
from app.transport.limits import Limiter, Limits
from app.transport.request_id import RequestId

MAX_FRAME = 64 * 1024
STOP_WITHIN_S = 4
LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")


def open_store(settings: Settings) -> Store:
    """Open the database, with its schema brought to the newest."""
    quotas = Quotas(settings.quota_volumes, settings.quota_snapshots, settings.quota_gigabytes)
    store = Store(settings.url, quotas, timedelta(seconds=settings.lease_seconds))
    store.migrate()
    return store


def open_driver(settings: Settings, store: Store) -> Driver:
    """Open the storage. It may be new only while the database is: else it is a disk that is not mounted."""
    folder = settings.data / "storage"
    try:
        return Files(folder, may_be_new=not store.knows_any_tenant())
    except (Refused, Unsure) as error:
        raise SystemExit(
            f"{folder.absolute()} is not the storage of this database ({error}): is its disk mounted?"
        ) from error


def open_reconciler(settings: Settings, store: Store, driver: Driver) -> Reconciler:
    """Make the reconciler; it works while its `running` block runs."""
    kept_for = timedelta(days=settings.journal_days)
    return Reconciler(store, driver, side_by_side=settings.side_by_side, journal_kept_for=kept_for)


def build_app(settings: Settings, driver: Driver | None = None) -> Starlette:
    """Build the service; `driver` takes the place of the settings' own."""
    store = open_store(settings)
    driver = driver or open_driver(settings, store)
    services = Services(
        volumes=VolumeService(store, settings.offered),
        snapshots=SnapshotService(store, settings.contact),
        watch=Watch(store),
        products=settings.offered,
        bookmark_every_s=settings.bookmark_seconds,
    )

    def make_context(caller: Caller, accept_language: str) -> Context:
        return Context(services, caller, Locale.preferred(accept_language))

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with contextlib.ExitStack() as open_parts:
            open_parts.callback(store.close)
            open_parts.enter_context(store.hearing_other_processes())
            if settings.worker:
                open_parts.enter_context(open_reconciler(settings, store, driver).running())
            if settings.dev:
                open_parts.enter_context(Demo(store, driver, services.snapshots).running())
            yield

    limited = partial(Limiter, _limits(settings))
    view = GraphQLView(schema(limited), _identity(settings), make_context)
    checks = {"database": store.check, "storage": driver.check}
    return Starlette(
        routes=[
            *health_routes(checks),
            Route("/graphql", view),
            WebSocketRoute("/graphql", view),
        ],
        middleware=[Middleware(RequestId), *_host_check(settings)],
        lifespan=lifespan,
    )


def server_config(app: Starlette, settings: Settings) -> uvicorn.Config:
    """Say how the service is served: what is logged, how large a frame may be, how long a stop may take."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=MAX_FRAME,
        timeout_graceful_shutdown=STOP_WITHIN_S,
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        tokens=settings.limit_tokens,
        depth=settings.limit_depth,
        aliases=settings.limit_aliases,
        directives=settings.limit_directives,
        root_fields=settings.limit_root_fields,
        cost=settings.limit_cost,
    )


def _identity(settings: Settings) -> Identity:
    if settings.dev:
        return DevelopmentIdentity()
    return TokenIdentity(
        secret=settings.jwt_secret,
        key_set=settings.jwt_jwks,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        claims=Claims(settings.claim_subject, settings.claim_name, settings.claim_tenant, settings.claim_roles),
    )


def _host_check(settings: Settings) -> list[Middleware]:
    """In development no token is asked for, so a page elsewhere must not reach it by a name of its own for loopback."""
    return [Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK)] if settings.dev else []
