"""The task host's program: takes the lock of a state folder, opens the socket, and becomes a daemon.

``python -I -S <this file> STATE IDLE_SECONDS PROTOCOL``. It ends with status 0 once the socket takes connections; the
daemon goes on.
"""

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
from pathlib import Path
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
    state, idle_seconds, protocol = Path(arguments[0]), float(arguments[1]), int(arguments[2])
    folder = state / "host"
    lock = _take_lock(folder / "lock", state)
    kill_marked(str(state))
    _remove_socket(folder)
    path = _make_socket_path(folder)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(16)
    _write_address(folder, path)
    if os.fork():
        return
    become_subreaper()
    _use_log(folder / "log")
    name = process_name(os.getpid())
    os.truncate(lock, 0)
    os.pwrite(lock, name.encode(), 0)

    def step_aside() -> None:
        _remove_socket(folder)
        fcntl.flock(lock, fcntl.LOCK_UN)

    config = HostConfig(
        state=state,
        lock=lock,
        env={**os.environ, MARK: mark_of(str(state), name)},  # noqa: TID251  the launcher chose what is in it
        idle_seconds=idle_seconds,
        protocol=protocol,
    )
    host = Host(config, listener, on_drain=step_aside)
    host.run()
    if not host.draining:
        _remove_socket(folder)


def address(folder: Path) -> Path | None:
    """Where the host of a state folder listens; ``folder`` is its ``host`` folder. None: it has none."""
    try:
        return Path((folder / "address").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _take_lock(path: Path, state: Path) -> int:
    """Hold the folder. Zygotes and tasks of a dead host hold it too: once it is free, none of them runs any more."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for seconds in _PATIENCE:
        with contextlib.suppress(TimeoutError):
            _lock_within(seconds, lock)
            return lock
        kill_marked(str(state))
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


def _make_socket_path(folder: Path) -> Path:
    """In the state folder; where that path is too long for a socket, in a fresh private folder with a short one."""
    path = folder / "sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_MAX:
        return path
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))  # noqa: TID251  the launcher chose what is in it
    base = runtime if runtime.is_absolute() and os.access(runtime, os.W_OK) else Path("/tmp")  # noqa: S108  what is made in it is random and private
    short = base / f"wherry-{os.urandom(8).hex()}"
    short.mkdir(mode=0o700)
    return short / "sock"


def _write_address(folder: Path, path: Path) -> None:
    passing = folder / "address.tmp"
    passing.write_text(str(path), encoding="utf-8")
    passing.replace(folder / "address")


def _remove_socket(folder: Path) -> None:
    """Remove the recorded socket, if it is one of ours, and the private folder around it."""
    path = address(folder)
    (folder / "address").unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        if path is not None and path.name == "sock" and stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()
            if path.parent != folder and path.parent.name.startswith("wherry-"):
                path.parent.rmdir()


def _use_log(path: Path) -> None:
    """Let go of the launcher's output; what this process prints, which is errors, goes to a file."""
    with contextlib.suppress(OSError):
        if path.stat().st_size > _LOG_MAX:
            path.unlink()
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(log)


if __name__ == "__main__":
    main(sys.argv[1:])
