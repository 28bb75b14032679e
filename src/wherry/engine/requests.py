"""What the world is told about one task: ExecutorInput, LaunchRequest, the artifact that an importer names. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from wherry.engine.driver import InputError
from wherry.engine.plan import ContainerWork, ImporterWork, TaskPlan
from wherry.engine.task_config import task_config
from wherry.errors import SpecError
from wherry.ir.executor_io import (
    ArtifactList,
    ExecutorInput,
    ExecutorInputs,
    ExecutorOutputs,
    OutputParameter,
    RuntimeArtifact,
    encode_executor_input,
)
from wherry.ir.placeholders import Placeholders, RunFacts, resolve_constant
from wherry.ir.spec import ArtifactTypeSchema, Json, ResourceSpec, TaskConfigPassthroughField
from wherry.model.artifacts import Artifact
from wherry.model.identity import ArtifactId, AttemptId, RunId, TaskKey
from wherry.model.runs import TaskInputs
from wherry.ports import LaunchRequest

# -- what the executor is told ----------------------------------------------------------------------------------------

#: Where something a task makes goes: its parts below the attempt's own root -> URI.
Place = Callable[..., str]


def executor_input(
    task: TaskPlan, inputs: TaskInputs, artifacts: Mapping[ArtifactId, Artifact], place: Place
) -> ExecutorInput:
    """Build the ExecutorInput of an attempt.

    Args:
        task: a container task.
        inputs: its resolved inputs.
        artifacts: every artifact that the inputs name.
        place: where an output goes.
    """
    return ExecutorInput(
        inputs=ExecutorInputs(
            parameter_values=inputs.parameters,
            artifacts={
                name: ArtifactList(artifacts=tuple(_as_seen(artifacts[one]) for one in port.artifact_ids))
                for name, port in inputs.artifacts.items()
            },
        ),
        outputs=ExecutorOutputs(
            parameters={name: OutputParameter(output_file=place("outputs", name)) for name in task.output_parameters},
            artifacts=planned_artifacts(task, place),
            output_file=place("executor_output.json"),
        ),
    )


def planned_artifacts(task: TaskPlan, place: Place) -> dict[str, ArtifactList]:
    """The output artifacts that a task is to make, with the URIs they go to."""
    return {
        name: ArtifactList(
            artifacts=(
                RuntimeArtifact(
                    name=name,
                    type=declared.artifact_type or ArtifactTypeSchema(schema_title="system.Artifact"),
                    uri=place(name),
                    metadata=declared.metadata or {},
                ),
            )
        )
        for name, declared in task.output_artifacts.items()
    }


def _as_seen(artifact: Artifact) -> RuntimeArtifact:
    return RuntimeArtifact(
        name=artifact.name,
        type=ArtifactTypeSchema(schema_title=artifact.type, schema_version=artifact.schema_version),
        uri=artifact.uri,
        metadata=artifact.metadata,
    )


# -- what the launcher is told ----------------------------------------------------------------------------------------


def launch_request(
    task: TaskPlan,
    key: TaskKey,
    told: ExecutorInput,
    facts: RunFacts,
    *,
    run_id: RunId,
    attempt_id: AttemptId,
    number: int,
    workspace: str = "",
) -> LaunchRequest:
    """Build the request for one attempt of a container task.

    Args:
        task: its plan.
        key: where it stands.
        told: its ExecutorInput.
        facts: what placeholders about the run and the task stand for.
        run_id: the run.
        attempt_id: the attempt.
        number: of the attempt, from 1.
        workspace: the folder that all tasks of the run share; empty: none.

    Raises:
        InputError: a placeholder names something that the task does not have, or a resource is no quantity.
    """
    assert isinstance(task.work, ContainerWork)  # noqa: S101  nothing else is launched
    container = task.work.spec
    placeholders = Placeholders(told, facts)
    command = (*container.command, *container.args)
    asked = task.work.task_config
    only_told = asked.only_told if asked is not None else frozenset()
    try:
        env = {one.name: placeholders.resolve_text(one.value) for one in container.env}
        if asked is not None:
            config = task_config(asked, env=env, resources=container.resources, placeholders=placeholders)
            told = _with_parameter(told, asked.name, config)
            placeholders = Placeholders(told, facts)
        if TaskConfigPassthroughField.ENV in only_told:
            env = {}
        if task.retry is not None:
            env["KFP_RETRY_INDEX"] = str(number - 1)
        env["KFP_POD_NAME"] = env["KFP_POD_UID"] = attempt_id
        limits = None if TaskConfigPassthroughField.RESOURCES in only_told else container.resources
        return LaunchRequest(
            attempt_id=attempt_id,
            run_id=run_id,
            task=key,
            component=task.component.removeprefix("comp-"),
            image=placeholders.resolve_text(container.image),
            command=command,
            resolved_command=placeholders.resolve_command(command),
            executor_input=encode_executor_input(told),
            output_types={name: one.parameter_type.value for name, one in task.output_parameters.items()},
            env=env,
            timeout_seconds=task.work.timeout_seconds,
            cpu_limit=cpu_limit(limits, placeholders) if limits else None,
            memory_limit=memory_limit(limits, placeholders) if limits else None,
            workspace=workspace,
        )
    except SpecError as error:
        raise InputError(f"task '{task.name}': {error.message}", hint=error.hint) from None


def _with_parameter(told: ExecutorInput, name: str, value: Json) -> ExecutorInput:
    inputs = msgspec.structs.replace(told.inputs, parameter_values={**told.inputs.parameter_values, name: value})
    return msgspec.structs.replace(told, inputs=inputs)


#: Suffixes of a Kubernetes quantity and what they multiply by.
_UNITS = {"": 1.0, "m": 1e-3, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18} | {
    f"{letter}i": 1024.0**power for power, letter in enumerate("KMGTPE", start=1)
}
_QUANTITY = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([A-Za-z]*)")


def cpu_limit(resources: ResourceSpec, placeholders: Placeholders) -> float | None:
    """Cores; None means no limit. Raises SpecError."""
    if resources.resource_cpu_limit:
        return _quantity(placeholders.resolve_text(resources.resource_cpu_limit), "CPU limit")
    return resources.cpu_limit or None


def memory_limit(resources: ResourceSpec, placeholders: Placeholders) -> int | None:
    """Bytes; None means no limit. Raises SpecError."""
    if resources.resource_memory_limit:
        return int(_quantity(placeholders.resolve_text(resources.resource_memory_limit), "memory limit"))
    return int(resources.memory_limit * 1e9) or None


def _quantity(text: str, what: str) -> float:
    match = _QUANTITY.fullmatch(text.strip())
    if match is None or match[2] not in _UNITS:
        raise SpecError(f"its {what} is '{text}', which is no quantity", hint="Write it like 500m, 2, 512Mi or 4G.")
    return float(match[1]) * _UNITS[match[2]]


# -- importers --------------------------------------------------------------------------------------------------------


def imported_artifact(task: TaskPlan, inputs: TaskInputs, facts: RunFacts) -> RuntimeArtifact:
    """What an importer task names: URI, type and metadata, placeholders replaced.

    Raises:
        InputError: the URI is missing or no text, or a placeholder names an input that the task does not have.
    """
    assert isinstance(task.work, ImporterWork)  # noqa: S101  the caller has looked
    spec = task.work.spec
    try:
        name = spec.artifact_uri.runtime_parameter
        uri = inputs.parameters.get(name) if name is not None else spec.artifact_uri.constant
        uri = resolve_constant(uri, parameters=inputs.parameters, facts=facts, name="uri")
        metadata = resolve_constant(spec.metadata or {}, parameters=inputs.parameters, facts=facts, name="metadata")
    except SpecError as error:
        raise InputError(f"task '{task.name}': {error.message}", hint=error.hint) from None
    if not isinstance(uri, str) or not uri:
        raise InputError(f"the importer task '{task.name}' has no URI to import.")
    return RuntimeArtifact(
        name=next(iter(task.output_artifacts), "artifact"), type=spec.type_schema, uri=uri, metadata=metadata
    )
