"""What happens to a run, as server-sent events."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response, StreamingResponse

from wherry.errors import InvalidArgumentError
from wherry.model.runs import RunEventKind
from wherry.server.bell import Bell
from wherry.server.call import Call
from wherry.server.event_stream import run_events
from wherry.server.route_table import Permission, Route
from wherry.server.routes.runs import run_named


async def stream_events(call: Call, _body: Any) -> Response:
    """Every event behind ``Last-Event-ID`` (or ``after``), then those that follow, until the run has ended; all, or of one ``kind``."""
    run = await run_named(call)
    text = call.request.headers.get("last-event-id") or call.query.get("after") or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004  digits that fit into 64 bits
        raise InvalidArgumentError(f"Last-Event-ID is '{text[:32]}', which is no event's number")
    bell = Bell(call.parts.engine, run.id, call.stopping, kind=_kind(call.query.get("kind", "")))
    stream = run_events(call.parts.runs, run.id, bell, after=int(text))
    return StreamingResponse(stream, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def _kind(text: str) -> RunEventKind | None:
    if not text:
        return None
    try:
        return RunEventKind(text)
    except ValueError:
        known = ", ".join(kind.value for kind in RunEventKind)
        raise InvalidArgumentError(
            f"kind is '{text[:32]}', which is no kind of event", hint=f"There are {known}."
        ) from None


ROUTES = (
    Route(
        method="GET",
        path="/apis/v2beta1/runs/{run_id}/events",
        operation="stream_run_events",
        handler=stream_events,
        permission=Permission.READ,
        query=("after", "kind"),
        media=("text/event-stream",),
        summary="What happens to a run, as server-sent events; resumable.",
    ),
)
