"""Pipelines (KFP: PipelineService, the half about pipelines)."""

from __future__ import annotations

from typing import Any, Final

from wherry.api import pipelines as api
from wherry.api.status import Empty
from wherry.errors import InvalidArgumentError
from wherry.model.identity import PipelineId
from wherry.model.pipelines import DeletePolicy, PipelineUpdate
from wherry.server.call import Call
from wherry.server.presentation import pipelines as present
from wherry.server.registering import (
    Labels,
    checked_labels,
    new_pipeline,
    new_version,
    read_spec,
    update_of,
    version_labels,
)
from wherry.server.route_table import Permission, Route

_LIST: Final = ("namespace", "page_token", "page_size", "sort_by", "filter")


async def create_pipeline(call: Call, body: api.Pipeline) -> api.Pipeline:
    """KFP: CreatePipeline. Without a version."""
    return present.pipeline(await call.parts.pipelines.create_pipeline(new_pipeline(call, _labels(body))))


async def create_pipeline_and_version(call: Call, body: api.CreatePipelineAndVersionRequest) -> api.Pipeline:
    """KFP: CreatePipelineAndVersion."""
    if body.pipeline is None or body.pipeline_version is None:
        raise InvalidArgumentError("pipeline and pipeline_version are both needed")
    pipeline = new_pipeline(call, _labels(body.pipeline))
    labels = version_labels(body.pipeline_version, default=pipeline.name)
    first = new_version(call, pipeline.id, labels, await read_spec(call, body.pipeline_version))
    return present.pipeline(await call.parts.pipelines.create_pipeline(pipeline, first))


async def list_pipelines(call: Call, _body: Any) -> api.ListPipelinesResponse:
    """KFP: ListPipelines."""
    listing = call.listing("pipelines")
    page = await call.parts.pipelines.find_pipelines(listing.query)
    return api.ListPipelinesResponse(
        pipelines=tuple(present.pipeline(one) for one in page.items),
        total_size=page.total_size,
        next_page_token=listing.next_token(page),
    )


async def get_pipeline(call: Call, _body: Any) -> api.Pipeline:
    """KFP: GetPipeline."""
    return present.pipeline(await call.parts.pipelines.get_pipeline(_id(call)))


async def get_pipeline_by_name(call: Call, _body: Any) -> api.Pipeline:
    """KFP: GetPipelineByName."""
    return present.pipeline(await call.parts.pipelines.get_pipeline_by_name("", call.path["name"]))


async def update_pipeline(call: Call, body: api.Pipeline) -> api.Pipeline:
    """KFP: UpdatePipeline. Display name and tags."""
    update: PipelineUpdate = update_of(body.display_name, body.tags)
    changed = await call.parts.pipelines.update_pipeline(_id(call), update, by=call.caller, now=call.parts.clock.now())
    return present.pipeline(changed)


async def delete_pipeline(call: Call, _body: Any) -> Empty:
    """KFP: DeletePipeline. With ``cascade=true`` its versions go with it."""
    policy = DeletePolicy.CASCADE if call.flag("cascade") else DeletePolicy.REFUSE
    await call.parts.pipelines.delete_pipeline(_id(call), policy, by=call.caller, now=call.parts.clock.now())
    return Empty()


def _id(call: Call) -> PipelineId:
    return PipelineId(call.path["pipeline_id"])


def _labels(body: api.Pipeline) -> Labels:
    labels = Labels(name=body.name, display_name=body.display_name, description=body.description, tags=body.tags or {})
    return checked_labels(labels, what="pipeline")


_ALL: Final = "/apis/v2beta1/pipelines"
_ONE: Final = _ALL + "/{pipeline_id}"

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        operation="PipelineService_ListPipelines",
        handler=list_pipelines,
        permission=Permission.READ,
        response=api.ListPipelinesResponse,
        query=_LIST,
        summary="List pipelines.",
    ),
    Route(
        method="POST",
        path=_ALL,
        operation="PipelineService_CreatePipeline",
        handler=create_pipeline,
        permission=Permission.WRITE,
        request=api.Pipeline,
        response=api.Pipeline,
        summary="Register a pipeline without a version.",
    ),
    Route(
        method="POST",
        path=_ALL + "/create",
        operation="PipelineService_CreatePipelineAndVersion",
        handler=create_pipeline_and_version,
        permission=Permission.WRITE,
        request=api.CreatePipelineAndVersionRequest,
        response=api.Pipeline,
        summary="Register a pipeline and its first version.",
    ),
    Route(
        method="GET",
        path=_ALL + "/names/{name}",
        slashes=True,
        operation="PipelineService_GetPipelineByName",
        handler=get_pipeline_by_name,
        permission=Permission.READ,
        response=api.Pipeline,
        query=("namespace",),
        summary="The pipeline of a name.",
    ),
    Route(
        method="GET",
        path=_ONE,
        operation="PipelineService_GetPipeline",
        handler=get_pipeline,
        permission=Permission.READ,
        response=api.Pipeline,
        summary="One pipeline.",
    ),
    Route(
        method="PATCH",
        path=_ONE,
        operation="PipelineService_UpdatePipeline",
        handler=update_pipeline,
        permission=Permission.WRITE,
        request=api.Pipeline,
        response=api.Pipeline,
        summary="Change a pipeline's display name or tags.",
    ),
    Route(
        method="DELETE",
        path=_ONE,
        operation="PipelineService_DeletePipeline",
        handler=delete_pipeline,
        permission=Permission.WRITE,
        response=Empty,
        query=("cascade",),
        summary="Delete a pipeline; its runs stay.",
    ),
)
