"""One attempt, seen from inside its process: folder, log, environment, the user's code, the record, the report.

The process is a fork of a zygote, and stays one (`run`), or has become a fresh interpreter (`main`). Either way it
ends by ``os._exit`` after the report: whoever waits for the task goes on at the report.
"""

# What every task pays is written with few system calls and no path objects; the environment is the task's own.
# ruff: noqa: PTH116, TID251

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from wherry.runtime import attempt_folder, json_text, process_tree
from wherry.runtime.protocol import MARK, encode
from wherry.runtime.report import Reporter

_PROGRAM = __file__.rpartition("/")[0] + "/__main__.py"


#: The environment as text, as long as only this module changes it: ``os.environ`` decodes each name it is asked for.
_environment: dict[str, str] = {}


def environment() -> Mapping[str, str]:
    """The process's environment, as long as no user's code has run in it. The mark is not told."""
    if not _environment:
        _environment.update((name, value) for name, value in os.environ.items() if name != MARK)
    return _environment


def set_environment(wanted: Mapping[str, str]) -> None:
    """Make the process's environment equal to ``wanted``, the mark aside; touch only what differs."""
    current = environment()
    if current == wanted:
        return
    zone = current.get("TZ")
    for name in [name for name in current if name not in wanted]:
        del os.environ[name]
    for name, value in wanted.items():
        if current.get(name) != value:
            os.environ[name] = value
    _environment.clear()
    _environment.update(wanted)
    if wanted.get("TZ") != zone:
        time.tzset()


def leave_zygote() -> None:
    """Have a session of one's own, and adopt one's own orphans."""
    os.setsid()
    process_tree.become_subreaper()


def run(
    attempt: str, task: Mapping[str, Any], body: bytes, reports: socket.socket, lock: int, *, made: str = ""
) -> NoReturn:
    """Be the attempt. Called in a fork of a zygote that has left it, the environment set.

    Args:
        attempt: its id.
        task: what to run; see `wherry.launchers.process.task_message`.
        body: the same as JSON.
        reports: where the report goes, as one packet.
        lock: the open file that shows the host's successor that this task still lives.
        made: a folder that `wherry.runtime.attempt_folder.make` has made, to become the attempt's; empty: there is none.
    """
    reporter = Reporter(attempt, task["folder"], reports)
    try:
        fresh = attempt_folder.enter(task["folder"], made)
    except OSError as error:
        reporter.give_up(f"the attempt's folder {task['folder']!r} could not be made: {error}")
    if not fresh:
        reports.send(encode({"op": "exists", "attempt": attempt}))
        os._exit(0)
    leases = [hold_shared(task["lease"])] if task["lease"] else []
    if task["spawn"]:
        kept = [_open_memory(body), reports.fileno(), lock, *leases]
        try:
            _become(task["spawn"], attempt, kept)
        except OSError as error:
            reporter.give_up(f"the interpreter {task['spawn'][0]!r} could not be started: {error}")
    _perform(task, reporter)


def main(arguments: Sequence[str]) -> None:
    """``ATTEMPT TASK REPORTS LOCK [LEASE]``: be an attempt that was spawned; the rest are open files by number."""
    attempt, *numbers = arguments
    memory, reports_number, *others = map(int, numbers)
    for number in (reports_number, *others):
        os.set_inheritable(number, False)
    with os.fdopen(memory, "rb") as file:
        task = json_text.read(file.read())
    _perform(task, Reporter(attempt, task["folder"], socket.socket(fileno=reports_number)))


def _perform(task: Mapping[str, Any], reporter: Reporter) -> NoReturn:
    # A warm zygote has it loaded; a bare one must not, and a fresh interpreter has yet to.
    from wherry.runtime.performance import perform

    perform(task, reporter)


def hold_shared(lease: str) -> int:
    """An open file with a shared lock on it, for as long as this process and its forks have it open."""
    while True:
        handle = os.open(lease, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_SH)
        # Whoever held it exclusively may have deleted the file: then this lock is on nothing that others see.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), os.stat(lease)):
                return handle
        os.close(handle)


def _open_memory(content: bytes) -> int:
    """An open file that lies nowhere: the task's message holds secrets."""
    handle = os.memfd_create("task")
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]
    os.lseek(handle, 0, os.SEEK_SET)
    return handle


def _become(interpreter: Sequence[str], attempt: str, kept: Sequence[int]) -> NoReturn:
    """Go on in a fresh interpreter, with these files open."""
    for number in kept:
        os.set_inheritable(number, True)
    os.execve(interpreter[0], [*interpreter, _PROGRAM, "task", attempt, *map(str, kept)], os.environ)  # noqa: S606  no shell
