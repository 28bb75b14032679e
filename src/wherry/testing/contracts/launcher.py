"""What every launcher does.

Tasks are told apart by what they are to do (`Behaviour`): how a launcher is made to do it is the subclass's business.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import pytest

from wherry.errors import StaleOwnerError
from wherry.model.identity import AttemptId, Json, RunId, TaskKey
from wherry.model.outcomes import FailureReason, Fault
from wherry.ports import (
    AttemptCancelled,
    AttemptEvent,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    Launcher,
    LaunchRequest,
    Recovery,
    Secret,
    StreamsLogs,
)

#: Longer than anything here takes. Seconds.
PATIENCE: Final = 60.0

_T = TypeVar("_T")


@dataclass(frozen=True)
class Returns:
    """Ends well at once, its output parameter ``Output`` being ``value``; prints ``says`` first."""

    value: int
    says: str = ""


@dataclass(frozen=True)
class ReturnsVariable:
    """Ends well, ``Output`` being the length of an environment variable's value."""

    name: str


@dataclass(frozen=True)
class Appends:
    """Appends a line to a file, then ends well with ``Output`` 0."""

    file: Path


@dataclass(frozen=True)
class Raises:
    """Raises a ValueError."""

    message: str


@dataclass(frozen=True)
class Exits:
    """Its process ends with this exit status."""

    status: int


@dataclass(frozen=True)
class Dies:
    """Its process ends by this signal."""

    number: signal.Signals


@dataclass(frozen=True)
class WaitsFor:
    """Makes the file ``<file>.started``, waits until ``file`` is there, and ends well with ``Output`` 1."""

    file: Path


Behaviour: TypeAlias = Returns | ReturnsVariable | Appends | Raises | Exits | Dies | WaitsFor

Ended: TypeAlias = AttemptSucceeded | AttemptFailed | AttemptCancelled


class Listener:
    """The one consumer of a launcher's events.

    Args:
        launcher: started.
    """

    def __init__(self, launcher: Launcher) -> None:
        self._events: AsyncIterator[AttemptEvent] = launcher.events()
        self.seen: list[AttemptEvent] = []

    async def next(self) -> AttemptEvent:
        """The next event."""
        event = await asyncio.wait_for(anext(self._events), PATIENCE)
        self.seen.append(event)
        return event

    async def started(self, attempt_id: AttemptId) -> AttemptStarted:
        """Wait until an attempt has started."""
        while True:
            event = await self.next()
            if isinstance(event, AttemptStarted) and event.attempt_id == attempt_id:
                return event

    async def end(self, attempt_id: AttemptId) -> Ended:
        """Wait until an attempt has ended."""
        while True:
            event = await self.next()
            if isinstance(event, Ended) and event.attempt_id == attempt_id:
                return event


