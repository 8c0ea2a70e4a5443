"""Main: plugs everything together. Decides nothing."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import cast

from sqlalchemy.exc import SQLAlchemyError
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
from app.drivers import nbd
from app.drivers.ceph import Ceph
from app.drivers.contract import Driver, Refused, Unsure
from app.drivers.faults import Faults
from app.drivers.files import Files
from app.drivers.rbd import Rbd
from app.drivers.sandbox import Sandbox
from app.opening import Opening
from app.reconciler.loop import Reconciler
from app.reconciler.owed_rows import OwedRows
from app.service.sandbox import SandboxService
from app.service.snapshots import SnapshotService
from app.service.volumes import VolumeService
from app.service.watch import Watch
from app.settings import Settings
from app.store.database import UnknownDatabase
from app.store.schema import WrongSchema
from app.store.store import Quotas, Store
from app.transport.allowances import Allowances
from app.transport.answers import Answers, Lasting
from app.transport.compiled import CompilingExecutor
from app.transport.discretion import DiscreetExecutor
from app.transport.documents import Documents, Reading
from app.transport.envelope import Envelope
from app.transport.fan_out import FanOutExecutor
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
    try:
        return Store(settings.url, quotas, timedelta(seconds=settings.lease_seconds))
    except UnknownDatabase as error:
        raise SystemExit(f"--database-url: {error}") from error
    except OSError as error:
        raise SystemExit(f"--data {settings.data}: the folder cannot be made: {error.strerror}") from error


def open_store(settings: Settings) -> Store:
    """Open the database; a file of our own is brought to the newest schema, others' must be there."""
    store = new_store(settings)
    with explained():
        store.make_ready()
    return store


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Say in a sentence for whoever runs the service what is wrong with the database. Raises Unavailable."""
    try:
        yield
    except WrongSchema as error:
        raise Unavailable(f"the database cannot be used: {error}") from error
    except (SQLAlchemyError, Unavailable) as error:
        cause = error.__cause__ or error
        said = " ".join(str(getattr(cause, "orig", cause)).split())
        raise Unavailable(f"the database does not answer: {said}") from error


def open_driver(settings: Settings, store: Store) -> Driver:
    """Open the storage. It may be new only while the database is: else it is a disk that is not mounted."""
    pool, folder = _pool(settings), settings.data / "storage"
    owner, may_be_new = store.installation(), not store.knows_any_tenant()
    try:
        if pool:
            return Rbd(Ceph(str(settings.ceph_conf), settings.ceph_user), pool, owner, may_be_new=may_be_new)
        return Files(folder, owner, may_be_new=may_be_new, over_nbd=settings.nbd)
    except (Refused, Unsure) as error:
        place = settings.storage or folder.absolute()
        fits = f"do --ceph-conf and --ceph-user fit, is {pool} there, and may that user work in it?"
        ask = fits if pool else "is its disk mounted?"
        raise Unavailable(f"{place} is not the storage of this database: {error}: {ask}") from error


def _pool(settings: Settings) -> str:
    """Return the pool that is the storage; empty if that is files."""
    kind, _, pool = settings.storage.partition(":")
    if (kind, bool(pool)) not in (("", False), ("rbd", True)):
        raise SystemExit(f"--storage {settings.storage}: it is rbd:POOL, rbd:POOL/NAMESPACE or nothing")
    return pool


def _must_serve(settings: Settings) -> None:
    """End with a sentence unless attached volumes can be reached, and a sandbox has its way, as the settings say."""
    if settings.sandbox and not settings.worker:
        raise SystemExit("--sandbox is told to this process alone, so the work is done here too: leave out --no-worker")
    if _pool(settings) and settings.nbd:
        raise SystemExit("--nbd is for files: the images of a cluster are reached as they are")
    try:
        if settings.nbd:
            nbd.must_serve((settings.data / "storage").absolute())
    except nbd.Unfit as error:
        raise SystemExit(f"--nbd: {error}") from error


def open_reconciler(settings: Settings, store: Store, driver: Driver) -> Reconciler:
    """Make the reconciler; it works while its `running` block runs."""
    kept_for = timedelta(days=settings.journal_days)
    return Reconciler(store, driver, side_by_side=settings.side_by_side, journal_kept_for=kept_for)


def opening(
    settings: Settings, store: Store, driver: Driver | None = None, faults: Faults | None = None
) -> Opening[Driver]:
    """Open, once they answer, the database and the storage; then do the work that the settings tell.

    With `faults` the storage is a sandbox, and they befall it.
    """
    _must_serve(settings)
    return Opening(partial(_opened, settings, store, driver, faults))


@contextlib.contextmanager
def _opened(settings: Settings, store: Store, driver: Driver | None, faults: Faults | None) -> Iterator[Driver]:
    with explained():
        store.make_ready()
    driver = driver or open_driver(settings, store)
    if faults is not None:
        driver = Sandbox(driver, faults, store.known_as)
    with contextlib.ExitStack() as parts:
        parts.enter_context(store.hearing_other_processes())
        if settings.worker:
            parts.enter_context(open_reconciler(settings, store, driver).running())
        raw_files = not (settings.storage or settings.nbd)
        if settings.dev and raw_files:  # its bytes are written as a server would write them
            parts.enter_context(Demo(store, driver, SnapshotService(store, settings.contact)).running())
        yield driver


def build_app(settings: Settings, driver: Driver | None = None) -> Starlette:
    """Build the service; `driver` takes the place of the settings' own."""
    store = new_store(settings)
    faults = Faults() if settings.is_sandbox else None
    parts = opening(settings, store, driver, faults)
    streams = Streams(settings.limit_streams)
    services = Services(
        volumes=VolumeService(store, settings.offered),
        snapshots=SnapshotService(store, settings.contact),
        watch=Watch(store),
        products=settings.offered,
        bookmark_every_s=settings.bookmark_seconds,
        sandbox=_sandbox(store, faults, parts, streams) if faults else None,
    )

    def make_context(envelope: Envelope) -> Context:
        locale = Locale.preferred(envelope.accept_language)
        receipt, allowance = envelope.receipt, envelope.allowance
        return Context(services, envelope.caller, locale, receipt, allowance, envelope.resume_after)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with contextlib.ExitStack() as open_parts:
            open_parts.callback(store.close)
            open_parts.callback(services.threads.shutdown, wait=False, cancel_futures=True)
            open_parts.enter_context(parts.running())
            yield

    pages = Pages(STATIC)
    view = GraphQLView(
        _schema(settings),
        _identity(settings),
        make_context,
        allowances=Allowances(settings.limit_points, settings.limit_points_per_second),
        answers=Answers(services.standings.of, settings.keep_megabytes * 2**20),
        streams=streams,
        must_be_open=parts.opened,
        origins=settings.allowed_origins,
        page=pages.graphiql if settings.explore else None,
    )
    app = Starlette(
        routes=[
            Route("/graphql", view),
            WebSocketRoute("/graphql", view),
            *_health(store, parts),
            *pages.routes(),
        ],
        middleware=[Middleware(RequestId), Middleware(AnswerHeaders), *_other_sites(settings), *_host_check(settings)],
        exception_handlers={RouteRefused: refused_by_route},
        lifespan=lifespan,
    )
    app.state.streams = streams
    return app


