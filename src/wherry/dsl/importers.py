"""``dsl.importer``: an artifact that exists already, as an output of a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wherry.dsl import tracing
from wherry.dsl.channels import Channel, literal_of, pattern_of, source_of
from wherry.dsl.components import ImporterComponent
from wherry.dsl.graph import ComponentDefinition, Importer, InputSpec, Interface, OutputSpec, Source
from wherry.dsl.names import NameRegister
from wherry.dsl.tasks import PipelineTask
from wherry.dsl.value_types import ArtifactType, Kind, ParameterType, type_of_annotation
from wherry.errors import ComponentSignatureError
from wherry.runtime.annotations import is_artifact_class


def importer(
    artifact_uri: Any,
    artifact_class: type,
    reimport: bool = False,  # noqa: FBT001, FBT002  kfp's signature
    metadata: Mapping[str, Any] | None = None,
    download_to_workspace: bool = False,  # noqa: FBT001, FBT002  kfp's signature
) -> PipelineTask:
    """Bring an artifact that exists into the pipeline.

    Args:
        artifact_uri: Where it lies: a text, or a value of the pipeline.
        artifact_class: Its class, such as ``dsl.Dataset``.
        reimport: Record it anew even if the same artifact was imported before.
        metadata: Its metadata; may hold values of the pipeline.
        download_to_workspace: Also copy it to the workspace, which the pipeline must have.

    Returns:
        A task whose ``output`` is the artifact.

    Raises:
        ComponentSignatureError: ``artifact_class`` is no artifact class.
    """
    if not is_artifact_class(artifact_class):
        raise ComponentSignatureError(
            f"dsl.importer got {artifact_class!r} as artifact_class.", hint="Pass a class such as dsl.Dataset."
        )
    artifact = type_of_annotation(artifact_class, where="artifact_class of dsl.importer")
    assert isinstance(artifact, ArtifactType)  # noqa: S101  just checked
    arguments: dict[str, Any] = {"uri": artifact_uri}
    plain, fields = _metadata(metadata)
    arguments |= {name: Channel(source) for name, source in fields.items()}
    inputs = {"uri": InputSpec(ParameterType(Kind.STRING))}
    inputs |= {name: InputSpec(source.type) for name, source in fields.items()}
    implementation = Importer(
        uri=None if isinstance(artifact_uri, Channel) else artifact_uri,
        type=artifact,
        reimport=reimport,
        metadata=plain or None,
        download_to_workspace=download_to_workspace,
    )
    interface = Interface(inputs, {"artifact": OutputSpec(artifact)})
    return ImporterComponent(ComponentDefinition("importer", interface, implementation))(**arguments)


def _metadata(metadata: Mapping[str, Any] | None) -> tuple[Any, dict[str, Source]]:
    """The metadata with placeholders for the pipeline's values in it, and these by the name of their input."""
    if metadata is None:
        return None, {}
    trace = tracing.current()
    names = NameRegister()
    placeholders: dict[str, str] = {}
    fields: dict[str, Source] = {}

    def placeholder(source: Source) -> str:
        pattern = pattern_of(source)
        if pattern not in placeholders:
            name = names.take("metadata")
            fields[name] = source
            placeholders[pattern] = f"{{{{$.inputs.parameters['{name}']}}}}"
        return placeholders[pattern]

    def plain(value: Any) -> Any:
        if isinstance(value, Channel):
            return placeholder(source_of(value))
        if isinstance(value, Mapping):
            return {plain(key): plain(item) for key, item in value.items()}
        if isinstance(value, list):
            return [plain(item) for item in value]
        if isinstance(value, str) and trace is not None:
            for pattern, source in literal_of(value, trace.references).references.items():
                value = value.replace(pattern, placeholder(source))
        return value

    return plain(dict(metadata)), fields
