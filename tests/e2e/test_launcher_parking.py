"""Children forked ahead of need: tasks run in them as in any other, and what befalls them befalls no task."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from test_launcher_processes import (
    HANG,
    eventually,
    log_of,
    nothing_left,
    outcome,
    request,
    with_launcher,
)

from wherry.launchers.process.launcher import ProcessLauncher
from wherry.ports import AttemptCancelled, AttemptEvent, AttemptFailed, AttemptSucceeded, LaunchRequest
from wherry.testing.contracts.launcher import Listener

T = TypeVar("T")
Body = Callable[[ProcessLauncher, Listener], Awaitable[T]]


def parked(state: Path) -> list[int]:
    """Children that wait: their working folder is a parked one, made ready."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                where = Path(os.readlink(folder / "cwd"))
            except OSError:
                continue
            if where.parent.parent == state / "host" / "parked" and not where.parent.name.endswith("-made"):
                found.append(int(folder.name))
    return found


async def run(launcher: ProcessLauncher, listener: Listener, one: LaunchRequest) -> AttemptEvent:
    await launcher.launch(one)
    return await listener.end(one.attempt_id)


async def park(launcher: ProcessLauncher, listener: Listener, state: Path) -> list[int]:
    """Run a task, after which two children wait."""
    await run(launcher, listener, request("return 0"))
    assert eventually(lambda: len(parked(state)) == 2)
    return parked(state)


async def give_to_stopped(launcher: ProcessLauncher, listener: Listener, state: Path, one: LaunchRequest) -> list[int]:
    """Give a task to a parked child that cannot take it. Returns all that are parked, stopped."""
    waiting = await park(launcher, listener, state)
    for pid in waiting:
        os.kill(pid, signal.SIGSTOP)
    await launcher.launch(one)
    await listener.started(one.attempt_id)
    return waiting


def test_a_task_runs_in_a_child_that_was_parked(tmp_path: Path) -> None:
    one = request("import os\n    print(os.getpid(), os.getcwd())\n    return 1")

    async def body(launcher: ProcessLauncher, listener: Listener) -> tuple[list[int], AttemptEvent]:
        return await park(launcher, listener, tmp_path), await run(launcher, listener, one)

    waiting, event = with_launcher(tmp_path, body)

    pid, folder = log_of(tmp_path, one).split()
    assert isinstance(event, AttemptSucceeded)
    assert int(pid) in waiting
    assert folder.decode() == str(tmp_path / "attempts" / one.run_id / one.attempt_id / "work")


def test_parked_siblings_draw_different_numbers(tmp_path: Path) -> None:
    both = [request("import random\n    return random.getrandbits(60)") for _ in range(2)]

    async def body(launcher: ProcessLauncher, listener: Listener) -> set[bytes]:
        await park(launcher, listener, tmp_path)
        before = len(listener.seen)
        for one in both:
            await launcher.launch(one)
        drawn: list[bytes] = []
        while len(drawn) < len(both):
            await listener.next()
            ended = [event for event in listener.seen[before:] if isinstance(event, AttemptSucceeded)]
            drawn = [event.executor_output for event in ended]
        return set(drawn)

    assert len(with_launcher(tmp_path, body)) == 2


def test_a_child_killed_as_it_waits_is_no_attempt_and_another_runs_the_task(tmp_path: Path) -> None:
    async def body(launcher: ProcessLauncher, listener: Listener) -> AttemptEvent:
        for pid in await park(launcher, listener, tmp_path):
            os.kill(pid, signal.SIGKILL)
        return await run(launcher, listener, request("return 1"))

    assert isinstance(with_launcher(tmp_path, body), AttemptSucceeded)


