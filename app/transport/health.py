"""Health: whether the process lives, and whether what it stands on answers."""

from collections.abc import Callable, Mapping

import anyio
import anyio.to_thread
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_ANSWER_WITHIN_S = 2.0

log = structlog.get_logger()


def health_routes(checks: Mapping[str, Callable[[], None]]) -> list[Route]:
    """Make `/healthz` and `/readyz`; each check raises if its part does not answer."""

    async def alive(_: Request) -> JSONResponse:
        return JSONResponse({"status": "alive"})

    threads = anyio.CapacityLimiter(len(checks))  # of its own: hung storage takes no thread from the callers

    async def ready(_: Request) -> JSONResponse:
        answers = {name: await _answer(name, check, threads) for name, check in checks.items()}
        return JSONResponse(answers, status_code=200 if all(answer == "ok" for answer in answers.values()) else 503)

    return [Route("/healthz", alive), Route("/readyz", ready)]


async def _answer(name: str, check: Callable[[], None], threads: anyio.CapacityLimiter) -> str:
    with anyio.move_on_after(_ANSWER_WITHIN_S):
        return await anyio.to_thread.run_sync(_ask, name, check, limiter=threads, abandon_on_cancel=True)
    return "does not answer"


def _ask(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001  whatever a part says, it does not answer
        log.warning("not ready", part=name, reason=str(error.__cause__ or error))
        return "does not answer"
    return "ok"
