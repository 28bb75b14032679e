"""Pass 9, ``platform_spec``: settings for a platform, per executor and for the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wherry.compiler.scopes import Scopes
from wherry.dsl import pipeline_config
from wherry.dsl.names import injected_input
from wherry.errors import PipelineTopologyError
from wherry.ir.spec import (
    ComponentSpec,
    KubernetesWorkspaceConfig,
    PipelineConfig,
    PlatformDeploymentConfig,
    PlatformSpec,
    SinglePlatformSpec,
    WorkspaceConfig,
)

Executors = dict[str, dict[str, dict[str, Any]]]
"""Platform name to executor label to settings."""


def platform_spec(executors: Executors, config: pipeline_config.PipelineConfig | None) -> PlatformSpec | None:
    """The second document of a package; None if there is nothing in it."""
    pipeline = None if config is None else _pipeline_config(config)
    names = dict.fromkeys(executors)
    if pipeline is not None:
        names["kubernetes"] = None
    if not names:
        return None
    return PlatformSpec(
        platforms={
            name: SinglePlatformSpec(
                deployment_spec=PlatformDeploymentConfig(executors=executors[name]) if executors.get(name) else None,
                pipeline_config=pipeline if name == "kubernetes" else None,
            )
            for name in names
        }
    )


def rewritten(config: Mapping[str, Any], dag: str, scope: ComponentSpec, scopes: Scopes) -> dict[str, Any]:
    """Settings of a task in ``dag``, with references to values of the pipeline as that DAG knows them.

    Raises:
        PipelineTopologyError: A setting takes the output of a task that the DAG does not see.
    """
    inputs = {} if scope.input_definitions is None else scope.input_definitions.parameters

    def visit(value: Any) -> Any:
        if isinstance(value, list):
            return [visit(item) for item in value]
        if not isinstance(value, dict):
            return value
        result = {key: visit(item) for key, item in value.items()}
        name = result.get("componentInputParameter")
        if name is not None and name not in inputs and injected_input(name) in inputs:
            result["componentInputParameter"] = injected_input(name)
        output = result.get("taskOutputParameter")
        if output is not None and scopes.path(output["producerTask"])[-2:-1] != (dag,):
            surfaced = injected_input(f"{output['producerTask']}-{output['outputParameterKey']}")
            if surfaced not in inputs:
                raise PipelineTopologyError(
                    f"A platform setting takes output '{output['outputParameterKey']}' of task "
                    f"'{output['producerTask']}', which its block does not see.",
                    hint="Register the value by task.register_pipeline_channels([...]).",
                )
            del result["taskOutputParameter"]
            result["componentInputParameter"] = surfaced
        return result

    return {key: visit(value) for key, value in config.items()}


def _pipeline_config(config: pipeline_config.PipelineConfig) -> PipelineConfig | None:
    workspace = config.workspace
    made = PipelineConfig(
        workspace=None
        if workspace is None
        else WorkspaceConfig(
            size=workspace.size,
            kubernetes=KubernetesWorkspaceConfig(pvc_spec_patch=workspace.kubernetes.pvcSpecPatch),
        ),
        resource_ttl_on_completion=config.ttl_seconds_after_finished or 0,
        resource_ttl_on_success=config.ttl_seconds_after_success or 0,
        resource_ttl_on_failure=config.ttl_seconds_after_failure or 0,
        active_deadline_seconds=config.active_deadline_seconds or 0,
    )
    return None if made == PipelineConfig() else made
