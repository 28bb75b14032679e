"""Artifacts, their links to tasks, and the names and versions of registered models."""

from __future__ import annotations

import enum

import msgspec

from wherry.model.identity import ArtifactId, AttemptId, Json, Micros, RunId, TaskId, TaskKey

MODEL_NAME_KEY = "wherry.model_name"
"""Metadata key on an output artifact. Its value is a model's name: publishing registers the next version of it."""


class LinkKind(enum.Enum):
    """Whether a task read or made an artifact."""

    INPUT = "INPUT"
    OUTPUT = "OUTPUT"


class Artifact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Data by reference. Immutable once published: a file is never overwritten, a row never rewritten.

    Only ``digest`` may be filled in later, by the hasher.
    """

    id: ArtifactId
    namespace: str
    type: str
    """Schema title, such as ``system.Dataset``."""
    schema_version: str
    name: str
    """Name of the output port it left by, or what the task called it."""
    uri: str
    """Bare absolute path in the embedded mode, else a URL of an object store."""
    metadata: dict[str, Json]
    created_at: Micros
    size: int | None = None
    """Bytes, summed over a directory; None if nothing was found at ``uri`` when it was published."""
    mtime: Micros | None = None
    """Newest modification time found at ``uri`` when it was published."""
    digest: str | None = None
    """``sha256:<hex>`` of the content; None until known."""


class Producer(msgspec.Struct, frozen=True, kw_only=True):
    """The task output an input came from."""

    task: TaskKey
    port: str


class ArtifactLink(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A task read or made an artifact (KFP 3.0: artifact_tasks)."""

    artifact_id: ArtifactId
    run_id: RunId
    generation: int
    task: TaskKey
    kind: LinkKind
    port: str
    """Name of the component's input or output."""
    index: int = 0
    """Position in a list port; 0 otherwise."""
    producer: Producer | None = None
    """For inputs: where the artifact came from inside the run."""


class RecordedLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link as a list shows it: with a number, and with the ids of the tasks it names."""

    n: int
    """Counts over all links."""
    task_id: TaskId | None
    """None if the task has no row, which no link of the engine's has."""
    producer_task_id: TaskId | None
    """Of `ArtifactLink.producer`; None if the artifact came from no task of the run."""
    link: ArtifactLink


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """Asks that an artifact becomes the next version of a model name, once per artifact."""

    namespace: str
    name: str
    artifact_id: ArtifactId


class ModelVersion(msgspec.Struct, frozen=True, kw_only=True):
    """``name@version``: a registered model. Versions count from 1 per (namespace, name)."""

    namespace: str
    name: str
    version: int
    artifact_id: ArtifactId
    created_at: Micros
    created_by: str
    aliases: tuple[str, ...] = ()


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """The execution that made an artifact."""

    run_id: RunId
    run_name: str
    pipeline: str
    generation: int
    task: TaskKey
    attempt_id: AttemptId
    port: str
    at: Micros


class LineageNode(msgspec.Struct, frozen=True, kw_only=True):
    """One artifact in an answer about lineage."""

    artifact: Artifact
    hops: int
    """Executions between it and the artifact that was asked about; 0 is that one."""
    made: Made | None
    """None if nothing recorded made it (imported)."""
    versions: tuple[ModelVersion, ...] = ()


class LineageEdge(msgspec.Struct, frozen=True, kw_only=True):
    """``source`` was read by the execution that made ``target``."""

    source: ArtifactId
    target: ArtifactId
    task: TaskKey
    run_id: RunId


class Lineage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything upstream or downstream of an artifact, nearest first."""

    nodes: tuple[LineageNode, ...]
    edges: tuple[LineageEdge, ...]
