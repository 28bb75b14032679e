"""What a run came to: tables printed by ``wherry run``, ``wherry runs show`` and ``wherry demo``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from wherry.cli import wording
from wherry.model.artifacts import Artifact, Lineage
from wherry.model.identity import ArtifactId, TaskKey
from wherry.model.outcomes import Failure, FailureReason
from wherry.model.runs import Attempt, Run, TaskKind, TaskRecord

METRICS = "system.Metrics"


def heading(text: str) -> str:
    """A line that starts a part of the output."""
    return click.style(text, bold=True)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns padded to their widest cell; cells may hold colour."""
    lines = [[click.style(cell, dim=True) for cell in header], *rows]
    widths = [max(len(click.unstyle(line[column])) for line in lines) for column in range(len(header))]
    padded = (
        "  ".join(cell + " " * (width - len(click.unstyle(cell))) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )
    return "\n".join("  " + line.rstrip() for line in padded)


def task_table(tasks: Sequence[TaskRecord], attempts: Sequence[Attempt]) -> str:
    """Every task with state, duration, attempt and why."""
    tries: dict[TaskKey, int] = {}
    for attempt in attempts:
        tries[attempt.task] = max(tries.get(attempt.task, 0), attempt.number)
    rows = []
    for task in tasks:
        if task.kind is TaskKind.ROOT:
            continue
        word = click.style(wording.state_word(task.state, task.outcome), fg=wording.COLOURS[task.state])
        # Control tasks have no attempts: they take no process of their own.
        tried = str(tries[task.key]) if task.key in tries else "-"
        why = wording.because(task.outcome, own_run=task.run_id) or task.cache_note
        rows.append([wording.task_label(task.key), word, wording.duration(task.started_at, task.ended_at), tried, why])
    return table(["task", "state", "duration", "attempt", "why"], rows)


def metrics_table(tasks: Sequence[TaskRecord], artifacts: Mapping[ArtifactId, Artifact]) -> str:
    """Scalar metrics that the run's tasks logged; empty if there are none."""
    rows = [
        [wording.task_label(task.key), name, _number(value)]
        for task in tasks
        if task.kind is TaskKind.RUNTIME
        for port in task.outputs.artifacts.values()
        for artifact_id in port.artifact_ids
        if (artifact := artifacts.get(artifact_id)) is not None and artifact.type == METRICS
        for name, value in artifact.metadata.items()
        if isinstance(value, int | float)
    ]
    return table(["task", "metric", "value"], rows) if rows else ""


def artifact_table(tasks: Sequence[TaskRecord], artifacts: Mapping[ArtifactId, Artifact]) -> str:
    """Artifacts that the run's tasks made or reused, with the ids that ``wherry lineage`` takes; empty if none."""
    rows = [
        [
            wording.short(artifact.id),
            artifact.type.removeprefix("system."),
            f"{wording.task_label(task.key)}.{port}",
            wording.size(artifact.size),
            wording.place(artifact.uri),
        ]
        for task in tasks
        if task.kind in {TaskKind.RUNTIME, TaskKind.IMPORTER}
        for port, made in task.outputs.artifacts.items()
        for artifact_id in made.artifact_ids
        if (artifact := artifacts.get(artifact_id)) is not None
    ]
    return table(["artifact", "type", "made by", "size", "where"], rows) if rows else ""


def failures(tasks: Sequence[TaskRecord]) -> str:
    """Each failed task with its message, traceback and way out; empty if none failed by itself."""
    parts = []
    for task in tasks:
        if not isinstance(task.outcome, Failure) or task.outcome.reason is FailureReason.CHILD:
            continue
        outcome = task.outcome
        lines = [click.style(f"{wording.task_label(task.key)} failed: ", fg="red", bold=True) + outcome.message]
        lines += [f"  {line}" for line in _frames(outcome)]
        if outcome.hint:
            lines.append(f"  hint: {outcome.hint}")
        parts.append("\n".join(lines))
    return "\n".join(parts)


def _frames(failure: Failure) -> list[str]:
    """The traceback without its end, where the message says the same already."""
    lines = failure.traceback.rstrip().splitlines()
    for index, line in enumerate(lines):
        if index and not line.startswith(" ") and failure.message.rstrip().endswith("\n".join(lines[index:])):
            return lines[:index]
    return lines


def run_line(run: Run) -> str:
    """A run in one line."""
    state = click.style(run.state.value, fg=wording.COLOURS[run.state], bold=True)
    took = wording.duration(run.started_at, run.finished_at)
    return f"run {wording.short(run.id)}  {run.display_name}  {state}  {took}"


def run_list(runs: Sequence[Run]) -> str:
    """A table of runs."""
    rows = [
        [
            wording.short(run.id),
            click.style(run.state.value, fg=wording.COLOURS[run.state]),
            run.pipeline,
            run.display_name,
            wording.moment(run.created_at),
            wording.duration(run.started_at, run.finished_at),
            run.created_by,
        ]
        for run in runs
    ]
    return table(["run", "state", "pipeline", "name", "created", "duration", "by"], rows)


def lineage_text(lineage: Lineage) -> str:
    """Artifacts by distance: what each is, which task of which run made it, where it lies."""
    rows = []
    for node in lineage.nodes:
        made = node.made
        names = ", ".join(f"{version.name} v{version.version}" for version in node.versions)
        rows.append(
            [
                str(node.hops),
                wording.short(node.artifact.id),
                node.artifact.type.removeprefix("system."),
                names or node.artifact.name,
                f"{wording.task_label(made.task)}.{made.port}" if made else "imported",
                f"{made.pipeline} {wording.short(made.run_id)}" if made else "-",
                wording.size(node.artifact.size),
                wording.place(node.artifact.uri),
            ]
        )
    return table(["hops", "artifact", "type", "name", "made by", "run", "size", "where"], rows)


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
