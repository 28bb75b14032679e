"""Registered models."""

from __future__ import annotations

from wherry.api.dialect import Message
from wherry.api.pages.artifacts import ArtifactDetail, TaskLabel
from wherry.api.pages.quantities import Moment


class ModelVersionRow(Message, frozen=True, kw_only=True):
    """A version of a model."""

    version: int
    """Counts from 1."""
    aliases: list[str]
    """Such as `champion`."""
    created_at: Moment
    created_by: str
    artifact: ArtifactDetail
    producer: TaskLabel | None
    """The execution that made it; null if its run was deleted."""
    metrics: dict[str, float]
    """Numbers of its metadata, and of the Metrics artifacts made from it in the same run; at most 20."""
    datasets: list[ArtifactDetail]
    """The nearest data sets upstream that were made from no other data set: the data behind it. At most 20."""


class ModelRow(Message, frozen=True, kw_only=True):
    """A model in the list."""

    name: str
    version_count: int
    latest: ModelVersionRow
    aliases: dict[str, int]
    """Alias to version."""


class ModelRows(Message, frozen=True, kw_only=True):
    """All models, in the order of their names."""

    models: list[ModelRow]
    truncated: bool
    """Whether there are more than are sent (200)."""


class ModelPage(Message, frozen=True, kw_only=True):
    """Everything the page of a model shows."""

    name: str
    versions: list[ModelVersionRow]
    """Newest first; at most 100."""
    version_count: int
