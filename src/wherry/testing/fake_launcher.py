"""A launcher in memory: attempts are Python functions of the test.

The part that outlives an owner is the `FakeHost`; a `FakeLauncher` is one owner's connection to it::

    host = FakeHost(lambda task: {"Output": 3})
    engine = Engine(launcher=FakeLauncher(host), …)
"""

from __future__ import annotations

import asyncio
import inspect
import json
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from wherry.errors import LauncherError, StaleOwnerError
from wherry.model.identity import AttemptId, Json, Micros, RunId, TaskKey
from wherry.model.outcomes import Failure, FailureReason, Fault
from wherry.ports import (
    AttemptCancelled,
    AttemptEvent,
    AttemptFailed,
    AttemptProgress,
    AttemptStarted,
    AttemptSucceeded,
    AttemptWarning,
    Clock,
    LaunchRequest,
    Recovery,
)
from wherry.testing.clock import FakeClock


class TaskFailure(Exception):  # noqa: N818  it is how a task fails, not an error of the test
    """Raised by an act to fail its attempt in a particular way."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class FakeTask:
    """What an act sees of its attempt."""

    def __init__(self, host: FakeHost, request: LaunchRequest) -> None:
        self._host = host
        self.request = request

    @property
    def key(self) -> TaskKey:
        """Where the task stands in its run."""
        return self.request.task

    @property
    def told(self) -> dict[str, Any]:
        """Its ExecutorInput."""
        found: dict[str, Any] = json.loads(self.request.executor_input)
        return found

    @property
    def parameters(self) -> dict[str, Json]:
        """Its input parameters."""
        found: dict[str, Json] = self.told["inputs"].get("parameterValues", {})
        return found

    def output_uri(self, port: str) -> str:
        """Where an output artifact goes."""
        uri: str = self.told["outputs"]["artifacts"][port]["artifacts"][0]["uri"]
        return uri

    def say(self, text: str) -> None:
        """Print to the attempt's log."""
        self._host.logs[self.request.attempt_id] = self._host.logs.get(self.request.attempt_id, b"") + text.encode()

    def progress(self, message: str) -> None:
        """Tell whoever waits."""
        self._host.emit(AttemptProgress(attempt_id=self.request.attempt_id, message=message))

    def warn(self, message: str) -> None:
        """Tell the author."""
        self._host.emit(AttemptWarning(attempt_id=self.request.attempt_id, message=message))


Made: TypeAlias = Mapping[str, Json] | bytes | None
"""Output parameters, or a whole ExecutorOutput as JSON; None for no outputs."""

Act: TypeAlias = Callable[[FakeTask], Made | Awaitable[Made]]
"""What an attempt does. It fails if the act raises."""

Ended: TypeAlias = AttemptSucceeded | AttemptFailed | AttemptCancelled


def _nothing(_task: FakeTask) -> Made:
    return None


