"""The owner's dealings with task hosts: greeting, fencing, reconnection, and older hosts that drain."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import Protocol

from wherry.errors import LauncherError, StaleOwnerError, WherryError
from wherry.launchers.process.folder import LauncherFolder
from wherry.launchers.process.host_connection import HostConnection
from wherry.launchers.process.host_start import connect_to_host
from wherry.model.identity import AttemptId
from wherry.runtime.protocol import FORMAT, Header, encode

_TRIES = 5


class SessionEvents(Protocol):
    """What a session's owner is told."""

    def on_frame(self, header: Header, body: bytes) -> None:
        """The host said something."""

    def on_connected(self) -> None:
        """There is a host, and it obeys. It may be another one than before: it is to be asked about every attempt."""

    def on_disconnected(self) -> None:
        """The host is gone, or obeys another owner."""

    def on_unreachable(self, error: WherryError) -> None:
        """There is no host, and there will be none."""

    def on_drained(self, attempts: frozenset[AttemptId]) -> None:
        """An older host has left; the records of its last attempts are written."""


class HostSession:
    """At most one connection to the host of a state folder.

    Args:
        folder: of the state folder.
        env: environment of a host that is started.
        idle_seconds: a host that is started leaves after so long without engine and tasks.
        protocol: of hello, and of a host that is started.
        events: called back.
    """

    def __init__(
        self,
        folder: LauncherFolder,
        *,
        env: Mapping[str, str],
        idle_seconds: float,
        protocol: int,
        events: SessionEvents,
    ) -> None:
        self._folder = folder
        self._env = env
        self._idle_seconds = idle_seconds
        self._protocol = protocol
        self._events = events
        self._connection: HostConnection | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._draining: dict[HostConnection, frozenset[AttemptId]] = {}
        self._closed = False
        self.token = -1
        self.refusal: WherryError | None = None
        """Why no host obeys, for good."""

    def send(self, frame: bytes) -> None:
        """Send it if there is a connection. What matters is said again by `SessionEvents.on_connected`."""
        if self._connection is not None:
            self._connection.send(frame)

    def connect(self) -> None:
        """See to it that there is a connection, soon."""
        needed = self._connection is None and not self._closed and self.refusal is None
        if needed and (self._connecting is None or self._connecting.done()):
            self._connecting = asyncio.create_task(self._connect())
            # Whoever waits for it gets the error; `SessionEvents.on_unreachable` tells the others.
            self._connecting.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def connected(self) -> None:
        """Wait for a connection.

        Raises:
            StaleOwnerError: the host obeys an owner with a higher token.
            LauncherError: there is no host, and none can be started.
        """
        self.connect()
        if self._connecting is not None:
            await asyncio.shield(self._connecting)
        if self.refusal is not None:
            raise self.refusal

    def drains(self, attempt_id: AttemptId) -> bool:
        """An older host still runs it, and tells the end of it by its record alone."""
        return any(attempt_id in attempts for attempts in self._draining.values())

    def close(self) -> None:
        """Disconnect."""
        self._closed = True
        if self._connecting is not None:
            self._connecting.cancel()
        for connection in (self._connection, *self._draining):
            if connection is not None:
                connection.close()
        self._connection = None

    async def _connect(self) -> None:
        try:
            for _ in range(_TRIES):
                sock = await asyncio.to_thread(
                    connect_to_host,
                    self._folder,
                    env=self._env,
                    idle_seconds=self._idle_seconds,
                    protocol=self._protocol,
                )
                if await self._greet(sock):
                    break
            else:
                raise LauncherError(
                    f"the task host of {self._folder.state} does not answer", hint=f"See {self._folder.host / 'log'}."
                )
        except StaleOwnerError as error:
            self.refusal = error
            self._events.on_unreachable(error)
        except WherryError as error:
            self._events.on_unreachable(error)
            raise
        except OSError as error:
            unusable = LauncherError(f"the state folder {self._folder.state} cannot be used: {error}")
            self._events.on_unreachable(unusable)
            raise unusable from error
        else:
            self._events.on_connected()

    async def _greet(self, sock: socket.socket) -> bool:
        """Say hello. False if this host is not the one to stay with: try again."""
        answer: asyncio.Future[Header | None] = asyncio.get_running_loop().create_future()

        def on_frame(header: Header, body: bytes) -> None:
            if answer.done():
                self._events.on_frame(header, body)
            else:
                answer.set_result(header)

        def on_end() -> None:
            if not answer.done():
                answer.set_result(None)
            elif connection in self._draining:
                self._events.on_drained(self._draining.pop(connection))
            elif connection is self._connection:
                self._connection = None
                self._events.on_disconnected()

        connection = await HostConnection.over(sock, on_frame=on_frame, on_end=on_end)
        connection.send(encode({"op": "hello", "protocol": self._protocol, "format": FORMAT, "token": self.token}))
        header = await answer
        match header:
            case None:
                return False
            case {"op": "welcome"}:
                self._connection = connection
                return not connection.ended
            case {"op": "outdated", "attempts": attempts}:
                self._draining[connection] = frozenset(attempts)
                if connection.ended:
                    self._events.on_drained(self._draining.pop(connection))
                return False
            case {"op": "refused", "reason": "stale-token"}:
                connection.close()
                raise StaleOwnerError(
                    f"the task host of {self._folder.state} obeys a newer owner (token {header['token']}, this one has {self.token})",
                    hint="Another wherry has taken over this folder. Its runs go on there.",
                )
            case _:
                connection.close()
                raise LauncherError(
                    f"the task host of {self._folder.state} is of a newer wherry: it speaks protocol "
                    f"{header.get('protocol')}, this one speaks {self._protocol}",
                    hint="Use the newer wherry, or wait until its tasks have ended and it has left.",
                )
