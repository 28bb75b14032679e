"""Pipelines and their versions, as they are registered."""

from __future__ import annotations

import enum

import msgspec

from wherry.model.identity import Micros, PipelineId, PipelineVersionId


class Pipeline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A name under which versions are registered (KFP: Pipeline)."""

    id: PipelineId
    namespace: str
    created_by: str
    name: str
    """Unique in its namespace; never changes."""
    display_name: str
    """For people; may change."""
    created_at: Micros
    description: str = ""
    tags: dict[str, str] = {}


class PipelineVersion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One immutable compiled spec of a pipeline (KFP: PipelineVersion). The spec lies elsewhere, by ``spec_digest``."""

    id: PipelineVersionId
    pipeline_id: PipelineId
    created_by: str
    name: str
    """Unique in its pipeline; never changes."""
    display_name: str
    """For people; may change."""
    created_at: Micros
    spec_digest: str
    description: str = ""
    code_source_url: str = ""
    """Where its source is kept: a label, never fetched."""
    package_url: str = ""
    """Where the package was fetched from, if the server fetched it."""
    tags: dict[str, str] = {}


class PipelineUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """What may change on a pipeline or a version. None leaves a value as it is; empty tags clear them."""

    display_name: str | None = None
    tags: dict[str, str] | None = None


class DeletePolicy(enum.Enum):
    """What becomes of the versions of a pipeline that is to be deleted."""

    REFUSE = "refuse"  # a pipeline that has versions stays
    CASCADE = "cascade"  # its versions go with it
