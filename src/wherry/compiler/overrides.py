"""Pass 11, ``override``: what the caller of the compiler sets over the pipeline's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from wherry.errors import PipelineTopologyError
from wherry.ir.spec import ComponentInputsSpec, PipelineSpec


def override(
    spec: PipelineSpec,
    *,
    name: str | None = None,
    display_name: str | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> PipelineSpec:
    """A spec with another name, display name, and other defaults of its inputs.

    Raises:
        PipelineTopologyError: A parameter is no input of the pipeline.
    """
    info = spec.pipeline_info
    if name is not None:
        info = msgspec.structs.replace(info, name=name)
    if display_name is not None:
        info = msgspec.structs.replace(info, display_name=display_name)
    if info is not spec.pipeline_info:
        spec = msgspec.structs.replace(spec, pipeline_info=info)
    return spec if not parameters else _with_defaults(spec, parameters)


def _with_defaults(spec: PipelineSpec, parameters: Mapping[str, Any]) -> PipelineSpec:
    definitions = spec.root.input_definitions or ComponentInputsSpec()
    inputs = dict(definitions.parameters)
    for name, value in parameters.items():
        if name not in inputs:
            if name in definitions.artifacts:
                raise PipelineTopologyError(f"Input '{name}' is an artifact; it cannot have a default.")
            known = ", ".join(f"'{known}'" for known in inputs) or "none"
            raise PipelineTopologyError(
                f"Pipeline parameter '{name}' is no input of pipeline '{spec.pipeline_info.name}'.",
                hint=f"Its parameters are: {known}.",
            )
        inputs[name] = msgspec.structs.replace(inputs[name], default_value=value)
    definitions = msgspec.structs.replace(definitions, parameters=inputs)
    return msgspec.structs.replace(spec, root=msgspec.structs.replace(spec.root, input_definitions=definitions))
