"""The application: route table in, ASGI application out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute

from wherry.api.dialect import Message, encode
from wherry.errors import WherryError
from wherry.server import errors_to_http
from wherry.server.bodies import read_body
from wherry.server.call import Call
from wherry.server.gate import Gate, caller_of
from wherry.server.parts import ServerParts, ServerSettings
from wherry.server.path_prefix import PathPrefix
from wherry.server.route_table import Route, checked
from wherry.server.routes import ALL_ROUTES


def create_app(
    parts: ServerParts,
    settings: ServerSettings,
    routes: Sequence[Route] = ALL_ROUTES,
    *,
    stopping: asyncio.Event | None = None,
) -> Starlette:
    """The server as an ASGI application.

    Args:
        parts: open for as long as it runs.
        settings: how it behaves.
        routes: the table; tests pass their own.
        stopping: set when it is to end; streams break off then. Default: they never do.

    Raises:
        WherryBugError: a route declares no permission, or stands twice.
    """
    table = checked(routes)
    end = stopping or asyncio.Event()
    app = Starlette(
        # Starlette takes the first that matches: `{id}:archive` before `{id}`.
        routes=[_mounted(parts, settings, route, end) for route in sorted(table, key=_specific_first)],
        middleware=[Middleware(PathPrefix), Middleware(Gate, settings=settings, routes=table)],
        exception_handlers={
            WherryError: errors_to_http.on_wherry_error,
            HTTPException: errors_to_http.on_http_exception,
            Exception: errors_to_http.on_any_error,
        },
    )
    # Nobody needs `/runs/` to be `/runs`, and a redirect would repeat what a caller wrote.
    app.router.redirect_slashes = False
    return app


async def prepare(parts: ServerParts) -> None:
    """What is there before the first call: the experiment of runs that name none, as in KFP's single-user mode."""
    await parts.experiments.default_experiment("", now=parts.clock.now())


def _specific_first(route: Route) -> tuple[int, int]:
    return (route.path.count("{"), -len(route.path))


def _mounted(parts: ServerParts, settings: ServerSettings, route: Route, stopping: asyncio.Event) -> StarletteRoute:
    async def endpoint(request: Request) -> Response:
        call = Call(
            parts=parts,
            settings=settings,
            request=request,
            path={name: str(value) for name, value in request.path_params.items()},
            query=dict(request.query_params),
            caller=caller_of(request),
            stopping=stopping,
        )
        try:
            body: Any = None
            if route.request is not None:
                body = await read_body(await request.body(), route.request)
            answer = await route.handler(call, body)
        except WherryError as error:
            if route.upload:
                return errors_to_http.upload_error_answer(error)
            raise
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        if isinstance(answer, Message):
            return Response(encode(answer), media_type="application/json")
        return answer

    path = f"{route.path.removesuffix('}')}:path}}" if route.slashes else route.path
    return StarletteRoute(path, endpoint, methods=[route.method], name=route.operation)
