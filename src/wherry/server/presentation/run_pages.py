"""The list of runs and the page of one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from wherry.api.pages import graphs as graph_api
from wherry.api.pages import runs as api
from wherry.ir.spec import InputParameterSpec
from wherry.model.artifacts import Artifact
from wherry.model.identity import Json, Micros, TaskId, TaskKey
from wherry.model.pages import RunSummary, RunView, TaskSummary, TaskTally
from wherry.model.runs import Run
from wherry.model.states import RuntimeState, StorageState
from wherry.server.presentation import page_outcomes
from wherry.server.presentation.structures import node_ids

METRICS_SHOWN: Final = 20
_NAME: Final = 200
"""Characters of a metric's name; a longer one is no column of a table."""


def row(summary: RunSummary) -> api.RunRow:
    """A run in a list."""
    run = summary.run
    return api.RunRow(
        id=run.id,
        name=run.display_name,
        state=run.state,
        sentence=page_outcomes.run_sentence(run),
        pipeline=pipeline_label(summary),
        experiment=experiment_label(summary),
        created_at=run.created_at,
        created_by=run.created_by,
        started_at=run.started_at,
        finished_at=run.finished_at,
        duration=duration(run.started_at, run.finished_at),
        metrics=numbers(summary.metrics),
        task_counts=task_counts(summary.tally),
        archived=run.storage_state is StorageState.ARCHIVED,
        recurring_run_id=run.recurring_run_id,
    )


def page(view: RunView, graph: graph_api.Graph, declared: Mapping[str, InputParameterSpec]) -> api.RunPage:
    """Everything the page of a run shows.

    Args:
        view: the run.
        graph: structure of its pipeline.
        declared: parameters of its pipeline.
    """
    ids = {task.key: task.id for task in view.tasks}
    nodes = node_ids((task.key, task.parent, task.name) for task in view.tasks)
    return api.RunPage(
        run=header(view.summary, declared, ids),
        graph=graph,
        tasks=[task_row(task, nodes[task.key], ids) for task in view.tasks],
        artifacts=[
            api.RunArtifact(id=one.artifact_id, name=one.name, type=one.type, task_id=ids[one.task], port=one.port)
            for one in view.outputs
        ],
        last_event_seq=view.last_seq,
    )


def header(
    summary: RunSummary, declared: Mapping[str, InputParameterSpec], ids: Mapping[TaskKey, TaskId]
) -> api.RunHeader:
    """A run as a whole."""
    run = summary.run
    return api.RunHeader(
        id=run.id,
        name=run.display_name,
        description=run.description,
        state=run.state,
        sentence=page_outcomes.run_sentence(run),
        error=_error(run, ids),
        pipeline=pipeline_label(summary),
        experiment=experiment_label(summary),
        parameters=[_parameter(name, one, run.parameters) for name, one in sorted(declared.items())],
        generation=run.generation,
        cache=run.cache,
        created_at=run.created_at,
        created_by=run.created_by,
        started_at=run.started_at,
        finished_at=run.finished_at,
        duration=duration(run.started_at, run.finished_at),
        archived=run.storage_state is StorageState.ARCHIVED,
        recurring_run_id=run.recurring_run_id,
        service_account=run.service_account,
        spec_digest=run.spec_digest,
        pipeline_root=run.pipeline_root,
        metrics=numbers(summary.metrics),
        task_counts=task_counts(summary.tally),
    )


def task_row(task: TaskSummary, node_id: str, ids: Mapping[TaskKey, TaskId]) -> api.TaskRow:
    """A task. ``ids`` has the tasks of its run and generation that it may name."""
    return api.TaskRow(
        id=task.id,
        key=task.key,
        node_id=node_id,
        parent_id=ids.get(task.parent) if task.parent is not None else None,
        name=task.name,
        display_name=task.display_name,
        kind=task.kind,
        component=task.component,
        iteration_index=task.iteration_index,
        iteration_count=task.iteration_count,
        state=task.state,
        outcome=page_outcomes.outcome(task.outcome, ids, lender=task.lender),
        created_at=task.created_at,
        started_at=task.started_at,
        ended_at=task.ended_at,
        attempt_count=task.attempts,
    )


def pipeline_label(summary: RunSummary) -> api.PipelineLabel:
    """The pipeline of a run."""
    run = summary.run
    return api.PipelineLabel(
        name=run.pipeline,
        id=run.pipeline_id,
        display_name=summary.pipeline_name,
        version_id=run.pipeline_version_id,
        version_name=summary.version_name,
    )


def experiment_label(summary: RunSummary) -> api.ExperimentLabel:
    """The experiment of a run."""
    return api.ExperimentLabel(id=summary.run.experiment_id or "", name=summary.experiment_name)


def task_counts(tally: TaskTally) -> api.TaskCounts:
    """How many tasks are in which state."""
    state = tally.by_state
    return api.TaskCounts(
        pending=state.get(RuntimeState.PENDING, 0),
        running=sum(state.get(one, 0) for one in (RuntimeState.RUNNING, RuntimeState.CANCELING, RuntimeState.PAUSED)),
        succeeded=state.get(RuntimeState.SUCCEEDED, 0) + tally.kept,
        reused=tally.reused,
        skipped=state.get(RuntimeState.SKIPPED, 0),
        failed=state.get(RuntimeState.FAILED, 0),
        canceled=state.get(RuntimeState.CANCELED, 0),
    )


def duration(started: Micros | None, ended: Micros | None) -> int | None:
    """Microseconds between; None if either is missing."""
    return None if started is None or ended is None else max(0, ended - started)


def numbers(artifacts: Iterable[Artifact]) -> dict[str, float]:
    """The numbers in the metadata of artifacts, by name: of two of one name the later. At most `METRICS_SHOWN`."""
    found: dict[str, float] = {}
    for artifact in artifacts:
        for name, value in artifact.metadata.items():
            number = _number(value)
            if number is not None and len(name) <= _NAME and (name in found or len(found) < METRICS_SHOWN):
                found[name] = number
    return found


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def _parameter(name: str, declared: InputParameterSpec, given: Mapping[str, Json]) -> api.RunParameter:
    default = None if declared.default_value is msgspec.UNSET else declared.default_value
    return api.RunParameter(
        name=name, type=declared.parameter_type, value=given.get(name, default), is_default=name not in given
    )


def _error(run: Run, ids: Mapping[TaskKey, TaskId]) -> api.RunFailure | None:
    if run.error is None:
        return None
    task = run.error.task
    return api.RunFailure(message=run.error.message, task_key=task, task_id=ids.get(task) if task is not None else None)
