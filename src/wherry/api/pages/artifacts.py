"""Artifacts: one with its whole story, and what can be shown of its content."""

from __future__ import annotations

import enum
from typing import TypeAlias

from wherry.api.dialect import Message
from wherry.api.pages.quantities import Bytes, Moment
from wherry.model.artifacts import LinkKind
from wherry.model.identity import Json
from wherry.model.runs import TaskKind
from wherry.model.states import RuntimeState


class PreviewKind(enum.Enum):
    """How an artifact can be shown."""

    TEXT = "text"
    TABLE = "table"
    JSON = "json"
    METRICS = "metrics"
    CLASSIFICATION = "classification"  # a confusion matrix and a ROC curve, or slices of them
    MARKDOWN = "markdown"
    HTML = "html"
    IMAGE = "image"
    FOLDER = "folder"
    BINARY = "binary"
    NONE = "none"  # nothing is there: no content, or it lies elsewhere


class ModelLabel(Message, frozen=True, kw_only=True):
    """A registered model version."""

    name: str
    version: int
    aliases: list[str]


class ArtifactDetail(Message, frozen=True, kw_only=True):
    """An artifact."""

    id: str
    name: str
    type: str
    """Schema title such as `system.Dataset`."""
    uri: str
    """A path on the server's machine, or a URL."""
    size: Bytes | None
    """Null if nothing was found at its place when it was published."""
    digest: str | None
    """`sha256:…` of the content; null until it is known."""
    created_at: Moment
    metadata: dict[str, Json]
    """Only the page of the artifact has all of it: elsewhere values of more than 1,000 bytes of JSON are left out."""
    preview: PreviewKind
    """How its content, or its metadata, can be shown, judged by type and name alone."""
    models: list[ModelLabel]
    """What it is registered as."""


class TaskLabel(Message, frozen=True, kw_only=True):
    """A task of some run."""

    id: str
    """In the newest generation of its run, so that the page of the run has it; of its own if it is not there."""
    key: str
    name: str
    """Display name."""
    kind: TaskKind
    state: RuntimeState
    run_id: str
    run_name: str
    pipeline: str
    """`pipelineInfo.name`."""
    generation: int
    """Generation of the run in which this happened."""
    reused: bool
    """Whether it took its outputs over from an earlier execution."""


class ArtifactUse(Message, frozen=True, kw_only=True):
    """A task that read or put out an artifact."""

    task: TaskLabel
    kind: LinkKind
    port: str
    """Name of the input or output."""


class ArtifactPage(Message, frozen=True, kw_only=True):
    """Everything the page of an artifact shows."""

    artifact: ArtifactDetail
    producer: ArtifactUse | None
    """The execution that made it; null if nothing recorded did, or its run was deleted."""
    consumers: list[ArtifactUse]
    """Tasks that read it, newest first; at most 200. Those around the task that does the work are left out."""
    reused_by: list[ArtifactUse]
    """Tasks that took it over from the producer, newest first; at most 200."""
    truncated: bool
    """Whether there are more of either."""
    preview_url: str
    """Path of its preview."""
    download_url: str | None
    """Path of its bytes; null if they cannot be sent: a folder, another machine, nothing there."""
    view_url: str | None
    """Path of the document for a sandboxed frame; null unless it is HTML."""


class TextPreview(Message, frozen=True, kw_only=True, tag_field="kind", tag="text"):
    """Text."""

    text: str
    """At most the first 64 KiB; what is no UTF-8 is replaced."""
    truncated: bool
    size: Bytes


class TablePreview(Message, frozen=True, kw_only=True, tag_field="kind", tag="table"):
    """Rows of a CSV or TSV file."""

    columns: list[str]
    """Of the first line."""
    rows: list[list[str]]
    """At most the first 100. A row may be shorter or longer than the columns."""
    truncated: bool
    size: Bytes


class JsonPreview(Message, frozen=True, kw_only=True, tag_field="kind", tag="json"):
    """A JSON document of at most 64 KiB; a longer one is shown as text."""

    value: Json
    size: Bytes


class Metric(Message, frozen=True, kw_only=True):
    """A value of a Metrics artifact."""

    name: str
    value: Json
    """Usually a number."""


class MetricsPreview(Message, frozen=True, kw_only=True, tag_field="kind", tag="metrics"):
    """A Metrics artifact."""

    metrics: list[Metric]


class ConfusionMatrix(Message, frozen=True, kw_only=True):
    """Rows are what was true, columns what was predicted."""

    categories: list[str]
    rows: list[list[float]]


class RocPoint(Message, frozen=True, kw_only=True):
    """One point of a ROC curve."""

    threshold: float
    """May be infinity, which is sent as 1.7976931348623157e308."""
    fpr: float
    """False positive rate."""
    tpr: float
    """True positive rate (recall)."""


class ClassificationSlice(Message, frozen=True, kw_only=True):
    """The metrics of one slice of the data."""

    name: str
    """Empty for all of it."""
    confusion_matrix: ConfusionMatrix | None
    roc: list[RocPoint]


class ClassificationPreview(Message, frozen=True, kw_only=True, tag_field="kind", tag="classification"):
    """A ClassificationMetrics or SlicedClassificationMetrics artifact."""

    slices: list[ClassificationSlice]


class MarkdownPreview(Message, frozen=True, kw_only=True, tag_field="kind", tag="markdown"):
    """Markdown, not rendered."""

    text: str
    """At most the first 64 KiB."""
    truncated: bool
    size: Bytes


class HtmlPreview(Message, frozen=True, kw_only=True, tag_field="kind", tag="html"):
    """HTML. Show it by `view_url` in a frame with `sandbox`; never put it into the page."""

    view_url: str
    size: Bytes


class ImagePreview(Message, frozen=True, kw_only=True, tag_field="kind", tag="image"):
    """An image."""

    media_type: str
    """`image/png`, `image/jpeg`, `image/gif` or `image/webp`."""
    view_url: str
    size: Bytes


class FolderEntry(Message, frozen=True, kw_only=True):
    """A file of a folder."""

    path: str
    """Relative to the artifact."""
    size: Bytes


class FolderPreview(Message, frozen=True, kw_only=True, tag_field="kind", tag="folder"):
    """A folder."""

    files: list[FolderEntry]
    """At most 200, in the order of their names."""
    truncated: bool


class BinaryPreview(Message, frozen=True, kw_only=True, tag_field="kind", tag="binary"):
    """Bytes that are not text."""

    size: Bytes


class NoPreview(Message, frozen=True, kw_only=True, tag_field="kind", tag="none"):
    """Nothing can be shown."""

    reason: str
    """For a person."""


Preview: TypeAlias = (
    TextPreview
    | TablePreview
    | JsonPreview
    | MetricsPreview
    | ClassificationPreview
    | MarkdownPreview
    | HtmlPreview
    | ImagePreview
    | FolderPreview
    | BinaryPreview
    | NoPreview
)


class ArtifactPreview(Message, frozen=True, kw_only=True):
    """What can be shown of an artifact."""

    artifact_id: str
    name: str
    type: str
    content: Preview


class Result(Message, frozen=True, kw_only=True):
    """A result of a run."""

    artifact_id: str
    name: str
    """Name of the artifact."""
    type: str
    task_id: str
    task_name: str
    """Display name of the task that put it out."""
    iteration_index: int | None
    port: str
    content: Preview


class RunResults(Message, frozen=True, kw_only=True):
    """Metrics, classification metrics, Markdown and HTML of a run, in the order in which they were made."""

    run_id: str
    results: list[Result]
    truncated: bool
    """Whether there are more than are sent (200)."""