def test_a_child_killed_before_it_took_its_task_leaves_it_to_another(tmp_path: Path) -> None:
    one = request("print('ran')\n    return 1")

    async def body(launcher: ProcessLauncher, listener: Listener) -> AttemptEvent:
        for pid in await give_to_stopped(launcher, listener, tmp_path, one):
            os.kill(pid, signal.SIGKILL)
        return await listener.end(one.attempt_id)

    assert isinstance(with_launcher(tmp_path, body), AttemptSucceeded)
    assert log_of(tmp_path, one) == b"ran\n"


def test_a_task_given_to_a_parked_child_can_be_cancelled(tmp_path: Path) -> None:
    one = request(HANG)

    async def body(launcher: ProcessLauncher, listener: Listener) -> AttemptEvent:
        await park(launcher, listener, tmp_path)
        await launcher.launch(one)
        await launcher.cancel(one.attempt_id)
        return await listener.end(one.attempt_id)

    assert isinstance(with_launcher(tmp_path, body), AttemptCancelled)


def test_a_task_is_cancelled_although_its_child_died_before_it_took_it(tmp_path: Path) -> None:
    one = request("print('ran')\n    return 1")

    async def body(launcher: ProcessLauncher, listener: Listener) -> AttemptEvent:
        waiting = await give_to_stopped(launcher, listener, tmp_path, one)
        await launcher.cancel(one.attempt_id)
        for pid in waiting:
            os.kill(pid, signal.SIGKILL)
        return await listener.end(one.attempt_id)

    assert isinstance(with_launcher(tmp_path, body), AttemptCancelled)
    assert not (tmp_path / "attempts" / one.run_id / one.attempt_id / "log").exists()


def test_a_component_is_compiled_ahead_for_the_children_that_run_it_later(tmp_path: Path) -> None:
    source = "import sys\n    loader = sys.modules['wherry.runtime.loader']\n    return len(loader._compiled)"

    async def body(launcher: ProcessLauncher, listener: Listener) -> list[AttemptEvent]:
        await park(launcher, listener, tmp_path)
        first = await run(launcher, listener, request(source))
        # One more had been parked before that ended; the last was parked after.
        for _ in range(3):
            last = await run(launcher, listener, request(source))
            assert eventually(lambda: len(parked(tmp_path)) >= 1)
        return [first, last]

    first, last = with_launcher(tmp_path, body)

    assert isinstance(first, AttemptSucceeded)
    assert isinstance(last, AttemptSucceeded)
    assert first.executor_output != last.executor_output


def test_an_attempt_whose_folder_is_there_does_not_run_in_a_parked_child_either(tmp_path: Path) -> None:
    one = request("return 1")
    (tmp_path / "attempts" / one.run_id / one.attempt_id).mkdir(parents=True)

    async def body(launcher: ProcessLauncher, listener: Listener) -> AttemptEvent:
        await park(launcher, listener, tmp_path)
        return await run(launcher, listener, one)

    assert isinstance(with_launcher(tmp_path, body), AttemptFailed)


def test_a_task_too_long_for_a_packet_is_forked(tmp_path: Path) -> None:
    long = request(f"return len({'x' * 200_000!r})")

    async def body(launcher: ProcessLauncher, listener: Listener) -> AttemptEvent:
        await park(launcher, listener, tmp_path)
        return await run(launcher, listener, long)

    assert isinstance(with_launcher(tmp_path, body), AttemptSucceeded)


def test_when_the_host_has_left_no_parked_child_and_no_folder_of_one_is_left(tmp_path: Path) -> None:
    async def body(launcher: ProcessLauncher, listener: Listener) -> None:
        await park(launcher, listener, tmp_path)

    with_launcher(tmp_path, body)

    assert eventually(lambda: nothing_left(tmp_path))
    assert list((tmp_path / "host" / "parked").iterdir()) == []


def test_folders_that_killed_zygotes_left_are_removed_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / "host" / "parked" / f"{2**22 + 1}-1"
    (left / "work").mkdir(parents=True)

    assert isinstance(outcome(tmp_path, request("return 1")), AttemptSucceeded)

    assert eventually(lambda: not left.exists())
