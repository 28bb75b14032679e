"""Following a run in the terminal: its events and its tasks' logs, until it has ended."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

import click

from wherry.cli import wording
from wherry.cli.feeds import Feed, SessionFeed
from wherry.client.event_stream import ServerAway
from wherry.local import Session
from wherry.model.identity import AttemptId, Micros, RunId, TaskKey
from wherry.model.outcomes import FailureReason
from wherry.model.runs import Run, RunEvent, RunEventKind, TaskKind
from wherry.model.states import RuntimeState


class Interrupted(click.exceptions.Abort):
    """Ctrl-C was pressed a second time."""


async def follow_session(session: Session, run: Run, *, quiet: bool = False) -> Run:
    """Print what happens to a run of the engine in this process until it has ended. Ctrl-C cancels it and says so.

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
    screen = _Screen(SessionFeed(session, run.id), quiet=quiet)
    await _pick_up(session, run, screen)
    await _follow(screen, run.id)
    return await session.reader.runs.get_run(run.id)


async def follow_feed(feed: Feed, run_id: RunId, *, quiet: bool = False) -> None:
    """Print what happens to a run, wherever it runs, until it has ended. Ctrl-C cancels it and says so.

    Args:
        feed: of the run.
        run_id: its id.
        quiet: leave out the tasks' logs.

    Raises:
        Interrupted: Ctrl-C was pressed again while the run was being cancelled.
        ServerUnreachableError: the server went away, and did not come back.
    """
    await _follow(_Screen(feed, quiet=quiet), run_id)


def exit_status(state: RuntimeState) -> int:
    """Exit status that tells how a run ended: 0 succeeded, 1 failed, 130 cancelled."""
    match state:
        case RuntimeState.SUCCEEDED:
            return 0
        case RuntimeState.CANCELED:
            return 130
        case _:
            return 1


async def _follow(screen: _Screen, run_id: RunId) -> None:
    interrupts = asyncio.Queue[None]()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupts.put_nowait, None)
    watching = asyncio.create_task(_watch(screen))
    try:
        await _until_ended(screen.feed, run_id, watching, interrupts)
    finally:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    await screen.drain_logs()


async def _until_ended(
    feed: Feed, run_id: RunId, watching: asyncio.Task[None], interrupts: asyncio.Queue[None]
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
            click.echo(f"Leaving. {feed.if_left}")
            raise Interrupted
        click.echo(f"Cancelling run {wording.short(run_id)}: its tasks are stopped. Ctrl-C again leaves at once.")
        await feed.cancel()


async def _watch(screen: _Screen) -> None:
    """Print events as they come, and logs now and then between them."""
    notices = screen.feed.notices()
    loop = asyncio.get_running_loop()
    looked = loop.time()
    coming = asyncio.ensure_future(anext(notices))
    try:
        while True:
            await asyncio.wait({coming}, timeout=screen.feed.log_seconds)
            if loop.time() - looked >= screen.feed.log_seconds:
                await screen.show_logs()
                looked = loop.time()
            if not coming.done():
                continue
            try:
                notice = coming.result()
            except StopAsyncIteration:
                return
            match notice:
                case RunEvent():
                    await screen.show(notice)
                case ServerAway():
                    click.echo("  the server does not answer; waiting for it to come back")
                case _:
                    screen.line("…", "cyan", notice.task, notice.message)
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

    def __init__(self, feed: Feed, *, quiet: bool) -> None:
        self.feed = feed
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

    async def show(self, event: RunEvent) -> None:
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
                await self._finish_log(task)
                wait = max(0.0, (body["retry_at"] - event.at) / 1e6)
                why = wording.shortened(str(body.get("message", "failed")).splitlines()[0])
                self.line("✗", "yellow", task, f"attempt {body['number']} failed: {why}; again in {wait:.0f} s")
            case RunEventKind.TASK_ENDED if task is not None:
                await self._show_end(event, task)
            case RunEventKind.MODEL_REGISTERED if task is not None:
                self.line("★", "green", task, f"registered as {body['name']} v{body.get('version', '?')}")
            case RunEventKind.RUN_CANCELING:
                click.echo(f"  run is being cancelled by {body.get('by', 'somebody')}")
            case RunEventKind.WARNING:
                where = f"{wording.task_label(task)}: " if task else ""
                click.echo(f"  {click.style('!', fg='yellow', bold=True)} {where}{body.get('message', '')}")
            case _:
                pass

    async def show_logs(self) -> None:
        """Print what the running tasks have logged since the last time, whole lines only."""
        if not self._quiet:
            for task in tuple(self._attempts):
                await self._show_log(task)

    async def drain_logs(self) -> None:
        """Print the rest of all logs."""
        for task in tuple(self._attempts):
            await self._finish_log(task)

    def _show_start(self, event: RunEvent, task: TaskKey) -> None:
        body = event.body
        if "attempt" in body:
            self.started(task, AttemptId(body["attempt"]), event.at)
            again = f"attempt {body['number']}" if body.get("number", 1) > 1 else ""
            self.line("▶", "cyan", task, again)
        elif "iterations" in body:
            self.line("▶", "cyan", task, f"{body['iterations']} iterations")

    async def _show_end(self, event: RunEvent, task: TaskKey) -> None:
        body = event.body
        await self._finish_log(task)
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

    async def _finish_log(self, task: TaskKey) -> None:
        attempt = self._attempts.pop(task, None)
        if attempt is None or self._quiet:
            return
        async for line in self._new_lines(attempt):
            self._log_line(task, line)
        if rest := self._rest.pop(attempt, b""):
            self._log_line(task, rest)

    async def _show_log(self, task: TaskKey) -> None:
        async for line in self._new_lines(self._attempts[task]):
            self._log_line(task, line)

    async def _new_lines(self, attempt: AttemptId) -> AsyncIterator[bytes]:
        position = self._read.get(attempt, 0)
        while chunk := await self.feed.log(attempt, from_byte=position):
            position += len(chunk)
            *lines, rest = (self._rest.get(attempt, b"") + chunk).split(b"\n")
            self._read[attempt], self._rest[attempt] = position, rest
            for line in lines:
                yield line

    def _log_line(self, task: TaskKey, line: bytes) -> None:
        # A task may print anything; what moves the cursor would spoil the lines of others.
        text = "".join(c for c in line.decode("utf-8", "replace").rstrip("\r") if c == "\t" or c.isprintable())
        click.echo(f"    {click.style(wording.task_label(task) + ' │', dim=True)} {text}")
