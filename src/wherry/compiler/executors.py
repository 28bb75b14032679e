"""Pass 7, ``container_spec`` and ``importer_spec``: what does a task's work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wherry.compiler.components import artifact_schema
from wherry.dsl.graph import Argument, Container, Importer, Literal, Resources, Task
from wherry.dsl.names import injected_input
from wherry.dsl.task_config import TaskConfigField
from wherry.errors import PipelineTopologyError
from wherry.ir.spec import (
    AcceleratorConfig,
    ContainerSpec,
    EnvVar,
    ImporterSpec,
    ResourceSpec,
    ValueOrRuntimeParameter,
)

_GIGABYTE = 10**9
_BYTES: Mapping[str, int] = {
    **{unit: 1000**power for power, unit in enumerate(("K", "M", "G", "T", "P", "E"), start=1)},
    **{f"{unit}i": 1024**power for power, unit in enumerate(("K", "M", "G", "T", "P", "E"), start=1)},
}
_PLATFORM_FIELDS: Mapping[TaskConfigField, tuple[str, ...]] = {
    TaskConfigField.KUBERNETES_TOLERATIONS: ("tolerations",),
    TaskConfigField.KUBERNETES_NODE_SELECTOR: ("nodeSelector",),
    TaskConfigField.KUBERNETES_AFFINITY: ("nodeAffinity", "podAffinity"),
    TaskConfigField.KUBERNETES_VOLUMES: ("pvcMount", "secretAsVolume", "configMapAsVolume"),
}


def container_spec(task: Task, container: Container) -> ContainerSpec:
    """The container of a task, with what the author has set on the task.

    Raises:
        PipelineTopologyError: The component takes over pod settings, and this one is not among them.
    """
    settings = task.settings
    if task.component.task_config_passthroughs:
        _check_passthroughs(task)
    return ContainerSpec(
        image=container.image if settings.image is None else _text(settings.image),
        command=container.command,
        args=container.args,
        resources=None if settings.resources is None else _resources(settings.resources),
        env=tuple(EnvVar(name=name, value=value) for name, value in settings.env.items()),
    )


def importer_spec(importer: Importer) -> ImporterSpec:
    """The importer of a task."""
    uri = (
        ValueOrRuntimeParameter(runtime_parameter="uri")
        if importer.uri is None
        else ValueOrRuntimeParameter(constant=importer.uri)
    )
    return ImporterSpec(
        artifact_uri=uri,
        type_schema=artifact_schema(importer.type),
        reimport=importer.reimport,
        metadata=importer.metadata,
        download_to_workspace=importer.download_to_workspace,
    )


def _resources(resources: Resources) -> ResourceSpec:
    """Each quantity twice: as text, and in the older numeric field where it is a constant."""
    fields: dict[str, Any] = {}
    for name, value in resources.items():
        if name.startswith("accelerator"):
            continue
        fields[f"resource_{name}"] = _text(value)
        if _is_constant(value):
            fields[name] = _cores(_text(value)) if name.startswith("cpu") else _gigabytes(_text(value))
    if resources.accelerator_count is not None:
        fields["accelerator"] = _accelerator(resources.accelerator_type, resources.accelerator_count)
    return ResourceSpec(**fields)


def _accelerator(kind: Argument | None, count: Argument) -> AcceleratorConfig:
    return AcceleratorConfig(
        type=_text(kind) if _is_constant(kind) else "",
        count=str(int(_text(count))) if _is_constant(count) else "",
        resource_type=_text(kind),
        resource_count=_text(count),
    )


def _is_constant(argument: Argument | None) -> bool:
    return isinstance(argument, Literal) and not argument.references


def _text(argument: Argument | None) -> str:
    """A setting as text, with placeholders for values of the pipeline."""
    if argument is None:
        return ""
    assert isinstance(argument, Literal)  # noqa: S101  settings are texts
    text = str(argument.value)
    for pattern, source in argument.references.items():
        text = text.replace(pattern, f"{{{{$.inputs.parameters['{injected_input(source.full_name)}']}}}}")
    return text


def _cores(text: str) -> float:
    return float(text[:-1]) / 1000 if text.endswith("m") else float(text)


def _gigabytes(text: str) -> float:
    digits = text.rstrip("EPTGMKi")
    return float(digits) * _BYTES.get(text.removeprefix(digits), 1) / _GIGABYTE


def _check_passthroughs(task: Task) -> None:
    allowed = {passthrough.field for passthrough in task.component.task_config_passthroughs}
    kubernetes = task.settings.platform.get("kubernetes", {})
    used = {field for field, keys in _PLATFORM_FIELDS.items() if any(kubernetes.get(key) for key in keys)}
    if task.settings.resources is not None:
        used.add(TaskConfigField.RESOURCES)
    if task.settings.env:
        used.add(TaskConfigField.ENV)
    for field in sorted(used - allowed):
        raise PipelineTopologyError(
            f"Task '{task.name}' sets {field.name}, but its component takes over pod settings and does not name it.",
            hint=f"Add dsl.TaskConfigField.{field.name} to task_config_passthroughs of the component.",
        )