def _sandbox(store: Store, faults: Faults, parts: Opening[Driver], streams: Streams) -> SandboxService:
    def lose(volume_id: str) -> None:
        try:
            cast(Sandbox, parts.opened()).lose_volume(volume_id)
        except (Refused, Unsure) as error:
            raise Unavailable(f"the storage did not lose it: {error}") from error

    return SandboxService(store, faults, lose=lose, drop=streams.drop)


def told_health(store: Store, parts: Opening[Driver]) -> Starlette:
    """Build what a worker tells of itself."""
    app = Starlette(routes=_health(store, parts), exception_handlers={RouteRefused: refused_by_route})
    app.state.streams = Streams(0)
    return app


def _health(store: Store, parts: Opening[Driver]) -> list[Route]:
    checks = {"database": store.check, "storage": lambda: parts.opened().check()}
    return [*health_routes(checks), metrics_route(OwedRows(store))]


def _schema(settings: Settings) -> Schema:
    """Build the schema with what guards it, in the order in which it is asked."""
    documents = Documents(explore=settings.explore)
    guards: list[Callable[[], SchemaExtension]] = [
        *tracing(settings.traces),
        partial(Measured, Names()),
        partial(Limiter, _limits(settings), documents),
        partial(TimeLimit, settings.limit_seconds),
        partial(Reading, documents),
        Lasting,
    ]
    return schema(*guards, executor=_executor(settings), sandbox=settings.is_sandbox)


def _executor(settings: Settings) -> type[FanOutExecutor]:
    """Build what runs the operations: strawberry's own, by which each of the settings has its say."""
    parts = [DiscreetExecutor] * (not settings.explore) + [CompilingExecutor] * settings.compile
    return type("Executor", (*parts, FanOutExecutor), {})


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
