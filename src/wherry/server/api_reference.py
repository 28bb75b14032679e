"""Writes ``docs/reference/api.md`` from the OpenAPI document. Run ``python -m wherry.server.api_reference``.

A test compares the page with what would be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from wherry.server import openapi
from wherry.server.routes import ALL_ROUTES

TARGET: Final = Path(__file__).parents[3] / "docs" / "reference" / "api.md"

_Schema = Mapping[str, Any]
_PREFIX: Final = "#/components/schemas/"
_HEADER: Final = """\
# The HTTP API

Written by `python -m wherry.server.api_reference` from the OpenAPI document, which a server gives at
`/apis/v2beta1/openapi.json`.

{description}

A caller on the server's own machine who is the server's own user needs nothing; any other sends
`Authorization: Bearer TOKEN`. The token stands in `server/token` of the state folder. Errors are JSON
(`ErrorBody`): a code of google.rpc.Code, and a message that names the thing and says what to do.
"""


def page(document: _Schema) -> str:
    """The page, as Markdown."""
    parts = [_HEADER.format(description=document["info"]["description"])]
    for tag in document["tags"]:
        parts.append(f"## {_TITLES[tag['name']]}\n\n{tag['description']}\n")
        parts += [
            _operation(method, path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if tag["name"] in operation["tags"]
        ]
    parts.append("## Messages\n")
    parts += [_message(name, schema) for name, schema in sorted(document["components"]["schemas"].items())]
    return "\n".join(parts)


_TITLES: Final = {"kfp": "The Kubeflow Pipelines API", "pages": "The pages of the interface"}


def _operation(method: str, path: str, operation: _Schema) -> str:
    answers = ", ".join(_answer(kind, body) for kind, body in operation["responses"]["200"].get("content", {}).items())
    lines = [f"### {method.upper()} `{path}`", "", operation["summary"], ""]
    if operation["parameters"]:
        rows = [
            (f"`{one['name']}`", one["in"], _type(one["schema"]), _words(one.get("description", "")))
            for one in operation["parameters"]
        ]
        lines += [*_table(("parameter", "in", "type", ""), rows), ""]
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        lines += [f"Takes {_answer(kind, body)}.", ""]
    if answers:
        lines += [f"Answers {answers}.", ""]
    return "\n".join(lines)


def _answer(kind: str, body: _Schema) -> str:
    return _type(body["schema"]) if kind == "application/json" else f"`{kind}`"


def _message(name: str, schema: _Schema) -> str:
    lines = [f"### {name}", "", schema.get("description", "").strip(), ""]
    if "enum" in schema:
        lines += ["One of " + ", ".join(f"`{value}`" for value in schema["enum"]) + ".", ""]
    if "properties" in schema:
        required = set(schema.get("required", ()))
        rows = [
            (
                f"`{field}`",
                _type(one) + ("" if field in required else " (optional)"),
                _words(one.get("description", "")),
            )
            for field, one in schema["properties"].items()
        ]
        lines += [*_table(("field", "type", ""), rows), ""]
    return "\n".join(lines)


def _type(schema: _Schema) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_PREFIX)
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    match schema.get("type"):
        case "array":
            return f"list of {_type(schema.get('items', {}))}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"map to {_type(schema['additionalProperties'])}"
        case None:
            return "any JSON"
        case kind:
            return str(kind)


def _words(text: str) -> str:
    return " ".join(text.split())


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def source() -> str:
    """What the page should hold."""
    return page(openapi.document(ALL_ROUTES, version=""))


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(source(), encoding="utf-8")
