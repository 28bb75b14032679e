"""The task host's program: takes the lock of a state folder, opens the socket, and becomes a daemon.

``python -I -S <this file> STATE IDLE_SECONDS PROTOCOL``. It ends with status 0 once the socket takes connections; the
daemon goes on.
"""

# The host starts without pathlib, which would cost a fifth of the time.
# ruff: noqa: PTH101, PTH102, PTH105, PTH106, PTH108, PTH117, PTH119, PTH120, PTH123

from __future__ import annotations

import sys

if __name__ == "__main__":
    # Started by path, without site-packages: what it imports is found from where it lies.
    sys.path.append(__file__.rsplit("/", 4)[0])

import contextlib
import fcntl
import os
import signal
import socket
import stat
from typing import Final, NoReturn

from wherry.launchers.process.host import Host, HostConfig
from wherry.launchers.process.orphans import become_subreaper, kill_marked, mark_of, process_name
from wherry.runtime.protocol import MARK

#: Exit status when another host holds the folder.
HELD: Final = 75

#: How long what is left of a dead host may take to die by itself, and then by force. Seconds.
_PATIENCE = (2, 10)

#: A path in `sun_path` has 108 bytes on Linux and 104 on macOS, its end included.
_SOCKET_PATH_MAX = 100

_LOG_MAX = 1 << 20


def main(arguments: list[str]) -> None:
    """Be the host of a state folder. Returns in the parent when the daemon listens, in the daemon when it leaves."""
    state, idle_seconds, protocol = arguments[0], float(arguments[1]), int(arguments[2])
    folder = f"{state}/host"
    lock = _take_lock(f"{folder}/lock", state)
    kill_marked(state)
    _remove_socket(folder)
    path = _make_socket_path(folder)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    os.chmod(path, 0o600)
    listener.listen(16)
    _write_address(folder, path)
    if os.fork():
        return
    become_subreaper()
    _use_log(f"{folder}/log")
    name = process_name(os.getpid())
    os.truncate(lock, 0)
    os.pwrite(lock, name.encode(), 0)

    def step_aside() -> None:
        _remove_socket(folder)
        fcntl.flock(lock, fcntl.LOCK_UN)

    config = HostConfig(
        state=state,
        lock=lock,
        env={**os.environ, MARK: mark_of(state, name)},  # noqa: TID251  the launcher chose what is in it
        idle_seconds=idle_seconds,
        protocol=protocol,
    )
    host = Host(config, listener, on_drain=step_aside)
    host.run()
    if not host.draining:
        _remove_socket(folder)


def address(folder: str) -> str | None:
    """Where the host of a state folder listens; ``folder`` is its ``host`` folder. None: it has none."""
    try:
        with open(f"{folder}/address", encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _take_lock(path: str, state: str) -> int:
    """Hold the folder. Zygotes and tasks of a dead host hold it too: once it is free, none of them runs any more."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for seconds in _PATIENCE:
        with contextlib.suppress(TimeoutError):
            _lock_within(seconds, lock)
            return lock
        kill_marked(state)
    holder = os.pread(lock, 64, 0).decode(errors="replace").partition(".")[0]
    sys.stderr.write(f"process {holder or 'unknown'} holds {path}\n")
    sys.exit(HELD)


def _lock_within(seconds: int, lock: int) -> None:
    def stop(_number: int, _frame: object) -> NoReturn:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _make_socket_path(folder: str) -> str:
    """In the state folder; where that path is too long for a socket, in a fresh private folder with a short one."""
    path = f"{folder}/sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_MAX:
        return path
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")  # noqa: TID251  the launcher chose what is in it
    base = runtime if os.path.isabs(runtime) and os.access(runtime, os.W_OK) else "/tmp"  # noqa: S108  what is made in it is random and private
    short = f"{base}/wherry-{os.urandom(8).hex()}"
    os.mkdir(short, 0o700)
    return f"{short}/sock"


def _write_address(folder: str, path: str) -> None:
    with open(f"{folder}/address.tmp", "w", encoding="utf-8") as file:
        file.write(path)
    os.replace(f"{folder}/address.tmp", f"{folder}/address")


def _remove_socket(folder: str) -> None:
    """Remove the recorded socket, if it is one of ours, and the private folder around it."""
    path = address(folder)
    if path is None:
        return
    os.unlink(f"{folder}/address")
    around = os.path.dirname(path)
    with contextlib.suppress(OSError):
        if os.path.basename(path) == "sock" and stat.S_ISSOCK(os.lstat(path).st_mode):
            os.unlink(path)
            if around != folder and os.path.basename(around).startswith("wherry-"):
                os.rmdir(around)


def _use_log(path: str) -> None:
    """Let go of the launcher's output; what this process prints, which is errors, goes to a file."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    if os.fstat(log).st_size > _LOG_MAX:
        os.ftruncate(log, 0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(log)


if __name__ == "__main__":
    main(sys.argv[1:])
