"""Kubernetes resources are written as kfp writes them."""

from __future__ import annotations

from pathlib import Path

import kfp.compiler
import pytest
import yaml
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2

import wherry.compiler

CASE = Path(__file__).parent / "cases" / "pipeline_settings.py"
OPTIONS = [
    {},
    {"pipeline_name": "other", "include_pipeline_manifest": True},
    {"pipeline_display_name": "Other", "include_pipeline_manifest": True, "namespace": "team"},
    {"pipeline_version_name": "v2", "pipeline_display_name": "Shown"},
    {"pipeline_version_name": "v2", "pipeline_version_display_name": "Second"},
]


def manifests(package, compiler, both, options, path):
    pipeline = both(CASE).load(package).workspace
    compiler.Compiler().compile(
        pipeline,
        str(path),
        kubernetes_manifest_format=True,
        kubernetes_manifest_options=compiler.compiler_utils.KubernetesManifestOptions(**options)
        if package == "kfp"
        else compiler.KubernetesManifestOptions(**options),
    )
    documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    spec = documents[-1]["spec"]["pipelineSpec"]
    spec.pop("sdkVersion")
    documents[-1]["spec"]["pipelineSpec"] = json_format.MessageToDict(
        json_format.ParseDict(spec, pipeline_spec_pb2.PipelineSpec())
    )
    return documents


@pytest.mark.parametrize("options", OPTIONS)
def test_the_resources_are_the_same(options, both, tmp_path):
    wanted = manifests("kfp", kfp.compiler, both, options, tmp_path / "a.yaml")

    assert manifests("wherry", wherry.compiler, both, options, tmp_path / "b.yaml") == wanted
