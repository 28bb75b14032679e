"""Pipelines, their versions, and experiments."""

from __future__ import annotations

from typing import Any, Final

from wherry.api.pages import pipelines as api
from wherry.errors import NotFoundError
from wherry.model.identity import PipelineId, PipelineVersionId
from wherry.model.listing import Direction, ListQuery
from wherry.server.call import Call
from wherry.server.presentation import catalogue_pages, run_pages
from wherry.server.route_table import Permission, Route
from wherry.server.routes.pages import queries

_SORT_KEYS: Final = ("created_at", "name")
_EXPERIMENT_SORT_KEYS: Final = ("created_at", "name", "last_run_created_at")
_VERSIONS: Final = 200
_RUNS: Final = 10


async def list_pipelines(call: Call, _body: Any) -> api.PipelineRows:
    """A page of pipelines."""
    asked = queries.page_query(
        call, "pipelines", filters=queries.name_filter(call, "display_name"), sort_keys=_SORT_KEYS
    )
    page = await call.parts.pages.find_pipeline_summaries(asked.query)
    return api.PipelineRows(
        pipelines=[catalogue_pages.pipeline_row(one) for one in page.items],
        total_size=page.total_size,
        next_page_token=asked.next_token(page),
    )


async def show_pipeline(call: Call, _body: Any) -> api.PipelinePage:
    """The page of a pipeline."""
    pipeline_id = PipelineId(call.path["pipeline_id"])
    summary = await call.parts.pages.pipeline_summary(pipeline_id)
    newest = ListQuery(sort_by="created_at", direction=Direction.DESCENDING, page_size=_VERSIONS)
    versions = await call.parts.pipelines.find_pipeline_versions(pipeline_id, newest)
    return api.PipelinePage(
        pipeline=catalogue_pages.pipeline_row(summary),
        versions=[catalogue_pages.version_row(one) for one in versions.items],
    )


async def show_version(call: Call, _body: Any) -> api.VersionPage:
    """The page of a pipeline version."""
    pipeline_id = PipelineId(call.path["pipeline_id"])
    version = await call.parts.pipelines.get_pipeline_version(PipelineVersionId(call.path["version_id"]))
    if version.pipeline_id != pipeline_id:
        raise NotFoundError(f"pipeline '{pipeline_id[:64]}' has no version '{version.id}'")
    summary = await call.parts.pages.pipeline_summary(pipeline_id)
    found = await call.parts.specifications.get(version.spec_digest)
    recent = ListQuery(sort_by="created_at", direction=Direction.DESCENDING, page_size=_RUNS)
    runs = await call.parts.pages.find_run_summaries(recent, pipeline_version_id=version.id)
    return api.VersionPage(
        pipeline=catalogue_pages.pipeline_row(summary),
        version=catalogue_pages.version_row(version),
        structure=found.structure,
        spec=found.on_the_wire(),
        yaml=await found.as_yaml(),
        recent_runs=[run_pages.row(one) for one in runs.items],
    )


async def list_experiments(call: Call, _body: Any) -> api.ExperimentRows:
    """A page of experiments."""
    filters = (*queries.archived_filter(call), *queries.name_filter(call, "display_name"))
    asked = queries.page_query(call, "experiments", filters=filters, sort_keys=_EXPERIMENT_SORT_KEYS)
    page = await call.parts.pages.find_experiment_summaries(asked.query)
    return api.ExperimentRows(
        experiments=[catalogue_pages.experiment_row(one) for one in page.items],
        total_size=page.total_size,
        next_page_token=asked.next_token(page),
    )


_ALL: Final = queries.BASE + "/pipelines"

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        operation="pages_list_pipelines",
        handler=list_pipelines,
        permission=Permission.READ,
        response=api.PipelineRows,
        query=(queries.NAME, queries.sorting(_SORT_KEYS), queries.SIZE, queries.TOKEN),
        summary="List pipelines.",
    ),
    Route(
        method="GET",
        path=_ALL + "/{pipeline_id}",
        operation="pages_show_pipeline",
        handler=show_pipeline,
        permission=Permission.READ,
        response=api.PipelinePage,
        summary="The page of a pipeline.",
    ),
    Route(
        method="GET",
        path=_ALL + "/{pipeline_id}/versions/{version_id}",
        operation="pages_show_pipeline_version",
        handler=show_version,
        permission=Permission.READ,
        response=api.VersionPage,
        summary="The page of a pipeline version: graph, signature, source, recent runs.",
    ),
    Route(
        method="GET",
        path=queries.BASE + "/experiments",
        operation="pages_list_experiments",
        handler=list_experiments,
        permission=Permission.READ,
        response=api.ExperimentRows,
        query=(
            queries.NAME,
            queries.ARCHIVED,
            queries.sorting(_EXPERIMENT_SORT_KEYS),
            queries.SIZE,
            queries.TOKEN,
        ),
        summary="List experiments.",
    ),
)
