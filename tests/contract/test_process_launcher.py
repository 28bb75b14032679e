"""The process launcher keeps the launchers' contract: forked, spawned, and with environments of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from wherry.launchers.process.launcher import ProcessLauncher
from wherry.model.identity import AttemptId, RunId, TaskKey
from wherry.ports import LaunchRequest
from wherry.settings import ProcessLauncherSettings
from wherry.testing.clock import FakeClock
from wherry.testing.contracts.launcher import (
    Appends,
    Behaviour,
    Dies,
    Exits,
    LauncherContract,
    Listener,
    Raises,
    Returns,
    ReturnsVariable,
    WaitsFor,
)
from wherry.testing.lightweight import lightweight_command


def body_of(behaviour: Behaviour) -> str:
    match behaviour:
        case Returns(value, says):
            return f"print({says!r})\n    return {value}" if says else f"return {value}"
        case ReturnsVariable(name):
            return f"import os\n    return len(os.environ[{name!r}])"
        case Appends(file):
            return f"open({str(file)!r}, 'a').write('ran\\n')\n    return 0"
        case Raises(message):
            return f"raise ValueError({message!r})"
        case Exits(status):
            return f"import sys\n    sys.exit({status})"
        case Dies(number):
            return f"import os\n    os.kill(os.getpid(), {int(number)})"
        case WaitsFor(file):
            return (
                f"import pathlib, time\n    pathlib.Path({f'{file}.started'!r}).touch()\n"
                f"    while not pathlib.Path({str(file)!r}).exists():\n        time.sleep(0.005)\n    return 1"
            )


class ProcessLauncherContract(LauncherContract):
    SETTINGS: ProcessLauncherSettings

    @pytest.fixture(autouse=True)
    def _state(self, tmp_path: Path) -> None:
        self.state = tmp_path / "state"

    def new_launcher(self) -> ProcessLauncher:
        return ProcessLauncher(self.state, self.SETTINGS, FakeClock(), idle_seconds=0.2)

    def prepared(self, request: LaunchRequest, behaviour: Behaviour) -> LaunchRequest:
        command = lightweight_command(f"def train() -> int:\n    {body_of(behaviour)}\n", "train")
        return msgspec.structs.replace(request, command=command, resolved_command=command)

    def files(self) -> Iterable[Path]:
        return (file for file in self.state.rglob("*") if file.is_file())


class TestForked(ProcessLauncherContract):
    SETTINGS = ProcessLauncherSettings(environment="current")


class TestParked(TestForked):
    @pytest.fixture(autouse=True)
    def _parked(self, _state: None) -> None:
        """A host whose zygote has children waiting."""
        asyncio.run(self._run_first())
        until = time.monotonic() + 30
        while len(list((self.state / "host" / "parked").glob("*-*[0-9]"))) < 2:
            assert time.monotonic() < until
            time.sleep(0.005)

    async def _run_first(self) -> None:
        launcher = ProcessLauncher(self.state, self.SETTINGS, FakeClock(), idle_seconds=2.0)
        await launcher.start(token=0)
        command = lightweight_command("def train() -> int:\n    return 1\n", "train")
        first = LaunchRequest(
            attempt_id=AttemptId("0" * 32),
            run_id=RunId("e7c0a1d2-0000-4000-8000-000000000000"),
            task=TaskKey("root/first"),
            component="first",
            image="python:3.11",
            command=command,
            resolved_command=command,
            executor_input=b"{}",
            output_types={"Output": "NUMBER_INTEGER"},
        )
        await launcher.launch(first)
        await Listener(launcher).end(first.attempt_id)
        await launcher.close()


class TestForkedAlone(TestForked):
    @pytest.fixture(autouse=True)
    def _no_parking(self, _state: None) -> None:
        """Where the folder for the folders of parked children would be there is something else."""
        (self.state / "host").mkdir(parents=True)
        (self.state / "host" / "parked").touch()


class TestSpawned(ProcessLauncherContract):
    SETTINGS = ProcessLauncherSettings(environment="current", zygote=False)


class TestIsolated(ProcessLauncherContract):
    SETTINGS = ProcessLauncherSettings(environment="isolated")
