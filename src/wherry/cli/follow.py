"""Following a run in the terminal: its events and its tasks' logs, until it has ended."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from typing import assert_never

import click

from wherry.cli import wording
from wherry.engine.followers import TaskProgress
from wherry.local import Session, whoami
from wherry.model.identity import AttemptId, Micros, RunId, TaskKey
from wherry.model.outcomes import FailureReason
from wherry.model.runs import Run, RunEvent, RunEventKind, TaskKind
from wherry.model.states import RuntimeState
from wherry.ports import StreamsLogs

_LOG_SECONDS = 0.2
"""How often the logs of running tasks are looked at: they are files, which tell nobody that they grow."""


class Interrupted(click.exceptions.Abort):
    """Ctrl-C was pressed a second time."""


async def follow_run(session: Session, run: Run, *, quiet: bool = False) -> Run:
    """Print what happens to a run until it has ended. Ctrl-C cancels it and says so.

    Args:
        session: the open engine.
        run: a run that it owns.
        quiet: leave out the tasks' logs.

    Returns:
        The ended run.

    Raises:
        Interrupted: Ctrl-C was pressed again while the run was being cancelled.
    """
    click.echo(f"run {wording.short(run.id)}  {run.display_name}")
    screen = _Screen(session.reader.logs, run.id, quiet=quiet)
    await _pick_up(session, run, screen)
    interrupts = asyncio.Queue[None]()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupts.put_nowait, None)
    watching = asyncio.create_task(_watch(session, run.id, screen))
    try:
        await _until_ended(session, run, watching, interrupts)
    finally:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    screen.drain_logs()
    return await session.reader.runs.get_run(run.id)


def exit_status(run: Run) -> int:
    """Exit status that tells how a run ended: 0 succeeded, 1 failed, 130 cancelled."""
    match run.state:
        case RuntimeState.SUCCEEDED:
            return 0
        case RuntimeState.CANCELED:
            return 130
        case _:
            return 1


async def _until_ended(
    session: Session, run: Run, watching: asyncio.Task[None], interrupts: asyncio.Queue[None]
) -> None:
    pressed = 0
    while True:
        interrupt = asyncio.create_task(interrupts.get())
        await asyncio.wait({watching, interrupt}, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            interrupt.cancel()
            await watching
            return
        pressed += 1
        if pressed > 1:
            click.echo(
                "Leaving. The run is still being cancelled; the next command on this state folder goes on with it."
            )
            raise Interrupted
        click.echo(f"Cancelling run {wording.short(run.id)}: its tasks are stopped. Ctrl-C again leaves at once.")
        await session.cancel(run.id, by=whoami())


async def _watch(session: Session, run_id: RunId, screen: _Screen) -> None:
    """Print events as they come, and logs now and then between them."""
    notices = session.follow(run_id)
    coming = asyncio.ensure_future(anext(notices))
    try:
        while True:
            await asyncio.wait({coming}, timeout=_LOG_SECONDS)
            screen.show_logs()
            if not coming.done():
                continue
            try:
                notice = coming.result()
            except StopAsyncIteration:
                return
            match notice:
                case RunEvent():
                    screen.show(notice)
                case TaskProgress(task=task, message=message):
                    screen.line("…", "cyan", task, message)
                case _:
                    assert_never(notice)
            coming = asyncio.ensure_future(anext(notices))
    finally:
        coming.cancel()


async def _pick_up(session: Session, run: Run, screen: _Screen) -> None:
    """Tasks that are running already, in a run that was interrupted."""
    if run.started_at is None:
        return
    tasks = {t.key: t for t in await session.reader.runs.tasks(run.id) if not t.state.is_final}
    for attempt in await session.reader.runs.attempts(run.id):
        task = tasks.get(attempt.task)
        if task is not None and task.kind is TaskKind.RUNTIME and not attempt.state.is_final:
            screen.started(attempt.task, attempt.id, task.started_at or attempt.created_at)


class _Screen:
    """What is printed of a run: one line per event, and the log lines of running tasks."""

    def __init__(self, logs: StreamsLogs, run_id: RunId, *, quiet: bool) -> None:
        self._logs = logs
        self._run_id = run_id
        self._quiet = quiet
        self._since: dict[TaskKey, Micros] = {}
        self._attempts: dict[TaskKey, AttemptId] = {}
        self._read: dict[AttemptId, int] = {}
        self._rest: dict[AttemptId, bytes] = {}

    def line(self, mark: str, colour: str, task: TaskKey, text: str = "") -> None:
        """One line about a task."""
        click.echo(f"  {click.style(mark, fg=colour, bold=True)} {wording.task_label(task):<28} {text}".rstrip())

    def started(self, task: TaskKey, attempt: AttemptId, since: Micros) -> None:
        """A task's code may be running."""
        self._since[task] = since
        self._attempts[task] = attempt

    def show(self, event: RunEvent) -> None:
        """Print one event."""
        task, body = event.task, event.body
        match event.kind:
            case RunEventKind.TASK_STARTED | RunEventKind.ATTEMPT_STARTED if task is not None:
                self._show_start(event, task)
            case RunEventKind.TASK_REUSED if task is not None:
                whose = f"run {wording.short(body['run_id'])}"
                self.line("↺", "blue", task, f"reused from {whose}")
            case RunEventKind.TASK_SKIPPED if task is not None:
                condition = body.get("condition")
                why = (
                    f"condition was false: {wording.shortened(condition)}"
                    if condition
                    else f"{wording.task_label(TaskKey(body['task']))} before it has no outputs"
                )
                self.line("·", "blue", task, f"skipped: {why}")
            case RunEventKind.ATTEMPT_ENDED if task is not None and "retry_at" in body:
                self._finish_log(task)
                wait = max(0.0, (body["retry_at"] - event.at) / 1e6)
                why = wording.shortened(str(body.get("message", "failed")).splitlines()[0])
                self.line("✗", "yellow", task, f"attempt {body['number']} failed: {why}; again in {wait:.0f} s")
            case RunEventKind.TASK_ENDED if task is not None:
                self._show_end(event, task)
            case RunEventKind.MODEL_REGISTERED if task is not None:
                self.line("★", "green", task, f"registered as {body['name']} v{body.get('version', '?')}")
            case RunEventKind.RUN_CANCELING:
                click.echo(f"  run is being cancelled by {body.get('by', 'somebody')}")
            case RunEventKind.WARNING:
                where = f"{wording.task_label(task)}: " if task else ""
                click.echo(f"  {click.style('!', fg='yellow', bold=True)} {where}{body.get('message', '')}")
            case _:
                pass

    def show_logs(self) -> None:
        """Print what the running tasks have logged since the last time, whole lines only."""
        if not self._quiet:
            for task in tuple(self._attempts):
                self._show_log(task)

    def drain_logs(self) -> None:
        """Print the rest of all logs."""
        for task in tuple(self._attempts):
            self._finish_log(task)

    def _show_start(self, event: RunEvent, task: TaskKey) -> None:
        body = event.body
        if "attempt" in body:
            self.started(task, AttemptId(body["attempt"]), event.at)
            again = f"attempt {body['number']}" if body.get("number", 1) > 1 else ""
            self.line("▶", "cyan", task, again)
        elif "iterations" in body:
            self.line("▶", "cyan", task, f"{body['iterations']} iterations")

    def _show_end(self, event: RunEvent, task: TaskKey) -> None:
        body = event.body
        self._finish_log(task)
        took = wording.duration(self._since.pop(task), event.at) if task in self._since else ""
        match body.get("state"):
            case "SUCCEEDED" if took:
                self.line("✓", "green", task, took)
            case "CANCELED" if took:
                self.line("■", "yellow", task, f"stopped after {took}")
            case "FAILED" if body.get("reason") != FailureReason.CHILD.value:
                why = wording.shortened(
                    str(body.get("message", "")).splitlines()[0] if body.get("message") else "failed"
                )
                self.line("✗", "red", task, why)
            case _:
                pass

    def _finish_log(self, task: TaskKey) -> None:
        attempt = self._attempts.pop(task, None)
        if attempt is None or self._quiet:
            return
        for line in self._new_lines(attempt):
            self._log_line(task, line)
        if rest := self._rest.pop(attempt, b""):
            self._log_line(task, rest)

    def _show_log(self, task: TaskKey) -> None:
        for line in self._new_lines(self._attempts[task]):
            self._log_line(task, line)

    def _new_lines(self, attempt: AttemptId) -> Iterator[bytes]:
        position = self._read.get(attempt, 0)
        while chunk := self._logs.log(self._run_id, attempt, from_byte=position):
            position += len(chunk)
            *lines, rest = (self._rest.get(attempt, b"") + chunk).split(b"\n")
            self._read[attempt], self._rest[attempt] = position, rest
            yield from lines

    def _log_line(self, task: TaskKey, line: bytes) -> None:
        # A task may print anything; what moves the cursor would spoil the lines of others.
        text = "".join(c for c in line.decode("utf-8", "replace").rstrip("\r") if c == "\t" or c.isprintable())
        click.echo(f"    {click.style(wording.task_label(task) + ' │', dim=True)} {text}")
