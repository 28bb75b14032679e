"""One call: who makes it, with what parameters, on which parts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.requests import Request

from wherry.errors import InvalidArgumentError
from wherry.server.listing import Listing, read_listing
from wherry.server.parts import ServerParts, ServerSettings


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a handler is given beside the decoded body."""

    parts: ServerParts
    settings: ServerSettings
    request: Request
    path: dict[str, str]
    query: dict[str, str]
    caller: str
    """Name of who calls, recorded with what they start."""
    stopping: asyncio.Event
    """Set when the server stops: whatever lasts breaks off."""

    def listing(self, resource: str, *, sort_key: str = "sort_by") -> Listing:
        """The paging, sorting and filtering that was asked for. ``resource`` names the list with its scope."""
        return read_listing(self.query, resource=resource, secret=self.settings.secret, sort_key=sort_key)

    def flag(self, name: str) -> bool:
        """A parameter that is true or false; false if it is not given.

        Raises:
            InvalidArgumentError: it is something else.
        """
        text = self.query.get(name, "").lower()
        if text not in {"", "true", "false", "1", "0"}:
            raise InvalidArgumentError(f"{name} is '{text[:32]}'", hint=f"Write {name}=true or {name}=false.")
        return text in {"true", "1"}
