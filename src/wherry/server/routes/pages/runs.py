"""Runs."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from wherry.api.pages import artifacts as artifact_api
from wherry.api.pages import runs as api
from wherry.errors import InvalidArgumentError
from wherry.ir.spec import ComponentInputsSpec
from wherry.model.identity import ExperimentId, PipelineId, PipelineVersionId, RunId
from wherry.model.listing import Operation, Predicate
from wherry.model.states import RuntimeState
from wherry.server.call import Call
from wherry.server.presentation import previews, run_pages
from wherry.server.route_table import Parameter, Permission, Route
from wherry.server.routes.pages import queries
from wherry.server.routes.pages.artifacts import preview

_SORT_KEYS: Final = ("created_at", "name", "finished_at")
_MANY: Final = 500
"""Tasks whose rows are put together in a thread: the loop goes on."""
_RESULTS: Final = 200
_RESULT_TYPES: Final = (
    "system.Metrics",
    "system.ClassificationMetrics",
    "system.SlicedClassificationMetrics",
    "system.Markdown",
    "system.HTML",
)


async def list_runs(call: Call, _body: Any) -> api.RunRows:
    """A page of runs."""
    experiment, pipeline, version = (
        call.query.get(name, "") for name in ("experiment_id", "pipeline_id", "pipeline_version_id")
    )
    filters = (
        *_states(call),
        *queries.archived_filter(call),
        *queries.name_filter(call, "display_name"),
        *queries.created_filter(call),
        *_recurring(call),
    )
    asked = queries.page_query(
        call, "runs", filters=filters, sort_keys=_SORT_KEYS, scope=f"{experiment}/{pipeline}/{version}"
    )
    page = await call.parts.pages.find_run_summaries(
        asked.query,
        experiment_id=ExperimentId(experiment) if experiment else None,
        pipeline_id=PipelineId(pipeline) if pipeline else None,
        pipeline_version_id=PipelineVersionId(version) if version else None,
    )
    return api.RunRows(
        runs=[run_pages.row(one) for one in page.items],
        total_size=page.total_size,
        next_page_token=asked.next_token(page),
    )


async def show_run(call: Call, _body: Any) -> api.RunPage:
    """The page of a run."""
    view = await call.parts.pages.run_view(RunId(call.path["run_id"]))
    found = await call.parts.specifications.get(view.summary.run.spec_digest)
    inputs = found.package.spec.root.input_definitions or ComponentInputsSpec()
    if len(view.tasks) < _MANY:
        return run_pages.page(view, found.structure.graph, inputs.parameters)
    return await asyncio.to_thread(run_pages.page, view, found.structure.graph, inputs.parameters)


async def show_spec(call: Call, _body: Any) -> api.RunSpec:
    """What a run was started with."""
    run = await call.parts.runs.get_run(RunId(call.path["run_id"]))
    found = await call.parts.specifications.get(run.spec_digest)
    return api.RunSpec(
        run_id=run.id,
        run_name=run.display_name,
        experiment_id=run.experiment_id or "",
        pipeline_id=run.pipeline_id,
        pipeline_version_id=run.pipeline_version_id,
        parameters=run.parameters,
        structure=found.structure,
        spec=found.on_the_wire(),
        yaml=await found.as_yaml(),
    )


async def show_results(call: Call, _body: Any) -> artifact_api.RunResults:
    """The results of a run."""
    run_id = RunId(call.path["run_id"])
    found = await call.parts.pages.run_results(run_id, _RESULT_TYPES, limit=_RESULTS + 1)
    shown = found[:_RESULTS]
    contents = await asyncio.to_thread(
        lambda: [preview(one.artifact, call.parts.artifact_root, limit=previews.LIMIT) for one in shown]
    )
    return artifact_api.RunResults(
        run_id=run_id,
        results=[
            artifact_api.Result(
                artifact_id=one.artifact.id,
                name=one.artifact.name,
                type=one.artifact.type,
                task_id=one.task.id,
                task_name=one.task.display_name,
                iteration_index=one.task.iteration_index,
                port=one.port,
                content=content,
            )
            for one, content in zip(shown, contents, strict=True)
        ],
        truncated=len(found) > _RESULTS,
    )


def _states(call: Call) -> tuple[Predicate, ...]:
    values = queries.texts(call, "state")
    unknown = set(values) - set(RuntimeState.__members__)
    if unknown:
        raise InvalidArgumentError(
            f"state is '{min(unknown)[:32]}'", hint=f"One or more of {', '.join(RuntimeState.__members__)}."
        )
    return (Predicate(key="state", operation=Operation.IN, value=values),) if values else ()


def _recurring(call: Call) -> tuple[Predicate, ...]:
    recurring = call.query.get("recurring_run_id", "")
    return (Predicate(key="recurring_run_id", operation=Operation.EQUALS, value=recurring),) if recurring else ()


_ONE: Final = queries.BASE + "/runs/{run_id}"

ROUTES = (
    Route(
        method="GET",
        path=queries.BASE + "/runs",
        operation="pages_list_runs",
        handler=list_runs,
        permission=Permission.READ,
        response=api.RunRows,
        query=(
            Parameter(
                name="state",
                description="One of these states; repeatable.",
                schema={"type": "array", "items": {"type": "string", "enum": [one.value for one in RuntimeState]}},
            ),
            Parameter(name="experiment_id", description="In this experiment."),
            Parameter(name="pipeline_id", description="Of this registered pipeline."),
            Parameter(name="pipeline_version_id", description="Of this version of a registered pipeline."),
            Parameter(name="recurring_run_id", description="Started by this recurring run."),
            queries.NAME,
            Parameter(
                name="created_from",
                description="Created at this time or later, in microseconds since 1970.",
                schema={"type": "integer", "format": "int64"},
            ),
            Parameter(
                name="created_before",
                description="Created before this time, in microseconds since 1970.",
                schema={"type": "integer", "format": "int64"},
            ),
            queries.ARCHIVED,
            queries.sorting(_SORT_KEYS),
            queries.SIZE,
            queries.TOKEN,
        ),
        summary="List runs.",
    ),
    Route(
        method="GET",
        path=_ONE,
        operation="pages_show_run",
        handler=show_run,
        permission=Permission.READ,
        response=api.RunPage,
        summary="The page of a run: header, graph, tasks, artifacts.",
    ),
    Route(
        method="GET",
        path=_ONE + "/spec",
        operation="pages_show_run_spec",
        handler=show_spec,
        permission=Permission.READ,
        response=api.RunSpec,
        summary="What a run was started with, to start it again.",
    ),
    Route(
        method="GET",
        path=_ONE + "/results",
        operation="pages_show_run_results",
        handler=show_results,
        permission=Permission.READ,
        response=artifact_api.RunResults,
        summary="Metrics, classification metrics, Markdown and HTML of a run.",
    ),
)
