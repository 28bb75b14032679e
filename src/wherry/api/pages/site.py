"""What is not of one page: the search, and the server itself."""

from __future__ import annotations

from wherry.api.dialect import Message
from wherry.api.pages.quantities import Moment
from wherry.model.states import RuntimeState


class FoundRun(Message, frozen=True, kw_only=True, tag_field="kind", tag="run"):
    """A run."""

    id: str
    name: str
    pipeline: str
    state: RuntimeState
    created_at: Moment


class FoundPipeline(Message, frozen=True, kw_only=True, tag_field="kind", tag="pipeline"):
    """A registered pipeline."""

    id: str
    name: str
    """Display name."""
    created_at: Moment


class FoundModel(Message, frozen=True, kw_only=True, tag_field="kind", tag="model"):
    """A registered model."""

    name: str
    version_count: int


class FoundArtifact(Message, frozen=True, kw_only=True, tag_field="kind", tag="artifact"):
    """An artifact."""

    id: str
    name: str
    type: str
    created_at: Moment


class FoundExperiment(Message, frozen=True, kw_only=True, tag_field="kind", tag="experiment"):
    """An experiment."""

    id: str
    name: str


class SearchResults(Message, frozen=True, kw_only=True):
    """What a search found."""

    query: str
    results: list[FoundRun | FoundPipeline | FoundModel | FoundExperiment | FoundArtifact]
    """At most 8 of each kind; runs, pipelines, models, experiments, artifacts."""


class ServerInfo(Message, frozen=True, kw_only=True):
    """The server."""

    version: str
    state_folder: str
    """Name of the state folder, without the way to it."""
    launcher: str
    """Where tasks run: `process`."""
    single_user: bool
    user: str
    """Who the caller is taken for."""
    now: Moment
    """The server's clock."""
