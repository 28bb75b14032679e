"""What the server is built from. Wiring fills it in; nothing here knows an adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from wherry.model.identity import ExperimentId, PipelineId, PipelineVersionId, RunId
from wherry.model.runs import Run
from wherry.ports import (
    Clock,
    DescribesEnvironments,
    ExperimentStore,
    IdSource,
    MetadataStore,
    NewRun,
    PageStore,
    PipelineStore,
    RunStore,
    StreamsLogs,
)
from wherry.server.outbound import OutboundRules
from wherry.server.python_code import PythonCodeOf
from wherry.server.specifications import Specifications


class RunEngine(Protocol):
    """What the server asks of the engine."""

    async def submit(self, new: NewRun) -> Run: ...  # noqa: D102  said by name and types
    async def request_cancel(self, run_id: RunId, *, by: str) -> None: ...  # noqa: D102
    async def retry(self, run_id: RunId, *, by: str = "") -> Run: ...  # noqa: D102
    def follow(self, run_id: RunId) -> AsyncIterator[object]: ...  # noqa: D102


class ServerIds(IdSource, Protocol):
    """Fresh identifiers of what the server registers."""

    def experiment_id(self) -> ExperimentId: ...  # noqa: D102  said by name and types
    def pipeline_id(self) -> PipelineId: ...  # noqa: D102
    def pipeline_version_id(self) -> PipelineVersionId: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class ServerParts:
    """Working parts, open for as long as the server runs."""

    runs: RunStore
    experiments: ExperimentStore
    pipelines: PipelineStore
    metadata: MetadataStore
    pages: PageStore
    engine: RunEngine
    logs: StreamsLogs
    environments: DescribesEnvironments
    clock: Clock
    ids: ServerIds
    specifications: Specifications
    python_code: PythonCodeOf
    launcher: str
    """Where tasks run, in one word."""
    state_name: str
    """Name of the state folder."""
    artifact_root: Path
    """Where runs write artifacts, and all that the server sends of the file system."""


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """How the server behaves."""

    hosts: frozenset[str] = frozenset({"localhost", "127.0.0.1", "::1"})
    """Names that a Host header may have, without the port. Empty: any."""
    secret: bytes
    """Signs page tokens and cookies. 32 random bytes that never leave the state folder."""
    token: str
    """What a caller who is not the server's own user has to show."""
    trust_own_user: bool = True
    """Whether a caller on this machine passes without a token if it is the server's own user."""
    owner: str = ""
    """Name of the server's own user, recorded with what it starts."""
    version: str = "0"
    max_body: int = 32 * 1024 * 1024
    """Bytes of a request's body, the envelope of an upload not counted."""
    patience: float = 30.0
    """Seconds in which the next part of a body has to come."""
    outbound: OutboundRules = field(default=OutboundRules())
    """Where packages may be fetched from that a caller names by URL."""
    known_uids: tuple[int, ...] = field(default=())
    """Users who pass like the server's own."""
