"""``wherry runs``: list, show, logs, cancel, retry."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from wherry.cli import report, row_views, server_views, wording
from wherry.cli.feeds import ServerFeed
from wherry.cli.follow import exit_status, follow_feed, follow_session
from wherry.cli.options import host_option, state_option, token_option
from wherry.cli.run_reading import list_runs, report_recorded, report_run, whole_id
from wherry.cli.server_choice import Choice, choose
from wherry.client import Client
from wherry.errors import InvalidArgumentError, NotFoundError
from wherry.local import cancel_run, embedded
from wherry.model.identity import RunId, TaskKey
from wherry.model.runs import Attempt, RunEvent
from wherry.settings import Settings
from wherry.wiring import Reader, open_reader

_CHUNK = 1 << 20
_DAY_SECONDS = 86_400.0


@click.group("runs")
def command() -> None:
    """List runs, look into one, cancel or retry it. RUN is a run's id or its first characters (at least 4).

    All of them work on the server that --host or $WHERRY_HOST names, else on the state folder; cancel and retry ask
    the server that holds it, if one does.
    """


@command.command("list")
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@host_option
@token_option
@state_option
def list_(limit: int, host: str | None, token: str | None, state: Path | None) -> None:
    """List runs, newest first."""
    runs = asyncio.run(list_runs(choose(host=host, token=token, state=state), limit=limit))
    click.echo(report.run_list(runs) if runs else "No runs yet. Start one with `wherry run FILE` or `wherry demo`.")


@command.command()
@click.argument("run")
@host_option
@token_option
@state_option
def show(run: str, host: str | None, token: str | None, state: Path | None) -> None:
    """Show a run: tasks with state, duration, attempt and why; failures; metrics; artifacts."""
    asyncio.run(report_run(choose(host=host, token=token, state=state), run, artifacts_too=True))


@command.command()
@click.argument("run")
@click.argument("task", required=False)
@click.option("--attempt", type=click.IntRange(min=1), help="Which try; default: the last.")
@host_option
@token_option
@state_option
def logs(
    run: str, task: str | None, attempt: int | None, host: str | None, token: str | None, state: Path | None
) -> None:
    """Print the log of TASK, or of every task one after the other."""
    choice = choose(host=host, token=token, state=state)
    if choice.distant is not None:
        _print_served_logs(choice.distant, asyncio.run(whole_id(choice, run)), task, attempt)
    else:
        asyncio.run(_print_recorded_logs(choice.settings, run, task, attempt))


async def _print_recorded_logs(settings: Settings, run: str, task: str | None, attempt: int | None) -> None:
    async with open_reader(settings) as reader:
        found = await reader.runs.get_run(RunId(run))
        chosen = _choose(await reader.runs.attempts(found.id), task, attempt)
        for one in chosen:
            if len(chosen) > 1:
                click.echo(report.heading(f"== {wording.task_label(one.task)} (attempt {one.number})"))
            _print_log(reader, one)


def _print_served_logs(client: Client, run_id: RunId, task: str | None, attempt: int | None) -> None:
    messages = client.list_tasks(run_id)
    labels = {
        view.label: message
        for view, message in zip(
            server_views.tasks_from_messages(messages), (m for m in messages if m.type != "ROOT"), strict=True
        )
        if view.works
    }
    if task is not None and task.removeprefix("root/") not in labels:
        raise NotFoundError(
            f"run {wording.short(run_id)} has no task {task!r} with a log",
            hint=f"Tasks: {', '.join(sorted(labels)) or 'none'}.",
        )
    chosen = [task.removeprefix("root/")] if task is not None else list(labels)
    for label in chosen:
        try:
            text = client.get_task_log(run_id, labels[label].task_id, attempt=attempt)
        except NotFoundError:
            if task is not None:
                raise
            continue  # reused, skipped, or still waiting
        if len(chosen) > 1:
            click.echo(report.heading(f"== {label}"))
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()


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
@host_option
@token_option
@state_option
def cancel(run: str, host: str | None, token: str | None, state: Path | None) -> None:
    """Cancel a run. Its exit tasks still run. Cancelling a finished run does nothing."""
    choice = choose(host=host, token=token, state=state)
    client = choice.server()
    if client is None:
        cancelled = row_views.run_from_row(asyncio.run(cancel_run(choice.settings, run)))
    else:
        run_id = asyncio.run(whole_id(choice, run))
        client.terminate_run(run_id)
        ended = client.wait_for_run_completion(run_id, _DAY_SECONDS)
        cancelled = server_views.run_from_message(ended)
    click.echo(f"run {wording.short(cancelled.id)} is {cancelled.state.value}")


@command.command()
@click.argument("run")
@click.option("-q", "--quiet", is_flag=True, help="Leave out the tasks' logs.")
@host_option
@token_option
@state_option
def retry(
    run: str,
    quiet: bool,  # noqa: FBT001  click's way
    host: str | None,
    token: str | None,
    state: Path | None,
) -> int:
    """Run the failed part of a finished run again, keeping what succeeded."""
    choice = choose(host=host, token=token, state=state)
    client = choice.server()
    if client is not None:
        return asyncio.run(_retry_there(choice, client, run, quiet=quiet))
    return asyncio.run(_retry_here(choice.settings, run, quiet=quiet))


async def _retry_here(settings: Settings, run: str, *, quiet: bool) -> int:
    async with open_reader(settings) as reader:
        found = await reader.runs.get_run(RunId(run))
    if not found.state.is_final:
        raise InvalidArgumentError(
            f"run {wording.short(found.id)} is {found.state.value}", hint="Only a run that has ended can be retried."
        )
    async with embedded(settings) as session:
        reopened = await session.engine.retry(found.id)
        ended = await follow_session(session, reopened, quiet=quiet)
        click.echo()
        await report_recorded(session.reader, ended)
    return exit_status(ended.state)


async def _retry_there(choice: Choice, client: Client, run: str, *, quiet: bool) -> int:
    run_id = await whole_id(choice, run)
    found = server_views.run_from_message(client.get_run(run_id))
    if not found.state.is_final:
        raise InvalidArgumentError(
            f"run {wording.short(run_id)} is {found.state.value}", hint="Only a run that has ended can be retried."
        )
    # The stream of an ended run tells its history and ends: what comes behind it is the retry.
    told = [notice.seq for notice in client.follow_run(run_id) if isinstance(notice, RunEvent)]
    client.retry_run(run_id)
    click.echo(f"run {wording.short(run_id)}  {found.name}  on the server at {client.host}")
    click.echo(f"  {client.run_url(run_id)}")
    await follow_feed(ServerFeed(client, run_id, after=max(told, default=0)), run_id, quiet=quiet)
    click.echo()
    ended = await report_run(choice, run_id)
    return exit_status(ended.state)
