"""Pages: the console, GraphiQL and what they load, as the installation built them."""

import gzip
import hashlib
from collections.abc import Mapping
from pathlib import Path

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.transport.accept import preferred

NOT_BUILT = "The console and GraphiQL were not built when this was installed; the API at /graphql works all the same."
_CODINGS = {"br": ".br", "gzip": ".gz"}
_MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".woff2": "font/woff2",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "worker-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

log = structlog.get_logger()


class Pages:
    """The files of a folder, read once: whatever happens to it later, a page gets the parts that belong to it.

    What is there compressed is kept so only: few want it as it was, and megabytes are saved.
    """

    def __init__(self, folder: Path) -> None:
        found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        self._names = found.keys()
        self._files = {name: path.read_bytes() for name, path in found.items() if f"{name}.gz" not in found}
        if not found:
            log.warning(NOT_BUILT)

    def routes(self) -> list[Route]:
        """Make `/` and `/assets/…`. Both are for everybody: no page holds data."""
        return [Route("/", self.console), Route("/assets/{name}", self._asset)]

    async def console(self, request: Request) -> Response:
        """Answer with the console."""
        return self._page(request, "index.html")

    async def graphiql(self, request: Request) -> Response:
        """Answer with GraphiQL."""
        return self._page(request, "graphiql.html")

    def _page(self, request: Request, name: str) -> Response:
        if name not in self._names:
            return HTMLResponse(f'<!doctype html><html lang="en"><title>Not built</title><p>{NOT_BUILT}</p>', 404)
        return self._answer(request, name, {"Cache-Control": "no-cache", "Vary": "Accept, Accept-Encoding"})

    async def _asset(self, request: Request) -> Response:
        name = f"assets/{request.path_params['name']}"
        if name not in self._names or Path(name).suffix not in _MEDIA:
            raise HTTPException(404)
        return self._answer(request, name, {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"})

    def _answer(self, request: Request, name: str, headers: Mapping[str, str]) -> Response:
        coding = self._coding(request, name)
        content = self._files[name + _CODINGS[coding]] if coding else self._plain(name)
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        # A browser lays the headers of a 304 over those that it keeps, so they are the same ones.
        headers = {
            **headers,
            "ETag": tag,
            "Content-Security-Policy": _POLICY,
            "Content-Type": _MEDIA[Path(name).suffix],
        }
        if coding:
            headers["Content-Encoding"] = coding
        if tag in _tags(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers)

    def _plain(self, name: str) -> bytes:
        return self._files[name] if name in self._files else gzip.decompress(self._files[f"{name}.gz"])

    def _coding(self, request: Request, name: str) -> str:
        """Return the smallest form that is there and that the browser takes; empty: as it is."""
        takes = request.headers.get("accept-encoding") or "identity"
        there = [coding for coding, suffix in _CODINGS.items() if name + suffix in self._names]
        return next((coding for coding in there if preferred(takes, (coding,))), "")


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
