"""OpenAPI 3.1 from the route table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from wherry.api.status import ErrorBody, UploadErrorBody
from wherry.server.route_table import Permission, Route
from wherry.server.uploads import FIELD

_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_REF: Final = "#/components/schemas/{name}"


def document(routes: Sequence[Route], *, version: str) -> dict[str, Any]:
    """The document, as plain JSON values."""
    messages = {kind for route in routes for kind in (route.request, route.response) if kind is not None}
    kinds = sorted(messages, key=lambda kind: kind.__name__)
    _, schemas = msgspec.json.schema_components([*kinds, ErrorBody, UploadErrorBody], ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Wherry: the Kubeflow Pipelines API v2beta1", "version": version},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": route.operation,
        "summary": route.summary,
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in _PARAMETER.findall(route.path)
            ),
            *({"name": name, "in": "query", "schema": {"type": "string"}} for name in route.query),
        ],
        "responses": {
            "200": _answer(route),
            "default": {
                "description": "An error.",
                "content": {"application/json": {"schema": _ref("UploadErrorBody" if route.upload else "ErrorBody")}},
            },
        },
        "x-permission": route.permission.value if route.permission is not None else "",
        "security": [] if route.permission is Permission.PUBLIC else [{"token": []}],
    }
    if route.request is not None:
        described["requestBody"] = {"content": {"application/json": {"schema": _ref(route.request.__name__)}}}
    if route.upload:
        file = {"type": "object", "properties": {FIELD: {"type": "string", "format": "binary"}}, "required": [FIELD]}
        described["requestBody"] = {"content": {"multipart/form-data": {"schema": file}}}
    return described


def _answer(route: Route) -> dict[str, Any]:
    if route.response is None:
        return {"description": "Done."}
    return {"description": "Done.", "content": {"application/json": {"schema": _ref(route.response.__name__)}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _REF.format(name=name)}
