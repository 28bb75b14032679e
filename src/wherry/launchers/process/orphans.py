"""Processes that outlived the zygote that minded them: adopted by the task host, or found by their mark, and killed."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from collections.abc import Collection
from pathlib import Path

from wherry.runtime.protocol import MARK

_SET_CHILD_SUBREAPER = 36


def mark_of(state: str, host: str) -> str:
    """The value of `MARK` for what the host ``host``, named as by `process_name`, starts."""
    return f"{state}#{host}"


def process_name(pid: int) -> str:
    """``PID.STARTED``: a process id that is not given to another process later. Empty if there is no such process."""
    try:
        # The command's name, in parentheses, may hold anything; field 22 is the start in clock ticks since boot.
        after = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return ""
    return f"{pid}.{int(after[19])}"


def become_subreaper() -> None:
    """Adopt what a dead zygote leaves behind."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_strangers(known: Collection[int]) -> None:
    """Kill the children of this process that it did not start. Their own children come to it when they die."""
    with contextlib.suppress(OSError):
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_bytes()
        for pid in map(int, listed.split()):
            if pid not in known:
                _kill(pid)


def kill_marked(state: str) -> None:
    """Kill every process that bears the mark of a state folder and of a host that is dead."""
    start = f"{MARK}={state}#".encode()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            for variable in _environment(folder):
                if variable.startswith(start) and not _lives(variable[len(start) :].decode(errors="replace")):
                    _kill(int(folder.name))


def _environment(process: Path) -> list[bytes]:
    with contextlib.suppress(OSError):  # another user's, or gone
        return (process / "environ").read_bytes().split(b"\0")
    return []


def _lives(host: str) -> bool:
    pid = host.partition(".")[0]
    return pid.isdigit() and process_name(int(pid)) == host


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
