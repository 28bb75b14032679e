"""A zygote as the task host sees it: how it is started, what it is told, what comes back."""

# The host starts without pathlib, which would cost a fifth of the time.
# ruff: noqa: PTH123

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import time
from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from wherry.launchers.process.poller import Poller
from wherry.launchers.process.wire import Wire
from wherry.runtime import protocol
from wherry.runtime.protocol import PACKET_LIMIT, Header, ProtocolError, decode, encode

_PROGRAM = f"{protocol.__file__.rpartition('/')[0]}/__main__.py"

#: Descriptors under which a zygote finds its sockets and the lock.
_CONTROL, _REPORTS, _LOCK = 3, 4, 5

#: Where descriptors are parked while they are put in place, out of each other's way.
_HIGH = 64

_REPORT_MAX = 1 << 18

#: So much of what a zygote printed is told when it would not start. Bytes.
_LAST_WORDS = 4096


#: Parked children wait so long after the last launch. Seconds.
_PARKED_IDLE = 5.0


class _Launch(NamedTuple):
    """A task that was given to a parked child: what it takes to have it forked after all."""

    task: str
    code: int
    body: bytes


class ZygoteEvents(Protocol):
    """Who minds the attempts."""

    def on_report(self, header: Header, body: bytes) -> None:
        """A task told something."""

    def on_zygote(self, link: ZygoteLink, header: Header) -> None:
        """The zygote told something."""

    def on_zygote_end(self, link: ZygoteLink) -> None:
        """The zygote is gone, and its tasks with it."""


