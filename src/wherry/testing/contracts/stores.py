"""One adapter of every port of the database: what is asked of one was written through the other."""

from __future__ import annotations

from typing import Protocol

from wherry.ports import ExperimentStore, MetadataStore, PipelineStore, RunStore


class Stores(RunStore, MetadataStore, ExperimentStore, PipelineStore, Protocol):
    """All four."""
