"""Pipeline versions (KFP: PipelineService, the half about versions).

The pipeline in the path of one version is not looked at, as in KFP: a version's id is enough.
"""

from __future__ import annotations

from typing import Any, Final

from wherry.api import pipelines as api
from wherry.api.status import Empty
from wherry.model.identity import PipelineId, PipelineVersionId
from wherry.model.pipelines import PipelineVersion
from wherry.server import packages
from wherry.server.call import Call
from wherry.server.presentation import pipelines as present
from wherry.server.registering import new_version, read_spec, update_of, version_labels
from wherry.server.route_table import Permission, Route


async def create_pipeline_version(call: Call, body: api.PipelineVersion) -> api.PipelineVersion:
    """KFP: CreatePipelineVersion."""
    pipeline = await call.parts.pipelines.get_pipeline(PipelineId(call.path["pipeline_id"]))
    outline = await read_spec(call, body)
    new = new_version(call, pipeline.id, version_labels(body, default=""), outline)
    made = await call.parts.pipelines.create_pipeline_version(new)
    return present.version(made, packages.wire_spec(outline.encoded))


async def list_pipeline_versions(call: Call, _body: Any) -> api.ListPipelineVersionsResponse:
    """KFP: ListPipelineVersions. Without specifications, which GetPipelineVersion has."""
    pipeline_id = PipelineId(call.path["pipeline_id"])
    listing = call.listing(f"pipelines/{pipeline_id}/versions")
    page = await call.parts.pipelines.find_pipeline_versions(pipeline_id, listing.query)
    return api.ListPipelineVersionsResponse(
        pipeline_versions=tuple(present.version(one) for one in page.items),
        total_size=page.total_size,
        next_page_token=listing.next_token(page),
    )


async def get_pipeline_version(call: Call, _body: Any) -> api.PipelineVersion:
    """KFP: GetPipelineVersion."""
    return await _presented(call, await call.parts.pipelines.get_pipeline_version(_id(call)))


async def update_pipeline_version(call: Call, body: api.PipelineVersion) -> api.PipelineVersion:
    """KFP: UpdatePipelineVersion. Display name and tags."""
    changed = await call.parts.pipelines.update_pipeline_version(
        _id(call), update_of(body.display_name, body.tags), by=call.caller, now=call.parts.clock.now()
    )
    return await _presented(call, changed)


async def delete_pipeline_version(call: Call, _body: Any) -> Empty:
    """KFP: DeletePipelineVersion. Its runs stay."""
    await call.parts.pipelines.delete_pipeline_version(_id(call), by=call.caller, now=call.parts.clock.now())
    return Empty()


async def _presented(call: Call, version: PipelineVersion) -> api.PipelineVersion:
    return present.version(version, packages.wire_spec(await call.parts.runs.spec(version.spec_digest)))


def _id(call: Call) -> PipelineVersionId:
    return PipelineVersionId(call.path["pipeline_version_id"])


_ALL: Final = "/apis/v2beta1/pipelines/{pipeline_id}/versions"
_ONE: Final = _ALL + "/{pipeline_version_id}"

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        operation="PipelineService_ListPipelineVersions",
        handler=list_pipeline_versions,
        permission=Permission.READ,
        response=api.ListPipelineVersionsResponse,
        query=("page_token", "page_size", "sort_by", "filter"),
        summary="List the versions of a pipeline.",
    ),
    Route(
        method="POST",
        path=_ALL,
        operation="PipelineService_CreatePipelineVersion",
        handler=create_pipeline_version,
        permission=Permission.WRITE,
        request=api.PipelineVersion,
        response=api.PipelineVersion,
        summary="Register a version of a pipeline.",
    ),
    Route(
        method="GET",
        path=_ONE,
        operation="PipelineService_GetPipelineVersion",
        handler=get_pipeline_version,
        permission=Permission.READ,
        response=api.PipelineVersion,
        summary="One version with its specification.",
    ),
    Route(
        method="PATCH",
        path=_ONE,
        operation="PipelineService_UpdatePipelineVersion",
        handler=update_pipeline_version,
        permission=Permission.WRITE,
        request=api.PipelineVersion,
        response=api.PipelineVersion,
        summary="Change a version's display name or tags.",
    ),
    Route(
        method="DELETE",
        path=_ONE,
        operation="PipelineService_DeletePipelineVersion",
        handler=delete_pipeline_version,
        permission=Permission.WRITE,
        response=Empty,
        summary="Delete a version; its runs stay.",
    ),
)
