"""Main: plugs everything together. Decides nothing."""

import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException as RouteRefused
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Route, WebSocketRoute
from strawberry import Schema
from strawberry.extensions import SchemaExtension

from app.api.context import Context, Services
from app.api.locale import Locale
from app.api.schema import schema
from app.demo import Demo
from app.domain.unavailable import Unavailable
from app.drivers.ceph import Ceph
from app.drivers.contract import Driver, Refused, Unsure
from app.drivers.files import Files
from app.drivers.rbd import Rbd
from app.reconciler.loop import Reconciler
from app.reconciler.owed_rows import OwedRows
from app.service.snapshots import SnapshotService
from app.service.volumes import VolumeService
from app.service.watch import Watch
from app.settings import Settings
from app.store.schema import WrongSchema
from app.store.store import Quotas, Store
from app.transport.allowances import Allowances
from app.transport.discretion import DiscreetExecutor
from app.transport.documents import Documents, Reading
from app.transport.envelope import Envelope
from app.transport.graphql import GraphQLView
from app.transport.headers import AnswerHeaders
from app.transport.health import health_routes
from app.transport.identity import Claims, DevelopmentIdentity, Identity, TokenIdentity
from app.transport.limits import Limiter, Limits
from app.transport.metrics import Measured, Names, metrics_route
from app.transport.pages import Pages
from app.transport.refusal import refused_by_route
from app.transport.request_id import RequestId
from app.transport.streams import Streams
from app.transport.time_limit import TimeLimit
from app.transport.tracing import tracing

STATIC = Path(__file__).parent / "static"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")


def new_store(settings: Settings) -> Store:
    """Make the store; connects to nothing yet."""
    quotas = Quotas(settings.quota_volumes, settings.quota_snapshots, settings.quota_gigabytes)
    return Store(settings.url, quotas, timedelta(seconds=settings.lease_seconds))


def open_store(settings: Settings) -> Store:
    """Open the database; a file of our own is brought to the newest schema, others' must be there."""
    store = new_store(settings)
    try:
        store.make_ready()
    except WrongSchema as error:
        raise SystemExit(f"the database cannot be used: {error}") from error
    except OperationalError as error:
        raise SystemExit(f"the database does not answer: {error.orig}") from error
    return store


def open_driver(settings: Settings, store: Store) -> Driver:
    """Open the storage. It may be new only while the database is: else it is a disk that is not mounted."""
    kind, _, pool = settings.storage.partition(":")
    if (kind, bool(pool)) not in (("", False), ("rbd", True)):
        raise SystemExit(f"--storage {settings.storage}: it is rbd:POOL, rbd:POOL/NAMESPACE or nothing")
    folder = settings.data / "storage"
    may_be_new = not store.knows_any_tenant()
    try:
        if pool:
            return Rbd(Ceph(str(settings.ceph_conf), settings.ceph_user), pool, may_be_new=may_be_new)
        return Files(folder, may_be_new=may_be_new)
    except (Refused, Unsure) as error:
        place = settings.storage or folder.absolute()
        raise SystemExit(f"{place} is not the storage of this database ({error}): is its disk mounted?") from error


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

    def make_context(envelope: Envelope) -> Context:
        locale = Locale.preferred(envelope.accept_language)
        return Context(services, envelope.caller, locale, envelope.allowance, envelope.resume_after)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with contextlib.ExitStack() as open_parts:
            open_parts.callback(store.close)
            open_parts.callback(services.threads.shutdown, wait=False, cancel_futures=True)
            open_parts.enter_context(store.hearing_other_processes())
            if settings.worker:
                open_parts.enter_context(open_reconciler(settings, store, driver).running())
            if settings.dev and not settings.storage:  # its bytes are written as a server would write them: to files
                open_parts.enter_context(Demo(store, driver, services.snapshots).running())
            yield

    pages = Pages(STATIC)
    streams = Streams(settings.limit_streams)
    view = GraphQLView(
        _schema(settings),
        _identity(settings),
        make_context,
        allowances=Allowances(settings.limit_points, settings.limit_points_per_second),
        streams=streams,
        origins=settings.allowed_origins,
        page=pages.graphiql if settings.explore else None,
    )
    checks = {"database": store.check, "storage": driver.check}
    app = Starlette(
        routes=[
            *health_routes(checks),
            metrics_route(OwedRows(store)),
            *pages.routes(),
            Route("/graphql", view),
            WebSocketRoute("/graphql", view),
        ],
        middleware=[Middleware(RequestId), Middleware(AnswerHeaders), *_other_sites(settings), *_host_check(settings)],
        exception_handlers={RouteRefused: refused_by_route},
        lifespan=lifespan,
    )
    app.state.streams = streams
    return app


def _schema(settings: Settings) -> Schema:
    """Build the schema with what guards it, in the order in which it is asked."""
    guards: list[Callable[[], SchemaExtension]] = [
        *tracing(settings.traces),
        partial(Measured, Names()),
        partial(Limiter, _limits(settings)),
        partial(TimeLimit, settings.limit_seconds),
        partial(Reading, Documents(explore=settings.explore)),
    ]
    return schema(*guards, executor=None if settings.explore else DiscreetExecutor)


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
    try:
        return TokenIdentity(
            secret=settings.jwt_secret,
            key_set=settings.jwt_jwks,
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            claims=Claims(settings.claim_subject, settings.claim_name, settings.claim_tenant, settings.claim_roles),
        )
    except Unavailable as error:
        raise SystemExit(f"{settings.jwt_jwks}: {error}") from error


def _other_sites(settings: Settings) -> list[Middleware]:
    """Let browsers show answers to pages of the origins that the settings name; without any, to none."""
    if not settings.allowed_origins:
        return []
    asked = ["Authorization", "Last-Event-ID", "X-Request-Id", "X-Requested-With"]
    told = ["Retry-After", "Server-Timing", "X-Request-Id"]
    methods = ["GET", "POST"]
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=methods,
            allow_headers=asked,
            expose_headers=told,
        )
    ]


def _host_check(settings: Settings) -> list[Middleware]:
    """In development no token is asked for, so a page elsewhere must not reach it by a name of its own for loopback."""
    return [Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK)] if settings.dev else []
