"""The search, and the server itself."""

from __future__ import annotations

from typing import Any, Final

from wherry.api.pages import site as api
from wherry.server.call import Call
from wherry.server.presentation import catalogue_pages
from wherry.server.route_table import Parameter, Permission, Route
from wherry.server.routes.pages import queries
from wherry.server.texts import checked_text

_EACH: Final = 8
_LONGEST: Final = 200


async def search(call: Call, _body: Any) -> api.SearchResults:
    """What has a text in its name."""
    text = checked_text(call.query.get("q", "").strip(), what="q", longest=_LONGEST)
    if not text:
        return api.SearchResults(query=text, results=[])
    return catalogue_pages.findings(text, await call.parts.pages.search(text, namespace="", limit=_EACH))


async def show_server(call: Call, _body: Any) -> api.ServerInfo:
    """The server."""
    return api.ServerInfo(
        version=call.settings.version,
        state_folder=call.parts.state_name,
        launcher=call.parts.launcher,
        single_user=True,
        user=call.caller,
        now=call.parts.clock.now(),
    )


ROUTES = (
    Route(
        method="GET",
        path=queries.BASE + "/search",
        operation="pages_search",
        handler=search,
        permission=Permission.READ,
        response=api.SearchResults,
        query=(
            Parameter(
                name="q",
                description="Part of a name, or the beginning of the id of a run or an artifact.",
                schema={"type": "string", "maxLength": _LONGEST},
                required=True,
            ),
        ),
        summary="Find runs, pipelines, models, experiments and artifacts.",
    ),
    Route(
        method="GET",
        path=queries.BASE + "/server",
        operation="pages_show_server",
        handler=show_server,
        permission=Permission.READ,
        response=api.ServerInfo,
        summary="The server.",
    ),
)
