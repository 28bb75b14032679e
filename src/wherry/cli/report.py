"""What a run came to: tables printed by ``wherry run``, ``wherry runs show`` and ``wherry demo``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from wherry.cli import wording
from wherry.cli.views import METRICS, FailureView, LineageView, RunView, TaskView


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


def task_table(tasks: Sequence[TaskView]) -> str:
    """Every task with state, duration, attempt and why."""
    rows = [
        [
            task.label,
            click.style(task.word, fg=wording.COLOURS[task.state]),
            wording.duration(task.started_at, task.ended_at),
            # Control tasks have no attempts: they take no process of their own.
            "-" if task.attempts is None else str(task.attempts),
            task.why,
        ]
        for task in tasks
    ]
    return table(["task", "state", "duration", "attempt", "why"], rows)


def metrics_table(tasks: Sequence[TaskView]) -> str:
    """Scalar metrics that the run's tasks logged; empty if there are none."""
    rows = [
        [task.label, name, _number(value)]
        for task in tasks
        if task.works
        for artifact in task.artifacts
        if artifact.type == METRICS
        for name, value in artifact.metadata.items()
        if isinstance(value, int | float)
    ]
    return table(["task", "metric", "value"], rows) if rows else ""


def artifact_table(tasks: Sequence[TaskView]) -> str:
    """Artifacts that the run's tasks made or reused, with the ids that ``wherry lineage`` takes; empty if none."""
    rows = [
        [
            wording.short(artifact.id),
            artifact.type.removeprefix("system."),
            f"{task.label}.{artifact.port}",
            wording.size(artifact.size),
            artifact.where,
        ]
        for task in tasks
        if task.works
        for artifact in task.artifacts
    ]
    return table(["artifact", "type", "made by", "size", "where"], rows) if rows else ""


def failures(tasks: Sequence[TaskView]) -> str:
    """Each failed task with its message, traceback and way out; empty if none failed by itself."""
    parts = []
    for task in tasks:
        if (failure := task.failure) is None:
            continue
        lines = [click.style(f"{task.label} failed: ", fg="red", bold=True) + failure.message]
        lines += [f"  {line}" for line in _frames(failure)]
        if failure.hint:
            lines.append(f"  hint: {failure.hint}")
        parts.append("\n".join(lines))
    return "\n".join(parts)


def _frames(failure: FailureView) -> list[str]:
    """The traceback without its end, where the message says the same already."""
    lines = failure.traceback.rstrip().splitlines()
    for index, line in enumerate(lines):
        if index and not line.startswith(" ") and failure.message.rstrip().endswith("\n".join(lines[index:])):
            return lines[:index]
    return lines


def run_line(run: RunView) -> str:
    """A run in one line."""
    state = click.style(run.state.value, fg=wording.COLOURS[run.state], bold=True)
    took = wording.duration(run.started_at, run.finished_at)
    return f"run {wording.short(run.id)}  {run.name}  {state}  {took}"


def run_list(runs: Sequence[RunView]) -> str:
    """A table of runs. What is known of none of them has no column."""
    columns = {
        "run": [wording.short(run.id) for run in runs],
        "state": [click.style(run.state.value, fg=wording.COLOURS[run.state]) for run in runs],
        "pipeline": [run.pipeline for run in runs],
        "name": [run.name for run in runs],
        "created": [wording.moment(run.created_at) for run in runs],
        "duration": [wording.duration(run.started_at, run.finished_at) for run in runs],
        "by": [run.created_by for run in runs],
    }
    known = {name: cells for name, cells in columns.items() if any(cells)}
    return table(list(known), list(zip(*known.values(), strict=True)))


def run_report(run: RunView, tasks: Sequence[TaskView], *, artifacts_too: bool = False) -> str:
    """What became of a run: its tasks, failures, metrics, and if asked its artifacts."""
    head = [run_line(run)]
    if run.parameters:
        given = ", ".join(f"{name}={wording.shortened(str(value))}" for name, value in run.parameters.items())
        head.append(f"  {given}")
    failed = failures(tasks)
    if run.error and not failed:
        head.append(f"  {run.error}")
    parts = ["\n".join(head), task_table(tasks), failed, metrics_table(tasks)]
    if artifacts_too:
        parts.append(artifact_table(tasks))
    return "\n\n".join(part for part in parts if part)


def lineage_table(lineage: Sequence[LineageView]) -> str:
    """Artifacts by distance: what each is, which task of which run made it, where it lies."""
    rows = [
        [
            str(one.hops),
            wording.short(one.id),
            one.type.removeprefix("system."),
            one.name,
            one.made_by,
            one.run,
            wording.size(one.size),
            one.where,
        ]
        for one in lineage
    ]
    return table(["hops", "artifact", "type", "name", "made by", "run", "size", "where"], rows)


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
