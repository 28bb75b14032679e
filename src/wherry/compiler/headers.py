"""The comment at the head of a package file: name, description, inputs and outputs, for people."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from wherry.ir.spec import (
    ComponentInputsSpec,
    ComponentOutputsSpec,
    InputParameterSpec,
    OutputParameterSpec,
    ParameterType,
    PipelineSpec,
)

_WORDS = {
    ParameterType.STRING: "str",
    ParameterType.NUMBER_INTEGER: "int",
    ParameterType.NUMBER_DOUBLE: "float",
    ParameterType.LIST: "list",
    ParameterType.STRUCT: "dict",
    ParameterType.BOOLEAN: "bool",
    ParameterType.TASK_FINAL_STATUS: "PipelineTaskFinalStatus",
    ParameterType.TASK_CONFIG: "TaskConfig",
}


def header(spec: PipelineSpec, description: str | None) -> str:
    """The comment as kfp writes it, with a line end."""
    lines = ["# PIPELINE DEFINITION", f"# Name: {spec.pipeline_info.name}"]
    if description:
        lines.append("# Description: " + "\n#              ".join(description.splitlines()))
    lines += _section("Inputs", spec.root.input_definitions)
    lines += _section("Outputs", spec.root.output_definitions)
    return "\n".join(lines) + "\n"


def _section(title: str, definitions: ComponentInputsSpec | ComponentOutputsSpec | None) -> list[str]:
    if definitions is None:
        return []
    described = {name: _parameter(spec) for name, spec in definitions.parameters.items()}
    described |= {
        name: str(spec.artifact_type.schema_title)
        for name, spec in definitions.artifacts.items()
        if spec.artifact_type is not None
    }
    return [f"# {title}:", *(f"#    {name}: {described[name]}" for name in sorted(described))]


def _parameter(spec: InputParameterSpec | OutputParameterSpec) -> str:
    word = _WORDS[spec.parameter_type]
    if isinstance(spec, OutputParameterSpec) or spec.default_value is UNSET:
        return word
    value = _shown(spec.default_value)
    return f"{word} [Default: {value!r}]" if isinstance(value, list | dict) else f"{word} [Default: {_text(value)}]"


def _text(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _shown(value: Any) -> Any:
    """Numbers as the IR holds them: all are doubles."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return float(value)
    if isinstance(value, list):
        return [_shown(item) for item in value]
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in value.items()}
    return value
