"""The least an endpoint can do: take a payload in JSON and give one back. What the PayPal simulator is held against."""

from __future__ import annotations

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

ORDERS: dict[str, object] = {}
HEARD = asyncio.Semaphore(0)


async def create(request: Request) -> Response:
    ORDERS["order"] = await request.json()
    return JSONResponse(ORDERS["order"], 201)


async def query(_: Request) -> Response:
    return JSONResponse(ORDERS["order"])


async def notify(request: Request) -> Response:
    """A shop that is as fast as can be."""
    await request.body()
    HEARD.release()
    return PlainTextResponse("success")


async def heard(request: Request) -> Response:
    """Answers once so many notifications have come since it was asked last: asking again and again would disturb."""
    for _ in range(int(request.path_params["count"])):
        await HEARD.acquire()
    return PlainTextResponse("heard")


app = Starlette(
    routes=[
        Route("/payload", create, methods=["POST"]),
        Route("/payload/{id}", query),
        Route("/ear", notify, methods=["POST"]),
        Route("/heard/{count:int}", heard),
    ]
)
