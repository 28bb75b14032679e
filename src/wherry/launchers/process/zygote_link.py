"""A zygote as the task host sees it: how it is started, what it is told, what comes back."""

# The host starts without pathlib, which would cost a fifth of the time.
# ruff: noqa: PTH123

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Mapping
from typing import Any, Protocol

from wherry.launchers.process.poller import Poller
from wherry.launchers.process.wire import Wire
from wherry.runtime import protocol
from wherry.runtime.protocol import Header, ProtocolError, decode, encode

_PROGRAM = f"{protocol.__file__.rpartition('/')[0]}/__main__.py"

#: Descriptors under which a zygote finds its sockets and the lock.
_CONTROL, _REPORTS, _LOCK = 3, 4, 5

#: Where descriptors are parked while they are put in place, out of each other's way.
_HIGH = 64

_REPORT_MAX = 1 << 18

#: So much of what a zygote printed is told when it would not start. Bytes.
_LAST_WORDS = 4096


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
        self._wire = Wire(here, poller, on_frame=self._on_frame, on_end=self._on_end)
        poller.watch(self._reports, self.drain)

    def launch(self, attempt: str, task: str, body: bytes) -> None:
        """Fork a task."""
        self.attempts.add(attempt)
        self.idle_since = None
        self._wire.send(encode({"op": "launch", "attempt": attempt, "task": task}, body))

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
        self._wire.close()
        if self._reports.fileno() >= 0:
            self._poller.forget(self._reports)
            self._reports.close()

    def _on_frame(self, header: Header, _body: bytes) -> None:
        if header["op"] == "ready":
            self.ready = True
        elif header["op"] == "exit":
            self.drain()
        self._events.on_zygote(self, header)

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