class ZygoteLink:
    """Starts a zygote and talks to it. What is sent before it is ready waits in its socket.

    Args:
        key: how launches name it.
        start: ``python`` (program and options), ``kind`` and ``lease`` as `wherry.runtime.zygote.main` has them.
        env: the zygote's own environment.
        log: the file that takes what it prints.
        lock: the host's lock, held by every zygote and task as well.
        parking: the folder in which children that are forked ahead make theirs; empty: none are.
    """

    def __init__(
        self,
        key: str,
        start: Mapping[str, Any],
        *,
        env: Mapping[str, str],
        log: str,
        lock: int,
        parking: str,
        poller: Poller,
        events: ZygoteEvents,
    ) -> None:
        self.key = key
        self.ready = False
        self.attempts: set[str] = set()
        self.idle_since: float | None = None
        self._log = log
        self._poller = poller
        self._events = events
        #: Sockets of parked children, by name, in the order in which they were parked.
        self._parked: dict[str, socket.socket] = {}
        self._files: deque[int] = deque()
        self._given: dict[str, _Launch] = {}
        #: What the zygote has compiled.
        self._compiled: set[int] = set()
        self._last_launch = 0.0
        self._looking_at_parked = False
        here, there = socket.socketpair()
        self._reports, reporting = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._reports.setblocking(False)
        arguments = [
            *start["python"],
            *(_PROGRAM, "zygote", start["kind"]),
            *map(str, (_CONTROL, _REPORTS, _LOCK, os.getpid())),
            start["lease"] or "",
            parking,
        ]
        try:
            self.pid = _spawn(arguments, env, log, (there.fileno(), reporting.fileno(), lock))
        finally:
            there.close()
            reporting.close()
        self._wire = Wire(here, poller, on_frame=self._on_frame, on_end=self._on_end, on_file=self._files.append)
        poller.watch(self._reports, self.drain)

    def launch(self, attempt: str, task: str, code: int, body: bytes) -> None:
        """Have a task run: by a parked child, or a new fork.

        Args:
            attempt: its id.
            task: its name.
            code: a number that tells one source from another.
            body: what is to run.
        """
        self.attempts.add(attempt)
        self.idle_since = None
        self._last_launch = time.monotonic()
        if self._parked and len(body) <= PACKET_LIMIT:
            name = self._give(encode({"op": "launch", "attempt": attempt}, body))
            if name is not None:
                self._given[attempt] = _Launch(task, code, body)
                given = {"op": "given", "attempt": attempt, "task": task, "parked": name}
                self._wire.send(encode(given, b"" if code in self._compiled else body))
                return
        self._fork(attempt, task, body)

    def _give(self, packet: bytes) -> str | None:
        """Send a packet to the parked child that waits longest. Returns its name; None if none can be reached."""
        while self._parked:
            name = next(iter(self._parked))
            # One that has died cannot be reached; the zygote finds it.
            with self._parked.pop(name) as channel, contextlib.suppress(OSError):
                channel.send(packet)
                return name
        return None

    def _fork(self, attempt: str, task: str, body: bytes) -> None:
        self._wire.send(encode({"op": "launch", "attempt": attempt, "task": task}, body))

    def launch_again(self, attempt: str) -> None:
        """Have a task forked whose parked child died before it took it."""
        launch = self._given.pop(attempt)
        self._fork(attempt, launch.task, launch.body)

    def forget(self, attempt: str) -> None:
        """Nothing of it runs any more."""
        self.attempts.discard(attempt)
        self._given.pop(attempt, None)

    def kill(self, attempt: str, number: int) -> None:
        """Send a signal to every process of an attempt."""
        self._wire.send(encode({"op": "kill", "attempt": attempt, "signal": number}))

    def drain(self) -> None:
        """Take every report that is there. Before an exit is judged: the two come by different ways."""
        while self._reports.fileno() >= 0:
            try:
                packet = self._reports.recv(_REPORT_MAX)
            except BlockingIOError:
                return
            except OSError:
                packet = b""
            if not packet:
                # Zygote and tasks are gone; the wire tells that as well.
                self._poller.forget(self._reports)
                self._reports.close()
                return
            try:
                header, body = decode(packet)
            except ProtocolError:
                continue  # user code wrote to a descriptor that is not its own
            self._events.on_report(header, body)

    def last_words(self) -> str:
        """What it printed at the end."""
        try:
            return _end_of(self._log)
        except OSError:
            return ""

    def close(self) -> None:
        """Let it leave. Its tasks, if it has any, end with it."""
        self._let_parked_go()
        while self._files:
            os.close(self._files.popleft())
        self._wire.close()
        if self._reports.fileno() >= 0:
            self._poller.forget(self._reports)
            self._reports.close()

    def _on_frame(self, header: Header, _body: bytes) -> None:
        match header["op"]:
            case "ready":
                self.ready = True
            case "parked":
                self._on_parked(header["parked"])
                return
            case "exit":
                self.drain()
                launch = self._given.get(header["attempt"])
                if launch and "failure" not in header:
                    self._compiled.add(launch.code)
            case _:
                pass
        self._events.on_zygote(self, header)

    def _on_parked(self, name: str) -> None:
        channel = socket.socket(fileno=self._files.popleft())
        channel.setblocking(False)
        self._parked[name] = channel
        if not self._looking_at_parked:
            self._look_at_parked()

    def _look_at_parked(self) -> None:
        """Let parked children go if there was no launch for some time."""
        left = self._last_launch + _PARKED_IDLE - time.monotonic()
        if left <= 0:
            self._let_parked_go()
        self._looking_at_parked = bool(self._parked)
        if self._parked:
            self._poller.after(left, self._look_at_parked)

    def _let_parked_go(self) -> None:
        for channel in self._parked.values():
            channel.close()
        self._parked.clear()

    def _on_end(self) -> None:
        self.drain()
        self._events.on_zygote_end(self)


def _end_of(path: str) -> str:
    with open(path, "rb") as file:
        return file.read()[-_LAST_WORDS:].decode(errors="replace").strip()


def _spawn(arguments: list[str], env: Mapping[str, str], log: str, files: tuple[int, int, int]) -> int:
    """Start a program with these files as 3, 4 and 5, and no others but the standard ones."""
    parked = [fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, _HIGH) for file in files]
    try:
        actions: list[tuple[Any, ...]] = [
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
            *(
                (os.POSIX_SPAWN_DUP2, file, place)
                for file, place in zip(parked, (_CONTROL, _REPORTS, _LOCK), strict=True)
            ),
        ]
        return os.posix_spawn(arguments[0], arguments, dict(env), file_actions=actions)
    finally:
        for file in parked:
            os.close(file)