class LauncherContract(ABC):
    """Subclass it, provide `new_launcher`, `prepared` and `files`, and you have the full suite."""

    @abstractmethod
    def new_launcher(self) -> Launcher:
        """Another owner's launcher of the same place, not started."""

    @abstractmethod
    def prepared(self, request: LaunchRequest, behaviour: Behaviour) -> LaunchRequest:
        """The request with image, commands and whatever else makes its task behave so."""

    @abstractmethod
    def files(self) -> Iterable[Path]:
        """Every file that the launcher has left."""

    @pytest.fixture
    def request_of(self, tmp_path: Path) -> Callable[..., LaunchRequest]:
        """``request_of(behaviour, **fields)``: a request with an id of its own."""
        numbers = itertools.count(1)

        def build(behaviour: Behaviour, **fields: Json) -> LaunchRequest:
            number = next(numbers)
            outputs = tmp_path / "outputs" / str(number)
            told = {
                "inputs": {},
                "outputs": {
                    "parameters": {"Output": {"outputFile": str(outputs / "Output")}},
                    "outputFile": str(outputs / "executor_output.json"),
                },
            }
            values: dict[str, Json] = {
                "attempt_id": AttemptId(f"{number:032x}"),
                "run_id": RunId("e7c0a1d2-0000-4000-8000-000000000001"),
                "task": TaskKey("root/train"),
                "component": "train",
                "image": "python:3.11",
                "command": ("true",),
                "resolved_command": ("true",),
                "executor_input": json.dumps(told).encode(),
                "output_types": {"Output": "NUMBER_INTEGER"},
                **fields,
            }
            return self.prepared(LaunchRequest(**values), behaviour)

        return build

    def run(self, body: Callable[[Launcher, Listener], Awaitable[_T]]) -> _T:
        """Run ``body`` with a started launcher, and close that."""

        async def session() -> _T:
            launcher = self.new_launcher()
            await launcher.start(token=1)
            try:
                return await body(launcher, Listener(launcher))
            finally:
                await launcher.close()

        return asyncio.run(session())

    def ended(self, request: LaunchRequest) -> Ended:
        """Launch, wait for the end, acknowledge it."""

        async def body(launcher: Launcher, listener: Listener) -> Ended:
            await launcher.launch(request)
            event = await listener.end(request.attempt_id)
            await launcher.acknowledge(request.attempt_id)
            return event

        return self.run(body)

    # -- how attempts end ---------------------------------------------------------------------------------------------

    def test_an_attempt_that_returns_has_succeeded_with_its_outputs(
        self, request_of: Callable[..., LaunchRequest]
    ) -> None:
        event = self.ended(request_of(Returns(42)))

        assert isinstance(event, AttemptSucceeded)
        assert json.loads(event.executor_output) == {"parameterValues": {"Output": 42}}
        assert event.started_at <= event.ended_at

    def test_an_attempt_that_raises_has_failed_with_message_and_traceback(
        self, request_of: Callable[..., LaunchRequest]
    ) -> None:
        event = self.ended(request_of(Raises("no rows left")))

        assert isinstance(event, AttemptFailed)
        assert (event.failure.fault, event.failure.reason) == (Fault.USER, FailureReason.RAISED)
        assert "ValueError: no rows left" in event.failure.message
        assert "no rows left" in event.failure.traceback

    def test_an_exit_status_is_told(self, request_of: Callable[..., LaunchRequest]) -> None:
        event = self.ended(request_of(Exits(3)))

        assert isinstance(event, AttemptFailed)
        assert (event.failure.fault, event.failure.reason) == (Fault.USER, FailureReason.EXITED)
        assert event.failure.exit_code == 3

    def test_a_signal_is_told_by_name(self, request_of: Callable[..., LaunchRequest]) -> None:
        event = self.ended(request_of(Dies(signal.SIGKILL)))

        assert isinstance(event, AttemptFailed)
        assert (event.failure.fault, event.failure.reason) == (Fault.USER, FailureReason.KILLED)
        assert event.failure.signal == signal.SIGKILL
        assert "SIGKILL" in event.failure.message
        assert "memory" in event.failure.hint

    def test_an_attempt_that_takes_longer_than_its_timeout_is_stopped(
        self, request_of: Callable[..., LaunchRequest], tmp_path: Path
    ) -> None:
        event = self.ended(request_of(WaitsFor(tmp_path / "never"), timeout_seconds=0.2))

        assert isinstance(event, AttemptFailed)
        assert (event.failure.fault, event.failure.reason) == (Fault.USER, FailureReason.TIMED_OUT)
        assert "0.2 s" in event.failure.message

    def test_many_attempts_run_at_once(self, request_of: Callable[..., LaunchRequest], tmp_path: Path) -> None:
        go = tmp_path / "go"
        requests = [request_of(WaitsFor(go)) for _ in range(4)]

        async def body(launcher: Launcher, listener: Listener) -> set[type[AttemptEvent]]:
            for request in requests:
                await launcher.launch(request)
            waiting = {request.attempt_id for request in requests}
            while waiting:
                event = await listener.next()
                if isinstance(event, AttemptStarted):
                    waiting.discard(event.attempt_id)
            go.touch()
            ends = [event for event in listener.seen if isinstance(event, Ended)]
            while len(ends) < len(requests):
                event = await listener.next()
                if isinstance(event, Ended):
                    ends.append(event)
            return {type(event) for event in ends}

        assert self.run(body) == {AttemptSucceeded}

    # -- launching ----------------------------------------------------------------------------------------------------

    def test_launching_an_attempt_again_starts_no_second_process(
        self, request_of: Callable[..., LaunchRequest], tmp_path: Path
    ) -> None:
        request = request_of(Appends(tmp_path / "effects"))

        async def body(launcher: Launcher, listener: Listener) -> None:
            await launcher.launch(request)
            await launcher.launch(request)
            await listener.end(request.attempt_id)
            await launcher.launch(request)
            await listener.end(request.attempt_id)

        self.run(body)
        assert (tmp_path / "effects").read_text().splitlines() == ["ran"]

    def test_the_end_is_told_once(self, request_of: Callable[..., LaunchRequest]) -> None:
        request, next_request = request_of(Returns(1)), request_of(Returns(2))

        async def body(launcher: Launcher, listener: Listener) -> list[AttemptId]:
            for one in (request, next_request):
                await launcher.launch(one)
                await listener.end(one.attempt_id)
            return [event.attempt_id for event in listener.seen if isinstance(event, Ended)]

        assert self.run(body) == [request.attempt_id, next_request.attempt_id]

    def test_a_long_attempt_is_told_as_started_while_it_runs(
        self, request_of: Callable[..., LaunchRequest], tmp_path: Path
    ) -> None:
        request = request_of(WaitsFor(tmp_path / "go"))

        async def body(launcher: Launcher, listener: Listener) -> AttemptStarted:
            await launcher.launch(request)
            event = await listener.started(request.attempt_id)
            (tmp_path / "go").touch()
            await listener.end(request.attempt_id)
            return event

        assert self.run(body).handle["launcher"]

    # -- cancelling ---------------------------------------------------------------------------------------------------

    def test_a_running_attempt_can_be_cancelled(self, request_of: Callable[..., LaunchRequest], tmp_path: Path) -> None:
        request = request_of(WaitsFor(tmp_path / "never"))

        async def body(launcher: Launcher, listener: Listener) -> Ended:
            await launcher.launch(request)
            await listener.started(request.attempt_id)
            await launcher.cancel(request.attempt_id)
            await launcher.cancel(request.attempt_id)
            return await listener.end(request.attempt_id)

        event = self.run(body)
        assert isinstance(event, AttemptCancelled)
        assert event.started_at is not None

    def test_an_attempt_cancelled_right_after_its_launch_does_not_run_on(
        self, request_of: Callable[..., LaunchRequest], tmp_path: Path
    ) -> None:
        request = request_of(WaitsFor(tmp_path / "never"))

        async def body(launcher: Launcher, listener: Listener) -> Ended:
            await launcher.launch(request)
            await launcher.cancel(request.attempt_id)
            return await listener.end(request.attempt_id)

        assert isinstance(self.run(body), AttemptCancelled)

    def test_cancelling_an_attempt_that_has_ended_changes_nothing(
        self, request_of: Callable[..., LaunchRequest]
    ) -> None:
        request, next_request = request_of(Returns(1)), request_of(Returns(2))

        async def body(launcher: Launcher, listener: Listener) -> list[type[AttemptEvent]]:
            await launcher.launch(request)
            await listener.end(request.attempt_id)
            await launcher.cancel(request.attempt_id)
            await launcher.launch(next_request)
            await listener.end(next_request.attempt_id)
            return [type(event) for event in listener.seen if isinstance(event, Ended)]

        assert self.run(body) == [AttemptSucceeded, AttemptSucceeded]

    # -- another owner ------------------------------------------------------------------------------------------------

    def test_an_attempt_that_nobody_launched_can_be_launched(self, request_of: Callable[..., LaunchRequest]) -> None:
        request = request_of(Returns(1))

        async def body(launcher: Launcher, listener: Listener) -> tuple[Recovery, Ended]:
            found = await launcher.recover(request.attempt_id, None)
            await launcher.launch(request)
            return found, await listener.end(request.attempt_id)

        found, event = self.run(body)
        assert found is Recovery.NEVER_LAUNCHED
        assert isinstance(event, AttemptSucceeded)

    @pytest.mark.parametrize("knows_handle", [True, False])
    def test_the_next_owner_finds_a_running_attempt_and_hears_its_end(
        self, request_of: Callable[..., LaunchRequest], tmp_path: Path, *, knows_handle: bool
    ) -> None:
        request = request_of(WaitsFor(tmp_path / "go"))

        async def body() -> tuple[Recovery, Ended]:
            first, second = self.new_launcher(), self.new_launcher()
            await first.start(token=1)
            await first.launch(request)
            started = await Listener(first).started(request.attempt_id)
            await first.close()
            await second.start(token=2)
            listener = Listener(second)
            found = await second.recover(request.attempt_id, started.handle if knows_handle else None)
            (tmp_path / "go").touch()
            event = await listener.end(request.attempt_id)
            await second.close()
            return found, event

        found, event = asyncio.run(body())
        assert found is Recovery.FOUND
        assert isinstance(event, AttemptSucceeded)

    @pytest.mark.parametrize("knows_handle", [True, False])
    def test_the_next_owner_hears_of_an_end_that_was_not_acknowledged(
        self, request_of: Callable[..., LaunchRequest], *, knows_handle: bool
    ) -> None:
        request = request_of(Returns(7))

        async def body() -> tuple[Recovery, Ended]:
            first, second = self.new_launcher(), self.new_launcher()
            await first.start(token=1)
            await first.launch(request)
            listener = Listener(first)
            await listener.end(request.attempt_id)
            handles = [event.handle for event in listener.seen if isinstance(event, AttemptStarted)]
            await first.close()
            await second.start(token=2)
            found = await second.recover(request.attempt_id, handles[0] if knows_handle and handles else None)
            event = await Listener(second).end(request.attempt_id)
            await second.close()
            return found, event

        found, event = asyncio.run(body())
        assert found is Recovery.FOUND
        assert isinstance(event, AttemptSucceeded)
        assert json.loads(event.executor_output) == {"parameterValues": {"Output": 7}}

    def test_an_owner_with_an_older_token_is_refused(self) -> None:
        async def body() -> None:
            newer, older = self.new_launcher(), self.new_launcher()
            await newer.start(token=2)
            try:
                with pytest.raises(StaleOwnerError):
                    await older.start(token=1)
            finally:
                await older.close()
                await newer.close()

        asyncio.run(body())

    def test_an_owner_that_was_replaced_launches_nothing(
        self, request_of: Callable[..., LaunchRequest], tmp_path: Path
    ) -> None:
        request, next_request = request_of(Appends(tmp_path / "effects")), request_of(Returns(1))

        async def launch_until_refused(launcher: Launcher) -> None:
            # The first may be taken without a word, before the launcher hears of the newer owner.
            while True:
                await launcher.launch(request)
                await asyncio.sleep(0.01)

        async def body() -> None:
            older, newer = self.new_launcher(), self.new_launcher()
            await older.start(token=1)
            await newer.start(token=2)
            try:
                with pytest.raises(StaleOwnerError):
                    await launch_until_refused(older)
                await newer.launch(next_request)
                await Listener(newer).end(next_request.attempt_id)
            finally:
                await older.close()
                await newer.close()

        asyncio.run(asyncio.wait_for(body(), PATIENCE))
        assert not (tmp_path / "effects").exists()

    def test_events_end_when_the_launcher_is_closed(self) -> None:
        async def body() -> list[AttemptEvent]:
            launcher = self.new_launcher()
            await launcher.start(token=1)
            await launcher.close()
            return [event async for event in launcher.events()]

        assert asyncio.run(body()) == []

    # -- secrets and logs ---------------------------------------------------------------------------------------------

    def test_a_task_sees_its_environment_and_its_secrets(self, request_of: Callable[..., LaunchRequest]) -> None:
        secret = request_of(ReturnsVariable("PASSWORD"), secrets={"PASSWORD": Secret("hunter2")})
        plain = request_of(ReturnsVariable("GREETING"), env={"GREETING": "hello"})

        outputs = [self.ended(one) for one in (secret, plain)]
        assert [
            json.loads(event.executor_output)["parameterValues"]["Output"]
            for event in outputs
            if isinstance(event, AttemptSucceeded)
        ] == [7, 5]

    def test_a_secret_is_in_no_file_and_no_repr(self, request_of: Callable[..., LaunchRequest]) -> None:
        request = request_of(ReturnsVariable("PASSWORD"), secrets={"PASSWORD": Secret("hunter2-canary")})

        self.ended(request)
        assert "hunter2-canary" not in repr(request)
        assert [file for file in self.files() if b"hunter2-canary" in file.read_bytes()] == []

    def test_a_log_is_read_from_any_offset(self, request_of: Callable[..., LaunchRequest]) -> None:
        request = request_of(Returns(1, says="first line"))

        async def body(launcher: Launcher, listener: Listener) -> tuple[bytes, bytes, bytes, bytes]:
            if not isinstance(launcher, StreamsLogs):
                pytest.skip("it keeps no logs")
            await launcher.launch(request)
            await listener.end(request.attempt_id)
            of = request.run_id, request.attempt_id
            absent = AttemptId("absent")
            return (
                launcher.log(*of),
                launcher.log(*of, from_byte=6, limit=4),
                launcher.log(*of, from_byte=1000),
                launcher.log(request.run_id, absent),
            )

        assert self.run(body) == (b"first line\n", b"line", b"", b"")
