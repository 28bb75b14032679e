"""Views from the rows of a state folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wherry.cli import wording
from wherry.cli.views import WORKING, ArtifactView, FailureView, LineageView, RunView, TaskView
from wherry.model.artifacts import Artifact, Lineage
from wherry.model.identity import ArtifactId, TaskKey
from wherry.model.outcomes import Failure, FailureReason
from wherry.model.runs import Attempt, Run, TaskKind, TaskRecord


def run_from_row(run: Run) -> RunView:
    """A recorded run."""
    return RunView(
        id=run.id,
        name=run.display_name,
        state=run.state,
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        pipeline=run.pipeline,
        created_by=run.created_by,
        parameters=run.parameters,
        error=run.error.message if run.error is not None and run.error.task is None else "",
    )


def tasks_from_rows(
    tasks: Iterable[TaskRecord], attempts: Iterable[Attempt], artifacts: Mapping[ArtifactId, Artifact]
) -> list[TaskView]:
    """The recorded tasks of a run, without its root. ``artifacts`` has those that their outputs name."""
    tries: dict[TaskKey, int] = {}
    for attempt in attempts:
        tries[attempt.task] = max(tries.get(attempt.task, 0), attempt.number)
    return [
        TaskView(
            label=wording.task_label(task.key),
            works=task.kind in WORKING,
            state=task.state,
            word=wording.state_word(task.state, task.outcome),
            started_at=task.started_at,
            ended_at=task.ended_at,
            attempts=tries.get(task.key),
            why=wording.because(task.outcome, own_run=task.run_id) or task.cache_note,
            failure=_failure(task),
            artifacts=tuple(
                ArtifactView(
                    id=artifact.id,
                    type=artifact.type,
                    port=port,
                    where=wording.place(artifact.uri),
                    size=artifact.size,
                    metadata=artifact.metadata,
                )
                for port, made in task.outputs.artifacts.items()
                for artifact_id in made.artifact_ids
                if (artifact := artifacts.get(artifact_id)) is not None
            ),
        )
        for task in tasks
        if task.kind is not TaskKind.ROOT
    ]


def _failure(task: TaskRecord) -> FailureView | None:
    outcome = task.outcome
    if not isinstance(outcome, Failure) or outcome.reason is FailureReason.CHILD:
        return None
    return FailureView(message=outcome.message, traceback=outcome.traceback, hint=outcome.hint)


def lineage_from_rows(lineage: Lineage) -> list[LineageView]:
    """A recorded answer, nearest first."""
    views = []
    for node in lineage.nodes:
        names = ", ".join(f"{version.name} v{version.version}" for version in node.versions)
        made = node.made
        views.append(
            LineageView(
                hops=node.hops,
                id=node.artifact.id,
                type=node.artifact.type,
                name=names or node.artifact.name,
                made_by=f"{wording.task_label(made.task)}.{made.port}" if made else "imported",
                run=f"{made.pipeline} {wording.short(made.run_id)}" if made else "-",
                size=node.artifact.size,
                where=wording.place(node.artifact.uri),
            )
        )
    return views