class FakeHost:
    """Where attempts run; it outlives its owners.

    Args:
        act: what attempts do; by default they end well at once, with no outputs.
        clock: for the times of events.
    """

    def __init__(self, act: Act = _nothing, *, clock: Clock | None = None) -> None:
        self.act = act
        self.clock = clock or FakeClock()
        self.token = 0
        self.launched: list[LaunchRequest] = []
        """Every attempt that was started, in order; an attempt that is launched twice is started once."""
        self.logs: dict[AttemptId, bytes] = {}
        self.running: dict[AttemptId, asyncio.Task[None] | None] = {}
        self.results: dict[AttemptId, Ended] = {}
        """Ends that no owner has acknowledged."""
        self.acknowledged: set[AttemptId] = set()
        self.lost: set[AttemptId] = set()
        self._started_at: dict[AttemptId, Micros] = {}
        self._owner: FakeLauncher | None = None

    def attempts_of(self, task: str) -> list[AttemptId]:
        """Attempts of a task that were started, in order."""
        return [request.attempt_id for request in self.launched if request.task == task]

    def emit(self, event: AttemptEvent) -> None:
        """Tell the owner, if there is one."""
        if self._owner is not None:
            self._owner.put(event)

    def connect(self, owner: FakeLauncher, token: int) -> None:
        """Obey the highest token only."""
        if token < self.token:
            raise StaleOwnerError(f"this host obeys token {self.token}, not {token}")
        self.token = token
        self._owner = owner

    def disconnect(self, owner: FakeLauncher) -> None:
        """Attempts go on."""
        if self._owner is owner:
            self._owner = None

    def die(self) -> None:
        """Every running attempt vanishes, and no result is left."""
        for attempt_id, task in self.running.items():
            self.lost.add(attempt_id)
            if task is not None:
                task.cancel()
        self.lost.update(self.results)
        self.running.clear()
        self.results.clear()

    def begin(self, request: LaunchRequest) -> None:
        """Start an attempt, once."""
        attempt_id = request.attempt_id
        if attempt_id in self.results:
            self.emit(self.results[attempt_id])
            return
        if attempt_id in self.running or attempt_id in self.acknowledged:
            return
        self.launched.append(request)
        self._started_at[attempt_id] = self.clock.now()
        task = FakeTask(self, request)
        try:
            made = self.act(task)
        except Exception as error:  # noqa: BLE001  whatever a task raises is its failure
            self._end(self._failed(attempt_id, error))
            return
        if inspect.isawaitable(made):
            handle: dict[str, Json] = {"launcher": "fake", "version": 1}
            self.emit(AttemptStarted(attempt_id=attempt_id, at=self.clock.now(), handle=handle))
            self.running[attempt_id] = asyncio.ensure_future(self._follow(request, made))
        else:
            self._end(self._succeeded(attempt_id, made))

    async def _follow(self, request: LaunchRequest, made: Awaitable[Made]) -> None:
        attempt_id = request.attempt_id
        try:
            async with asyncio.timeout(request.timeout_seconds):
                end: Ended = self._succeeded(attempt_id, await made)
        except TimeoutError:
            failure = Failure(
                fault=Fault.USER,
                reason=FailureReason.TIMED_OUT,
                message=f"took longer than its timeout of {request.timeout_seconds} s",
            )
            end = self._failed(attempt_id, TaskFailure(failure))
        except asyncio.CancelledError:
            if attempt_id not in self.running:
                raise  # the host died, or the loop ends
            end = AttemptCancelled(
                attempt_id=attempt_id, started_at=self._started_at[attempt_id], ended_at=self.clock.now()
            )
        except Exception as error:  # noqa: BLE001  whatever a task raises is its failure
            end = self._failed(attempt_id, error)
        self._end(end)

    def _succeeded(self, attempt_id: AttemptId, made: Made) -> AttemptSucceeded:
        output = made if isinstance(made, bytes) else json.dumps({"parameterValues": made} if made else {}).encode()
        return AttemptSucceeded(
            attempt_id=attempt_id,
            started_at=self._started_at[attempt_id],
            ended_at=self.clock.now(),
            executor_output=output,
        )

    def _failed(self, attempt_id: AttemptId, error: Exception) -> AttemptFailed:
        failure = (
            error.failure
            if isinstance(error, TaskFailure)
            else Failure(
                fault=Fault.USER,
                reason=FailureReason.RAISED,
                message=f"{type(error).__name__}: {error}",
                traceback="".join(traceback.format_exception(error)),
            )
        )
        return AttemptFailed(
            attempt_id=attempt_id,
            started_at=self._started_at[attempt_id],
            ended_at=self.clock.now(),
            failure=failure,
        )

    def _end(self, end: Ended) -> None:
        self.running.pop(end.attempt_id, None)
        self.results[end.attempt_id] = end
        self.emit(end)

    def stop(self, attempt_id: AttemptId) -> None:
        """Cancel an attempt, if it is running."""
        task = self.running.get(attempt_id)
        if task is not None:
            # A task that has not had its first step yet would be cancelled without a word.
            asyncio.get_running_loop().call_soon(task.cancel)

    def find(self, attempt_id: AttemptId) -> Recovery:
        """What is known of an attempt; an end that was not acknowledged is told again."""
        if attempt_id in self.running:
            return Recovery.FOUND
        if attempt_id in self.results:
            self.emit(self.results[attempt_id])
            return Recovery.FOUND
        known = attempt_id in self.lost or attempt_id in self.acknowledged
        return Recovery.LOST if known else Recovery.NEVER_LAUNCHED


class FakeLauncher:
    """`wherry.ports.Launcher` and `wherry.ports.StreamsLogs` for tests: one owner's connection to a host."""

    def __init__(self, host: FakeHost) -> None:
        self.host = host
        self._token = 0
        self._events: asyncio.Queue[AttemptEvent | None] = asyncio.Queue()
        self._closed = False
        self.refuses: list[str] = []
        """Messages with which the next launches are refused."""

    def put(self, event: AttemptEvent) -> None:
        """An event for this owner."""
        self._events.put_nowait(event)

    async def start(self, *, token: int) -> None:
        """Connect."""
        self.host.connect(self, token)
        self._token = token

    def _check(self) -> None:
        if self._token < self.host.token:
            raise StaleOwnerError(f"this host obeys token {self.host.token}, not {self._token}")

    async def launch(self, request: LaunchRequest) -> None:
        """Start an attempt."""
        self._check()
        if self.refuses:
            raise LauncherError(self.refuses.pop(0))
        self.host.begin(request)

    async def cancel(self, attempt_id: AttemptId) -> None:
        """Stop an attempt."""
        self._check()
        self.host.stop(attempt_id)

    async def recover(self, attempt_id: AttemptId, handle: Mapping[str, Json] | None) -> Recovery:  # noqa: ARG002  found by id
        """Look for an attempt."""
        self._check()
        return self.host.find(attempt_id)

    async def acknowledge(self, attempt_id: AttemptId) -> None:
        """Forget an attempt's result."""
        if self.host.results.pop(attempt_id, None) is not None:
            self.host.acknowledged.add(attempt_id)

    async def events(self) -> AsyncIterator[AttemptEvent]:
        """Events of all attempts."""
        while (event := await self._events.get()) is not None:
            yield event

    async def close(self) -> None:
        """Disconnect."""
        if not self._closed:
            self._closed = True
            self.host.disconnect(self)
            self._events.put_nowait(None)

    def log(self, run_id: RunId, attempt_id: AttemptId, *, from_byte: int = 0, limit: int = 1 << 20) -> bytes:  # noqa: ARG002  ids are unique
        """Log bytes from an offset."""
        return self.host.logs.get(attempt_id, b"")[from_byte : from_byte + limit]
