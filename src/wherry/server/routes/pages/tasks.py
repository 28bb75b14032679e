"""The panel of one task."""

from __future__ import annotations

import asyncio
from typing import Any

from wherry.api.pages import tasks as api
from wherry.model.identity import AttemptId, RunId, TaskId
from wherry.model.pages import TaskView
from wherry.ports import AttemptEnvironment
from wherry.server.call import Call
from wherry.server.parts import ServerParts
from wherry.server.presentation import task_pages
from wherry.server.route_table import Permission, Route
from wherry.server.routes.pages import queries


async def show_task(call: Call, _body: Any) -> api.TaskPage:
    """The panel of a task."""
    view = await call.parts.pages.task_view(RunId(call.path["run_id"]), TaskId(call.path["task_id"]))
    found = await call.parts.specifications.get(view.run.spec_digest)
    logged, ran_with = await asyncio.to_thread(_kept_by_launcher, call.parts, view)
    return task_pages.page(view, found.package, python_code=call.parts.python_code, logged=logged, ran_with=ran_with)


def _kept_by_launcher(parts: ServerParts, view: TaskView) -> tuple[frozenset[AttemptId], AttemptEnvironment | None]:
    """Which attempts have a log, and what the newest one ran with. Blocking."""
    logged = frozenset(one.id for one in view.attempts if parts.logs.log(view.run.id, one.id, limit=1))
    handle = view.attempts[-1].handle if view.attempts else None
    return logged, parts.environments.environment(handle) if handle is not None else None


ROUTES = (
    Route(
        method="GET",
        path=queries.BASE + "/runs/{run_id}/tasks/{task_id}",
        operation="pages_show_task",
        handler=show_task,
        permission=Permission.READ,
        response=api.TaskPage,
        summary="The panel of a task.",
    ),
)
