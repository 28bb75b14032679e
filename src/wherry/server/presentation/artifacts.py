"""Artifacts and their links to tasks."""

from __future__ import annotations

from typing import Final

from wherry.api import artifacts as api
from wherry.api.dialect import timestamp
from wherry.model.artifacts import Artifact, LinkKind, RecordedLink

#: Schema title to KFP 3.0's type; anything else is an Artifact.
_TYPES: Final = {
    "system.Model": "Model",
    "system.Dataset": "Dataset",
    "system.HTML": "HTML",
    "system.Markdown": "Markdown",
    "system.Metrics": "Metric",
    "system.ClassificationMetrics": "ClassificationMetric",
    "system.SlicedClassificationMetrics": "SlicedClassificationMetric",
}


def artifact(record: Artifact) -> api.Artifact:
    """The message for a record."""
    return api.Artifact(
        artifact_id=record.id,
        name=record.name,
        type=_TYPES.get(record.type, "Artifact"),
        uri=record.uri,
        metadata=record.metadata,
        created_at=timestamp(record.created_at),
        namespace=record.namespace,
    )


def link(record: RecordedLink) -> api.ArtifactTask:
    """The message for a link."""
    inner = record.link
    return api.ArtifactTask(
        id=str(record.n),
        artifact_id=inner.artifact_id,
        run_id=inner.run_id,
        task_id=record.task_id or "",
        type=_io_type(record),
        producer=api.IOProducer(task_name=inner.producer.task.rpartition("/")[2]) if inner.producer else None,
        key=inner.port,
    )


def _io_type(record: RecordedLink) -> str:
    if record.link.kind is LinkKind.OUTPUT:
        return "OUTPUT"
    return "COMPONENT_INPUT" if record.link.producer is None else "TASK_OUTPUT_INPUT"
