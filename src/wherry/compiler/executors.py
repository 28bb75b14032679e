"""Pass 7, ``container_spec`` and ``importer_spec``: what does a task's work."""

from __future__ import annotations

from collections.abc import Mapping

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
    cpu_request, cpu_limit = _cores(resources.cpu_request), _cores(resources.cpu_limit)
    memory_request, memory_limit = _gigabytes(resources.memory_request), _gigabytes(resources.memory_limit)
    accelerator = None
    if resources.accelerator_count is not None:
        kind, count = resources.accelerator_type, resources.accelerator_count
        accelerator = AcceleratorConfig(
            type=_text(kind) if _is_constant(kind) else "",
            count=str(int(_text(count))) if _is_constant(count) else "",
            resource_type=_text(kind),
            resource_count=_text(count),
        )
    return ResourceSpec(
        cpu_request=cpu_request,
        cpu_limit=cpu_limit,
        memory_request=memory_request,
        memory_limit=memory_limit,
        resource_cpu_request=_text(resources.cpu_request),
        resource_cpu_limit=_text(resources.cpu_limit),
        resource_memory_request=_text(resources.memory_request),
        resource_memory_limit=_text(resources.memory_limit),
        accelerator=accelerator,
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


def _cores(argument: Argument | None) -> float:
    if argument is None or not _is_constant(argument):
        return 0.0
    text = _text(argument)
    return float(text[:-1]) / 1000 if text.endswith("m") else float(text)


def _gigabytes(argument: Argument | None) -> float:
    if argument is None or not _is_constant(argument):
        return 0.0
    text = _text(argument)
    digits = text.rstrip("EPTGMKi")
    unit = _BYTES.get(text.removeprefix(digits), 1)
    return float(digits) * unit / _GIGABYTE


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
