"""Answers calls that clients address as they would behind Kubeflow: ``http://host/pipeline`` is their server."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

_PREFIX: Final = "/pipeline"
_CALLS: Final = f"{_PREFIX}/apis/"


class PathPrefix:
    """ASGI middleware: takes ``/pipeline`` off the path of a call, before anything looks at it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http" and scope["path"].startswith(_CALLS):
            raw: bytes = scope.get("raw_path") or b""
            scope = {
                **scope,
                "path": scope["path"].removeprefix(_PREFIX),
                "raw_path": raw.removeprefix(_PREFIX.encode()),
            }
        await self._app(scope, receive, send)
