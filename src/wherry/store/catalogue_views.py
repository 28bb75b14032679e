"""Pipelines, experiments and the search, as the pages of the UI show them."""

from __future__ import annotations

from typing import Final

from wherry.model.identity import PipelineId, RunId
from wherry.model.listing import ListQuery, Page
from wherry.model.pages import ExperimentSummary, Findings, PipelineSummary
from wherry.model.pipelines import Pipeline
from wherry.model.runs import Run
from wherry.store import artifacts, experiments, pages, pipelines, runs
from wherry.store import compiled as sql
from wherry.store.statement import Statement
from wherry.store.unit import Parameters, Reading, ids_parameter

SEARCHED: Final = 50_000
"""Artifacts that a search looks at, the newest: there may be millions."""


def find_pipelines(reading: Reading, query: ListQuery, *, scope: pages.Scope) -> Page[PipelineSummary]:
    """A filtered and sorted page. Raises InvalidArgumentError."""
    page = pipelines.find_page(reading, query, scope=scope)
    return Page(items=_pipelines(reading, page.items), next=page.next, total_size=page.total_size)


def pipeline(reading: Reading, pipeline_id: PipelineId) -> PipelineSummary:
    """One pipeline. Raises NotFoundError."""
    (found,) = _pipelines(reading, (pipelines.get(reading, pipeline_id),))
    return found


def _pipelines(reading: Reading, records: tuple[Pipeline, ...]) -> tuple[PipelineSummary, ...]:
    counts: dict[str, int] = dict(
        reading.rows(sql.VIEWS_VERSION_COUNTS, {"ids": ids_parameter(one.id for one in records)})
    )
    return tuple(
        PipelineSummary(
            pipeline=one,
            version_count=counts.get(one.id, 0),
            latest=pipelines.latest_version(reading, one.id) if one.id in counts else None,
            last_run=_run(reading, sql.VIEWS_LAST_RUN_OF_PIPELINE, {"where_pipeline_id": one.id}),
        )
        for one in records
    )


def find_experiments(reading: Reading, query: ListQuery, *, scope: pages.Scope) -> Page[ExperimentSummary]:
    """A filtered and sorted page. Raises InvalidArgumentError."""
    page = experiments.find_page(reading, query, scope=scope)
    counts: dict[str, int] = dict(
        reading.rows(sql.VIEWS_RUN_COUNTS, {"ids": ids_parameter(one.id for one in page.items)})
    )
    found = tuple(
        ExperimentSummary(
            experiment=one,
            run_count=counts.get(one.id, 0),
            last_run=_run(reading, sql.VIEWS_LAST_RUN_OF_EXPERIMENT, {"where_experiment_id": one.id}),
        )
        for one in page.items
    )
    return Page(items=found, next=page.next, total_size=page.total_size)


def _run(reading: Reading, statement: Statement, parameters: Parameters) -> Run | None:
    found = reading.scalar(statement, parameters)
    return None if found is None else runs.get_exactly(reading, RunId(found))


def search(reading: Reading, text: str, *, namespace: str, limit: int) -> Findings:
    """What has the text in its name, and runs and artifacts whose id begins with it; the newest of each kind."""
    pattern = {"pattern": pages.containing(text), "limit": limit, "where_namespace": namespace}
    bounds = {**pattern, "prefix": text, "beyond": text + "\U0010ffff"}
    return Findings(
        runs=tuple(runs.get_exactly(reading, row[0]) for row in reading.rows(sql.VIEWS_FIND_RUNS, bounds)),
        pipelines=tuple(pipelines.get(reading, row[0]) for row in reading.rows(sql.VIEWS_FIND_PIPELINES, pattern)),
        models=tuple((row[0], row[1]) for row in reading.rows(sql.VIEWS_FIND_MODELS, pattern)),
        experiments=tuple(
            experiments.experiment_from_row(row) for row in reading.rows(sql.VIEWS_FIND_EXPERIMENTS, pattern)
        ),
        artifacts=tuple(
            artifacts.artifact_from_row(row)
            for row in reading.rows(sql.VIEWS_FIND_ARTIFACTS, {**bounds, "among": SEARCHED})
        ),
    )
