"""The launcher in memory does what every launcher does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from wherry.model.outcomes import Failure, FailureReason, Fault
from wherry.ports import Launcher, LaunchRequest
from wherry.testing.contracts.launcher import (
    Appends,
    Behaviour,
    Dies,
    Exits,
    LauncherContract,
    Raises,
    Returns,
    ReturnsVariable,
    WaitsFor,
)
from wherry.testing.fake_launcher import FakeHost, FakeLauncher, FakeTask, Made, TaskFailure


class TestFakeLauncher(LauncherContract):
    @pytest.fixture(autouse=True)
    def _host(self) -> None:
        self.host = FakeHost(self.act)
        self.behaviours: dict[str, Behaviour] = {}

    def new_launcher(self) -> Launcher:
        return FakeLauncher(self.host)

    def prepared(self, request: LaunchRequest, behaviour: Behaviour) -> LaunchRequest:
        self.behaviours[request.attempt_id] = behaviour
        return msgspec.structs.replace(request, image="fake")

    def files(self) -> Iterable[Path]:
        return ()

    async def act(self, task: FakeTask) -> Made:
        request = task.request
        match self.behaviours[request.attempt_id]:
            case Returns(value=value, says=says):
                if says:
                    task.say(f"{says}\n")
                return {"Output": value}
            case ReturnsVariable(name=name):
                secrets = {key: secret.value for key, secret in request.secrets.items()}
                return {"Output": len({**request.env, **secrets}[name])}
            case Appends(file=file):
                with file.open("a") as stream:
                    stream.write("ran\n")
                return {"Output": 0}
            case Raises(message=message):
                raise ValueError(message)
            case Exits(status=status):
                raise TaskFailure(ended(FailureReason.EXITED, f"exited with status {status}", exit_code=status))
            case Dies(number=number):
                raise TaskFailure(
                    ended(FailureReason.KILLED, f"killed by {number.name}", signal=number, hint="out of memory?")
                )
            case WaitsFor(file=file):
                Path(f"{file}.started").touch()  # noqa: ASYNC240  the same
                while not file.exists():  # noqa: ASYNC110  what it waits for is a file
                    await asyncio.sleep(0.005)
                return json.dumps({"parameterValues": {"Output": 1}}).encode()


def ended(
    reason: FailureReason, message: str, *, hint: str = "", exit_code: int | None = None, signal: int | None = None
) -> Failure:
    return Failure(fault=Fault.USER, reason=reason, message=message, hint=hint, exit_code=exit_code, signal=signal)
