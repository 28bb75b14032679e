"""A whole engine on fakes, in virtual time: play a pipeline and read what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wherry.engine.loop import Engine, Notice
from wherry.ir.spec import ContainerSpec, Json, PipelinePackage
from wherry.model.identity import ROOT, RunId, TaskKey
from wherry.model.runs import Attempt, CachePolicy, Run, RunEvent, TaskRecord
from wherry.settings import EngineSettings
from wherry.testing.fake_launcher import Act, FakeHost, FakeLauncher
from wherry.testing.ids import SequentialIds
from wherry.testing.memory_objects import MemoryObjectStore
from wherry.testing.memory_store import MemoryRunStore
from wherry.testing.pipelines import run_of
from wherry.testing.virtual_time import LoopClock, run_virtually


@dataclass(frozen=True, kw_only=True)
class Story:
    """A run and everything recorded of it."""

    run: Run
    tasks: dict[str, TaskRecord]
    """By key without ``root/``; the root itself is under ``root``."""
    attempts: tuple[Attempt, ...]
    events: tuple[RunEvent, ...]

    @property
    def states(self) -> dict[str, str]:
        """State of each task but the root."""
        return {key: task.state.value for key, task in self.tasks.items() if key != ROOT}

    @property
    def outcomes(self) -> dict[str, str]:
        """Kind of outcome of each task but the root: ``succeeded``, ``reused`` and so on."""
        return {
            key: str(type(task.outcome).__struct_config__.tag) if task.outcome is not None else "none"
            for key, task in self.tasks.items()
            if key != ROOT
        }

    def output(self, task: str, port: str = "Output") -> Json:
        """Value of a task's output parameter."""
        return self.tasks[task].outputs.parameters[port]


def normalise(container: ContainerSpec) -> Mapping[str, str]:
    """Image and command, as of any container that is not recognised."""
    return {"image": container.image, "command": "\n".join((*container.command, *container.args))}


class EngineRoom:
    """Fakes that outlive an engine, and engines on them.

    Args:
        act: what tasks do.
        settings: of the engine; by default room for 4 attempts.
        reads_executors: see `wherry.engine.fingerprint.Normalise`.
    """

    def __init__(
        self,
        act: Act = lambda _task: None,
        *,
        settings: EngineSettings | None = None,
        reads_executors: Callable[[ContainerSpec], Mapping[str, str]] = normalise,
    ) -> None:
        self.clock = LoopClock()
        self.store = MemoryRunStore()
        self.objects = MemoryObjectStore(self.clock)
        self.host = FakeHost(act, clock=self.clock)
        self.ids = SequentialIds()
        self.settings = settings or EngineSettings(max_parallel_tasks=4)
        self.launcher = FakeLauncher(self.host)
        self._normalise = reads_executors

    def engine(self) -> Engine:
        """A new engine on the same store, host and artifacts, as after a restart."""
        self.launcher = FakeLauncher(self.host)
        return Engine(
            store=self.store,
            launcher=self.launcher,
            objects=self.objects,
            clock=self.clock,
            ids=self.ids,
            settings=self.settings,
            normalise=self._normalise,
        )

    async def submit(self, engine: Engine, package: PipelinePackage, **fields: Any) -> RunId:
        """Start a run of a package."""
        run = await engine.submit(run_of(package, self.ids.run_id(), at=self.clock.now(), **fields))
        return run.id

    async def story(self, run_id: RunId) -> Story:
        """Everything recorded of a run's newest generation."""
        tasks = await self.store.tasks(run_id)
        return Story(
            run=await self.store.get_run(run_id),
            tasks={task.key.removeprefix("root/"): task for task in tasks},
            attempts=await self.store.attempts(run_id),
            events=await self.store.events(run_id),
        )

    async def play(
        self,
        package: PipelinePackage,
        *,
        arguments: Mapping[str, Json] | None = None,
        cache: CachePolicy = CachePolicy.AS_COMPILED,
    ) -> Story:
        """Start an engine, run a package to its end, stop the engine."""
        engine = self.engine()
        await engine.start()
        try:
            run_id = await self.submit(engine, package, arguments=arguments, cache=cache)
            await finish(engine, run_id)
            return await self.story(run_id)
        finally:
            await engine.stop()


async def finish(engine: Engine, run_id: RunId) -> list[Notice]:
    """Wait for the end of a run; what happened on the way."""
    return [notice async for notice in engine.follow(run_id)]


async def until(condition: Callable[[], bool]) -> None:
    """Let everybody go on until something holds."""
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came about")


def play(
    package: PipelinePackage,
    act: Act = lambda _task: None,
    *,
    arguments: Mapping[str, Json] | None = None,
    settings: EngineSettings | None = None,
) -> Story:
    """Run a package to its end, once, on fresh fakes."""
    return run_virtually(EngineRoom(act, settings=settings).play(package, arguments=arguments))


def in_room(act: Act, body: Callable[[EngineRoom], Awaitable[Any]], *, settings: EngineSettings | None = None) -> Any:
    """Run ``body`` with a room of its own, in virtual time."""

    async def main() -> Any:
        return await body(EngineRoom(act, settings=settings))

    return run_virtually(main())


def keys(*names: str) -> list[TaskKey]:
    """Task keys below the root."""
    return [TaskKey(f"root/{name}") for name in names]
