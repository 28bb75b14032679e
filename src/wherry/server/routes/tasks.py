"""Tasks of a run, in the shape of KFP 3.0, and their logs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from starlette.responses import Response, StreamingResponse

from wherry.api import tasks as api
from wherry.errors import InvalidArgumentError, NotFoundError
from wherry.model.identity import AttemptId, RunId, TaskId
from wherry.model.runs import Attempt, Run, TaskRecord
from wherry.server.call import Call
from wherry.server.route_table import Permission, Route
from wherry.server.routes.runs import run_named, tasks_presented

_CHUNK: Final = 1 << 18
_LOG_PART: Final = 1 << 20
# An id becomes a part of a path.
_ATTEMPT_ID: Final = re.compile(r"[0-9a-f]{8,64}")


async def list_tasks(call: Call, _body: Any) -> api.ListTasksResponse:
    """KFP 3.0: ListTasks. Of the newest generation of the run."""
    run = await run_named(call)
    parent = call.query.get("parent_id", "")
    listing = call.listing(f"runs/{run.id}/tasks/{parent}", sort_key="order_by")
    page = await call.parts.runs.find_tasks(run.id, listing.query, parent_id=TaskId(parent) if parent else None)
    return api.ListTasksResponse(
        tasks=await tasks_presented(call, run.id, page.items),
        total_size=page.total_size,
        next_page_token=listing.next_token(page),
    )


async def get_task(call: Call, _body: Any) -> api.PipelineTask:
    """KFP 3.0: GetTask."""
    run, task = await task_named(call)
    (message,) = await tasks_presented(call, run.id, [task])
    return message


async def get_log(call: Call, _body: Any) -> Response:
    """The log of a task, as text: of its last attempt, or of the one that ``attempt`` numbers from 1."""
    run, task = await task_named(call)
    attempts = [one for one in await call.parts.runs.attempts(run.id, task.generation) if one.task == task.key]
    return log_of(call, run.id, _chosen(attempts, call.query.get("attempt", ""), task).id)


def log_of(call: Call, run_id: RunId, attempt_id: AttemptId) -> Response:
    """The whole log of an attempt, as text."""

    async def chunks() -> AsyncIterator[bytes]:
        position = 0
        while chunk := await asyncio.to_thread(
            call.parts.logs.log, run_id, attempt_id, from_byte=position, limit=_CHUNK
        ):
            position += len(chunk)
            yield chunk

    return StreamingResponse(chunks(), media_type="text/plain; charset=utf-8")


async def get_attempt_log(call: Call, _body: Any) -> Response:
    """The log of an attempt, by the id that events tell, from byte ``from_byte`` to what is its end by now."""
    run = await run_named(call)
    attempt, text = call.path["attempt_id"], call.query.get("from_byte", "0")
    if not _ATTEMPT_ID.fullmatch(attempt):
        raise NotFoundError(f"'{attempt[:64]}' is no attempt's id")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004  digits that fit into 64 bits
        raise InvalidArgumentError(f"from_byte is '{text[:32]}', which is no number", hint="Bytes count from 0.")
    chunk = await asyncio.to_thread(
        call.parts.logs.log, run.id, AttemptId(attempt), from_byte=int(text), limit=_LOG_PART
    )
    return Response(chunk, media_type="text/plain; charset=utf-8")


def _chosen(attempts: Sequence[Attempt], number: str, task: TaskRecord) -> Attempt:
    if number and not (number.isascii() and number.isdigit() and len(number) < 10):  # noqa: PLR2004  digits of an int32
        raise InvalidArgumentError(f"attempt is '{number[:32]}', which is no number", hint="Attempts count from 1.")
    found = [one for one in attempts if not number or one.number == int(number)]
    if not found:
        raise NotFoundError(
            f"task '{task.name}' has no attempt" + (f" {number}" if number else ""),
            hint="A task that was reused, skipped or is still waiting has none.",
        )
    return max(found, key=lambda one: one.number)


async def task_named(call: Call) -> tuple[Run, TaskRecord]:
    """The task that the path names, with its run.

    Raises:
        NotFoundError: there is none.
    """
    run = await run_named(call)
    task = await call.parts.runs.get_task(TaskId(call.path["task_id"]))
    if task.run_id != run.id:
        raise NotFoundError(f"run '{run.id}' has no task '{task.id}'")
    return run, task


_ALL: Final = "/apis/v2beta1/runs/{run_id}/tasks"
_ONE: Final = _ALL + "/{task_id}"

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        operation="list_tasks",
        handler=list_tasks,
        permission=Permission.READ,
        response=api.ListTasksResponse,
        query=("parent_id", "page_size", "page_token", "filter", "order_by"),
        summary="List the tasks of a run.",
    ),
    Route(
        method="GET",
        path=_ONE,
        operation="get_task",
        handler=get_task,
        permission=Permission.READ,
        response=api.PipelineTask,
        summary="One task with its inputs and outputs.",
    ),
    Route(
        method="GET",
        path=_ONE + "/log",
        operation="get_task_log",
        handler=get_log,
        permission=Permission.READ,
        query=("attempt",),
        media=("text/plain",),
        summary="The log of a task, as text.",
    ),
    Route(
        method="GET",
        path="/apis/v2beta1/runs/{run_id}/attempts/{attempt_id}/log",
        operation="get_attempt_log",
        handler=get_attempt_log,
        permission=Permission.READ,
        query=("from_byte",),
        summary="The log of an attempt from a byte on, at most 1 MiB: for reading on as it grows.",
    ),
)
