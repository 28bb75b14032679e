"""Liveness, and what kind of server this is."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from wherry.api.health import Health
from wherry.server.call import Call
from wherry.server.route_table import Permission, Route


async def get_healthz(call: Call, _body: Any) -> Response:
    """KFP: GetHealthz. ``multi_user`` false tells clients that namespaces do not matter."""
    health = Health(
        commit_sha="", tag_name=f"wherry {call.settings.version}", multi_user=False, pipeline_store="database"
    )
    return Response(msgspec.json.encode(health), media_type="application/json")


ROUTES = (
    Route(
        method="GET",
        path="/apis/v2beta1/healthz",
        operation="HealthzService_GetHealthz",
        handler=get_healthz,
        permission=Permission.PUBLIC,
        summary="Whether the server is there, and of what kind it is.",
    ),
    Route(
        method="GET",
        path="/apis/v1beta1/healthz",
        operation="HealthzService_GetHealthzV1",
        handler=get_healthz,
        permission=Permission.PUBLIC,
        summary="The same for older clients.",
    ),
)
