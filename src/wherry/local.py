"""Run pipelines in this process: the same engine as everywhere, with SQLite, local files and the process launcher.

From Python::

    from wherry import local
    run = local.run(my_pipeline, {"rows": 100})

The command line uses `embedded`, which keeps an engine open. One process at a time holds a state folder; another one
that wants something of the holder (`cancel_run`) asks it through a socket in the folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from wherry.compiler import compile_package
from wherry.dsl.components import Component
from wherry.dsl.hooks import register_runner
from wherry.engine.followers import Notice
from wherry.engine.loop import Engine
from wherry.errors import InfrastructureError, StateHeldError, WherryError
from wherry.ir.digest import digest_package, encode_package
from wherry.ir.spec import Json, PipelinePackage
from wherry.ir.types import check_arguments
from wherry.ir.validate import check
from wherry.model.artifacts import Artifact as ArtifactRecord
from wherry.model.identity import ROOT, RunId
from wherry.model.outcomes import Failure, FailureReason
from wherry.model.runs import CachePolicy, Run, TaskRecord
from wherry.model.states import RuntimeState, StorageState
from wherry.ports import NewRun
from wherry.runtime.artifacts import ARTIFACT_CLASSES, Artifact
from wherry.settings import Settings, load_settings
from wherry.wiring import Embedded, Reader, open_embedded

_CONTROL = "control.sock"
_ANSWER_SECONDS = 10.0


class Session:
    """An open engine on a state folder. Made by `embedded`."""

    def __init__(self, parts: Embedded) -> None:
        self._parts = parts

    @property
    def engine(self) -> Engine:
        """The engine itself."""
        return self._parts.engine

    @property
    def parts(self) -> Embedded:
        """Everything the engine was opened with."""
        return self._parts

    @property
    def reader(self) -> Reader:
        """Everything recorded in the state folder."""
        return self._parts.reader

    async def find_interrupted(self, package: PipelinePackage, arguments: Mapping[str, Json]) -> Run | None:
        """The newest unfinished run of the same pipeline with the same arguments, which this engine has picked up."""
        return await self._parts.store.find_unfinished(spec_digest=digest_package(package), parameters=arguments)

    async def submit(
        self,
        package: PipelinePackage,
        arguments: Mapping[str, Json],
        *,
        display_name: str | None = None,
        cache: CachePolicy = CachePolicy.AS_COMPILED,
        idempotency_key: str | None = None,
    ) -> Run:
        """Record a run and start it. Durable when this returns.

        Args:
            package: a checked pipeline.
            arguments: checked (`wherry.ir.types.check_arguments`); the engine fills in defaults.
            display_name: the run's name for people; default: the pipeline's.
            cache: whether results of earlier runs may be reused.
            idempotency_key: a second submission with the same key returns the first run.
        """
        now = self._parts.clock.now()
        info = package.spec.pipeline_info
        run = Run(
            id=self._parts.ids.run_id(),
            generation=1,
            namespace="",
            created_by=whoami(),
            display_name=display_name or info.display_name or info.name,
            pipeline=info.name,
            spec_digest=digest_package(package),
            parameters=dict(arguments),
            pipeline_root=str(self._parts.settings.state / "artifacts"),
            cache=cache,
            state=RuntimeState.PENDING,
            storage_state=StorageState.AVAILABLE,
            created_at=now,
            scheduled_at=now,
        )
        return await self.engine.submit(NewRun(run=run, spec=encode_package(package), idempotency_key=idempotency_key))

    def follow(self, run_id: RunId) -> AsyncIterator[Notice]:
        """What happens to a run from now on, until it has ended."""
        return self.engine.follow(run_id)

    async def wait(self, run_id: RunId) -> Run:
        """The run, once it has ended."""
        async for _ in self.follow(run_id):
            pass
        return await self.reader.runs.get_run(run_id)

    async def cancel(self, run_id: RunId, *, by: str) -> None:
        """Ask for the run to be cancelled. Durable when this returns; its exit tasks still run."""
        await self.engine.request_cancel(run_id, by=by)


@contextlib.asynccontextmanager
async def embedded(settings: Settings) -> AsyncIterator[Session]:
    """Hold a state folder and run an engine on it. Runs that were interrupted are picked up.

    On exit tasks are left running, for the next start to find; cancel a run first to stop them.

    Raises:
        StateHeldError: another process holds the folder; the message names it.
    """
    async with open_embedded(settings) as parts:
        session = Session(parts)
        async with _control(session, settings.state):
            yield session


def run(
    pipeline: Component,
    arguments: Mapping[str, Json] | None = None,
    *,
    state: Path | None = None,
    cache: CachePolicy = CachePolicy.AS_COMPILED,
) -> Run:
    """Compile a pipeline, run it here and wait for it.

    Args:
        pipeline: a pipeline, or a single component.
        arguments: by parameter name; the others have their defaults.
        state: state folder; default ``WHERRY_STATE`` or ``.wherry``.
        cache: whether results of earlier runs may be reused.

    Returns:
        The ended run. Look at its ``state``: a failed run is no exception.

    Raises:
        SpecError, InvalidArgumentError: the pipeline or an argument is wrong; nothing was recorded.
        StateHeldError: another process holds the state folder.
    """
    package = compile_package(pipeline)
    check(package)
    checked = check_arguments(package.spec, dict(arguments or {}))

    async def to_the_end() -> Run:
        async with embedded(load_settings(state=state)) as session:
            started = await session.submit(package, checked, cache=cache)
            return await session.wait(started.id)

    return asyncio.run(to_the_end())


class LocalRunError(WherryError, RuntimeError):
    """A component or pipeline that was called as a function failed. kfp raises RuntimeError, too."""

    code = "ABORTED"


def init(*, state: Path | None = None, cache: CachePolicy = CachePolicy.RERUN) -> None:
    """Let components and pipelines be called as functions: each call is a run, and returns when that has ended.

    The task it returns has the real values in ``.output`` and ``.outputs``.

    Args:
        state: state folder; default ``WHERRY_STATE`` or ``.wherry``.
        cache: whether results of earlier runs may be reused. Default: every call runs, as in ``kfp.local``.
    """

    def run_called(component: Component, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return asyncio.run(_call(component, arguments, state=state, cache=cache))

    register_runner(run_called)


async def _call(
    component: Component, arguments: Mapping[str, Any], *, state: Path | None, cache: CachePolicy
) -> dict[str, Any]:
    package = compile_package(component)
    check(package)
    checked = check_arguments(package.spec, dict(arguments))
    async with embedded(load_settings(state=state)) as session:
        started = await session.submit(package, checked, cache=cache)
        ended = await session.wait(started.id)
        tasks = {task.key: task for task in await session.reader.runs.tasks(ended.id)}
        if ended.state is not RuntimeState.SUCCEEDED:
            failed = next((task for task in tasks.values() if _failed_itself(task)), None)
            failure = failed.outcome if failed is not None else None
            message = failure.message if isinstance(failure, Failure) else f"the run ended {ended.state.value}"
            hint = failure.hint if isinstance(failure, Failure) else ""
            raise LocalRunError(f"{component.name!r} failed: {message}", hint=hint)
        outputs = tasks[ROOT].outputs
        found = await session.reader.runs.artifacts(i for port in outputs.artifacts.values() for i in port.artifact_ids)
    values: dict[str, Any] = dict(outputs.parameters)
    for name, port in outputs.artifacts.items():
        made = [_artifact(found[artifact_id]) for artifact_id in port.artifact_ids]
        values[name] = made if port.is_list else made[0]
    return values


def _failed_itself(task: TaskRecord) -> bool:
    return isinstance(task.outcome, Failure) and task.outcome.reason is not FailureReason.CHILD


def _artifact(record: ArtifactRecord) -> Artifact:
    """The published artifact as authors know it."""
    kind = ARTIFACT_CLASSES.get(record.type, Artifact)
    return kind(name=record.name, uri=record.uri, metadata=dict(record.metadata))


async def cancel_run(settings: Settings, run_id: str) -> Run:
    """Cancel a run of a state folder, whoever holds it, and wait for its end.

    If another process holds the folder it is asked to do it; else this process takes the folder and does.
    """
    by = whoami()
    try:
        async with embedded(settings) as session:
            found = await session.reader.runs.get_run(RunId(run_id))
            if not found.state.is_final:
                await session.cancel(found.id, by=by)
                found = await session.wait(found.id)
            return found
    except StateHeldError:
        return await _ask_holder(settings.state, _CancelRequest(run_id=run_id, by=by))


def whoami() -> str:
    """Name of the operating system's user, as recorded with what they start."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


