"""The limit: a route that answers from memory with the bytes that were put there, whatever it is asked."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_kept = [b"{}"]


async def answer(request: Request) -> Response:
    await request.body()
    return Response(_kept[0], media_type="application/json")


async def keep(request: Request) -> Response:
    _kept[0] = await request.body()
    return Response()


app = Starlette(routes=[Route("/graphql", answer, methods=["POST"]), Route("/kept", keep, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="warning")
