"""Lineage: what was made from what, over runs."""

from __future__ import annotations

import enum

from wherry.api.dialect import Message
from wherry.api.pages.artifacts import ArtifactDetail, TaskLabel
from wherry.api.pages.quantities import Moment


class LineageDirection(enum.Enum):
    """Which way to follow."""

    UP = "up"  # what it was made from
    DOWN = "down"  # what was made from it
    BOTH = "both"


class LineageArtifact(Message, frozen=True, kw_only=True, tag_field="kind", tag="artifact"):
    """An artifact in the graph."""

    id: str
    """Unique in the graph: the artifact's id."""
    hops: int
    """Executions between it and what was asked about: negative upstream, positive downstream, 0 for that itself."""
    artifact: ArtifactDetail


class LineageTask(Message, frozen=True, kw_only=True, tag_field="kind", tag="task"):
    """An execution in the graph."""

    id: str
    """Unique in the graph: the task's id."""
    hops: int
    """Of what it made: negative upstream, positive downstream."""
    task: TaskLabel
    ended_at: Moment | None


class LineageLink(Message, frozen=True, kw_only=True):
    """An arrow: an artifact into the task that read it, or a task into the artifact that it made."""

    source_id: str
    target_id: str
    port: str
    """Name of the input or output."""


class LineageGraph(Message, frozen=True, kw_only=True):
    """An answer about lineage."""

    focus_ids: list[str]
    """Nodes that were asked about: one artifact, or the artifacts of a run."""
    nodes: list[LineageArtifact | LineageTask]
    """Nearest first."""
    edges: list[LineageLink]
    truncated: bool
    """Whether something was left out because of `hops` or because there are more than 1,000 nodes."""
