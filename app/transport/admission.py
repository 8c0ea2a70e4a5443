"""Admission: what an HTTP request must be before anybody reads it as GraphQL.

It follows the draft of GraphQL over HTTP; what the draft leaves open is refused rather than guessed.
"""

from starlette.requests import Request
from starlette.types import Message, Receive

from app.transport.accept import preferred
from app.transport.refusal import Rejected

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"
OFFERS = (JSON, GRAPHQL_JSON, EVENT_STREAM)
HTML = "text/html"
MAX_BODY = 256 * 1024
MAX_HEADERS = 16 * 1024
_NO_SIMPLE_REQUEST_HAS = {"authorization", "x-requested-with", "apollo-require-preflight", "graphql-require-preflight"}


def wants_page(request: Request) -> bool:
    """Whether a browser asks for GraphiQL: no operation, and rather a page than data."""
    asks = request.method in ("GET", "HEAD") and "query" not in request.query_params
    return asks and preferred(request.headers.get("accept", ""), (*OFFERS, HTML)) == HTML


def admit(request: Request) -> str:
    """Return the media type to answer with. Raises Rejected."""
    if request.method not in ("GET", "POST"):
        raise Rejected(405, "METHOD_NOT_ALLOWED", "send a POST, or a GET for a query", {"Allow": "GET, POST"})
    if sum(len(name) + len(value) for name, value in request.headers.raw) > MAX_HEADERS:
        raise Rejected(431, "HEADERS_TOO_LARGE", f"the headers have more than {MAX_HEADERS} bytes")
    media = preferred(request.headers.get("accept", ""), OFFERS)
    if media is None:
        raise Rejected(406, "NOT_ACCEPTABLE", f"answers come as {', '.join(OFFERS)}")
    if request.method == "POST":
        _admit_body(request)
    elif not _NO_SIMPLE_REQUEST_HAS & set(request.headers.keys()):
        # A page elsewhere can let a browser send a simple request, and never one with such a header.
        raise Rejected(403, "PREFLIGHT_REQUIRED", "a GET needs the header `X-Requested-With` or `Authorization`")
    return media


def counted(receive: Receive) -> Receive:
    """Let a body through up to MAX_BODY bytes, however it comes. Raises Rejected, also if its sender leaves."""
    seen, whole = 0, False

    async def receive_counted() -> Message:
        nonlocal seen, whole
        message = await receive()
        if message["type"] == "http.disconnect" and not whole:
            raise Rejected(400, "BAD_REQUEST", "the body did not come to its end")
        whole = not message.get("more_body", False)
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise Rejected(413, "BODY_TOO_LARGE", f"the body has more than {MAX_BODY} bytes", {"Connection": "close"})
        return message

    return receive_counted


def _admit_body(request: Request) -> None:
    media, *parameters = (part.strip().lower() for part in request.headers.get("content-type", "").split(";"))
    charset = next((value[8:].strip('"') for value in parameters if value.startswith("charset=")), "utf-8")
    if media != JSON or charset not in ("utf-8", "utf8"):
        raise Rejected(415, "UNSUPPORTED_MEDIA_TYPE", f"the body is {JSON} in UTF-8", {"Accept-Post": JSON})
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Rejected(415, "UNSUPPORTED_MEDIA_TYPE", "the body is sent as it is, not compressed")
