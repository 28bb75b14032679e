"""From a component or pipeline to a package, and to a package file."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from wherry.compiler.assembly import assemble
from wherry.compiler.headers import header
from wherry.compiler.manifests import KubernetesManifestOptions, manifest_text
from wherry.compiler.overrides import override
from wherry.dsl import hooks
from wherry.dsl.components import Component
from wherry.dsl.graph import ComponentDefinition, Graph, Group, PipelineInput, Root, Task, TaskOutput, TaskSettings
from wherry.errors import ComponentSignatureError, PipelineTopologyError
from wherry.ir.spec import PipelinePackage
from wherry.ir.yaml import write_package

SDK_VERSION = "wherry-0.1.0"


def compile_package(pipeline: Component) -> PipelinePackage:
    """Compile a pipeline, or a single component as a pipeline of one task. Pure: the same input, the same package.

    Raises:
        AuthoringError: The pipeline cannot be expressed in the IR.
    """
    definition = pipeline.definition
    if isinstance(definition.implementation, Graph):
        return assemble(definition.implementation, sdk_version=SDK_VERSION)
    return assemble(_one_task(definition), sdk_version=SDK_VERSION, is_component=True)


class Compiler:
    """Compiles pipelines to package files. The surface of ``kfp.compiler.Compiler``."""

    def compile(
        self,
        pipeline_func: Component,
        package_path: str,
        pipeline_name: str | None = None,
        pipeline_display_name: str | None = None,
        pipeline_parameters: Mapping[str, Any] | None = None,
        type_check: bool = True,  # noqa: ARG002, FBT001, FBT002  kfp's signature; it has no effect there either
        kubernetes_manifest_options: KubernetesManifestOptions | None = None,
        kubernetes_manifest_format: bool = False,  # noqa: FBT001, FBT002  kfp's signature
    ) -> None:
        """Compile ``pipeline_func`` and write the package.

        Args:
            pipeline_func: A pipeline, or a component.
            package_path: File to write: ``.yaml`` or ``.yml``; ``.json`` is deprecated and holds no platform settings.
            pipeline_name: Instead of the pipeline's own.
            pipeline_display_name: Instead of the pipeline's own.
            pipeline_parameters: Defaults of the pipeline's inputs, instead of its own.
            type_check: Accepted for kfp's sake: types have been checked when the pipeline was defined.
            kubernetes_manifest_options: Names of the Kubernetes resources.
            kubernetes_manifest_format: Write Kubernetes resources instead of a plain package.

        Raises:
            AuthoringError: The pipeline, the parameters or the path cannot be used.
        """
        if not isinstance(pipeline_func, Component):
            raise ComponentSignatureError(
                f"The compiler got {pipeline_func!r} of type {type(pipeline_func).__name__}; expected a pipeline or component.",
                hint="Decorate the function with @dsl.pipeline.",
            )
        package = compile_package(pipeline_func)
        spec = override(
            package.spec, name=pipeline_name, display_name=pipeline_display_name, parameters=pipeline_parameters
        )
        package = PipelinePackage(spec=spec, platform=package.platform)
        if kubernetes_manifest_format:
            _check_workspace(package)
            options = kubernetes_manifest_options or KubernetesManifestOptions()
            text = manifest_text(package, options, description=pipeline_func.description)
        else:
            text = _text(package, package_path, pipeline_func.description)
        Path(package_path).write_text(text, encoding="utf-8")


def write_component(component: Component, path: str) -> None:
    """Compile ``component`` to the file at ``path``."""
    Compiler().compile(component, path)


def package_text(package: PipelinePackage, *, description: str | None = None) -> str:
    """A package as YAML, with the comment at its head.

    Args:
        package: What to write.
        description: For the comment. Default: the spec's own.
    """
    _check_workspace(package)
    return write_package(package, header=header(package.spec, description or package.spec.pipeline_info.description))


def _text(package: PipelinePackage, path: str, description: str | None) -> str:
    if path.endswith((".yaml", ".yml")):
        return package_text(package, description=description)
    if not path.endswith(".json"):
        raise PipelineTopologyError(f"The package path '{path}' should end with '.yaml'.")
    warnings.warn("Package files as JSON are deprecated; use '.yaml'.", DeprecationWarning, stacklevel=3)
    if package.platform is not None:
        raise PipelineTopologyError(
            f"'{path}' cannot hold platform settings, and the pipeline has some.", hint="Write it to a '.yaml' file."
        )
    return msgspec.json.format(msgspec.json.encode(package.spec)).decode("utf-8")


def _check_workspace(package: PipelinePackage) -> None:
    importers = (e.importer for e in package.spec.deployment_spec.executors.values() if e.importer is not None)
    platforms = package.platform.platforms.values() if package.platform is not None else ()
    has_workspace = any(p.pipeline_config is not None and p.pipeline_config.workspace is not None for p in platforms)
    if any(importer.download_to_workspace for importer in importers) and not has_workspace:
        raise PipelineTopologyError(
            f"Pipeline '{package.spec.pipeline_info.name}' downloads an imported artifact to the workspace, but has none.",
            hint="Add pipeline_config=dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size='10Gi')).",
        )


def _one_task(definition: ComponentDefinition) -> Graph:
    """A component as a pipeline: its inputs are the pipeline's, and so are its outputs."""
    interface = definition.interface
    task = Task(
        name=definition.name,
        component=definition,
        arguments={name: PipelineInput(name, spec.type) for name, spec in interface.inputs.items()},
        settings=TaskSettings(),
    )
    return Graph(
        name=definition.name,
        interface=interface,
        root=Group("pipeline", Root(), tasks=(task,)),
        outputs={name: TaskOutput(task.name, name, spec.type) for name, spec in interface.outputs.items()},
    )


hooks.register_compiler(compile_package, write_component)
