"""SIGTERM and Ctrl-C of the server, and the question that the latter leads to."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator

import click
import msgspec

from wherry.local import Session, whoami
from wherry.model.listing import ListQuery, Operation, Predicate
from wherry.model.runs import Run
from wherry.model.states import RuntimeState


@contextlib.asynccontextmanager
async def stop_on_signals(session: Session, stop: asyncio.Event) -> AsyncIterator[None]:
    """While it lasts, SIGTERM sets ``stop``, and so does Ctrl-C.

    At a terminal Ctrl-C first asks what is to become of unfinished runs. A second one, or SIGTERM, needs no answer:
    the runs are left running.
    """
    asking: list[asyncio.Task[None]] = []

    def terminated() -> None:
        stop.set()
        for task in asking:
            task.cancel()

    def interrupted() -> None:
        if asking or not sys.stdin.isatty():
            terminated()
        else:
            asking.append(task := asyncio.create_task(_ask(session, stop), name="wherry-stop-question"))
            task.add_done_callback(asking.remove)

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, terminated)
    loop.add_signal_handler(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        loop.remove_signal_handler(signal.SIGINT)
        await asyncio.gather(*asking, return_exceptions=True)


async def _ask(session: Session, stop: asyncio.Event) -> None:
    """Ask until there is an answer, and do what it says. No unfinished runs, or no more input: stop."""
    while runs := await _unfinished(session):
        click.echo(f"\n{len(runs)} run(s) have not ended. [l]eave them running, [c]ancel them, or [k]eep serving?")
        match (await _typed_line()).strip().lower()[:1]:
            case "k":
                click.echo("Serving on.")
                return
            case "c":
                click.echo("Canceling; Ctrl-C once more leaves without waiting.")
                for run in runs:
                    await session.cancel(run.id, by=whoami())
                await asyncio.gather(*(session.wait(run.id) for run in runs))
            case "l" | "":
                break
            case _:
                continue
    stop.set()


async def _typed_line() -> str:
    """The next line of a terminal; empty at its end. Waits without a thread, which would hold the process's exit up."""
    loop = asyncio.get_running_loop()
    typed = asyncio.Event()
    loop.add_reader(sys.stdin, typed.set)
    try:
        await typed.wait()
    finally:
        loop.remove_reader(sys.stdin)
    # A terminal hands over whole lines.
    return sys.stdin.readline()


async def _unfinished(session: Session) -> list[Run]:
    states = tuple(state.value for state in RuntimeState if not state.is_final)
    unfinished = Predicate(key="state", operation=Operation.IN, value=states)
    runs: list[Run] = []
    query = ListQuery(filters=(unfinished,), page_size=200)
    while True:
        page = await session.parts.store.find_runs(query)
        runs += page.items
        if page.next is None:
            return runs
        query = msgspec.structs.replace(query, after=page.next)
