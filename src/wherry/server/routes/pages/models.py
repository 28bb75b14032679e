"""Registered models."""

from __future__ import annotations

from typing import Any, Final

from wherry.api.pages import models as api
from wherry.errors import NotFoundError
from wherry.server.call import Call
from wherry.server.presentation import artifact_pages
from wherry.server.route_table import Permission, Route
from wherry.server.routes.pages import queries

_MODELS: Final = 200
_VERSIONS: Final = 100


async def list_models(call: Call, _body: Any) -> api.ModelRows:
    """All models."""
    found = await call.parts.pages.model_views("", limit=_MODELS + 1)
    return api.ModelRows(
        models=[artifact_pages.model_row(one) for one in found[:_MODELS]], truncated=len(found) > _MODELS
    )


async def show_model(call: Call, _body: Any) -> api.ModelPage:
    """The page of a model."""
    name = call.path["name"]
    found = await call.parts.pages.model_view("", name, limit=_VERSIONS)
    if not found.versions:
        raise NotFoundError(f"there is no model '{name[:64]}'")
    return api.ModelPage(
        name=found.name,
        versions=[artifact_pages.version_row(one) for one in found.versions],
        version_count=found.version_count,
    )


ROUTES = (
    Route(
        method="GET",
        path=queries.BASE + "/models",
        operation="pages_list_models",
        handler=list_models,
        permission=Permission.READ,
        response=api.ModelRows,
        summary="List models.",
    ),
    Route(
        method="GET",
        path=queries.BASE + "/models/{name}",
        slashes=True,
        operation="pages_show_model",
        handler=show_model,
        permission=Permission.READ,
        response=api.ModelPage,
        summary="The page of a model.",
    ),
)
