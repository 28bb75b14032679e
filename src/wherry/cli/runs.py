"""``wherry runs``: list, show, logs, cancel, retry."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from wherry.cli import report, wording
from wherry.cli.follow import exit_status, follow_run
from wherry.cli.options import state_option
from wherry.errors import InvalidArgumentError, NotFoundError
from wherry.local import cancel_run, embedded
from wherry.model.identity import RunId, TaskKey
from wherry.model.runs import Attempt, Run
from wherry.settings import Settings, load_settings
from wherry.wiring import Reader, open_reader

_CHUNK = 1 << 20


@click.group("runs")
def command() -> None:
    """List runs, look into one, cancel or retry it. RUN is a run's id or its first characters (at least 4)."""


@command.command("list")
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@state_option
def list_(limit: int, state: Path | None) -> None:
    """List runs, newest first."""

    async def show() -> None:
        runs: tuple[Run, ...] = ()
        # Nothing recorded is an answer here, not an error.
        with contextlib.suppress(NotFoundError):
            async with open_reader(load_settings(state=state)) as reader:
                runs = await reader.runs.list_runs(limit=limit)
        if not runs:
            click.echo("No runs yet. Start one with `wherry run FILE` or `wherry demo`.")
            return
        click.echo(report.run_list(runs))

    asyncio.run(show())


@command.command()
@click.argument("run")
@state_option
def show(run: str, state: Path | None) -> None:
    """Show a run: tasks with state, duration, attempt and why; failures; metrics; artifacts."""

    async def print_run() -> None:
        async with open_reader(load_settings(state=state)) as reader:
            await report_run(reader, await reader.runs.get_run(RunId(run)), artifacts_too=True)

    asyncio.run(print_run())


async def report_run(reader: Reader, run: Run, *, artifacts_too: bool = False) -> None:
    """Print what became of a run: its tasks, failures, metrics, and if asked its artifacts."""
    tasks = await reader.runs.tasks(run.id)
    attempts = await reader.runs.attempts(run.id)
    ids = [i for task in tasks for port in task.outputs.artifacts.values() for i in port.artifact_ids]
    artifacts = await reader.runs.artifacts(ids)
    click.echo(report.run_line(run))
    if run.parameters:
        click.echo(
            "  " + ", ".join(f"{name}={wording.shortened(str(value))}" for name, value in run.parameters.items())
        )
    if run.error and run.error.task is None:
        click.echo(f"  {run.error.message}")
    click.echo()
    click.echo(report.task_table(tasks, attempts))
    parts = [report.failures(tasks), report.metrics_table(tasks, artifacts)]
    if artifacts_too:
        parts.append(report.artifact_table(tasks, artifacts))
    for part in parts:
        if part:
            click.echo()
            click.echo(part)


@command.command()
@click.argument("run")
@click.argument("task", required=False)
@click.option("--attempt", type=click.IntRange(min=1), help="Which try; default: the last.")
@state_option
def logs(run: str, task: str | None, attempt: int | None, state: Path | None) -> None:
    """Print the log of TASK, or of every task one after the other."""

    async def print_logs() -> None:
        settings = load_settings(state=state)
        async with open_reader(settings) as reader:
            found = await reader.runs.get_run(RunId(run))
            attempts = await reader.runs.attempts(found.id)
            chosen = _choose(attempts, task, attempt)
            for one in chosen:
                if len(chosen) > 1:
                    click.echo(report.heading(f"== {wording.task_label(one.task)} (attempt {one.number})"))
                _print_log(reader, one)

    asyncio.run(print_logs())


def _choose(attempts: Sequence[Attempt], task: str | None, number: int | None) -> Sequence[Attempt]:
    """The attempts whose logs were asked for: of one task or all, one try or the last of each."""
    names = sorted({wording.task_label(a.task) for a in attempts})
    if task is not None:
        attempts = [a for a in attempts if wording.task_label(a.task) == task.removeprefix("root/")]
        if not attempts:
            raise NotFoundError(
                f"task {task!r} has no attempt in this run", hint=f"Tasks that ran: {', '.join(names) or 'none'}."
            )
    if number is not None:
        attempts = [a for a in attempts if a.number == number]
        if not attempts:
            raise NotFoundError(f"there is no attempt {number}", hint="`wherry runs show RUN` lists attempts.")
        return attempts
    last: dict[TaskKey, Attempt] = {}
    for one in attempts:
        if one.task not in last or one.number > last[one.task].number:
            last[one.task] = one
    return list(last.values())


def _print_log(reader: Reader, attempt: Attempt) -> None:
    out = sys.stdout.buffer
    position = 0
    while chunk := reader.logs.log(attempt.run_id, attempt.id, from_byte=position, limit=_CHUNK):
        out.write(chunk)
        position += len(chunk)
    out.flush()


@command.command()
@click.argument("run")
@state_option
def cancel(run: str, state: Path | None) -> None:
    """Cancel a run. Its exit tasks still run. Cancelling a finished run does nothing."""
    settings = load_settings(state=state)
    cancelled = asyncio.run(cancel_run(settings, run))
    click.echo(f"run {wording.short(cancelled.id)} is {cancelled.state.value}")


@command.command()
@click.argument("run")
@state_option
def retry(run: str, state: Path | None) -> int:
    """Run the failed part of a finished run again, keeping what succeeded."""
    return asyncio.run(_retry(load_settings(state=state), run))


async def _retry(settings: Settings, run: str) -> int:
    async with open_reader(settings) as reader:
        found = await reader.runs.get_run(RunId(run))
    if not found.state.is_final:
        raise InvalidArgumentError(
            f"run {wording.short(found.id)} is {found.state.value}", hint="Only a run that has ended can be retried."
        )
    async with embedded(settings) as session:
        reopened = await session.engine.retry(found.id)
        ended = await follow_run(session, reopened)
        await report_run(session.reader, ended)
    return exit_status(ended)
