"""Pipelines and their versions."""

from __future__ import annotations

import msgspec

from wherry.api import pipelines as api
from wherry.model.pipelines import Pipeline, PipelineVersion
from wherry.server.presentation.moments import moment


def pipeline(record: Pipeline) -> api.Pipeline:
    """The message for a record."""
    return api.Pipeline(
        pipeline_id=record.id,
        display_name=record.display_name,
        name=record.name,
        description=record.description,
        created_at=moment(record.created_at),
        namespace=record.namespace,
        tags=record.tags or None,
    )


def version(record: PipelineVersion, spec: msgspec.Raw | None = None) -> api.PipelineVersion:
    """The message for a record, with its specification if that was read."""
    return api.PipelineVersion(
        pipeline_id=record.pipeline_id,
        pipeline_version_id=record.id,
        display_name=record.display_name,
        name=record.name,
        description=record.description,
        created_at=moment(record.created_at),
        package_url=api.Url(pipeline_url=record.package_url) if record.package_url else None,
        code_source_url=record.code_source_url,
        pipeline_spec=spec,
        tags=record.tags or None,
    )
