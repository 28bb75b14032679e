"""Composition root: from settings to working parts. The only module that knows every adapter."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import uv

from wherry.engine.loop import Engine
from wherry.ir.spec import ContainerSpec
from wherry.launchers.process.launcher import ProcessLauncher
from wherry.launchers.process.lightweight import recognise
from wherry.model.identity import (
    ArtifactId,
    AttemptId,
    ExperimentId,
    Micros,
    PipelineId,
    PipelineVersionId,
    RunId,
    TaskId,
)
from wherry.objectstore.local import LocalObjectStore
from wherry.ports import (
    Clock,
    DescribesEnvironments,
    ExperimentStore,
    IdSource,
    MetadataStore,
    PageStore,
    PipelineStore,
    RunStore,
    StreamsLogs,
)
from wherry.server.parts import ServerParts
from wherry.server.python_code import PythonCode
from wherry.server.specifications import Specifications
from wherry.settings import Settings
from wherry.store.sqlite import StoreMode, open_store

_UV_SECONDS = 20


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> Micros:
        """Microseconds since 1970."""
        return Micros(time.time_ns() // 1000)


class RandomIds:
    """Identifiers that collide with nothing."""

    def run_id(self) -> RunId:
        """A UUID."""
        return RunId(_uuid())

    def task_id(self) -> TaskId:
        """A UUID."""
        return TaskId(_uuid())

    def attempt_id(self) -> AttemptId:
        """A UUID without dashes: it names a folder."""
        return AttemptId(uuid.uuid4().hex)  # noqa: TID251  this is the one home

    def artifact_id(self) -> ArtifactId:
        """A UUID."""
        return ArtifactId(_uuid())

    def experiment_id(self) -> ExperimentId:
        """A UUID."""
        return ExperimentId(_uuid())

    def pipeline_id(self) -> PipelineId:
        """A UUID."""
        return PipelineId(_uuid())

    def pipeline_version_id(self) -> PipelineVersionId:
        """A UUID."""
        return PipelineVersionId(_uuid())


def _uuid() -> str:
    return str(uuid.uuid4())  # noqa: TID251  this is the one home


@dataclass(frozen=True)
class Reader:
    """Everything that is recorded in a state folder, for reading."""

    runs: RunStore
    metadata: MetadataStore
    logs: StreamsLogs
    environments: DescribesEnvironments


@dataclass(frozen=True)
class Embedded:
    """The parts of an engine that runs in this process, on a state folder that it holds."""

    settings: Settings
    store: RunStore
    engine: Engine
    reader: Reader
    clock: Clock
    ids: IdSource
    experiments: ExperimentStore
    pipelines: PipelineStore
    pages: PageStore


@contextlib.asynccontextmanager
async def open_reader(settings: Settings) -> AsyncIterator[Reader]:
    """Read a state folder beside whoever writes it.

    Raises:
        NotFoundError: nothing has been recorded there.
    """
    store = open_store(settings.state, mode=StoreMode.READ_ONLY)
    try:
        launcher = ProcessLauncher(settings.state, settings.process, clock=SystemClock())
        yield Reader(store, store, launcher, launcher)
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def open_embedded(settings: Settings) -> AsyncIterator[Embedded]:
    """Hold a state folder and start an engine on it; on exit the engine stops and tasks are left running.

    Raises:
        StateHeldError: another process holds the folder.
    """
    clock, ids = SystemClock(), RandomIds()
    store = open_store(settings.state, mode=StoreMode.READ_WRITE, command=" ".join(["wherry", *sys.argv[1:]]))
    try:
        launcher = ProcessLauncher(settings.state, settings.process, clock=clock)
        engine = Engine(
            store=store,
            launcher=launcher,
            objects=LocalObjectStore(),
            clock=clock,
            ids=ids,
            settings=settings.engine,
            name=f"process {os.getpid()} on {platform.node()}",
            normalise=normalise_executor,
        )
        await engine.start()
        try:
            yield Embedded(
                settings, store, engine, Reader(store, store, launcher, launcher), clock, ids, store, store, store
            )
        finally:
            await engine.stop()
    finally:
        await store.close()


def server_parts(parts: Embedded) -> ServerParts:
    """What a server over an open engine is built from."""
    return ServerParts(
        runs=parts.store,
        experiments=parts.experiments,
        pipelines=parts.pipelines,
        metadata=parts.reader.metadata,
        pages=parts.pages,
        engine=parts.engine,
        logs=parts.reader.logs,
        environments=parts.reader.environments,
        clock=parts.clock,
        ids=RandomIds(),
        specifications=Specifications(parts.store.spec, python_code),
        python_code=python_code,
        launcher="process",
        state_name=parts.settings.state.name,
        artifact_root=parts.settings.state / "artifacts",
    )


def python_code(container: ContainerSpec) -> PythonCode | None:
    """What the command of a lightweight Python component says; None for any other container."""
    component = recognise((*container.command, *container.args))
    if component is None:
        return None
    return PythonCode(source=component.source, function=component.function, packages=component.packages)


def normalise_executor(container: ContainerSpec) -> Mapping[str, str]:
    """What of a container counts for the cache, by name of the part.

    A recognised lightweight component is its source, function, packages and image: neither the shell text around it
    nor the version of kfp that wrote it. Anything else is its image, command and arguments.
    """
    component = recognise((*container.command, *container.args))
    if component is None:
        return {
            "image": container.image,
            "command": "\0".join(container.command),
            "arguments": "\0".join(container.args),
        }
    return {
        "image": container.image,
        "source": component.source,
        "function": component.function,
        "packages": "\n".join(component.packages),
    }


def uv_version() -> str:
    """Version and place of the uv that makes environments.

    Raises:
        OSError: it cannot be run.
    """
    binary = uv.find_uv_bin()
    shown = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True, timeout=_UV_SECONDS)
    return f"{shown.stdout.strip()}, {binary}"
