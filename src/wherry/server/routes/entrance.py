"""What a person meets: the web interface, the way in with a token, and the API's own description."""

from __future__ import annotations

import asyncio
import functools
import hmac
import html
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from starlette.responses import HTMLResponse, RedirectResponse, Response

from wherry.api.status import Empty
from wherry.errors import NotFoundError, UnauthenticatedError
from wherry.server import interface, openapi
from wherry.server.call import Call
from wherry.server.gate import COOKIE, cookie_value
from wherry.server.route_table import Permission, Route

_CSP: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Wherry</title>
<style>body {{ font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }}
td {{ padding: .1em 1em .1em 0; vertical-align: top }} code {{ font-size: 90% }}</style></head>
<body><h1>Wherry {version}</h1>
<p>The server is running; its web interface is not built in this checkout. <code>make setup</code> builds it, then start
the server again. A link that a client printed (<code>/#/runs/details/…</code>) ends here until then: look at a run with
<code>wherry runs show RUN</code>, or through the API.</p>
<table>{rows}</table></body></html>
"""


async def front_page(table: Sequence[Route], call: Call, _body: Any) -> Response:
    """The web interface; where it is not built, a plain page without scripts."""
    site = interface.built()
    if site is not None:
        return site.page()
    page = plain_page(table, version=call.settings.version)
    return HTMLResponse(page, headers={"content-security-policy": _CSP})


def plain_page(table: Sequence[Route], *, version: str) -> str:
    """What stands in for the web interface where it is not built."""
    rows = "".join(
        f"<tr><td>{route.method}</td><td><code>{html.escape(route.path)}</code></td><td>{html.escape(route.summary)}</td></tr>"
        for route in table
    )
    return _PAGE.format(version=html.escape(version), rows=rows)


async def asset(call: Call, _body: Any) -> Response:
    """A file of the web interface."""
    name = call.path["name"]
    site = interface.built()
    accepted = call.request.headers.get("accept-encoding", "")
    answer = None if site is None else await asyncio.to_thread(site.asset, name, accept_encoding=accepted)
    if answer is None:
        raise NotFoundError(
            f"the web interface has no file '{name[:128]}'", hint="Load the page again: the server was updated."
        )
    return answer


async def log_in(call: Call, _body: Any) -> Response:
    """Give a browser that shows the token a cookie."""
    if not hmac.compare_digest(call.query.get("token", "").encode(), call.settings.token.encode()):
        raise UnauthenticatedError(
            "this is not the server's token", hint="It stands in server/token of the state folder."
        )
    answer = RedirectResponse("./", status_code=303)  # relative: the server may stand below a prefix
    answer.set_cookie(COOKIE, cookie_value(call.settings), httponly=True, samesite="strict")
    return answer


async def describe(table: Sequence[Route], call: Call, _body: Any) -> Response:
    """OpenAPI."""
    document = openapi.document(table, version=call.settings.version)
    return Response(msgspec.json.encode(document), media_type="application/json")


async def authorize(_call: Call, _body: Any) -> Empty:
    """KFP: Authorize. Whoever got here may do everything."""
    return Empty()


def routes_over(table: Sequence[Route]) -> tuple[Route, ...]:
    """The routes of this module. ``table`` has all the others, which they show."""
    return (
        Route(
            method="GET",
            path="/",
            operation="front_page",
            handler=functools.partial(front_page, table),
            permission=Permission.PUBLIC,
            media=("text/html",),
            summary="The web interface.",
        ),
        Route(
            method="GET",
            path=interface.ASSETS + "{name}",
            operation="asset",
            handler=asset,
            permission=Permission.PUBLIC,
            summary="A file of the web interface.",
        ),
        Route(
            method="GET",
            path="/login",
            operation="log_in",
            handler=log_in,
            permission=Permission.PUBLIC,
            query=("token",),
            summary="Gives a browser that shows the token a cookie.",
        ),
        Route(
            method="GET",
            path="/apis/v2beta1/openapi.json",
            operation="describe",
            handler=functools.partial(describe, table),
            permission=Permission.PUBLIC,
            media=("application/json",),
            summary="This API as OpenAPI 3.1.",
        ),
        Route(
            method="GET",
            path="/apis/v2beta1/auth",
            operation="AuthService_Authorize",
            handler=authorize,
            permission=Permission.READ,
            response=Empty,
            query=("namespace", "resources", "verb"),
            summary="Whether the caller may do something.",
        ),
    )
