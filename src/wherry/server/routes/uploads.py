"""Uploads of pipelines and versions. KFP: pipeline_upload_server."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from wherry.api import pipelines as api
from wherry.errors import InvalidArgumentError
from wherry.model.identity import PipelineId
from wherry.server import packages
from wherry.server.archives import unpack
from wherry.server.call import Call
from wherry.server.package_outline import Outline
from wherry.server.presentation import pipelines as present
from wherry.server.registering import Labels, labels_of_upload, new_pipeline, new_version
from wherry.server.route_table import Permission, Route
from wherry.server.uploads import FIELD, read_upload

_LABELS: Final = ("name", "display_name", "description", "tags", "code_source_url")


async def upload_pipeline(call: Call, _body: Any) -> api.Pipeline:
    """Register a pipeline, and a first version of the same name."""
    labels, outline = await _read(call, what="pipeline")
    pipeline = new_pipeline(call, labels)
    first = new_version(call, pipeline.id, labels, outline)
    return present.pipeline(await call.parts.pipelines.create_pipeline(pipeline, first))


async def upload_version(call: Call, _body: Any) -> api.PipelineVersion:
    """Register a version of the pipeline that ``pipelineid`` names."""
    pipeline_id = PipelineId(call.query.get("pipelineid", ""))
    if not pipeline_id:
        raise InvalidArgumentError("pipelineid is missing", hint="Say of which pipeline this is a version.")
    await call.parts.pipelines.get_pipeline(pipeline_id)
    labels, outline = await _read(call, what="version")
    made = await call.parts.pipelines.create_pipeline_version(new_version(call, pipeline_id, labels, outline))
    return present.version(made, packages.wire_spec(outline.encoded))


async def _read(call: Call, *, what: str) -> tuple[Labels, Outline]:
    upload = await read_upload(call.request, limit=call.settings.max_body)
    source = upload.filename[:256] or FIELD
    labels = labels_of_upload(call, upload.filename, what=what)
    content = await asyncio.to_thread(unpack, upload.content, source=source, limit=call.settings.max_body)
    return labels, await packages.parse(content, source=source)


ROUTES = (
    Route(
        method="POST",
        path="/apis/v2beta1/pipelines/upload",
        operation="UploadPipeline",
        handler=upload_pipeline,
        permission=Permission.WRITE,
        response=api.Pipeline,
        query=(*_LABELS, "namespace"),
        summary="Register a pipeline from a file.",
        upload=True,
    ),
    Route(
        method="POST",
        path="/apis/v2beta1/pipelines/upload_version",
        operation="UploadPipelineVersion",
        handler=upload_version,
        permission=Permission.WRITE,
        response=api.PipelineVersion,
        query=(*_LABELS, "pipelineid"),
        summary="Register a version of a pipeline from a file.",
        upload=True,
    ),
)
