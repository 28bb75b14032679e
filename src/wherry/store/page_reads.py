"""`wherry.ports.PageStore` on one SQLite file."""

from __future__ import annotations

from collections.abc import Sequence

from wherry.model.identity import ArtifactId, ExperimentId, PipelineId, PipelineVersionId, RunId, TaskId
from wherry.model.listing import ListQuery, Page
from wherry.model.pages import (
    ArtifactView,
    ExperimentSummary,
    Findings,
    LineageView,
    ModelView,
    PipelineSummary,
    RunResult,
    RunSummary,
    RunView,
    TaskView,
)
from wherry.store import artifact_views, catalogue_views, lineage_views, run_views
from wherry.store.catalogue import scope_of
from wherry.store.database import Database
from wherry.store.folder import StateFolder
from wherry.store.provenance import Way
from wherry.store.unit import Reading
from wherry.store.writer import Writer


class SqlitePages(Database):
    """What the pages of the UI show: each call reads one moment of the database, in a thread of its own."""

    def __init__(self, state: StateFolder, writer: Writer | None) -> None:
        super().__init__(state, writer)
        self._settled = run_views.Settled()

    async def find_run_summaries(
        self,
        query: ListQuery,
        *,
        namespace: str | None = None,
        experiment_id: ExperimentId | None = None,
        pipeline_id: PipelineId | None = None,
        pipeline_version_id: PipelineVersionId | None = None,
    ) -> Page[RunSummary]:
        """A filtered and sorted page of runs."""
        scope = scope_of(
            namespace=namespace,
            experiment_id=experiment_id,
            pipeline_id=pipeline_id,
            pipeline_version_id=pipeline_version_id,
        )
        return await self._read_long(lambda reading: run_views.find_page(reading, query, self._settled, scope=scope))

    async def run_view(self, run_id: RunId) -> RunView:
        """The newest generation of a run."""
        return await self._read_long(lambda reading: run_views.view(reading, run_id, self._settled))

    async def task_view(self, run_id: RunId, task_id: TaskId) -> TaskView:
        """A task with everything around it."""
        return await self._read_long(lambda reading: run_views.task_view(reading, run_id, task_id))

    async def run_results(self, run_id: RunId, types: Sequence[str], *, limit: int) -> tuple[RunResult, ...]:
        """Artifacts of some types that a run put out, oldest first."""
        return await self._read_long(lambda reading: run_views.results(reading, run_id, types, limit=limit))

    async def artifact_view(self, artifact_id: ArtifactId) -> ArtifactView:
        """An artifact with everything around it."""
        return await self._read_long(lambda reading: artifact_views.view(reading, artifact_id))

    async def lineage_view(
        self, focus: ArtifactId | RunId, *, of_run: bool, upstream: bool, downstream: bool, hops: int, limit: int
    ) -> LineageView:
        """Lineage of an artifact, or of everything that a run put out."""
        ways = [*([Way.UP] if upstream else []), *([Way.DOWN] if downstream else [])]

        def read(reading: Reading) -> LineageView:
            if of_run:
                return lineage_views.of_run(reading, RunId(focus), ways, hops=hops, limit=limit)
            return lineage_views.of_artifact(reading, ArtifactId(focus), ways, hops=hops, limit=limit)

        return await self._read_long(read)

    async def model_views(self, namespace: str, *, limit: int) -> tuple[ModelView, ...]:
        """Every model with its newest version."""
        return await self._read_long(lambda reading: lineage_views.model_views(reading, namespace, limit=limit))

    async def model_view(self, namespace: str, name: str, *, limit: int) -> ModelView:
        """A model with its newest versions."""
        return await self._read_long(lambda reading: lineage_views.model_view(reading, namespace, name, limit=limit))

    async def find_pipeline_summaries(self, query: ListQuery, *, namespace: str | None = None) -> Page[PipelineSummary]:
        """A filtered and sorted page of pipelines."""
        scope = scope_of(namespace=namespace)
        return await self._read_long(lambda reading: catalogue_views.find_pipelines(reading, query, scope=scope))

    async def pipeline_summary(self, pipeline_id: PipelineId) -> PipelineSummary:
        """One pipeline."""
        return await self._read_long(lambda reading: catalogue_views.pipeline(reading, pipeline_id))

    async def find_experiment_summaries(
        self, query: ListQuery, *, namespace: str | None = None
    ) -> Page[ExperimentSummary]:
        """A filtered and sorted page of experiments."""
        scope = scope_of(namespace=namespace)
        return await self._read_long(lambda reading: catalogue_views.find_experiments(reading, query, scope=scope))

    async def search(self, text: str, *, namespace: str, limit: int) -> Findings:
        """What has the text in its name."""
        return await self._read_long(
            lambda reading: catalogue_views.search(reading, text, namespace=namespace, limit=limit)
        )
