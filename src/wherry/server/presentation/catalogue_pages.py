"""Pipelines, experiments and what a search found, as pages show them."""

from __future__ import annotations

from wherry.api.pages import pipelines as api
from wherry.api.pages import site as site_api
from wherry.model.experiments import default_experiment_id
from wherry.model.pages import ExperimentSummary, Findings, PipelineSummary
from wherry.model.pipelines import PipelineVersion
from wherry.model.runs import Run
from wherry.model.states import StorageState


def pipeline_row(summary: PipelineSummary) -> api.PipelineRow:
    """A pipeline in the list."""
    pipeline = summary.pipeline
    return api.PipelineRow(
        id=pipeline.id,
        name=pipeline.name,
        display_name=pipeline.display_name,
        description=pipeline.description,
        created_at=pipeline.created_at,
        created_by=pipeline.created_by,
        tags=pipeline.tags,
        version_count=summary.version_count,
        latest_version=None if summary.latest is None else version_row(summary.latest),
        last_run=_last_run(summary.last_run),
    )


def version_row(version: PipelineVersion) -> api.VersionRow:
    """A version of a pipeline."""
    return api.VersionRow(
        id=version.id,
        name=version.name,
        display_name=version.display_name,
        description=version.description,
        created_at=version.created_at,
        created_by=version.created_by,
        code_source_url=version.code_source_url,
        spec_digest=version.spec_digest,
        tags=version.tags,
    )


def experiment_row(summary: ExperimentSummary) -> api.ExperimentRow:
    """An experiment."""
    experiment = summary.experiment
    return api.ExperimentRow(
        id=experiment.id,
        name=experiment.display_name,
        description=experiment.description,
        created_at=experiment.created_at,
        archived=experiment.storage_state is StorageState.ARCHIVED,
        is_default=experiment.id == default_experiment_id(experiment.namespace),
        run_count=summary.run_count,
        last_run=_last_run(summary.last_run),
    )


def _last_run(run: Run | None) -> api.LastRun | None:
    if run is None:
        return None
    return api.LastRun(id=run.id, name=run.display_name, state=run.state, created_at=run.created_at)


def findings(query: str, found: Findings) -> site_api.SearchResults:
    """What a search found."""
    return site_api.SearchResults(
        query=query,
        results=[
            *(
                site_api.FoundRun(
                    id=run.id, name=run.display_name, pipeline=run.pipeline, state=run.state, created_at=run.created_at
                )
                for run in found.runs
            ),
            *(
                site_api.FoundPipeline(id=one.id, name=one.display_name, created_at=one.created_at)
                for one in found.pipelines
            ),
            *(site_api.FoundModel(name=name, version_count=count) for name, count in found.models),
            *(site_api.FoundExperiment(id=one.id, name=one.display_name) for one in found.experiments),
            *(
                site_api.FoundArtifact(id=one.id, name=one.name, type=one.type, created_at=one.created_at)
                for one in found.artifacts
            ),
        ],
    )
