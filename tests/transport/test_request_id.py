"""Every answer carries an id that its lines in the log carry too, also when something went wrong unforeseen."""

import httpx
import pytest
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from app.transport.request_id import RequestId


async def _broken(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("the secret is 42")


@pytest.fixture
def broken() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(RequestId(_broken)), base_url="http://test")


@pytest.mark.anyio
async def test_what_nobody_foresaw_is_logged_with_its_trace_and_shown_as_the_request_id_alone(
    broken: httpx.AsyncClient,
) -> None:
    with capture_logs() as lines:
        response = await broken.get("/anything", headers={"X-Request-ID": "r-1"})

    assert response.status_code == 500
    assert response.json() == {
        "errors": [
            {
                "message": "Something went wrong here. Request r-1.",
                "extensions": {"code": "INTERNAL", "requestId": "r-1"},
            }
        ]
    }
    assert response.headers["x-request-id"] == "r-1"
    assert [line["exc_info"] for line in lines if line["event"] == "unexpected error"] == [True]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
