"""Children forked ahead of need: each has its folder and its log, has rehearsed a task, and waits for one.

A fork copies each page of memory when it first writes to it, and that is most of what a task costs. A parked child has
that behind it: a launch is one packet to it, from the task host, which is given its socket.
"""

# A zygote has no pathlib.
# ruff: noqa: PTH103, PTH110, PTH120, PTH208

from __future__ import annotations

import contextlib
import os
import socket
import struct
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from wherry.runtime import attempt as attempts
from wherry.runtime import attempt_folder, json_text
from wherry.runtime.protocol import PACKET_LIMIT, decode, encode

#: Most children parked at once.
MOST = 4

#: Children parked from the first launch on.
_FIRST = 2

#: So many are forked one after the other: the pages that this process writes to between two forks are copied each time.
_AT_ONCE = 3

#: Exit status of one that could not make ready.
_UNFIT = 71

_FILE = struct.Struct("i")


class Parked:
    """A child that waits, or did until it was given a task."""

    def __init__(self, name: str, pid: int, folder: str) -> None:
        self.name, self.pid, self.folder = name, pid, folder
        #: Its wait status, once it has ended.
        self.status: int | None = None
        self.began = False

    def look(self) -> bool:
        """Whether it has taken what it was given: its folder is the attempt's then. Once it has ended, whether it had."""
        if self.status is None:
            self.began = not os.path.exists(self.folder)
        return self.began


class Parking:
    """The parked children of a zygote.

    Args:
        folder: where the folders of parked children are made; on the file system of the attempts. Empty: none park.
        control: where the host hears of each, and gets its socket.
        most: children parked at once, at most.
    """

    def __init__(self, folder: str, control: socket.socket, most: int = MOST) -> None:
        self._folder = folder
        self._control = control
        self._most = most if folder else 0
        self._wanted = 0
        self._count = 0
        self._waiting: dict[str, Parked] = {}
        #: Ended before the host's word came that they had been given a task.
        self._over: dict[str, Parked] = {}

    @property
    def wants_more(self) -> bool:
        """Whether children should be parked when there is nothing else to do."""
        return self.is_short and len(self._waiting) <= max(0, self._wanted - _AT_ONCE)

    @property
    def is_short(self) -> bool:
        """Whether there are fewer than wanted: once it parks, the zygote goes on while this is so."""
        return len(self._waiting) < self._wanted

    def __contains__(self, pid: int) -> bool:
        return any(parked.pid == pid for parked in self._waiting.values())

    def park(self, become: Callable[[Callable[[], NoReturn]], NoReturn], reports: socket.socket, lock: int) -> None:
        """Fork a child that waits. ``become`` is called in it, with what it is to do.

        Raises:
            OSError: it could not be forked.
        """
        wanted, self._wanted = self._wanted, 0  # no further try if this fails
        if self._count == 0:
            self._remove_leftovers()
        self._count += 1
        name = f"{os.getpid()}-{self._count}"
        folder = f"{self._folder}/{name}"
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with here, there:
            pid = os.fork()
            if pid == 0:
                here.close()
                become(lambda: _wait(there, folder, reports, lock))
            self._waiting[name] = Parked(name, pid, folder)
            files = (socket.SOL_SOCKET, socket.SCM_RIGHTS, _FILE.pack(here.fileno()))
            self._control.sendmsg([encode({"op": "parked", "parked": name})], [files])
        self._wanted = wanted

    def want_more(self) -> None:
        """A task had to be forked: there were not enough."""
        if not self._waiting and self._wanted < self._most:
            self._wanted = min(self._most, max(_FIRST, self._wanted + 1))

    def given(self, name: str) -> Parked:
        """The host has given a task to this one. It may have ended since."""
        return self._waiting.pop(name, None) or self._over.pop(name)

    def ended(self, pid: int, status: int) -> None:
        """One ended before it was known to have a task.

        Whatever killed one that waits may kill the next: nobody parks until the next launch.
        """
        for parked in [parked for parked in self._waiting.values() if parked.pid == pid]:
            del self._waiting[parked.name]
            began, parked.status = parked.look(), status
            if not began:
                attempt_folder.remove_unused(parked.folder)
                self._wanted = 0
            if status or began:  # else the host has let it go
                self._over[parked.name] = parked

    def close(self) -> None:
        """Nobody waits any more."""
        for parked in self._waiting.values():
            attempt_folder.remove_unused(parked.folder)
        self._waiting.clear()

    def _remove_leftovers(self) -> None:
        """Of zygotes that were killed."""
        with contextlib.suppress(FileNotFoundError):
            for name in os.listdir(self._folder):
                if not os.path.exists(f"/proc/{name.partition('-')[0]}"):
                    attempt_folder.remove_unused(f"{self._folder}/{name}")


def _wait(channel: socket.socket, folder: str, reports: socket.socket, lock: int) -> NoReturn:
    """Make ready, and become the attempt that comes."""
    try:
        attempts.leave_zygote()
        make_ready(folder)
        packet = channel.recv(2 * PACKET_LIMIT)
        channel.close()
    except BaseException:  # noqa: BLE001  whatever it is, the task is none the worse
        traceback.print_exc()
        os._exit(_UNFIT)
    if not packet:
        os._exit(0)
    attempt, task, body = take(packet)
    attempts.run(attempt, task, body, reports, lock, made=folder)


def make_ready(folder: str) -> None:
    """Do everything that a launch will need once."""
    # Loaded by a warm zygote, and by no other.
    from wherry.runtime.performance import rehearse
    from wherry.runtime.shutdown import finish_python

    os.makedirs(os.path.dirname(folder), 0o700, exist_ok=True)
    attempt_folder.make(f"{folder}-made")
    attempt_folder.enter(folder, made=f"{folder}-made")
    env = {**attempts.environment(), "TMPDIR": f"{folder}/work"}  # of the zygote, for the rehearsal
    take(encode({"op": "launch", "attempt": ""}, json_text.write({"env": env}).encode()))
    rehearse()
    finish_python()


def take(packet: bytes) -> tuple[str, dict[str, Any], bytes]:
    """Attempt, task and its text; with the task's environment."""
    header, body = decode(packet)
    task = json_text.read(body)
    attempts.set_environment(task["env"])
    return header["attempt"], task, body
