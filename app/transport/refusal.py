"""Refusal: how a request is told that it will not be answered. One shape for all: that of a GraphQL error."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from app.domain.unavailable import Unavailable
from app.transport.allowances import Overdrawn
from app.transport.identity import Unauthenticated
from app.transport.streams import TooMany

UNAVAILABLE = "UNAVAILABLE"
COME_AGAIN_AFTER_S = "5"


class Rejected(Exception):
    """The request is answered with this status and nothing of it is done."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}


Refused = Rejected | Unauthenticated | Overdrawn | TooMany | Unavailable | HTTPException
EXPECTED = (Rejected, Unauthenticated, Overdrawn, TooMany, Unavailable, HTTPException)


def refusal(error: Refused) -> JSONResponse:
    """Say what is wrong with the request, or when to come again."""
    match error:
        case Rejected():
            return told(error.status, error.code, str(error), error.headers)
        case Unauthenticated():
            return told(401, "UNAUTHENTICATED", str(error), {"WWW-Authenticate": "Bearer"})
        case Overdrawn():
            return told(429, "RATE_LIMITED", str(error), {"Retry-After": str(error.wait_s)})
        case TooMany():
            return told(429, "TOO_MANY_STREAMS", str(error), {"Retry-After": COME_AGAIN_AFTER_S})
        case Unavailable():
            return told(503, UNAVAILABLE, str(error), {"Retry-After": COME_AGAIN_AFTER_S})
        case HTTPException():
            return told(error.status_code, "BAD_REQUEST", error.reason)


def refused_by_route(_: Request, error: Any) -> JSONResponse:
    """Say what starlette says of a path or method that is none of ours, in our shape."""
    return told(error.status_code, HTTPStatus(error.status_code).name, error.detail, error.headers)


def told(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None, **extensions: str
) -> JSONResponse:
    """Write the answer."""
    error = {"message": message, "extensions": {"code": code, **extensions}}
    return JSONResponse({"errors": [error]}, status_code=status, headers=headers)
