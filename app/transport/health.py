"""Health: whether the process lives, and whether what it stands on answers."""

from collections.abc import Callable, Mapping

import anyio.to_thread
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

log = structlog.get_logger()


def health_routes(checks: Mapping[str, Callable[[], None]]) -> list[Route]:
    """Make `/healthz` and `/readyz`; each check raises if its part does not answer."""

    async def alive(_: Request) -> JSONResponse:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> JSONResponse:
        answers = {name: await anyio.to_thread.run_sync(_answers, name, check) for name, check in checks.items()}
        return JSONResponse(answers, status_code=200 if all(answer == "ok" for answer in answers.values()) else 503)

    return [Route("/healthz", alive), Route("/readyz", ready)]


def _answers(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception:
        log.warning("not ready", part=name, exc_info=True)
        return "does not answer"
    return "ok"
