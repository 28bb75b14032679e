"""A package as Kubernetes resources: Pipeline and PipelineVersion of ``pipelines.kubeflow.org/v2beta1``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import yaml

from wherry.ir.spec import PipelinePackage

_API_VERSION = "pipelines.kubeflow.org/v2beta1"


@dataclass(frozen=True, kw_only=True)
class KubernetesManifestOptions:
    """Names of the resources; None takes the one before it in the list."""

    pipeline_name: str | None = None
    """Default: the pipeline's own name."""

    pipeline_display_name: str | None = None
    """Default: ``pipeline_name``."""

    pipeline_version_name: str | None = None
    """Default: ``pipeline_name``."""

    pipeline_version_display_name: str | None = None
    """Default: ``pipeline_version_name``."""

    namespace: str | None = None
    """Default: none is written, and ``kubectl`` decides."""

    include_pipeline_manifest: bool = False
    """Whether the Pipeline is written too, before its version."""


def manifest_text(package: PipelinePackage, options: KubernetesManifestOptions, *, description: str | None) -> str:
    """The resources as YAML documents."""
    name = options.pipeline_name or package.spec.pipeline_info.name
    documents: list[dict[str, Any]] = []
    if options.include_pipeline_manifest:
        pipeline = {"displayName": options.pipeline_display_name or name}
        documents.append(_resource("Pipeline", name, options, pipeline, description))
    version_name = options.pipeline_version_name or name
    version: dict[str, Any] = {
        "displayName": options.pipeline_version_display_name or version_name,
        "pipelineName": name,
        "pipelineSpec": msgspec.to_builtins(package.spec),
    }
    if package.platform is not None:
        version["platformSpec"] = msgspec.to_builtins(package.platform)
    documents.append(_resource("PipelineVersion", version_name, options, version, description))
    return yaml.safe_dump_all(documents, sort_keys=True)


def _resource(
    kind: str, name: str, options: KubernetesManifestOptions, spec: dict[str, Any], description: str | None
) -> dict[str, Any]:
    metadata = {"name": name} | ({"namespace": options.namespace} if options.namespace else {})
    described = {"description": description} if description else {}
    return {"apiVersion": _API_VERSION, "kind": kind, "metadata": metadata, "spec": spec | described}
