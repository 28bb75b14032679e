"""What a component that asks for it is told of its own task's settings (``dsl.TaskConfig``). Pure.

KFP's driver fills such an input from the pod that it makes. Here it holds what the pipeline itself says of the task:
resources and environment. Settings of the kubernetes platform come with the launcher that applies them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from wherry.ir.placeholders import Placeholders
from wherry.ir.spec import (
    ComponentSpec,
    Json,
    ParameterType,
    ResourceSpec,
    TaskConfigPassthrough,
    TaskConfigPassthroughField,
)


class TaskConfigInput(msgspec.Struct, frozen=True, kw_only=True):
    """An input that is filled with the task's settings, and which of them."""

    name: str
    fields: frozenset[TaskConfigPassthroughField]
    """The settings that it is told."""
    only_told: frozenset[TaskConfigPassthroughField]
    """Those of them that do not apply to the task itself."""


def task_config_input(component: ComponentSpec) -> TaskConfigInput | None:
    """The input of a component that is filled with settings; None if it has none."""
    parameters = component.input_definitions.parameters if component.input_definitions else {}
    for name, declared in parameters.items():
        if declared.parameter_type is ParameterType.TASK_CONFIG:
            passed: Sequence[TaskConfigPassthrough] = component.task_config_passthroughs
            return TaskConfigInput(
                name=name,
                fields=frozenset(one.field for one in passed),
                only_told=frozenset(one.field for one in passed if not one.apply_to_task),
            )
    return None


def task_config(
    wanted: TaskConfigInput, *, env: Mapping[str, str], resources: ResourceSpec | None, placeholders: Placeholders
) -> dict[str, Json]:
    """The struct that the input is filled with, in the words of a Kubernetes pod.

    Raises:
        SpecError: a resource is a placeholder of an input that the task does not have.
    """
    config: dict[str, Json] = {}
    if TaskConfigPassthroughField.RESOURCES in wanted.fields:
        config["resources"] = _resources(resources, placeholders) if resources else {}
    if TaskConfigPassthroughField.ENV in wanted.fields:
        config["env"] = [{"name": name, "value": value} for name, value in env.items()]
    return config


def _resources(spec: ResourceSpec, placeholders: Placeholders) -> dict[str, Json]:
    accelerator = spec.accelerator
    limits = {
        "cpu": spec.resource_cpu_limit or _number(spec.cpu_limit),
        "memory": spec.resource_memory_limit or _gigabytes(spec.memory_limit),
    }
    if accelerator is not None and (accelerator.resource_type or accelerator.type):
        kind = placeholders.resolve_text(accelerator.resource_type or accelerator.type)
        limits[kind] = accelerator.resource_count or accelerator.count
    requests = {
        "cpu": spec.resource_cpu_request or _number(spec.cpu_request),
        "memory": spec.resource_memory_request or _gigabytes(spec.memory_request),
    }
    found: dict[str, Json] = {}
    for name, texts in (("limits", limits), ("requests", requests)):
        resolved = {key: placeholders.resolve_text(text) for key, text in texts.items() if text}
        if resolved:
            found[name] = resolved
    return found


def _number(value: float) -> str:
    return f"{value:g}" if value else ""


def _gigabytes(value: float) -> str:
    return f"{value:g}G" if value else ""
