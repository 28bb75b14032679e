"""ExecutorOutput -> what is recorded of a task that ended well. Pure.

Two steps with the object store between them: `read_report` checks what the task says and names the artifacts that it
made; the loop seals those; `publish` makes the records, which are written in the transaction that ends the attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from wherry.engine.plan import TaskPlan
from wherry.errors import SpecError, WherryError
from wherry.ir.executor_io import ArtifactList, ExecutorOutput, RuntimeArtifact, parse_executor_output
from wherry.ir.spec import InputParameterSpec, Json
from wherry.ir.types import coerce_parameter
from wherry.model.artifacts import MODEL_NAME_KEY, Artifact, ArtifactLink, LinkKind, Registration
from wherry.model.identity import ArtifactId, Micros, RunId, TaskKey
from wherry.model.runs import ArtifactInput, TaskOutputs
from wherry.ports import StoredContent


class OutputError(WherryError):
    """What a task made is not what its component declares; the task fails with this message."""

    code = "INVALID_ARGUMENT"


class MadeArtifact(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact that a task says it made."""

    port: str
    index: int
    name: str
    type: str
    schema_version: str
    uri: str
    metadata: dict[str, Json]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a task made, checked against what its component declares."""

    parameters: dict[str, Json]
    artifacts: tuple[MadeArtifact, ...]


def read_report(task: TaskPlan, raw: bytes, planned: Mapping[str, ArtifactList]) -> Report:
    """Check what an executor wrote.

    Args:
        task: the task that ran.
        raw: its ExecutorOutput as JSON.
        planned: the output artifacts it was told to make (`wherry.engine.driver.planned_artifacts`).

    Raises:
        OutputError: the output is malformed, or an output parameter is missing or of another type than declared.
    """
    try:
        output = parse_executor_output(raw)
    except SpecError as error:
        raise OutputError(f"task '{task.name}': {error.message}", hint=error.hint) from None
    return Report(
        parameters={
            name: _parameter(task, name, InputParameterSpec(parameter_type=declared.parameter_type), output)
            for name, declared in task.output_parameters.items()
        },
        artifacts=tuple(
            made
            for port, list_ in planned.items()
            for made in _artifacts(task, port, list_.artifacts[0], output.artifacts.get(port))
        ),
    )


def _parameter(task: TaskPlan, name: str, declared: InputParameterSpec, output: ExecutorOutput) -> Json:
    kind = declared.parameter_type.value
    if name not in output.parameter_values:
        raise OutputError(
            f"output '{name}' of task '{task.name}' is {kind}, but the task did not set it.",
            hint="Return a value, or write one to the output's path.",
        )
    try:
        return coerce_parameter(output.parameter_values[name], declared, name=name)
    except SpecError as error:
        got = error.message.partition(", got ")[2]
        raise OutputError(
            f"output '{name}' of task '{task.name}' is {kind}, but the task returned {got}.",
            hint="Return a value of the declared type, or declare the type that it returns.",
        ) from None


def _artifacts(
    task: TaskPlan, port: str, planned: RuntimeArtifact, reported: ArtifactList | None
) -> list[MadeArtifact]:
    """The planned artifact, with what the task said about it; several if it reported a list."""
    several = task.output_artifacts[port].is_artifact_list
    items = reported.artifacts if reported is not None else ()
    if not items:
        return [] if several else [_made(port, 0, planned, RuntimeArtifact())]
    return [_made(port, index, planned, one) for index, one in enumerate(items if several else items[:1])]


def _made(port: str, index: int, planned: RuntimeArtifact, said: RuntimeArtifact) -> MadeArtifact:
    kind = planned.type
    return MadeArtifact(
        port=port,
        index=index,
        name=said.name or planned.name,
        type=(kind.schema_title if kind else "") or "system.Artifact",
        schema_version=(kind.schema_version if kind else "") or "",
        # The task may have put it elsewhere by URI. What it wrote to a custom path was copied to its URI.
        uri=said.uri or planned.uri,
        metadata={**planned.metadata, **said.metadata},
    )


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """Records of what a task made."""

    outputs: TaskOutputs
    artifacts: tuple[Artifact, ...]
    links: tuple[ArtifactLink, ...]
    registrations: tuple[Registration, ...]


def publish(
    task: TaskPlan,
    report: Report,
    contents: Mapping[str, StoredContent | None],
    *,
    key: TaskKey,
    run_id: RunId,
    generation: int,
    namespace: str,
    now: Micros,
    new_id: Callable[[], ArtifactId],
) -> Published:
    """Make the records.

    Args:
        task: the task that ran.
        report: what it made.
        contents: what lies at each of the report's URIs.
        key: where the task stands.
        run_id: its run.
        generation: of the run.
        namespace: of the run.
        now: when it is published.
        new_id: gives a fresh artifact id.
    """
    artifacts = []
    links = []
    registrations = []
    ports: dict[str, list[ArtifactId]] = {port: [] for port in task.output_artifacts}
    for made in report.artifacts:
        content = contents.get(made.uri)
        artifact = Artifact(
            id=new_id(),
            namespace=namespace,
            type=made.type,
            schema_version=made.schema_version,
            name=made.name,
            uri=made.uri,
            metadata=made.metadata,
            created_at=now,
            size=content.size if content else None,
            mtime=content.mtime if content else None,
        )
        artifacts.append(artifact)
        ports[made.port].append(artifact.id)
        links.append(
            ArtifactLink(
                artifact_id=artifact.id,
                run_id=run_id,
                generation=generation,
                task=key,
                kind=LinkKind.OUTPUT,
                port=made.port,
                index=made.index,
            )
        )
        model = made.metadata.get(MODEL_NAME_KEY)
        if isinstance(model, str) and model:
            registrations.append(Registration(namespace=namespace, name=model, artifact_id=artifact.id))
    return Published(
        outputs=TaskOutputs(
            parameters=report.parameters,
            artifacts={
                port: ArtifactInput(artifact_ids=tuple(ids), is_list=task.output_artifacts[port].is_artifact_list)
                for port, ids in ports.items()
            },
        ),
        artifacts=tuple(artifacts),
        links=tuple(links),
        registrations=tuple(registrations),
    )
