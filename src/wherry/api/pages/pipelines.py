"""Registered pipelines, their versions, and experiments."""

from __future__ import annotations

from wherry.api.dialect import Message
from wherry.api.pages.graphs import Structure
from wherry.api.pages.quantities import Moment
from wherry.api.pages.runs import RunRow
from wherry.model.identity import Json
from wherry.model.states import RuntimeState


class LastRun(Message, frozen=True, kw_only=True):
    """The newest run of something."""

    id: str
    name: str
    state: RuntimeState
    created_at: Moment


class VersionRow(Message, frozen=True, kw_only=True):
    """A version of a pipeline."""

    id: str
    name: str
    display_name: str
    description: str
    created_at: Moment
    created_by: str
    code_source_url: str
    """A label; may be empty, and may be any text."""
    spec_digest: str
    """Two versions with the same digest are the same pipeline."""
    tags: dict[str, str]


class PipelineRow(Message, frozen=True, kw_only=True):
    """A pipeline in the list."""

    id: str
    name: str
    display_name: str
    description: str
    created_at: Moment
    created_by: str
    tags: dict[str, str]
    version_count: int
    latest_version: VersionRow | None
    """Null if it has no version."""
    last_run: LastRun | None


class PipelineRows(Message, frozen=True, kw_only=True):
    """A page of pipelines."""

    pipelines: list[PipelineRow]
    total_size: int
    next_page_token: str
    """Empty on the last page."""


class PipelinePage(Message, frozen=True, kw_only=True):
    """Everything the page of a pipeline shows, beside the version that is looked at."""

    pipeline: PipelineRow
    versions: list[VersionRow]
    """Newest first; at most 200."""


class VersionPage(Message, frozen=True, kw_only=True):
    """Everything the page of a pipeline version shows."""

    pipeline: PipelineRow
    version: VersionRow
    structure: Structure
    spec: Json
    """The specification as CreateRun takes it in `pipeline_spec`."""
    yaml: str
    """The same as a package file."""
    recent_runs: list[RunRow]
    """Of this version, newest first; at most 10."""


class ExperimentRow(Message, frozen=True, kw_only=True):
    """An experiment."""

    id: str
    name: str
    description: str
    created_at: Moment
    archived: bool
    is_default: bool
    """Whether runs that name no experiment go there."""
    run_count: int
    """Archived runs too."""
    last_run: LastRun | None


class ExperimentRows(Message, frozen=True, kw_only=True):
    """A page of experiments."""

    experiments: list[ExperimentRow]
    total_size: int
    next_page_token: str
    """Empty on the last page."""
