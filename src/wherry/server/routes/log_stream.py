"""The log of a task while it is written, as server-sent events."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response, StreamingResponse

from wherry.errors import InvalidArgumentError
from wherry.server.bell import Bell
from wherry.server.call import Call
from wherry.server.log_stream import LogReader, read_place
from wherry.server.route_table import Permission, Route
from wherry.server.routes.tasks import task_named


async def stream_log(call: Call, _body: Any) -> Response:
    """The log behind ``Last-Event-ID``, then what is written, until the attempt has ended.

    Without ``attempt`` that is the newest attempt, and if a retry opens another, that one next. Events are ``log``
    with its text, and ``end``.
    """
    run, task = await task_named(call)
    place = read_place(call.request.headers.get("last-event-id", ""))
    reader = LogReader(call.parts.runs, call.parts.logs, task, number=_number(call.query.get("attempt", "")))
    await reader.check()
    bell = Bell(call.parts.engine, run.id, call.stopping, task=task.key)
    return StreamingResponse(
        reader.stream(bell, place), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):  # noqa: PLR2004  digits of an int32
        raise InvalidArgumentError(f"attempt is '{text[:32]}', which is no number", hint="Attempts count from 1.")
    return int(text)


ROUTES = (
    Route(
        method="GET",
        path="/apis/v2beta1/runs/{run_id}/tasks/{task_id}/log/stream",
        operation="stream_task_log",
        handler=stream_log,
        permission=Permission.READ,
        query=("attempt",),
        media=("text/event-stream",),
        summary="The log of a task as it is written, as server-sent events; resumable.",
    ),
)
