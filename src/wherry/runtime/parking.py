"""Children forked ahead of need: each has its folder and its log, has rehearsed a task, and waits for one.

A fork copies each page of memory when it first writes to it, and that is most of what a task costs. A parked child has
that behind it: a launch is one packet to it.
"""

# A zygote has no pathlib.
# ruff: noqa: PTH103, PTH110, PTH120, PTH208

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from wherry.runtime import attempt as attempts
from wherry.runtime import attempt_folder
from wherry.runtime.protocol import decode, encode

#: Most children parked at once.
MOST = 4

#: Children parked from the first launch on.
_FIRST = 2

#: Without a launch for so long, nobody waits any more. Seconds.
_IDLE = 5.0

#: A longer launch does not fit into a packet: it is forked.
_PACKET_LIMIT = 64 * 1024

#: Exit status of one that could not make ready.
_UNFIT = 71


class Parked:
    """A child that waits."""

    def __init__(self, pid: int, channel: socket.socket, folder: str) -> None:
        self.pid, self.channel, self.folder = pid, channel, folder

    def began(self) -> bool:
        """Whether it has taken what it was given: its folder is the attempt's then."""
        return not os.path.exists(self.folder)


class Parking:
    """The parked children of a zygote.

    Args:
        folder: where the folders of parked children are made; on the file system of the attempts. Empty: none park.
        most: children parked at once, at most.
    """

    def __init__(self, folder: str, most: int = MOST) -> None:
        self._folder = folder
        self._most = most if folder else 0
        self._wanted = 0
        self._count = 0
        self._parked: list[Parked] = []
        self._last_launch = 0.0

    @property
    def wants_more(self) -> bool:
        """Whether another child should be parked when there is nothing else to do."""
        return len(self._parked) < self._wanted

    def patience(self) -> float | None:
        """Seconds until `retire_idle` is due; None if nobody waits."""
        return max(0.0, self._last_launch + _IDLE - time.monotonic()) if self._parked else None

    def __contains__(self, pid: int) -> bool:
        return any(parked.pid == pid for parked in self._parked)

    def park(self, become: Callable[[Callable[[], NoReturn]], NoReturn], reports: socket.socket, lock: int) -> None:
        """Fork a child that waits. ``become`` is called in it, with what it is to do.

        Raises:
            OSError: it could not be forked.
        """
        wanted, self._wanted = self._wanted, 0  # no further try if this fails
        if self._count == 0:
            self._remove_leftovers()
        self._count += 1
        folder = f"{self._folder}/{os.getpid()}-{self._count}"
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with there:
            pid = os.fork()
            if pid == 0:
                here.close()
                become(lambda: _wait(there, folder, reports, lock))
        self._parked.append(Parked(pid, here, folder))
        self._wanted = wanted

    def launch(self, attempt: str, body: bytes) -> Parked | None:
        """Give a task to a parked child. Returns which; None if there is none: then the task is forked."""
        self._last_launch = time.monotonic()
        if not self._parked and self._wanted < self._most:
            self._wanted = min(self._most, max(_FIRST, self._wanted + 1))
        if len(body) > _PACKET_LIMIT:
            return None
        packet = encode({"op": "launch", "attempt": attempt}, body)
        while self._parked:
            parked = self._parked.pop(0)
            # One that has died cannot be reached; its end is told by the kernel, as a stranger's is.
            with parked.channel, contextlib.suppress(OSError):
                parked.channel.send(packet)
                return parked
            attempt_folder.remove_unused(parked.folder)
        return None

    def forget(self, pid: int) -> None:
        """One died as it waited. Whatever killed it may kill the next: nobody parks until the next launch."""
        for parked in [parked for parked in self._parked if parked.pid == pid]:
            self._parked.remove(parked)
            parked.channel.close()
            attempt_folder.remove_unused(parked.folder)
            self._wanted = 0

    def retire_idle(self) -> None:
        """Let all go if there was no launch for some time."""
        if self._parked and self.patience() == 0:
            self._wanted = 0
            self.close()

    def leave(self) -> None:
        """In a fork: hold none of them here."""
        for parked in self._parked:
            parked.channel.close()

    def close(self) -> None:
        """Let all go."""
        for parked in self._parked:
            parked.channel.close()
            attempt_folder.remove_unused(parked.folder)
        self._parked.clear()

    def _remove_leftovers(self) -> None:
        """Of zygotes that were killed."""
        with contextlib.suppress(FileNotFoundError):
            for name in os.listdir(self._folder):
                if not os.path.exists(f"/proc/{name.partition('-')[0]}"):
                    attempt_folder.remove_unused(f"{self._folder}/{name}")


def _wait(channel: socket.socket, folder: str, reports: socket.socket, lock: int) -> NoReturn:
    """Make ready, and become the attempt that comes."""
    try:
        packet = _packet(channel, folder)
    except BaseException:  # noqa: BLE001  whatever it is, the task is none the worse
        traceback.print_exc()
        os._exit(_UNFIT)
    if not packet:
        os._exit(0)
    attempt, task, body = _take(packet)
    attempts.run(attempt, task, body, reports, lock, made=folder)


def _packet(channel: socket.socket, folder: str) -> bytes:
    """Do everything that a launch will need once, then wait for it. Empty: there is none."""
    # Loaded by a warm zygote, and by no other.
    from wherry.runtime.performance import rehearse
    from wherry.runtime.shutdown import finish_python

    attempts.leave_zygote()
    os.makedirs(os.path.dirname(folder), 0o700, exist_ok=True)
    attempt_folder.make(f"{folder}-made")
    attempt_folder.enter(folder, made=f"{folder}-made")
    env = {**attempts.environment(), "TMPDIR": f"{folder}/work"}  # of the zygote, for the rehearsal
    _take(encode({"op": "launch", "attempt": ""}, json.dumps({"env": env}).encode()))
    rehearse()
    finish_python()
    packet = channel.recv(2 * _PACKET_LIMIT)
    channel.close()
    return packet


def _take(packet: bytes) -> tuple[str, dict[str, Any], bytes]:
    """Attempt, task and its text; with the task's environment."""
    header, body = decode(packet)
    task = json.loads(body)
    attempts.set_environment(task["env"])
    return header["attempt"], task, body
