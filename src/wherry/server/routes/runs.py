"""Runs (KFP: RunService)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from wherry.api import runs as api
from wherry.api.status import Empty
from wherry.api.tasks import PipelineTask
from wherry.errors import InvalidArgumentError, NotFoundError
from wherry.model.identity import ExperimentId, RunId
from wherry.model.listing import ListQuery, Operation, Predicate
from wherry.model.runs import Run, TaskRecord
from wherry.model.states import RuntimeState
from wherry.server import packages
from wherry.server.call import Call
from wherry.server.presentation import runs as present
from wherry.server.presentation import tasks as present_tasks
from wherry.server.route_table import Permission, Route
from wherry.server.starting import run_to_create

_LIST: Final = ("namespace", "experiment_id", "page_token", "page_size", "sort_by", "filter", "view")
_FULL_PAGE: Final = 100
"""Runs on a page that has their tasks, at most."""
_STATE_KEYS: Final = frozenset({"state", "status"})


async def create_run(call: Call, body: api.Run) -> api.Run:
    """KFP: CreateRun. Durable when it answers. With an ``Idempotency-Key`` header a repeated call makes no second run."""
    new = await run_to_create(call, body)
    made = await call.parts.engine.submit(new)
    return await _presented(call, made, spec=packages.wire_spec(new.spec))


async def list_runs(call: Call, _body: Any) -> api.ListRunsResponse:
    """KFP: ListRuns. Without specifications, which GetRun has; with ``view=FULL`` the tasks of each, as in KFP 3.0."""
    full = _is_full(call)
    experiment = call.query.get("experiment_id", "")
    listing = call.listing(f"runs/{experiment}")
    page = await call.parts.runs.find_runs(
        _as_recorded(_at_most(listing.query, _FULL_PAGE) if full else listing.query),
        experiment_id=ExperimentId(experiment) if experiment else None,
    )
    history = await call.parts.runs.state_history([one.id for one in page.items])
    return api.ListRunsResponse(
        runs=tuple(
            [
                present.run(one, history=history.get(one.id, ()), full=await _all_tasks(call, one) if full else ())
                for one in page.items
            ]
        ),
        total_size=page.total_size,
        next_page_token=listing.next_token(page),
    )


async def get_run(call: Call, _body: Any) -> api.Run:
    """KFP: GetRun."""
    found = await run_named(call)
    spec = None
    if found.pipeline_id is None:
        spec = packages.wire_spec(await call.parts.runs.spec(found.spec_digest))
    return await _presented(call, found, spec=spec)


async def terminate_run(call: Call, _body: Any) -> Empty:
    """KFP: TerminateRun. Its exit tasks still run. A run that has ended stays as it is."""
    found = await run_named(call)
    if not found.state.is_final:
        await call.parts.engine.request_cancel(found.id, by=call.caller)
    return Empty()


async def retry_run(call: Call, _body: Any) -> Empty:
    """KFP: RetryRun. What succeeded is kept."""
    found = await run_named(call)
    await call.parts.engine.retry(found.id, by=call.caller)
    return Empty()


async def archive_run(call: Call, _body: Any) -> Empty:
    """KFP: ArchiveRun."""
    found = await run_named(call)
    await call.parts.runs.archive_run(found.id, by=call.caller, now=call.parts.clock.now())
    return Empty()


async def unarchive_run(call: Call, _body: Any) -> Empty:
    """KFP: UnarchiveRun."""
    found = await run_named(call)
    await call.parts.runs.unarchive_run(found.id, by=call.caller, now=call.parts.clock.now())
    return Empty()


async def delete_run(call: Call, _body: Any) -> Empty:
    """KFP: DeleteRun. Its artifacts stay."""
    found = await run_named(call)
    await call.parts.runs.delete_run(found.id, by=call.caller, now=call.parts.clock.now())
    return Empty()


async def run_named(call: Call) -> Run:
    """The run that the path names, by its whole id.

    Raises:
        NotFoundError: there is none.
    """
    run_id = call.path["run_id"]
    found = await call.parts.runs.get_run(RunId(run_id))
    if found.id != run_id:
        raise NotFoundError(f"there is no run '{run_id[:64]}'")
    return found


async def _presented(call: Call, run: Run, *, spec: msgspec.Raw | None) -> api.Run:
    history = await call.parts.runs.state_history([run.id])
    tasks = await call.parts.runs.tasks(run.id)
    full = await tasks_presented(call, run.id, tasks) if _is_full(call) else ()
    return present.run(run, history=history.get(run.id, ()), tasks=tasks, spec=spec, full=full)


async def _all_tasks(call: Call, run: Run) -> Sequence[PipelineTask]:
    return await tasks_presented(call, run.id, await call.parts.runs.tasks(run.id))


async def tasks_presented(call: Call, run_id: RunId, tasks: Sequence[TaskRecord]) -> tuple[PipelineTask, ...]:
    """Tasks of one generation of a run as messages."""
    generation = tasks[0].generation if tasks else None
    family = present_tasks.Family(await call.parts.runs.tasks(run_id, generation))
    ids = {
        one
        for task in tasks
        for ports in (task.inputs.artifacts, task.outputs.artifacts)
        for port in ports.values()
        for one in port.artifact_ids
    }
    artifacts = await call.parts.runs.artifacts(ids)
    return tuple(present_tasks.task(task, family, artifacts) for task in tasks)


def _is_full(call: Call) -> bool:
    view = call.query.get("view", "")
    if view not in {"", "DEFAULT", "FULL"}:
        raise InvalidArgumentError(f"view is '{view[:32]}'", hint="Write DEFAULT or FULL.")
    return view == "FULL"


def _at_most(query: ListQuery, size: int) -> ListQuery:
    return msgspec.structs.replace(query, page_size=min(query.page_size, size))


def _as_recorded(query: ListQuery) -> ListQuery:
    """The query with states as they are recorded: a terminated run is FAILED on the wire and CANCELED in the rows."""
    return msgspec.structs.replace(query, filters=tuple(_recorded_state(one) for one in query.filters))


def _recorded_state(one: Predicate) -> Predicate:
    failed, canceled = RuntimeState.FAILED.value, RuntimeState.CANCELED.value
    if one.key not in _STATE_KEYS:
        return one
    match one.operation, one.value:
        case Operation.EQUALS, str() as value if value == failed:
            return Predicate(key=one.key, operation=Operation.IN, value=(failed, canceled))
        case Operation.IN, tuple() as values if failed in values:
            texts = tuple(value for value in values if isinstance(value, str))
            return Predicate(key=one.key, operation=Operation.IN, value=(*texts, canceled))
        case Operation.NOT_EQUALS, str() as value if value == failed:
            others = tuple(state.value for state in RuntimeState if state.value not in {failed, canceled})
            return Predicate(key=one.key, operation=Operation.IN, value=others)
        case _:
            return one


_ALL = "/apis/v2beta1/runs"
_ONE = _ALL + "/{run_id}"
_EXPERIMENT = ("experiment_id",)

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        operation="RunService_ListRuns",
        handler=list_runs,
        permission=Permission.READ,
        response=api.ListRunsResponse,
        query=_LIST,
        summary="List runs.",
    ),
    Route(
        method="POST",
        path=_ALL,
        operation="RunService_CreateRun",
        handler=create_run,
        permission=Permission.WRITE,
        request=api.Run,
        response=api.Run,
        query=_EXPERIMENT,
        summary="Start a run.",
    ),
    Route(
        method="GET",
        path=_ONE,
        operation="RunService_GetRun",
        handler=get_run,
        permission=Permission.READ,
        response=api.Run,
        query=(*_EXPERIMENT, "view"),
        summary="One run with its tasks.",
    ),
    Route(
        method="DELETE",
        path=_ONE,
        operation="RunService_DeleteRun",
        handler=delete_run,
        permission=Permission.WRITE,
        response=Empty,
        query=_EXPERIMENT,
        summary="Delete a run; its artifacts stay.",
    ),
    *(
        Route(
            method="POST",
            path=f"{_ONE}:{verb}",
            operation=f"RunService_{verb.capitalize()}Run",
            handler=handler,
            permission=Permission.WRITE,
            response=Empty,
            query=_EXPERIMENT,
            summary=summary,
        )
        for verb, handler, summary in (
            ("terminate", terminate_run, "Stop a run; its exit tasks still run."),
            ("retry", retry_run, "Run the failed part of an ended run again."),
            ("archive", archive_run, "Take a run out of the ordinary lists."),
            ("unarchive", unarchive_run, "Put an archived run back."),
        )
    ),
)
