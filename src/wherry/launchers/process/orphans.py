"""Processes that outlived the zygote that minded them: adopted by the task host, or found by their mark, and killed."""

# The host starts without pathlib, which would cost a fifth of the time.
# ruff: noqa: PTH123, PTH208

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from collections.abc import Collection

from wherry.runtime.protocol import MARK

_SET_CHILD_SUBREAPER = 36


def mark_of(state: str, host: str) -> str:
    """The value of `MARK` for what the host ``host``, named as by `process_name`, starts."""
    return f"{state}#{host}"


def process_name(pid: int) -> str:
    """``PID.STARTED``: a process id that is not given to another process later. Empty if there is no such process."""
    try:
        # The command's name, in parentheses, may hold anything; field 22 is the start in clock ticks since boot.
        after = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
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
        listed = _read(f"/proc/self/task/{os.getpid()}/children")
        for pid in map(int, listed.split()):
            if pid not in known:
                _kill(pid)


def kill_marked(state: str) -> None:
    """Kill every process that bears the mark of a state folder and of a host that is dead."""
    start = f"{MARK}={state}#".encode()
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            for variable in _environment(name):
                if variable.startswith(start) and not _lives(variable[len(start) :].decode(errors="replace")):
                    _kill(int(name))


def _environment(pid: str) -> list[bytes]:
    with contextlib.suppress(OSError):  # another user's, or gone
        return _read(f"/proc/{pid}/environ").split(b"\0")
    return []


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _lives(host: str) -> bool:
    pid = host.partition(".")[0]
    return pid.isdigit() and process_name(int(pid)) == host


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
