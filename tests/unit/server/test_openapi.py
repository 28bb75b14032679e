"""The API's description of itself: valid, complete, and what types can be generated from."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from wherry.api.dialect import Message
from wherry.server import api_reference, openapi
from wherry.server.route_table import Parameter, Permission, Route
from wherry.server.routes import ALL_ROUTES
from wherry.server.routes import pages as page_routes

DOCUMENT = openapi.document(ALL_ROUTES, version="1.2.3")
SCHEMAS = DOCUMENT["components"]["schemas"]


def named(schema: Any) -> set[str]:
    """Names of the schemas that a value refers to."""
    if isinstance(schema, dict):
        own = {schema["$ref"].rpartition("/")[2]} if "$ref" in schema else set()
        return own.union(*map(named, schema.values()))
    return set().union(*map(named, schema)) if isinstance(schema, list) else set()


def messages_of_pages() -> list[str]:
    """Every object that an answer of the pages consists of."""
    found: set[str] = set()
    queue = {route.response.__name__ for route in page_routes.ROUTES if route.response is not None}
    while queue:
        name = queue.pop()
        found.add(name)
        queue |= named(SCHEMAS[name]) - found
    return sorted(name for name in found if "properties" in SCHEMAS[name])


def test_the_document_is_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_a_message_is_called_by_its_own_name() -> None:
    assert [name for name in SCHEMAS if not name.isidentifier()] == []


def test_every_reference_leads_somewhere() -> None:
    assert named(DOCUMENT["paths"]) | named(SCHEMAS) <= set(SCHEMAS)


@pytest.mark.parametrize("name", messages_of_pages())
def test_a_page_has_all_its_fields_always(name: str) -> None:
    schema = SCHEMAS[name]

    assert set(schema["required"]) == set(schema["properties"])


@pytest.mark.parametrize("name", messages_of_pages())
def test_a_message_of_a_page_says_what_it_is(name: str) -> None:
    assert SCHEMAS[name]["description"]


@pytest.mark.parametrize("route", page_routes.ROUTES, ids=lambda route: route.operation)
def test_what_a_page_can_be_asked_is_described(route: Route) -> None:
    assert [one for one in route.query if not isinstance(one, Parameter) or not one.description] == []


def test_the_texts_below_the_fields_are_their_descriptions() -> None:
    fields = SCHEMAS["TaskRow"]["properties"]

    assert fields["key"]["description"] == "Where it stands: `root/for-loop-1[3]/train`."
    assert fields["created_at"]["description"] == "Microseconds since 1970-01-01T00:00:00Z."


def test_the_words_beside_the_values_are_told() -> None:
    assert "- `order`: `.after(...)`" in SCHEMAS["EdgeKind"]["description"]


def test_a_choice_of_messages_has_a_discriminator() -> None:
    union, nothing = SCHEMAS["TaskRow"]["properties"]["outcome"]["anyOf"]

    assert nothing == {"type": "null"}
    assert union["discriminator"]["propertyName"] == "kind"
    assert sorted(union["discriminator"]["mapping"]) == [
        "cancelled",
        "condition-false",
        "failed",
        "kept",
        "reused",
        "succeeded",
        "upstream-unavailable",
    ]


def test_a_parameter_with_values_lists_them() -> None:
    (state,) = [one for one in DOCUMENT["paths"]["/apis/wherry/v1/runs"]["get"]["parameters"] if one["name"] == "state"]

    assert state["schema"]["items"]["enum"][:2] == ["PENDING", "RUNNING"]


class _Thing(Message, frozen=True, kw_only=True):
    """Something."""

    width: int
    """How wide
    it is.
    """
    height: int | None = None


def test_a_field_with_a_default_may_be_left_out() -> None:
    async def never(_call: object, _body: object) -> Any:
        raise AssertionError

    route = Route(method="GET", path="/x", operation="x", handler=never, permission=Permission.READ, response=_Thing)

    thing = openapi.document([route], version="0")["components"]["schemas"]["_Thing"]

    assert thing["required"] == ["width"]
    assert thing["properties"]["width"] == {"type": "integer", "description": "How wide it is."}


def test_the_reference_is_what_would_be_written() -> None:
    written = api_reference.TARGET.read_text(encoding="utf-8")

    assert written == api_reference.source(), "run: python -m wherry.server.api_reference"
