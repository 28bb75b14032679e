"""What the commands show, wherever it was read: `row_views` makes it from rows, `server_views` from a server's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from wherry.model.identity import Json, Micros
from wherry.model.runs import TaskKind
from wherry.model.states import RuntimeState

METRICS: Final = "system.Metrics"
WORKING: Final = frozenset({TaskKind.RUNTIME, TaskKind.IMPORTER})


@dataclass(frozen=True, kw_only=True)
class ArtifactView:
    """An artifact that a task put out."""

    id: str
    type: str
    port: str
    where: str
    """Path from here, or what the server says."""
    size: int | None
    metadata: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class FailureView:
    """Why a task failed by itself."""

    message: str
    traceback: str = ""
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class TaskView:
    """A task."""

    label: str
    works: bool
    """Whether it does work of its own: a container or an importer."""
    state: RuntimeState
    word: str
    """The state in a word that tells "reused" from "skipped"."""
    started_at: Micros | None
    ended_at: Micros | None
    attempts: int | None
    """None if it has none, or they are not known."""
    why: str
    failure: FailureView | None = None
    artifacts: tuple[ArtifactView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunView:
    """A run."""

    id: str
    name: str
    state: RuntimeState
    created_at: Micros
    started_at: Micros | None
    finished_at: Micros | None
    pipeline: str = ""
    """Empty if not known."""
    created_by: str = ""
    """Empty if not known."""
    parameters: Mapping[str, Json] = field(default_factory=dict)
    error: str = ""
    """Why it did not succeed, where no task says it."""


@dataclass(frozen=True, kw_only=True)
class LineageView:
    """One artifact in an answer about lineage."""

    hops: int
    """Executions between it and the artifact that was asked about."""
    id: str
    type: str
    name: str
    """Its own, or those of the model versions that it is."""
    made_by: str
    """Task and output; "imported" if nothing recorded made it."""
    run: str
    size: int | None
    where: str
    """Path from here, or what the server says."""