# -- the control socket -----------------------------------------------------------------------------------------------


class _CancelRequest(msgspec.Struct, frozen=True, kw_only=True, tag="cancel"):
    """Asks the holder of a state folder to cancel a run."""

    run_id: str
    by: str


class _Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The run as it is after the request, or why it could not be done."""

    run: Run | None = None
    error: str = ""
    hint: str = ""


@contextlib.contextmanager
def _socket_path(state: Path) -> Iterator[str]:
    """A path to the control socket that is short whatever the folder is called: sun_path holds 107 bytes."""
    folder = os.open(state, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{_CONTROL}"
    finally:
        os.close(folder)


@contextlib.asynccontextmanager
async def _control(session: Session, state: Path) -> AsyncIterator[None]:
    """Answer requests of other commands while this process holds the folder."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = msgspec.json.decode(await reader.readline(), type=_CancelRequest)
            found = await session.reader.runs.get_run(RunId(request.run_id))
            if not found.state.is_final:
                await session.cancel(found.id, by=request.by)
                found = await session.wait(found.id)
            reply = _Answer(run=found)
        except (WherryError, msgspec.MsgspecError) as error:
            reply = _Answer(error=getattr(error, "message", str(error)), hint=getattr(error, "hint", ""))
        writer.write(msgspec.json.encode(reply) + b"\n")
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    with _socket_path(state) as path:
        # A killed holder leaves its socket behind; the lock says that nobody else is using it.
        (state / _CONTROL).unlink(missing_ok=True)
        server = await asyncio.start_unix_server(answer, path=path)
        (state / _CONTROL).chmod(0o600)
        try:
            yield
        finally:
            server.close()
            (state / _CONTROL).unlink(missing_ok=True)


async def _ask_holder(state: Path, request: _CancelRequest) -> Run:
    with _socket_path(state) as path:
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_unix_connection(path), _ANSWER_SECONDS)
        except (OSError, TimeoutError) as error:
            raise InfrastructureError(
                f"the process that holds {state} does not answer: {error}", hint="Try again, or stop that process."
            ) from error
        writer.write(msgspec.json.encode(request) + b"\n")
        line = await reader.readline()
        writer.close()
    if not line:
        raise InfrastructureError(
            f"the process that holds {state} ended while it was asked", hint="Run the command again."
        )
    answer = msgspec.json.decode(line, type=_Answer)
    if answer.run is None:
        raise InfrastructureError(answer.error, hint=answer.hint)
    return answer.run
