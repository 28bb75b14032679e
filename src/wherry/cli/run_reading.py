"""Reads runs for the commands that show them, from rows where they are at hand, else from the server."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
from collections.abc import Callable
from typing import Final

import click

from wherry.api.pages.outcomes import FailedOutcome
from wherry.cli import report, row_views, server_views, views
from wherry.cli.server_choice import Choice
from wherry.client import Client
from wherry.errors import InvalidArgumentError, NotFoundError
from wherry.model.identity import RunId
from wherry.model.runs import Run
from wherry.wiring import Reader, open_reader

_WHOLE_ID: Final = 36
_SHORTEST: Final = 4
_PAGE: Final = 200
_FAILURES: Final = 20
"""Failed tasks that are told with their tracebacks."""


async def report_recorded(reader: Reader, run: Run, *, artifacts_too: bool = False) -> None:
    """Print what became of a run, from its rows."""
    tasks = await reader.runs.tasks(run.id)
    attempts = await reader.runs.attempts(run.id)
    ids = [i for task in tasks for port in task.outputs.artifacts.values() for i in port.artifact_ids]
    shown = row_views.tasks_from_rows(tasks, attempts, await reader.runs.artifacts(ids))
    click.echo(report.run_report(row_views.run_from_row(run), shown, artifacts_too=artifacts_too))


async def report_run(choice: Choice, run: str, *, artifacts_too: bool = False) -> views.RunView:
    """Print what became of a run, which is named by its id or the first characters of it."""
    if choice.distant is not None:
        return await asyncio.to_thread(_report_served, choice.distant, run, artifacts_too=artifacts_too)
    async with open_reader(choice.settings) as reader:
        found = await reader.runs.get_run(RunId(run))
        await report_recorded(reader, found, artifacts_too=artifacts_too)
    return row_views.run_from_row(found)


async def read_run(choice: Choice, run_id: RunId) -> views.RunView:
    """One run."""
    if choice.distant is not None:
        return server_views.run_from_message(await asyncio.to_thread(choice.distant.get_run, run_id))
    async with open_reader(choice.settings) as reader:
        return row_views.run_from_row(await reader.runs.get_run(run_id))


async def list_runs(choice: Choice, *, limit: int) -> list[views.RunView]:
    """The newest runs."""
    if choice.distant is not None:
        return await asyncio.to_thread(_list_served, choice.distant, limit=limit)
    # Nothing recorded is an answer here, not an error.
    with contextlib.suppress(NotFoundError):
        async with open_reader(choice.settings) as reader:
            return [row_views.run_from_row(one) for one in await reader.runs.list_runs(limit=limit)]
    return []


async def whole_id(choice: Choice, run: str) -> RunId:
    """The id of the run that ``run`` is the beginning of.

    Raises:
        NotFoundError: there is none.
        InvalidArgumentError: it is too short, or the beginning of several.
    """
    if choice.distant is not None:
        return RunId(run) if len(run) >= _WHOLE_ID else await asyncio.to_thread(_whole_id, choice.distant, run)
    async with open_reader(choice.settings) as reader:
        return (await reader.runs.get_run(RunId(run))).id


def _list_served(client: Client, *, limit: int) -> list[views.RunView]:
    try:
        return _read_pages(functools.partial(_page_of_rows, client), limit=limit)
    except NotFoundError:  # KFP's own server, or an older one
        return _read_pages(functools.partial(_page_of_messages, client), limit=limit)


def _read_pages(read: Callable[[str, int], tuple[list[views.RunView], str]], *, limit: int) -> list[views.RunView]:
    found, token = read("", min(limit, _PAGE))
    while token and len(found) < limit:
        more, token = read(token, min(limit - len(found), _PAGE))
        found += more
    return found


def _page_of_rows(client: Client, token: str, size: int) -> tuple[list[views.RunView], str]:
    page = client.list_run_rows(token, size)
    return [server_views.run_from_line(row) for row in page.runs], page.next_page_token


def _page_of_messages(client: Client, token: str, size: int) -> tuple[list[views.RunView], str]:
    page = client.list_runs(token, size, "created_at desc")
    return [server_views.run_from_message(one) for one in page.runs], page.next_page_token


def _whole_id(client: Client, run: str) -> RunId:
    if len(run) < _SHORTEST:
        raise InvalidArgumentError(f"{run!r} is too short to name a run", hint="Give at least 4 characters of its id.")
    predicate = {"operation": "IS_SUBSTRING", "key": "run_id", "string_value": run}
    page = client.list_runs(page_size=200, filter=json.dumps({"predicates": [predicate]}))
    found = [one.run_id for one in page.runs if one.run_id.startswith(run)]
    if not found:
        raise NotFoundError(f"{client.host} has no run whose id begins with {run!r}", hint="See `wherry runs list`.")
    if len(found) > 1:
        raise InvalidArgumentError(f"{len(found)} runs begin with {run!r}", hint="Give more of the id.")
    return RunId(found[0])


def _report_served(client: Client, run: str, *, artifacts_too: bool) -> views.RunView:
    run_id = _whole_id(client, run) if len(run) < _WHOLE_ID else run
    messages = client.list_tasks(run_id)
    try:
        page = client.show_run(run_id)
    except NotFoundError:  # KFP's own server, or an older one
        shown = server_views.run_from_message(client.get_run(run_id))
        tasks = server_views.tasks_from_messages(messages)
    else:
        shown = server_views.run_from_page(page)
        failed = [task.id for task in page.tasks if server_views.failed_by_itself(task)]
        tasks = server_views.tasks_from_page(
            page, messages, {task_id: _failure(client, run_id, task_id) for task_id in failed[:_FAILURES]}
        )
    click.echo(report.run_report(shown, tasks, artifacts_too=artifacts_too))
    return shown


def _failure(client: Client, run_id: str, task_id: str) -> views.FailureView:
    page = client.show_task(run_id, task_id)
    outcome = page.task.outcome
    message = outcome.message if isinstance(outcome, FailedOutcome) else page.why
    return views.FailureView(message=message, traceback=page.traceback, hint=page.hint)
