# ruff: noqa: ARG002  nobody asks a store in memory who did what and when
"""Experiments and registered pipelines in memory."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from wherry.errors import AlreadyExistsError, NotFoundError
from wherry.model import listing
from wherry.model.experiments import DEFAULT_NAME, Experiment, default_experiment, default_experiment_id
from wherry.model.identity import ExperimentId, Micros, PipelineId, PipelineVersionId, RunId
from wherry.model.listing import ListQuery, Page
from wherry.model.pipelines import DeletePolicy, Pipeline, PipelineUpdate, PipelineVersion
from wherry.model.runs import Run
from wherry.model.states import StorageState
from wherry.ports import NewPipelineVersion
from wherry.store import experiments as of_experiments
from wherry.store import pipelines as of_pipelines
from wherry.testing.memory_tables import MemoryTables, page_of

S = TypeVar("S", bound=msgspec.Struct)


class MemoryCatalogue(MemoryTables):
    """`wherry.ports.ExperimentStore` and `wherry.ports.PipelineStore` for tests."""

    def __init__(self) -> None:
        super().__init__()
        self._runs: dict[RunId, Run] = {}
        self._specs: dict[str, bytes] = {}
        self._experiments: dict[ExperimentId, Experiment] = {}
        self._pipelines: dict[PipelineId, Pipeline] = {}
        # In the order in which they were registered.
        self._pipeline_versions: dict[PipelineVersionId, PipelineVersion] = {}

    # -- experiments --------------------------------------------------------------------------------------------------

    async def create_experiment(self, experiment: Experiment) -> Experiment:
        """Record an experiment."""
        known = self._experiments
        named = {(each.namespace, each.display_name) for each in known.values()}
        if experiment.display_name == DEFAULT_NAME or (experiment.namespace, experiment.display_name) in named:
            # The name is the default experiment's, whether it has been made or not.
            raise of_experiments.name_taken(experiment)
        if experiment.id in known:
            raise AlreadyExistsError(f"an experiment with the id '{experiment.id}' exists")
        known[experiment.id] = experiment
        return experiment

    async def default_experiment(self, namespace: str, *, now: Micros) -> Experiment:
        """The experiment of runs that name none; made if it is not there."""
        return self._experiments.setdefault(default_experiment_id(namespace), default_experiment(namespace, now=now))

    async def get_experiment(self, experiment_id: ExperimentId) -> Experiment:
        """The experiment with an id."""
        if experiment_id not in self._experiments:
            raise NotFoundError(f"there is no experiment '{experiment_id}'")
        return self._experiments[experiment_id]

    async def find_experiments(self, query: ListQuery, *, namespace: str | None = None) -> Page[Experiment]:
        """A filtered and sorted page."""
        mine = (each for each in self._experiments.values() if namespace in {None, each.namespace})
        return page_of(mine, query, listing.EXPERIMENTS)

    async def archive_experiment(self, experiment_id: ExperimentId, *, by: str, now: Micros) -> None:
        """Archive it and every run in it."""
        experiment = await self.get_experiment(experiment_id)
        self._experiments[experiment_id] = _stored(experiment, StorageState.ARCHIVED)
        for run in self._runs.values():
            if run.experiment_id == experiment_id:
                self._runs[run.id] = _stored(run, StorageState.ARCHIVED)

    async def unarchive_experiment(self, experiment_id: ExperimentId, *, by: str, now: Micros) -> None:
        """Put it back, without its runs."""
        experiment = await self.get_experiment(experiment_id)
        self._experiments[experiment_id] = _stored(experiment, StorageState.AVAILABLE)

    async def delete_experiment(self, experiment_id: ExperimentId, *, by: str, now: Micros) -> None:
        """Forget it; its runs stay."""
        experiment = await self.get_experiment(experiment_id)
        if experiment_id == default_experiment_id(experiment.namespace):
            raise of_experiments.default_stays(experiment)
        del self._experiments[experiment_id]

    async def _take_run(self, run: Run) -> Run:
        if run.experiment_id is None:
            experiment = await self.default_experiment(run.namespace, now=run.created_at)
        else:
            experiment = await self.get_experiment(run.experiment_id)
        if experiment.namespace != run.namespace:
            raise of_experiments.other_namespace(experiment, run)
        newest = max(experiment.last_run_created_at or 0, run.created_at)
        self._experiments[experiment.id] = msgspec.structs.replace(experiment, last_run_created_at=newest)
        return msgspec.structs.replace(run, experiment_id=experiment.id)

    # -- pipelines ----------------------------------------------------------------------------------------------------

    async def create_pipeline(self, pipeline: Pipeline, first: NewPipelineVersion | None = None) -> Pipeline:
        """Register a pipeline, with its first version if one is given."""
        if (pipeline.namespace, pipeline.name) in {(each.namespace, each.name) for each in self._pipelines.values()}:
            raise of_pipelines.name_taken(pipeline)
        if pipeline.id in self._pipelines:
            raise AlreadyExistsError(f"a pipeline with the id '{pipeline.id}' exists")
        with self._all_or_nothing():
            self._put(self._pipelines, pipeline.id, pipeline)
            if first is not None:
                self._add_version(first)
        return pipeline

    async def get_pipeline(self, pipeline_id: PipelineId) -> Pipeline:
        """The pipeline with an id."""
        return self._pipeline(pipeline_id)

    async def get_pipeline_by_name(self, namespace: str, name: str) -> Pipeline:
        """The pipeline with a name."""
        for pipeline in self._pipelines.values():
            if (pipeline.namespace, pipeline.name) == (namespace, name):
                return pipeline
        raise NotFoundError(f"there is no pipeline with the name '{name}'")

    async def find_pipelines(self, query: ListQuery, *, namespace: str | None = None) -> Page[Pipeline]:
        """A filtered and sorted page."""
        mine = (each for each in self._pipelines.values() if namespace in {None, each.namespace})
        return page_of(mine, query, listing.PIPELINES)

    async def update_pipeline(
        self,
        pipeline_id: PipelineId,
        update: PipelineUpdate,
        *,
        by: str,
        now: Micros,
    ) -> Pipeline:
        """Change what may change."""
        self._pipelines[pipeline_id] = _updated(self._pipeline(pipeline_id), update)
        return self._pipelines[pipeline_id]

    async def delete_pipeline(
        self,
        pipeline_id: PipelineId,
        policy: DeletePolicy,
        *,
        by: str,
        now: Micros,
    ) -> None:
        """Forget a pipeline."""
        pipeline = self._pipeline(pipeline_id)
        versions = [each for each in self._pipeline_versions.values() if each.pipeline_id == pipeline_id]
        if versions and policy is DeletePolicy.REFUSE:
            raise of_pipelines.has_versions(pipeline, len(versions))
        for version in versions:
            del self._pipeline_versions[version.id]
            self._drop_spec(version.spec_digest)
        del self._pipelines[pipeline_id]

    # -- versions -----------------------------------------------------------------------------------------------------

    async def create_pipeline_version(self, new: NewPipelineVersion) -> PipelineVersion:
        """Register a version."""
        with self._all_or_nothing():
            return self._add_version(new)

    async def get_pipeline_version(self, version_id: PipelineVersionId) -> PipelineVersion:
        """The version with an id."""
        if version_id not in self._pipeline_versions:
            raise NotFoundError(f"there is no pipeline version '{version_id}'")
        return self._pipeline_versions[version_id]

    async def latest_pipeline_version(self, pipeline_id: PipelineId) -> PipelineVersion:
        """The version that was created last."""
        pipeline = self._pipeline(pipeline_id)
        mine = [each for each in self._pipeline_versions.values() if each.pipeline_id == pipeline_id]
        if not mine:
            raise of_pipelines.without_versions(pipeline)
        return max(reversed(mine), key=lambda version: version.created_at)

    async def find_pipeline_versions(self, pipeline_id: PipelineId, query: ListQuery) -> Page[PipelineVersion]:
        """A filtered and sorted page."""
        self._pipeline(pipeline_id)
        mine = (each for each in self._pipeline_versions.values() if each.pipeline_id == pipeline_id)
        return page_of(mine, query, listing.PIPELINE_VERSIONS)

    async def update_pipeline_version(
        self,
        version_id: PipelineVersionId,
        update: PipelineUpdate,
        *,
        by: str,
        now: Micros,
    ) -> PipelineVersion:
        """Change what may change."""
        version = await self.get_pipeline_version(version_id)
        self._pipeline_versions[version_id] = _updated(version, update)
        return self._pipeline_versions[version_id]

    async def delete_pipeline_version(self, version_id: PipelineVersionId, *, by: str, now: Micros) -> None:
        """Forget a version."""
        version = await self.get_pipeline_version(version_id)
        del self._pipeline_versions[version_id]
        self._drop_spec(version.spec_digest)

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _pipeline(self, pipeline_id: PipelineId) -> Pipeline:
        if pipeline_id not in self._pipelines:
            raise NotFoundError(f"there is no pipeline '{pipeline_id}'")
        return self._pipelines[pipeline_id]

    def _add_version(self, new: NewPipelineVersion) -> PipelineVersion:
        version = new.version
        pipeline = self._pipeline(version.pipeline_id)
        known = self._pipeline_versions
        if (pipeline.id, version.name) in {(each.pipeline_id, each.name) for each in known.values()}:
            raise of_pipelines.version_name_taken(pipeline, version)
        if version.id in known:
            raise AlreadyExistsError(f"a pipeline version with the id '{version.id}' exists")
        if version.spec_digest not in self._specs:
            self._put(self._specs, version.spec_digest, new.spec)
        self._put(known, version.id, version)
        return version

    def _drop_spec(self, digest: str) -> None:
        """Forget a spec that nothing names any more."""
        held = {run.spec_digest for run in self._runs.values()}
        held |= {version.spec_digest for version in self._pipeline_versions.values()}
        if digest not in held:
            self._specs.pop(digest, None)


def _stored(record: S, state: StorageState) -> S:
    return msgspec.structs.replace(record, storage_state=state)


def _updated(record: S, update: PipelineUpdate) -> S:
    changes = {key: value for key, value in msgspec.structs.asdict(update).items() if value is not None}
    return msgspec.structs.replace(record, **changes)
