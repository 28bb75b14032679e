"""OpenAPI 3.1 from the route table and the messages' own docstrings."""

from __future__ import annotations

import ast
import enum
import functools
import inspect
import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from wherry.api.dialect import Message
from wherry.api.status import ErrorBody, UploadErrorBody
from wherry.server.route_table import Parameter, Permission, Route
from wherry.server.uploads import FIELD

_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_REF: Final = "#/components/schemas/{name}"
_PAGES: Final = "/apis/wherry/v1"
_MEMBER: Final = re.compile(r'^\s+\w+ = "([^"]+)"\s+# (.+)$', re.MULTILINE)


def document(routes: Sequence[Route], *, version: str) -> dict[str, Any]:
    """The document, as plain JSON values."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    described = {
        "openapi": "3.1.0",
        "info": {
            "title": "Wherry",
            "version": version,
            "description": (
                f"`/apis/v2beta1` is the Kubeflow Pipelines API. `{_PAGES}` is what the pages of the web UI show: "
                "one call has what one page needs. There, every field is always sent, times are integers of "
                "microseconds since 1970 in UTC, and ids are text. URLs in answers are relative to the server's "
                "address, without a leading slash."
            ),
        },
        "tags": [
            {
                "name": "kfp",
                "description": "What the `kfp` client and everything else made for Kubeflow Pipelines uses.",
            },
            {"name": "pages", "description": "What the pages of the web UI show."},
        ],
        "paths": paths,
        "components": {
            "schemas": _schemas(routes),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(described))
    return plain


def _operation(route: Route) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": route.operation,
        "tags": ["pages" if route.path.startswith(_PAGES) else "kfp"],
        "summary": route.summary,
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in _PARAMETER.findall(route.path)
            ),
            *(_query(one) for one in route.query),
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


def _query(one: str | Parameter) -> dict[str, Any]:
    if isinstance(one, str):
        return {"name": one, "in": "query", "schema": {"type": "string"}}
    described: dict[str, Any] = {"name": one.name, "in": "query", "schema": dict(one.schema)}
    if one.description:
        described["description"] = one.description
    if one.required:
        described["required"] = True
    return described


def _answer(route: Route) -> dict[str, Any]:
    if route.response is not None:
        return {"description": "Done.", "content": {"application/json": {"schema": _ref(route.response.__name__)}}}
    if route.media:
        return {"description": "Done.", "content": {kind: {"schema": _body(kind)} for kind in route.media}}
    return {"description": "Done."}


def _body(media: str) -> dict[str, Any]:
    """The schema of a body that is no message."""
    if media == "application/json":
        return {"type": "object"}
    return {"type": "string"} if media.startswith("text/") else {}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _REF.format(name=name)}


# -- schemas ----------------------------------------------------------------------------------------------------------


def _schemas(routes: Sequence[Route]) -> dict[str, Any]:
    messages = {kind for route in routes for kind in (route.request, route.response) if kind is not None}
    kinds: list[type[Any]] = [*sorted(messages, key=lambda kind: kind.__name__), ErrorBody, UploadErrorBody]
    _, schemas = msgspec.json.schema_components(kinds, ref_template=_REF)
    for kind in _reachable(kinds):
        for name, text in _field_texts(kind).items():
            schema = schemas[kind.__name__]["properties"].get(name)
            if schema is not None:
                _describe(schema, text)
    for choice in (kind for kind in _parts(kinds) if isinstance(kind, type) and issubclass(kind, enum.Enum)):
        _describe_choice(schemas[choice.__name__], choice)
    return schemas


def _describe(schema: dict[str, Any], text: str) -> None:
    """Add a field's text; what is said of its type already, such as a unit, stays."""
    own = schema.get("description")
    schema["description"] = f"{text} {own}" if own else text


def _describe_choice(schema: dict[str, Any], choice: type[enum.Enum]) -> None:
    """Add what the source says beside each value."""
    found = _MEMBER.findall(inspect.getsource(choice))
    if found:
        schema["description"] = "\n".join(
            [schema.get("description", ""), "", *(f"- `{value}`: {text}" for value, text in found)]
        ).strip()


def _reachable(kinds: Iterable[type[Any]]) -> list[type[Message]]:
    """Every message that one of them consists of, itself included."""
    return [kind for kind in _parts(kinds) if isinstance(kind, type) and issubclass(kind, Message)]


def _parts(kinds: Iterable[type[Any]]) -> list[Any]:
    """Every type that one of them consists of, itself included."""
    found: dict[Any, None] = {}
    queue: list[Any] = list(kinds)
    while queue:
        kind = queue.pop()
        try:
            if kind in found:
                continue
            found[kind] = None
        except TypeError:  # a constraint of a type, which is no type
            continue
        if isinstance(kind, type) and issubclass(kind, Message):
            queue += inspect.get_annotations(kind, eval_str=True).values()
        else:
            queue += getattr(kind, "__args__", ())
    return list(found)


@functools.cache
def _field_texts(kind: type[Message]) -> dict[str, str]:
    """The texts below the fields of a message, by name: Python keeps them in the source alone."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101  the source of a class
    names = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
    texts: dict[str, str] = {}
    for field, text in zip(definition.body, definition.body[1:], strict=False):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as found)):
                texts[names[name]] = " ".join(inspect.cleandoc(found).split())
            case _:
                pass
    return texts
