"""The launcher port on the task host: asyncio on this side, one process per attempt on the other."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

from wherry.errors import WherryError
from wherry.launchers.process.attempt_events import Ended, ended, lost, not_launched, not_prepared
from wherry.launchers.process.builders import Builders
from wherry.launchers.process.environment_record import read_environment
from wherry.launchers.process.folder import LauncherFolder, record
from wherry.launchers.process.host_session import HostSession
from wherry.launchers.process.logs import read_log
from wherry.launchers.process.open_attempt import Knowledge, OpenAttempt, PreparationKey, Stage
from wherry.launchers.process.preparation import Preparation, Prepared
from wherry.launchers.process.task_message import allowed_environment, inherited_environment, launch_frame
from wherry.model.identity import AttemptId, Json, Micros, RunId
from wherry.ports import (
    AttemptCancelled,
    AttemptEnvironment,
    AttemptEvent,
    AttemptProgress,
    AttemptStarted,
    AttemptWarning,
    Clock,
    LaunchRequest,
    Recovery,
)
from wherry.runtime.protocol import PROTOCOL, Header, ProtocolError, encode
from wherry.settings import ProcessLauncherSettings

#: Environments built at once.
_BUILDERS: Final = 4

#: Version of the handle.
_HANDLE: Final = 1

#: Attempts cancelled before they were launched that are kept in mind.
_CANCELLED_EARLY: Final = 1024


class ProcessLauncher:
    """Runs attempts as processes of this machine. Implements `wherry.ports.Launcher` and `wherry.ports.StreamsLogs`.

    Args:
        state: the state folder.
        settings: how tasks run.
        clock: for the times of events that no task tells.
        environ: the environment of this process; tasks see an allow-list of it. Default: the real one.
        idle_seconds: a host that this starts leaves after so long without engine and tasks.
        protocol: of another number in tests only.
    """

    def __init__(
        self,
        state: Path,
        settings: ProcessLauncherSettings,
        clock: Clock,
        *,
        environ: Mapping[str, str] | None = None,
        idle_seconds: float = 60.0,
        protocol: int = PROTOCOL,
    ) -> None:
        self._folder = LauncherFolder(state.absolute())
        self._settings = settings
        self._clock = clock
        self._environ = dict(os.environ if environ is None else environ)  # noqa: TID251  tasks get a part of it
        self._inherited = inherited_environment(self._environ, settings)
        self._preparation = Preparation(self._folder.environments, settings=settings, environ=self._environ)
        self._builders = Builders(_BUILDERS)
        self._events: asyncio.Queue[AttemptEvent | None] = asyncio.Queue()
        self._session = HostSession(
            self._folder,
            env=allowed_environment(self._environ),
            idle_seconds=idle_seconds,
            protocol=protocol,
            events=self,
        )
        self._open: dict[AttemptId, OpenAttempt] = {}
        self._ended: dict[AttemptId, Ended] = {}
        self._cancelled_early: dict[AttemptId, None] = {}
        self._preparing: dict[PreparationKey, asyncio.Future[Prepared]] = {}

    # -- the port -----------------------------------------------------------------------------------------------------

    async def start(self, *, token: int) -> None:
        """Connect to the task host of the state folder; start it if there is none.

        Raises:
            StaleOwnerError: the host obeys an owner with a higher token.
            LauncherError: there is no host, and none can be started.
        """
        self._session.token = token
        await asyncio.to_thread(self._folder.make)
        await self._session.connected()

    async def launch(self, request: LaunchRequest) -> None:
        """Start an attempt. Cheap where image and command were seen before.

        Raises:
            StaleOwnerError: another owner has taken over.
        """
        if self._session.refusal is not None:
            raise self._session.refusal
        attempt_id = request.attempt_id
        if attempt_id in self._open:
            return
        if attempt_id in self._ended:
            self._events.put_nowait(self._ended[attempt_id])
            return
        attempt = self._open[attempt_id] = OpenAttempt(attempt_id, request, _handle(request.run_id))
        if attempt_id in self._cancelled_early:
            self._end(AttemptCancelled(attempt_id=attempt_id, started_at=None, ended_at=self._clock.now()))
            return
        prepared = self._preparation.known(request)
        if prepared is None:
            self._prepare(attempt, request)
        else:
            self._send(attempt, request, prepared)

    async def cancel(self, attempt_id: AttemptId) -> None:
        """SIGTERM to everything of the attempt, SIGKILL after the grace; or it never starts."""
        attempt = self._open.get(attempt_id)
        if attempt is None:
            if attempt_id not in self._ended:
                self._cancelled_early[attempt_id] = None
                while len(self._cancelled_early) > _CANCELLED_EARLY:
                    del self._cancelled_early[next(iter(self._cancelled_early))]
            return
        if attempt.stage is Stage.PREPARING:
            self._end(AttemptCancelled(attempt_id=attempt_id, started_at=None, ended_at=self._clock.now()))
            return
        attempt.cancelled = True
        self._session.send(encode({"op": "cancel", "attempt": attempt_id}))

    async def recover(self, attempt_id: AttemptId, handle: Mapping[str, Json] | None) -> Recovery:
        """Ask the host, then look for the attempt's folder and record.

        Raises:
            LauncherError: the host cannot be reached, or a newer wherry wrote the record.
        """
        if attempt_id in self._open or attempt_id in self._ended:
            return Recovery.FOUND
        attempt = self._open[attempt_id] = OpenAttempt(attempt_id, None, dict(handle or _handle(None)))
        try:
            while attempt.stage is Stage.RECOVERING and attempt_id in self._open:
                await self._session.connected()
                attempt.answered.clear()
                self._session.send(encode({"op": "attach", "attempt": attempt_id}))
                await attempt.answered.wait()
        finally:
            if attempt.stage in {Stage.RECOVERING, Stage.UNKNOWN}:
                self._open.pop(attempt_id, None)
        if attempt.stage is not Stage.UNKNOWN:
            return Recovery.FOUND
        folder = await asyncio.to_thread(self._find, attempt_id, attempt.handle)
        if folder is None:
            return Recovery.NEVER_LAUNCHED
        found = await asyncio.to_thread(record, folder)
        if found is None:
            return Recovery.LOST
        self._open[attempt_id] = attempt
        self._end(ended(*found))
        return Recovery.FOUND

    async def acknowledge(self, attempt_id: AttemptId) -> None:
        """Let the host forget the attempt. Its folder stays."""
        self._ended.pop(attempt_id, None)
        self._session.send(encode({"op": "ack", "attempt": attempt_id}))

    async def events(self) -> AsyncIterator[AttemptEvent]:
        """Events of every attempt that was launched or recovered here, until `close`."""
        while (event := await self._events.get()) is not None:
            yield event

    async def close(self) -> None:
        """Disconnect. Attempts go on, and the host keeps their results."""
        for preparing in list(self._preparing.values()):
            preparing.cancel()
        self._session.close()
        self._preparation.close()
        self._events.put_nowait(None)

    def log(self, run_id: RunId, attempt_id: AttemptId, *, from_byte: int = 0, limit: int = 1 << 20) -> bytes:
        """Bytes of the log file, as the task wrote them."""
        return read_log(self._folder.attempt(run_id, attempt_id), from_byte=from_byte, limit=limit)

    def environment(self, handle: Mapping[str, Json]) -> AttemptEnvironment | None:
        """What the attempt with this handle ran with; None if that is not known any more."""
        key = handle.get("environment")
        return read_environment(self._folder.environments, key) if isinstance(key, str) else None

    # -- on the way to the host ---------------------------------------------------------------------------------------

    def _prepare(self, attempt: OpenAttempt, request: LaunchRequest) -> None:
        """Have image and command prepared in a thread, once for all attempts that wait for the same."""
        key = request.image, request.command
        attempt.waits_for = key
        if key not in self._preparing:
            loop = asyncio.get_running_loop()

            def on_progress(message: str) -> None:
                with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                    loop.call_soon_threadsafe(self._report_progress, key, message)

            preparing = self._builders.run(lambda: self._preparation.prepare(request, on_progress))
            self._preparing[key] = preparing
            preparing.add_done_callback(lambda done: self._on_prepared(key, done))

    def _on_prepared(self, key: PreparationKey, done: asyncio.Future[Prepared]) -> None:
        del self._preparing[key]
        if done.cancelled():
            return
        error = done.exception()
        for attempt in [attempt for attempt in self._open.values() if attempt.waits_for == key]:
            attempt.waits_for = None
            if error is not None:
                self._end(not_prepared(attempt.id, attempt.task, error, now=self._clock.now()))
            elif attempt.request is not None:
                self._send(attempt, attempt.request, done.result())

    def _report_progress(self, key: PreparationKey, message: str) -> None:
        for attempt in self._open.values():
            if attempt.waits_for == key:
                self._events.put_nowait(AttemptProgress(attempt_id=attempt.id, message=message))

    def _send(self, attempt: OpenAttempt, request: LaunchRequest, prepared: Prepared) -> None:
        for warning in prepared.warnings:
            self._events.put_nowait(AttemptWarning(attempt_id=attempt.id, message=warning))
        attempt.stage = Stage.SENT
        attempt.handle["environment"] = prepared.interpreter.key
        try:
            if request.workspace:
                Path(request.workspace).mkdir(mode=0o700, parents=True, exist_ok=True)
            attempt.frame = launch_frame(
                request,
                prepared,
                folder=self._folder.attempt(request.run_id, request.attempt_id),
                inherited=self._inherited,
                settings=self._settings,
            )
        except (ProtocolError, OSError) as error:
            self._end(not_prepared(attempt.id, attempt.task, error, now=self._clock.now()))
            return
        self._session.connect()
        self._session.send(attempt.frame)

    # -- what the session tells ---------------------------------------------------------------------------------------

    def on_frame(self, header: Header, body: bytes) -> None:
        """The host said something about an attempt. Of those that ended, or are another owner's, nothing is heard."""
        attempt = self._open.get(header.get("attempt", ""))
        if attempt is None:
            return
        match header["op"]:
            case "started":
                attempt.stage = Stage.STARTED
                started = AttemptStarted(attempt_id=attempt.id, at=Micros(header["at"]), handle=attempt.handle)
                self._events.put_nowait(started)
            case "ended":
                self._end(ended(header, body))
                attempt.answered.set()
            case "attached":
                self._on_attached(attempt, Knowledge.KNOWN if header["known"] else Knowledge.UNKNOWN)
            case _:
                pass  # a message of a later version that this one can do without

    def on_connected(self) -> None:
        """Ask the host, which may be a new one, about everything that is open."""
        for attempt in self._open.values():
            if attempt.stage in {Stage.SENT, Stage.STARTED}:
                self._session.send(encode({"op": "attach", "attempt": attempt.id}))
            attempt.answered.set()  # whoever recovers it asks again

    def on_disconnected(self) -> None:
        """Connect again if there is anything to hear."""
        for attempt in self._open.values():
            attempt.answered.set()
        if self._open:
            self._session.connect()

    def on_unreachable(self, error: WherryError) -> None:
        """Give up what was handed over; another owner has it, or nobody."""
        for attempt in list(self._open.values()):
            attempt.answered.set()
            if attempt.stage in {Stage.SENT, Stage.STARTED}:
                if self._session.refusal is not None:
                    del self._open[attempt.id]  # the newer owner hears of it
                else:
                    self._end(not_launched(attempt.id, error, now=self._clock.now()))

    def on_drained(self, attempts: frozenset[AttemptId]) -> None:
        """Take the ends of an older host's last attempts from their records."""
        for attempt_id in attempts:
            attempt = self._open.get(attempt_id)
            if attempt is not None and attempt.stage is not Stage.PREPARING:
                self._settle(attempt)

    def _on_attached(self, attempt: OpenAttempt, knowledge: Knowledge) -> None:
        if knowledge is Knowledge.KNOWN or self._session.drains(attempt.id):
            if attempt.stage is Stage.RECOVERING:
                attempt.stage = Stage.STARTED
            if attempt.cancelled:
                self._session.send(encode({"op": "cancel", "attempt": attempt.id}))
        elif attempt.stage is Stage.RECOVERING:
            attempt.stage = Stage.UNKNOWN
        else:
            self._settle(attempt)
        attempt.answered.set()

    def _settle(self, attempt: OpenAttempt) -> None:
        """No host knows it: its folder tells whether it ever started, its record how it ended."""
        folder = self._find(attempt.id, attempt.handle)
        found = record(folder) if folder is not None else None
        if found is not None:
            self._end(ended(*found))
        elif folder is None and attempt.cancelled:
            self._end(AttemptCancelled(attempt_id=attempt.id, started_at=None, ended_at=self._clock.now()))
        elif folder is None and attempt.stage is Stage.SENT:
            self._session.send(attempt.frame)
        else:
            why = "the process that watched over it, the task host, died"
            self._end(lost(attempt.id, attempt.task, why, now=self._clock.now()))

    def _find(self, attempt_id: AttemptId, handle: Mapping[str, Json]) -> Path | None:
        """The folder of an attempt, if it is there."""
        if "run" in handle:
            folder = self._folder.attempt(handle["run"], attempt_id)
            return folder if folder.is_dir() else None
        return self._folder.find(attempt_id)

    def _end(self, event: Ended) -> None:
        """Tell the end of an attempt, once. Of a quick one that comes before its start, which is told here then."""
        attempt = self._open.pop(event.attempt_id)
        if attempt.stage is not Stage.STARTED and event.started_at is not None:
            self._events.put_nowait(AttemptStarted(attempt_id=attempt.id, at=event.started_at, handle=attempt.handle))
        self._ended[event.attempt_id] = event
        self._events.put_nowait(event)


def _handle(run_id: RunId | None) -> dict[str, Json]:
    handle: dict[str, Json] = {"launcher": "process", "version": _HANDLE}
    return handle if run_id is None else {**handle, "run": run_id}
