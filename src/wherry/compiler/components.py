"""Pass 6, ``component_spec`` and ``group_spec``: interfaces of components and groups in the IR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import UNSET

from wherry.compiler.surfacing import HandedOut
from wherry.dsl import graph
from wherry.dsl.graph import ComponentDefinition, Source
from wherry.dsl.names import injected_input
from wherry.dsl.value_types import ArtifactType, Kind, ParameterType
from wherry.ir.spec import (
    ArtifactSelectorSpec,
    ArtifactTypeSchema,
    ComponentInputsSpec,
    ComponentOutputsSpec,
    ComponentSpec,
    DagOutputArtifactSpec,
    DagOutputParameterSpec,
    DagOutputsSpec,
    InputArtifactSpec,
    InputParameterSpec,
    OutputArtifactSpec,
    OutputParameterSpec,
    ParameterSelectorSpec,
    ParameterSelectorsSpec,
    TaskConfigPassthrough,
    TaskConfigPassthroughField,
)
from wherry.ir.spec import ParameterType as IrParameterType


def component_spec(definition: ComponentDefinition) -> ComponentSpec:
    """Interface of a component, without its implementation."""
    interface = definition.interface
    return ComponentSpec(
        input_definitions=_inputs(interface.inputs),
        output_definitions=_outputs(interface.outputs),
        task_config_passthroughs=tuple(
            TaskConfigPassthrough(
                field=TaskConfigPassthroughField[passthrough.field.name], apply_to_task=passthrough.apply_to_task
            )
            for passthrough in definition.task_config_passthroughs
        ),
    )


def group_spec(needs: Iterable[Source], handed_out: Mapping[str, HandedOut]) -> ComponentSpec:
    """Interface of a group, without its DAG: what is brought in, and what it hands out."""
    inputs = {injected_input(source.full_name): graph.InputSpec(source.type) for source in needs}
    outputs = {name: graph.OutputSpec(output.type) for name, output in handed_out.items()}
    return ComponentSpec(input_definitions=_inputs(inputs), output_definitions=_outputs(outputs))


def dag_outputs(handed_out: Mapping[str, HandedOut]) -> DagOutputsSpec | None:
    """Where a DAG's outputs come from; None if it has none."""
    artifacts: dict[str, DagOutputArtifactSpec] = {}
    parameters: dict[str, DagOutputParameterSpec] = {}
    for name, output in handed_out.items():
        if isinstance(output.type, ArtifactType):
            artifacts[name] = DagOutputArtifactSpec(
                artifact_selectors=tuple(
                    ArtifactSelectorSpec(producer_subtask=choice.producer, output_artifact_key=choice.name)
                    for choice in output.choices
                )
            )
            continue
        selectors = tuple(
            ParameterSelectorSpec(producer_subtask=choice.producer, output_parameter_key=choice.name)
            for choice in output.choices
        )
        parameters[name] = (
            DagOutputParameterSpec(value_from_oneof=ParameterSelectorsSpec(parameter_selectors=selectors))
            if output.is_one_of
            else DagOutputParameterSpec(value_from_parameter=selectors[0])
        )
    if not artifacts and not parameters:
        return None
    return DagOutputsSpec(artifacts=artifacts, parameters=parameters)


def artifact_schema(artifact: ArtifactType) -> ArtifactTypeSchema:
    """Type of an artifact in the IR."""
    return ArtifactTypeSchema(schema_title=artifact.schema_title, schema_version=artifact.schema_version)


def parameter_kind(parameter: ParameterType) -> IrParameterType:
    """Type of a parameter in the IR."""
    return IrParameterType[parameter.kind.name]


def _inputs(inputs: Mapping[str, graph.InputSpec]) -> ComponentInputsSpec | None:
    if not inputs:
        return None
    artifacts: dict[str, InputArtifactSpec] = {}
    parameters: dict[str, InputParameterSpec] = {}
    for name, spec in inputs.items():
        match spec.type:
            case ArtifactType():
                artifacts[name] = InputArtifactSpec(
                    artifact_type=artifact_schema(spec.type),
                    is_artifact_list=spec.type.is_list,
                    is_optional=spec.optional,
                    description=spec.description,
                )
            case ParameterType():
                parameters[name] = InputParameterSpec(
                    parameter_type=parameter_kind(spec.type),
                    default_value=UNSET if spec.default is None else default_value(spec.default, spec.type.kind),
                    is_optional=spec.optional,
                    description=spec.description,
                )
    return ComponentInputsSpec(artifacts=artifacts, parameters=parameters)


def default_value(value: object, kind: Kind) -> object:
    """A default as the IR holds it: ``1`` for a bool parameter is ``true``, ``True`` for a number is 1."""
    match kind:
        case Kind.BOOLEAN:
            return bool(value)
        case Kind.NUMBER_INTEGER | Kind.NUMBER_DOUBLE if isinstance(value, bool):
            return int(value)
        case _:
            return value


def _outputs(outputs: Mapping[str, graph.OutputSpec]) -> ComponentOutputsSpec | None:
    if not outputs:
        return None
    artifacts: dict[str, OutputArtifactSpec] = {}
    parameters: dict[str, OutputParameterSpec] = {}
    for name, spec in outputs.items():
        match spec.type:
            case ArtifactType():
                artifacts[name] = OutputArtifactSpec(
                    artifact_type=artifact_schema(spec.type),
                    is_artifact_list=spec.type.is_list,
                    description=spec.description,
                )
            case ParameterType():
                parameters[name] = OutputParameterSpec(
                    parameter_type=parameter_kind(spec.type), description=spec.description
                )
    return ComponentOutputsSpec(artifacts=artifacts, parameters=parameters)
