"""Artifacts and their links to tasks, as KFP 3.0 has them."""

from __future__ import annotations

import msgspec

from wherry.api.dialect import Message
from wherry.model.identity import Json


class Artifact(Message, frozen=True, kw_only=True):
    """v2beta1Artifact."""

    artifact_id: str = ""
    name: str = ""
    description: str = ""
    type: str = ""
    """Artifact, Model, Dataset, HTML, Markdown, Metric, ClassificationMetric or SlicedClassificationMetric."""
    uri: str = ""
    metadata: dict[str, Json] = msgspec.field(default_factory=dict)
    number_value: float | None = None
    created_at: str | None = None
    namespace: str = ""


class ListArtifactResponse(Message, frozen=True, kw_only=True):
    """v2beta1ListArtifactResponse."""

    artifacts: tuple[Artifact, ...] = ()
    total_size: int = 0
    next_page_token: str = ""


class IOProducer(Message, frozen=True, kw_only=True):
    """The task an artifact came from, inside the run."""

    task_name: str = ""


class ArtifactTask(Message, frozen=True, kw_only=True):
    """v2beta1ArtifactTask: a task read or made an artifact."""

    id: str = ""
    artifact_id: str = ""
    run_id: str = ""
    task_id: str = ""
    type: str = ""
    """Of IOType."""
    producer: IOProducer | None = None
    key: str = ""


class ListArtifactTasksResponse(Message, frozen=True, kw_only=True):
    """v2beta1ListArtifactTasksResponse."""

    artifact_tasks: tuple[ArtifactTask, ...] = ()
    total_size: int = 0
    next_page_token: str = ""
