"""Where what happens to a run comes from while it is followed: the engine in this process, or a server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Final, Protocol

from wherry.cli import wording
from wherry.client import Client
from wherry.client.event_stream import ServerAway
from wherry.client.event_stream import TaskProgress as ToldProgress
from wherry.engine.followers import TaskProgress
from wherry.errors import ServerUnreachableError, WherryError
from wherry.local import Session, whoami
from wherry.model.identity import AttemptId, RunId
from wherry.model.runs import RunEvent

Notice = RunEvent | TaskProgress | ToldProgress | ServerAway

_END: Final = None


class Feed(Protocol):
    """A run that is being followed."""

    log_seconds: float
    """How often the logs of running tasks are looked at: they are files, which tell nobody that they grow."""

    def notices(self) -> AsyncIterator[Notice]:
        """What happens to the run, until it has ended."""

    async def log(self, attempt: AttemptId, *, from_byte: int) -> bytes:
        """A part of an attempt's log; empty at the end of what there is by now."""

    async def cancel(self) -> None:
        """Have the run cancelled."""

    @property
    def if_left(self) -> str:
        """What becomes of the run if this command is left while the run is being cancelled."""


class SessionFeed:
    """A run of the engine in this process."""

    log_seconds = 0.2
    if_left = "The run is still being cancelled; the next command on this state folder goes on with it."

    def __init__(self, session: Session, run_id: RunId) -> None:
        self._session = session
        self._run_id = run_id

    def notices(self) -> AsyncIterator[Notice]:
        """What happens from now on."""
        return self._session.follow(self._run_id)

    async def log(self, attempt: AttemptId, *, from_byte: int) -> bytes:
        """Read from the log file."""
        return self._session.reader.logs.log(self._run_id, attempt, from_byte=from_byte)

    async def cancel(self) -> None:
        """Ask the engine."""
        await self._session.cancel(self._run_id, by=whoami())


class ServerFeed:
    """A run of a server.

    Args:
        client: of the server.
        run_id: the run.
        after: number of the last event that is known already.
    """

    log_seconds = 0.4
    if_left = "The server goes on cancelling the run."

    def __init__(self, client: Client, run_id: RunId, *, after: int = 0) -> None:
        self._client = client
        self._run_id = run_id
        self._after = after

    async def notices(self) -> AsyncIterator[Notice]:
        """Everything behind ``after``, and then what happens."""
        loop = asyncio.get_running_loop()
        coming: asyncio.Queue[Notice | WherryError | None] = asyncio.Queue()

        def put(item: Notice | WherryError | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(coming.put_nowait, item)

        def read() -> None:
            try:
                for notice in self._client.follow_run(self._run_id, after=self._after):
                    put(notice)
                put(_END)
            except WherryError as error:
                put(error)

        # No thread of the loop's own pool: leaving must not wait for the stream's next word.
        threading.Thread(target=read, name="wherry-follow", daemon=True).start()
        while True:
            item = await coming.get()
            if item is _END:
                return
            if isinstance(item, WherryError):
                raise self._explained(item)
            yield item

    async def log(self, attempt: AttemptId, *, from_byte: int) -> bytes:
        """Ask the server. While it is away there is nothing new."""
        try:
            return await asyncio.to_thread(self._client.get_attempt_log, self._run_id, attempt, from_byte=from_byte)
        except ServerUnreachableError:
            return b""

    async def cancel(self) -> None:
        """Ask the server."""
        try:
            await asyncio.to_thread(self._client.terminate_run, self._run_id)
        except ServerUnreachableError as error:
            raise self._explained(error) from error

    def _explained(self, error: WherryError) -> WherryError:
        if not isinstance(error, ServerUnreachableError):
            return error
        run = wording.short(self._run_id)
        return ServerUnreachableError(
            f"the server at {self._client.host!r} went away while run {run} was followed",
            hint=f"Tasks that were running go on. Start the server again, then look: `wherry runs show {run}`.",
        )
