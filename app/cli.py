"""The command line: `serve`, `worker`, `migrate`, `schema`, `doctor`, `token`."""

import contextlib
import dataclasses
import inspect
import ipaddress
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.main

from app import logs
from app.settings import Settings
from app.starting import starting

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from app.reconciler.doctor import Finding

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="Volumes and Volume Snapshots, served as GraphQL.")


def taking(*panels: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the settings of those panels as flags, each with its environment twin, as one argument."""

    def wrap(command: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(command).parameters.values())[1:]
        flags = [_flag(field) for field in dataclasses.fields(Settings) if field.metadata["panel"] in panels]

        def run(**given: Any) -> None:
            values = {field: given.pop(field) for field in [flag.name for flag in flags]}
            command(Settings(**values), **given)

        run.__signature__ = inspect.Signature([*own, *flags])  # type: ignore[attr-defined]
        run.__doc__ = command.__doc__
        cli.command(command.__name__)(run)
        return command

    return wrap


def _flag(field: "dataclasses.Field[Any]") -> inspect.Parameter:
    option = typer.Option(
        envvar=f"APP_{field.name.upper()}",
        help=field.metadata["help"],
        rich_help_panel=field.metadata["panel"],
        show_default=field.default != "",
        **field.metadata["bounds"],
    )
    annotation = Annotated.__class_getitem__((field.type, option))  # type: ignore[attr-defined]
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=annotation)


@taking("Address", "Server", "Storage", "Work", "Rules", "Limits", "Tokens")
def serve(settings: Settings) -> None:
    """Serve GraphQL, GraphiQL and health, and do the work that rows owe."""
    if settings.dev and not _is_loopback(settings.host):
        raise typer.BadParameter(f"--dev asks nobody for a token, so it serves loopback only, not {settings.host}")
    if settings.sandbox and not settings.sandbox_anywhere and not _is_loopback(settings.host):
        raise typer.BadParameter(
            f"--sandbox serves loopback only, not {settings.host}, unless --sandbox-anywhere says that it is meant"
        )
    _must_know_callers(settings)
    with starting():
        from app.main import build_app
        from app.server import Server

        logs.configure()
        server = Server(build_app(settings), settings, alone=True)
    server.run()


def application() -> "Starlette":
    """Build what `serve` serves, by the environment alone: for `uvicorn --workers 2 --factory app.cli:application`."""
    with typer.main.get_command(cli).make_context("app", ["serve"]) as context:
        given = context.command.commands["serve"].make_context("serve", [], parent=context).params  # type: ignore[attr-defined]
    settings = Settings(**given)
    if settings.dev:
        raise SystemExit("--dev is for `serve`, which sees to it that only this machine comes in")
    if settings.sandbox:
        raise SystemExit("--sandbox is for `serve`: what tenants plan is known to one process only")
    _must_know_callers(settings)
    with starting(for_good=True):
        from app.main import build_app

        logs.configure()
        return build_app(settings)


@taking("Address", "Worker", "Storage", "Work")
def worker(settings: Settings) -> None:
    """Do the work that rows owe, beside services that run with --no-worker."""
    with starting():
        from app.main import new_store, opening, told_health
        from app.server import serving_aside

    logs.configure()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    store = new_store(settings)
    parts = opening(settings, store)
    with contextlib.ExitStack() as running:
        if settings.worker_port:
            health = dataclasses.replace(settings, port=settings.worker_port)
            running.enter_context(serving_aside(told_health(store, parts), health))
        running.enter_context(parts.running())
        stop.wait()
    store.close()


@taking("Storage")
def migrate(settings: Settings) -> None:
    """Bring the database's schema to the newest. `serve` and `worker` do it by themselves for SQLite."""
    from app.main import explained, new_store

    store = new_store(settings)
    with _ending_with_a_sentence(), explained():
        store.migrate()
    store.close()
    typer.echo("the schema is the newest")


@cli.command()
def schema(
    sandbox: Annotated[bool, typer.Option("--sandbox", help="With what a sandbox has beside it.")] = False,
) -> None:
    """Print the GraphQL schema."""
    from app.api.schema import schema as built

    typer.echo(str(built(sandbox=sandbox)))


@taking("Storage")
def doctor(
    settings: Settings,
    mend: Annotated[
        bool, typer.Option("--mend", envvar="APP_MEND", help="Mend what is found. Without it nothing is changed.")
    ] = False,
) -> None:
    """Compare rows and bytes, both ways, and say what it would mend. Ends with 1 if something is amiss and left so."""
    from rich.progress import track

    from app.main import open_driver, open_store
    from app.reconciler.doctor import Doctor

    with _ending_with_a_sentence():
        store = open_store(settings)
        findings = Doctor(store, open_driver(settings, store)).examine()
    for finding in findings:
        typer.echo(f"{finding.id}: {finding.what} → {finding.mend}")
    left = len(findings)
    for finding in track(findings if mend else [], "mending", disable=not (mend and findings), transient=True):
        left -= _mended(finding)
    store.close()
    typer.echo(f"{len(findings)} amiss" + (", mended" if findings and not left else ""))
    raise typer.Exit(1 if left else 0)


@taking("Tokens")
def token(
    settings: Settings,
    subject: Annotated[str, typer.Option(envvar="APP_SUBJECT", help="The caller's id.")] = "tester",
    name: Annotated[str, typer.Option(envvar="APP_NAME", help="The caller's name; the id if empty.")] = "",
    tenant: Annotated[str, typer.Option(envvar="APP_TENANT", help="The tenant.")] = "demo",
    role: Annotated[
        list[str] | None, typer.Option(envvar="APP_ROLE", help="A role; can be given several times.")
    ] = None,
    minutes: Annotated[float, typer.Option(envvar="APP_MINUTES", help="How long it holds, in minutes.")] = 60,
) -> None:
    """Make an HS256 token for tests, signed with --jwt-secret."""
    if not settings.jwt_secret:
        raise typer.BadParameter("--jwt-secret is needed to sign with")
    import jwt

    from app.domain.record import now

    claims = {
        settings.claim_subject: subject,
        settings.claim_name: name or subject,
        settings.claim_tenant: tenant,
        settings.claim_roles: role or ["member"],
        "exp": now() + timedelta(minutes=minutes),
    }
    claims |= {"iss": settings.jwt_issuer} if settings.jwt_issuer else {}
    claims |= {"aud": settings.jwt_audience} if settings.jwt_audience else {}
    typer.echo(jwt.encode(claims, settings.jwt_secret, algorithm="HS256"))


def main() -> None:
    """Run the command line."""
    cli(prog_name="python -m app")


@contextlib.contextmanager
def _ending_with_a_sentence() -> Iterator[None]:
    """End the command where the database or the storage does not answer."""
    from app.domain.unavailable import Unavailable
    from app.drivers.contract import Refused, Unsure

    try:
        yield
    except Unavailable as error:
        raise SystemExit(str(error)) from error
    except (Refused, Unsure) as error:
        raise SystemExit(f"the storage cannot be examined: {error}") from error


def _mended(finding: "Finding") -> bool:
    from app.drivers.contract import Refused, Unsure

    try:
        finding.do()
    except (Refused, Unsure) as error:
        typer.echo(f"{finding.id}: could not be mended: {error}")
        return False
    return True


def _must_know_callers(settings: Settings) -> None:
    if not (settings.dev or settings.jwt_secret or settings.jwt_jwks):
        raise typer.BadParameter("set --jwt-secret or --jwt-jwks, so that callers can be known; or try it with --dev")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
