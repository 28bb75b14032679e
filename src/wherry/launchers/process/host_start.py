"""Finds the task host of a state folder, or starts one. Blocks: call it in a thread."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from wherry.errors import LauncherError
from wherry.launchers.process import host_main
from wherry.launchers.process.folder import LauncherFolder
from wherry.runtime.protocol import PROTOCOL

_TRIES = 5

_START_SECONDS = 30


def connect_to_host(
    folder: LauncherFolder, *, env: Mapping[str, str], idle_seconds: float, protocol: int = PROTOCOL
) -> socket.socket:
    """A connection to the host of a state folder, which is started if there is none.

    Args:
        folder: of the state folder; its folders exist.
        env: environment of a host that is started, and of its zygotes.
        idle_seconds: a host that is started leaves after so long without engine and tasks.
        protocol: what a host that is started speaks.

    Raises:
        LauncherError: it cannot be started, or one that cannot be reached holds the folder.
    """
    for _ in range(_TRIES):
        found = _connect(folder)
        if found is not None:
            return found
        _start(folder, env, idle_seconds, protocol)
    raise LauncherError(f"the task host of {folder.state} takes no connections", hint=f"See {folder.host / 'log'}.")


def _connect(folder: LauncherFolder) -> socket.socket | None:
    path = host_main.address(str(folder.host))
    if path is None:
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        return None
    return connection


def _start(folder: LauncherFolder, env: Mapping[str, str], idle_seconds: float, protocol: int) -> None:
    """Start one, and wait until it listens."""
    program = Path(host_main.__file__)
    try:
        started = subprocess.run(
            [sys.executable, "-I", "-S", str(program), str(folder.state), str(idle_seconds), str(protocol)],
            env=dict(env),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            timeout=_START_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LauncherError(f"the task host of {folder.state} could not be started: {error}") from error
    said = started.stderr.decode(errors="replace").strip()
    if started.returncode == host_main.HELD:
        raise LauncherError(
            f"the task host of {folder.state} cannot be reached: {said}",
            hint="Another wherry may be using the folder. If none is, end that process and try again.",
        )
    # One that was killed meanwhile is no reason to give up: the caller looks again, and starts another.
    if started.returncode > 0:
        raise LauncherError(f"the task host of {folder.state} ended with status {started.returncode}: {said}")
