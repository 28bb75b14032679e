"""Addresses that clients of KFP know and the API's own paths do not have: Kubeflow's pages, and logs of nodes.

A link that kfp prints ends in a fragment, ``/#/runs/details/ID``, which never reaches a server: the page that it leads
to reads it. Behind Kubeflow's dashboard the same page lies at ``/pipeline/`` and ``/_/pipeline/``; a browser keeps the
fragment when it is sent on. Calls below ``/pipeline/apis`` are answered as if the prefix were not there
(`wherry.server.path_prefix`).
"""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from wherry.errors import NotFoundError
from wherry.model.identity import AttemptId, TaskId
from wherry.server.call import Call
from wherry.server.route_table import Permission, Route
from wherry.server.routes.runs import run_named
from wherry.server.routes.tasks import log_of

#: Where Kubeflow's dashboard shows the pages of KFP, and its frames of them.
_PAGES: Final = ("/pipeline", "/pipeline/", "/_/pipeline", "/_/pipeline/", "/_/")


async def send_on(_call: Call, _body: Any) -> Response:
    """To the interface."""
    return RedirectResponse("/", status_code=302)


async def get_node_log(call: Call, _body: Any) -> Response:
    """KFP: the log of a node. A node is a task, or one of its attempts (what ``KFP_POD_NAME`` says in the task)."""
    run = await run_named(call)
    node = call.path["node_id"]
    for attempt in await call.parts.runs.attempts(run.id):
        if attempt.id == node:
            return log_of(call, run.id, AttemptId(node))
    task = await call.parts.runs.get_task(TaskId(node))
    attempts = [one for one in await call.parts.runs.attempts(run.id, task.generation) if one.task == task.key]
    if task.run_id != run.id or not attempts:
        raise NotFoundError(f"run '{run.id}' has no log of a node '{node[:64]}'")
    return log_of(call, run.id, max(attempts, key=lambda one: one.number).id)


ROUTES = (
    *(
        Route(
            method="GET",
            path=path,
            operation=f"kubeflow_page_{number}",
            handler=send_on,
            permission=Permission.PUBLIC,
            summary="Sends a browser on from an address of Kubeflow's dashboard.",
        )
        for number, path in enumerate(_PAGES, start=1)
    ),
    Route(
        method="GET",
        path="/apis/v1alpha1/runs/{run_id}/nodes/{node_id}/log",
        operation="ReadRunLogV1",
        handler=get_node_log,
        permission=Permission.READ,
        query=("follow",),
        summary="The log of a task or of one of its attempts, at KFP's address.",
    ),
)
