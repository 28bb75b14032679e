"""The route table: every call with its path, messages and the permission it needs. OpenAPI is made from it."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from starlette.responses import Response

from wherry.api.dialect import Message
from wherry.errors import WherryBugError
from wherry.server.call import Call

Handler: TypeAlias = Callable[[Call, Any], Awaitable[Message | Response]]
"""Takes the call and its decoded body (None if the route has no request message)."""


class Permission(enum.Enum):
    """What a caller has to be allowed. One level each until there are users and roles."""

    PUBLIC = "public"  # needs no caller: liveness and the way in
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of the query, as it is described."""

    name: str
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    """JSON schema of its value."""
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Route:
    """One call."""

    method: str
    path: str
    """With parameters in braces."""
    operation: str
    """Operation id: KFP's where KFP has the call."""
    handler: Handler
    permission: Permission | None
    request: type[Message] | None = None
    """Message of the body; None if there is none, or the handler reads it itself."""
    response: type[Message] | None = None
    """Message of the answer; None if it is no JSON message."""
    query: tuple[str | Parameter, ...] = ()
    """The query parameters it knows: described, or by name alone."""
    summary: str = ""
    slashes: bool = False
    """Whether the last parameter of the path may have slashes in it."""
    media: tuple[str, ...] = ()
    """Media types of an answer that is no JSON message."""
    upload: bool = field(default=False)
    """Whether the body is multipart, and errors have the upload handlers' shape."""


def checked(routes: Sequence[Route]) -> tuple[Route, ...]:
    """The routes, if each is complete and stands once.

    Raises:
        WherryBugError: a route declares no permission, or a path or operation stands twice.
    """
    seen: set[tuple[str, str]] = set()
    operations: set[str] = set()
    for route in routes:
        if route.permission is None:
            raise WherryBugError(f"route {route.method} {route.path} declares no permission")
        if (route.method, route.path) in seen or route.operation in operations:
            raise WherryBugError(f"route {route.method} {route.path} ({route.operation}) stands twice")
        seen.add((route.method, route.path))
        operations.add(route.operation)
    return tuple(routes)
