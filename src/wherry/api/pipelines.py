"""Messages of KFP's pipeline.proto."""

from __future__ import annotations

import msgspec

from wherry.api.dialect import Message
from wherry.api.status import Status


class Url(Message, frozen=True, kw_only=True):
    """v2beta1Url."""

    pipeline_url: str = ""


class Pipeline(Message, frozen=True, kw_only=True):
    """v2beta1Pipeline."""

    pipeline_id: str = ""
    display_name: str = ""
    name: str = ""
    description: str = ""
    created_at: str | None = None
    namespace: str = ""
    error: Status | None = None
    tags: dict[str, str] | None = None


class PipelineVersion(Message, frozen=True, kw_only=True):
    """v2beta1PipelineVersion."""

    pipeline_id: str = ""
    pipeline_version_id: str = ""
    display_name: str = ""
    name: str = ""
    description: str = ""
    created_at: str | None = None
    package_url: Url | None = None
    code_source_url: str = ""
    pipeline_spec: msgspec.Raw | None = None
    """The PipelineSpec; ``{"pipeline_spec": …, "platform_spec": …}`` if it has platform settings."""
    error: Status | None = None
    tags: dict[str, str] | None = None


class CreatePipelineAndVersionRequest(Message, frozen=True, kw_only=True):
    """v2beta1CreatePipelineAndVersionRequest."""

    pipeline: Pipeline | None = None
    pipeline_version: PipelineVersion | None = None


class ListPipelinesResponse(Message, frozen=True, kw_only=True):
    """v2beta1ListPipelinesResponse."""

    pipelines: tuple[Pipeline, ...] = ()
    total_size: int = 0
    next_page_token: str = ""


class ListPipelineVersionsResponse(Message, frozen=True, kw_only=True):
    """v2beta1ListPipelineVersionsResponse."""

    pipeline_versions: tuple[PipelineVersion, ...] = ()
    next_page_token: str = ""
    total_size: int = 0
