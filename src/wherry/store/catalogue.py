"""Experiments and registered pipelines on SQLite."""

from __future__ import annotations

from wherry.model.experiments import Experiment
from wherry.model.identity import ExperimentId, Micros, PipelineId, PipelineVersionId
from wherry.model.listing import ListQuery, Page
from wherry.model.pipelines import DeletePolicy, Pipeline, PipelineUpdate, PipelineVersion
from wherry.ports import NewPipelineVersion
from wherry.store import experiments, pages, pipelines
from wherry.store.database import Database


def scope_of(**columns: str | None) -> pages.Scope:
    """What a list is of: the columns that are named."""
    return {column: value for column, value in columns.items() if value is not None}


class SqliteCatalogue(Database):
    """`wherry.ports.ExperimentStore` and `wherry.ports.PipelineStore` on one SQLite file."""

    # -- experiments --------------------------------------------------------------------------------------------------

    async def create_experiment(self, experiment: Experiment) -> Experiment:
        """Record an experiment."""
        return await self._write(lambda unit: experiments.create(unit, experiment), durable=True)

    async def default_experiment(self, namespace: str, *, now: Micros) -> Experiment:
        """The experiment of runs that name none; made if it is not there."""
        return await self._write(lambda unit: experiments.ensure_default(unit, namespace, now=now), durable=True)

    async def get_experiment(self, experiment_id: ExperimentId) -> Experiment:
        """The experiment with an id."""
        return self._read(lambda reading: experiments.get(reading, experiment_id))

    async def find_experiments(self, query: ListQuery, *, namespace: str | None = None) -> Page[Experiment]:
        """A filtered and sorted page."""
        scope = scope_of(namespace=namespace)
        return await self._read_long(lambda reading: experiments.find_page(reading, query, scope=scope))

    async def archive_experiment(self, experiment_id: ExperimentId, *, by: str, now: Micros) -> None:
        """Archive it and every run in it."""
        await self._write(lambda unit: experiments.archive(unit, experiment_id, by=by, now=now), durable=True)

    async def unarchive_experiment(self, experiment_id: ExperimentId, *, by: str, now: Micros) -> None:
        """Put it back, without its runs."""
        await self._write(lambda unit: experiments.unarchive(unit, experiment_id, by=by, now=now), durable=True)

    async def delete_experiment(self, experiment_id: ExperimentId, *, by: str, now: Micros) -> None:
        """Forget it; its runs stay."""
        await self._write(lambda unit: experiments.delete(unit, experiment_id, by=by, now=now), durable=True)

    # -- pipelines ----------------------------------------------------------------------------------------------------

    async def create_pipeline(self, pipeline: Pipeline, first: NewPipelineVersion | None = None) -> Pipeline:
        """Register a pipeline, with its first version if one is given."""
        return await self._write(lambda unit: pipelines.create(unit, pipeline, first), durable=True)

    async def get_pipeline(self, pipeline_id: PipelineId) -> Pipeline:
        """The pipeline with an id."""
        return self._read(lambda reading: pipelines.get(reading, pipeline_id))

    async def get_pipeline_by_name(self, namespace: str, name: str) -> Pipeline:
        """The pipeline with a name."""
        return self._read(lambda reading: pipelines.get_by_name(reading, namespace, name))

    async def find_pipelines(self, query: ListQuery, *, namespace: str | None = None) -> Page[Pipeline]:
        """A filtered and sorted page."""
        scope = scope_of(namespace=namespace)
        return await self._read_long(lambda reading: pipelines.find_page(reading, query, scope=scope))

    async def update_pipeline(
        self, pipeline_id: PipelineId, update: PipelineUpdate, *, by: str, now: Micros
    ) -> Pipeline:
        """Change what may change."""
        return await self._write(lambda unit: pipelines.update(unit, pipeline_id, update, by=by, now=now), durable=True)

    async def delete_pipeline(self, pipeline_id: PipelineId, policy: DeletePolicy, *, by: str, now: Micros) -> None:
        """Forget a pipeline."""
        await self._write(lambda unit: pipelines.delete(unit, pipeline_id, policy, by=by, now=now), durable=True)

    # -- versions -----------------------------------------------------------------------------------------------------

    async def create_pipeline_version(self, new: NewPipelineVersion) -> PipelineVersion:
        """Register a version."""
        return await self._write(lambda unit: pipelines.create_version(unit, new), durable=True)

    async def get_pipeline_version(self, version_id: PipelineVersionId) -> PipelineVersion:
        """The version with an id."""
        return self._read(lambda reading: pipelines.get_version(reading, version_id))

    async def latest_pipeline_version(self, pipeline_id: PipelineId) -> PipelineVersion:
        """The version that was created last."""
        return self._read(lambda reading: pipelines.latest_version(reading, pipeline_id))

    async def find_pipeline_versions(self, pipeline_id: PipelineId, query: ListQuery) -> Page[PipelineVersion]:
        """A filtered and sorted page."""
        return await self._read_long(lambda reading: pipelines.find_version_page(reading, pipeline_id, query))

    async def update_pipeline_version(
        self, version_id: PipelineVersionId, update: PipelineUpdate, *, by: str, now: Micros
    ) -> PipelineVersion:
        """Change what may change."""
        return await self._write(
            lambda unit: pipelines.update_version(unit, version_id, update, by=by, now=now), durable=True
        )

    async def delete_pipeline_version(self, version_id: PipelineVersionId, *, by: str, now: Micros) -> None:
        """Forget a version."""
        await self._write(lambda unit: pipelines.delete_version(unit, version_id, by=by, now=now), durable=True)
