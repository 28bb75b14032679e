"""The processes below one process: who they are, and their end. Linux.

A subreaper is the new parent of every orphan among its descendants, however deep and in whatever session: what a task
leaves behind cannot get away from it.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterable

_SET_PDEATHSIG = 1
_SET_CHILD_SUBREAPER = 36

try:
    import ctypes

    _prctl: Callable[..., int] | None = ctypes.CDLL(None, use_errno=True).prctl
except (ImportError, OSError, AttributeError):  # an interpreter without ctypes, or no Linux
    _prctl = None


def die_with_parent(number: int) -> None:
    """Get signal ``number`` when the parent dies. The caller then checks that it had not died before."""
    if _prctl is not None:
        _prctl(_SET_PDEATHSIG, number, 0, 0, 0)


def become_subreaper() -> None:
    """Adopt the orphans among this process's descendants."""
    if _prctl is not None:
        _prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children(pid: int) -> list[int]:
    """The processes whose parent is ``pid``, those that ended and wait to be reaped included. Empty if it is gone."""
    found: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208  one call, once per attempt
    except OSError:
        return found
    for thread in threads:
        try:
            found += _children_of(f"/proc/{pid}/task/{thread}/children")
        except FileNotFoundError:
            if not _kernel_lists_children():
                return _parents().get(pid, [])
        except OSError:
            continue
    return found


def own_children() -> list[int]:
    """`children` of this process, which has one thread: with three system calls, and little memory touched."""
    try:
        return _children_of("/proc/thread-self/children")
    except OSError:
        return children(os.getpid())


def _children_of(path: str) -> list[int]:
    # No file object: making one touches a dozen pages, each of which a fork has to copy.
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        text = b""
        while part := os.read(file, 1 << 16):
            text += part
    finally:
        os.close(file)
    return list(map(int, text.split()))


def descendants(pid: int) -> list[int]:
    """Every process below ``pid``, nearest first."""
    found = []
    ahead = children(pid)
    while ahead:
        found += ahead
        ahead = [below for process in ahead for below in children(process)]
    return found


def kill_tree(pid: int) -> None:
    """SIGKILL a process and everything below it. They are stopped first, so that none starts another meanwhile."""
    seen: set[int] = {pid}
    ahead: Iterable[int] = [pid]
    while ahead:
        signal_all(ahead, signal.SIGSTOP)
        ahead = [process for process in descendants(pid) if process not in seen]
        seen.update(ahead)
    signal_all(seen, signal.SIGKILL)


def signal_all(pids: Iterable[int], number: int) -> None:
    """Send a signal to each; those that are gone do not matter."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _kernel_lists_children() -> bool:
    return os.path.exists(f"/proc/self/task/{os.getpid()}/children")  # noqa: PTH110  no pathlib in a zygote


def _parents() -> dict[int, list[int]]:
    """Children by parent, read from every process's status: for kernels built without lists of children."""
    found: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208  no pathlib in a zygote
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                # The command's name, in parentheses, may hold anything; state and parent follow it.
                found.setdefault(int(file.read().rpartition(b")")[2].split()[1]), []).append(int(name))
    return found
