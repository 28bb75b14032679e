"""The store in memory, with what the pages of the UI show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeVar

import msgspec

from wherry.errors import NotFoundError
from wherry.model import listing
from wherry.model.artifacts import Artifact, ArtifactLink, LinkKind, ModelVersion
from wherry.model.experiments import Experiment
from wherry.model.identity import ArtifactId, ExperimentId, PipelineId, PipelineVersionId, RunId, TaskId, TaskKey
from wherry.model.listing import ListQuery, Page
from wherry.model.outcomes import Failure, Kept, Reused, UpstreamUnavailable
from wherry.model.pages import (
    ArtifactUse,
    ArtifactView,
    ExperimentSummary,
    Findings,
    Lender,
    LineageView,
    ModelVersionView,
    ModelView,
    PipelineSummary,
    RunOutput,
    RunResult,
    RunSummary,
    RunView,
    TaskPlace,
    TaskSummary,
    TaskTally,
    TaskView,
)
from wherry.model.pipelines import Pipeline
from wherry.model.runs import Attempt, Run, RunEventKind, TaskKind, TaskRecord
from wherry.model.states import RuntimeState
from wherry.store.artifact_views import USES
from wherry.store.lineage_views import MODEL_HOPS, MODEL_LIMIT
from wherry.store.provenance import METRICS, Walk, Way, outputs_about, root_datasets
from wherry.store.run_views import METRICS_PER_RUN, WARNINGS
from wherry.testing.memory_store import MemoryRunStore
from wherry.testing.memory_tables import lower, page_of

T = TypeVar("T", Run, Pipeline, Experiment, Artifact)

_WORKS: Final = frozenset({TaskKind.RUNTIME, TaskKind.IMPORTER})


class MemoryPageStore(MemoryRunStore):
    """`wherry.ports.PageStore` for tests, and what `MemoryRunStore` is."""

    # -- runs ---------------------------------------------------------------------------------------------------------

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
        mine = (
            run
            for run in self._runs.values()
            if namespace in {None, run.namespace}
            and experiment_id in {None, run.experiment_id}
            and pipeline_id in {None, run.pipeline_id}
            and pipeline_version_id in {None, run.pipeline_version_id}
        )
        page = page_of(mine, query, listing.RUNS)
        return Page(items=tuple(self._summary(run) for run in page.items), next=page.next, total_size=page.total_size)

    async def run_view(self, run_id: RunId) -> RunView:
        """The newest generation of a run."""
        run = self._run(run_id)
        return RunView(
            summary=self._summary(run),
            tasks=tuple(self._task_summary(record) for record in await self.tasks(run_id)),
            outputs=tuple(self._outputs(run)),
            last_seq=self._last_seq.get(run_id, 0),
        )

    async def task_view(self, run_id: RunId, task_id: TaskId) -> TaskView:
        """A task with everything around it."""
        run, record = self._run(run_id), await self.get_task(task_id)
        if record.run_id != run_id:
            raise NotFoundError(f"run '{run_id}' has no task '{task_id}'")
        tried = record
        if isinstance(record.outcome, Kept):
            tried = self._tasks.get((run_id, record.outcome.generation, record.key), record)
        named = [
            one
            for ports in (record.inputs.artifacts, record.outputs.artifacts)
            for port in ports.values()
            for one in port.artifact_ids
        ]
        artifacts = await self.artifacts(named)
        attempts = list(self._attempts_of(tried))
        return TaskView(
            run=run,
            record=record,
            siblings={
                one.key: msgspec.structs.replace(self._task_summary(one), attempts=len(attempts) if one is tried else 0)
                for one in await self.tasks(run_id, record.generation)
                if one.key in _named_by(record)
            },
            attempts=tuple(sorted(attempts, key=lambda one: one.number)),
            attempts_of=tried.id,
            artifacts=artifacts,
            versions=self._versions_of(artifacts),
            origin=self._origin(tried),
            warnings=tuple(self._warnings(record)),
        )

    async def run_results(self, run_id: RunId, types: Sequence[str], *, limit: int) -> tuple[RunResult, ...]:
        """Artifacts of some types that a run put out, oldest first."""
        run = self._run(run_id)
        chosen = [one for one in self._outputs(run) if one.type in types][:limit]
        return tuple(
            RunResult(
                artifact=self._artifacts[one.artifact_id],
                port=one.port,
                task=msgspec.structs.replace(
                    self._task_summary(self._tasks[run_id, run.generation, one.task]), attempts=0
                ),
            )
            for one in chosen
        )

    # -- artifacts, lineage, models -----------------------------------------------------------------------------------

    async def artifact_view(self, artifact_id: ArtifactId) -> ArtifactView:
        """An artifact with everything around it."""
        artifact = self._artifact(artifact_id)
        uses = [use for use in self._uses() if use.artifact_id == artifact_id]
        made = [use for use in uses if use.made]
        return ArtifactView(
            artifact=artifact,
            versions=self._versions_of([artifact_id]).get(artifact_id, ()),
            uses=tuple(dict.fromkeys([*uses[:USES], *made])),
            truncated=len(uses) > USES,
        )

    async def lineage_view(
        self, focus: ArtifactId | RunId, *, of_run: bool, upstream: bool, downstream: bool, hops: int, limit: int
    ) -> LineageView:
        """Lineage of an artifact, or of everything that a run put out."""
        if of_run:
            start = [one.artifact_id for one in self._outputs(self._run(RunId(focus)))]
        else:
            start = [self._artifact(ArtifactId(focus)).id]
        walk = Walk(_MemoryUses(self), start, limit)
        for way in (*([Way.UP] if upstream else []), *([Way.DOWN] if downstream else [])):
            walk.go(way, hops=hops)
        found = await self.artifacts(walk.hops)
        return LineageView(
            focus=walk.focus,
            artifacts=found,
            hops=walk.hops,
            versions=self._versions_of(found),
            uses=tuple(walk.uses),
            truncated=walk.truncated,
        )

    async def model_views(self, namespace: str, *, limit: int) -> tuple[ModelView, ...]:
        """Models with their newest version alone."""
        names = (await self.model_names(namespace))[:limit]
        return tuple([await self.model_view(namespace, name, limit=1) for name in names])

    async def model_view(self, namespace: str, name: str, *, limit: int) -> ModelView:
        """A model with its newest versions."""
        versions = await self.model_versions(namespace, name)
        return ModelView(
            name=name,
            version_count=len(versions),
            aliases={alias: version.version for version in versions for alias in version.aliases},
            versions=tuple([await self._version_view(version) for version in versions[::-1][:limit]]),
        )

    # -- catalogue ----------------------------------------------------------------------------------------------------

    async def find_pipeline_summaries(self, query: ListQuery, *, namespace: str | None = None) -> Page[PipelineSummary]:
        """A filtered and sorted page of pipelines."""
        page = await self.find_pipelines(query, namespace=namespace)
        found = tuple([await self._pipeline_summary(one) for one in page.items])
        return Page(items=found, next=page.next, total_size=page.total_size)

    async def pipeline_summary(self, pipeline_id: PipelineId) -> PipelineSummary:
        """One pipeline."""
        return await self._pipeline_summary(self._pipeline(pipeline_id))

    async def find_experiment_summaries(
        self, query: ListQuery, *, namespace: str | None = None
    ) -> Page[ExperimentSummary]:
        """A filtered and sorted page of experiments."""
        page = await self.find_experiments(query, namespace=namespace)
        found = []
        for one in page.items:
            runs = [run for run in self._runs.values() if run.experiment_id == one.id]
            found.append(ExperimentSummary(experiment=one, run_count=len(runs), last_run=_newest(runs)))
        return Page(items=tuple(found), next=page.next, total_size=page.total_size)

    async def search(self, text: str, *, namespace: str, limit: int) -> Findings:
        """What has the text in its name."""

        def has(*names: str) -> bool:
            return any(lower(text) in lower(name) for name in names)

        names = [name for name in await self.model_names(namespace) if has(name)]
        runs = [run for run in self._runs.values() if run.namespace == namespace]
        artifacts = [one for one in self._artifacts.values() if one.namespace == namespace]
        pipelines = [one for one in self._pipelines.values() if one.namespace == namespace]
        experiments = [
            one for one in self._experiments.values() if one.namespace == namespace and has(one.display_name)
        ]
        return Findings(
            runs=_newest_of([run for run in runs if has(run.display_name) or run.id.startswith(text)], limit),
            pipelines=_newest_of([one for one in pipelines if has(one.display_name, one.name)], limit),
            models=tuple([(name, len(await self.model_versions(namespace, name))) for name in names[:limit]]),
            experiments=_newest_of([one for one in experiments if has(one.display_name)], limit),
            artifacts=_newest_of([one for one in artifacts if has(one.name) or one.id.startswith(text)], limit),
        )

    # -- joins --------------------------------------------------------------------------------------------------------

    def _summary(self, run: Run) -> RunSummary:
        pipeline = None if run.pipeline_id is None else self._pipelines.get(run.pipeline_id)
        version = None if run.pipeline_version_id is None else self._pipeline_versions.get(run.pipeline_version_id)
        experiment = None if run.experiment_id is None else self._experiments.get(run.experiment_id)
        metrics = {one.artifact_id: self._artifacts[one.artifact_id] for one in self._outputs(run, of_all=True)}
        return RunSummary(
            run=run,
            pipeline_name=pipeline.display_name if pipeline is not None else None,
            version_name=version.display_name if version is not None else None,
            experiment_name=experiment.display_name if experiment is not None else None,
            tally=self._tally(run),
            metrics=tuple([one for one in metrics.values() if one.type == METRICS][-METRICS_PER_RUN:]),
        )

    def _working(self, run: Run) -> Iterator[TaskRecord]:
        for record in self._tasks.values():
            if (record.run_id, record.generation) == (run.id, run.generation) and record.kind in _WORKS:
                yield record

    def _tally(self, run: Run) -> TaskTally:
        by_state: dict[RuntimeState, int] = {}
        reused = kept = 0
        for record in self._working(run):
            match record.outcome:
                case Reused():
                    reused += 1
                case Kept():
                    kept += 1
                case _:
                    by_state[record.state] = by_state.get(record.state, 0) + 1
        return TaskTally(by_state=by_state, reused=reused, kept=kept)

    def _task_summary(self, record: TaskRecord) -> TaskSummary:
        return TaskSummary(
            id=record.id,
            key=record.key,
            parent=record.parent,
            name=record.name,
            display_name=record.display_name,
            component=record.component,
            kind=record.kind,
            state=record.state,
            outcome=record.outcome,
            iteration_index=record.iteration_index,
            iteration_count=record.iteration_count,
            created_at=record.created_at,
            started_at=record.started_at,
            ended_at=record.ended_at,
            attempts=len(list(self._attempts_of(record))),
            lender=self._lender(record),
        )

    def _attempts_of(self, record: TaskRecord) -> Iterator[Attempt]:
        place = (record.run_id, record.generation, record.key)
        return (one for one in self._attempts.values() if (one.run_id, one.generation, one.task) == place)

    def _lender(self, record: TaskRecord) -> Lender | None:
        if not isinstance(record.outcome, Reused) or record.outcome.run_id not in self._runs:
            return None
        run = self._runs[record.outcome.run_id]
        task = self._tasks.get((run.id, run.generation, record.outcome.task))
        return Lender(run_name=run.display_name, task_id=task.id if task is not None else None)

    def _origin(self, record: TaskRecord) -> TaskPlace | None:
        if not isinstance(record.outcome, Reused):
            return None
        wanted = (record.outcome.run_id, record.outcome.task)
        ran = [
            one
            for one in self._tasks.values()
            if (one.run_id, one.key) == wanted and one.state is RuntimeState.SUCCEEDED
        ]
        return self._place(max(ran, key=lambda one: one.generation)) if ran else None

    def _place(self, record: TaskRecord) -> TaskPlace:
        run = self._runs[record.run_id]
        current = self._tasks.get((run.id, run.generation, record.key), record)
        return TaskPlace(
            id=record.id,
            current_id=current.id,
            generation=record.generation,
            key=record.key,
            display_name=record.display_name,
            kind=record.kind,
            state=record.state,
            reused=isinstance(record.outcome, Reused),
            ended_at=record.ended_at,
            run_id=run.id,
            run_name=run.display_name,
            pipeline=run.pipeline,
        )

    def _linked(self) -> Iterator[tuple[ArtifactLink, TaskRecord]]:
        """Links of working tasks, oldest first."""
        for key in sorted(self._links, key=lambda key: self._link_numbers[key]):
            link = self._links[key]
            record = self._tasks.get((link.run_id, link.generation, link.task))
            if record is not None and record.kind in _WORKS:
                yield link, record

    def _outputs(self, run: Run, *, of_all: bool = False) -> list[RunOutput]:
        """What a run put out; of tasks around others too if ``of_all``."""
        kept = [
            (record.key, port, id_)
            for record in self._working(run)
            if isinstance(record.outcome, Kept)
            for port, made in record.outputs.artifacts.items()
            for id_ in made.artifact_ids
            if id_ in self._artifacts
        ]
        links = self._links.values() if of_all else [link for link, _ in self._linked()]
        own = [
            (link.task, link.port, link.artifact_id)
            for link in links
            if (link.run_id, link.generation, link.kind) == (run.id, run.generation, LinkKind.OUTPUT)
        ]
        return [
            RunOutput(
                artifact_id=id_,
                name=self._artifacts[id_].name,
                type=self._artifacts[id_].type,
                task=task,
                port=port,
            )
            for task, port, id_ in (*(kept if run.generation > 1 else ()), *own)
        ]

    def _uses(self) -> list[ArtifactUse]:
        """Every use by a working task, newest first."""
        found = [
            ArtifactUse(artifact_id=link.artifact_id, kind=link.kind, port=link.port, task=self._place(record))
            for link, record in self._linked()
        ]
        return found[::-1]

    def _artifact(self, artifact_id: ArtifactId) -> Artifact:
        if artifact_id not in self._artifacts:
            raise NotFoundError(f"there is no artifact '{artifact_id}'")
        return self._artifacts[artifact_id]

    def _versions_of(self, ids: Iterable[ArtifactId]) -> dict[ArtifactId, tuple[ModelVersion, ...]]:
        wanted = set(ids)
        found: dict[ArtifactId, tuple[ModelVersion, ...]] = {}
        for key in sorted(self._versions):
            version = self._versions[key]
            if version.artifact_id in wanted:
                found[version.artifact_id] = (*found.get(version.artifact_id, ()), version)
        return found

    def _warnings(self, record: TaskRecord) -> list[str]:
        return [
            str(event.body.get("message", ""))
            for event in self._events.values()
            if (event.run_id, event.task, event.kind) == (record.run_id, record.key, RunEventKind.WARNING)
        ][:WARNINGS]

    async def _version_view(self, version: ModelVersion) -> ModelVersionView:
        artifact = self._artifacts[version.artifact_id]
        uses = _MemoryUses(self)
        walk = Walk(uses, [artifact.id], MODEL_LIMIT)
        walk.go(Way.UP, hops=MODEL_HOPS)
        found = await self.artifacts(walk.hops)
        about = [self._artifacts[id_] for id_ in outputs_about(uses, artifact, walk, found)]
        return ModelVersionView(
            version=version,
            artifact=artifact,
            producer=next((use.task for use in walk.uses if use.artifact_id == artifact.id and use.made), None),
            metrics=tuple(one for one in about if one.type == METRICS),
            datasets=root_datasets(walk.uses, found, walk.hops),
        )

    async def _pipeline_summary(self, pipeline: Pipeline) -> PipelineSummary:
        versions = [one for one in self._pipeline_versions.values() if one.pipeline_id == pipeline.id]
        return PipelineSummary(
            pipeline=pipeline,
            version_count=len(versions),
            latest=await self.latest_pipeline_version(pipeline.id) if versions else None,
            last_run=_newest(run for run in self._runs.values() if run.pipeline_id == pipeline.id),
        )


class _MemoryUses:
    """`wherry.store.provenance.Uses` of a store in memory."""

    def __init__(self, store: MemoryPageStore) -> None:
        self._all = store._uses()  # noqa: SLF001  a part of it

    def of_artifacts(self, ids: Iterable[ArtifactId], *, limit: int) -> Sequence[ArtifactUse]:
        """Of any of these artifacts."""
        wanted = set(ids)
        return [use for use in self._all if use.artifact_id in wanted][:limit]

    def by_tasks(self, ids: Iterable[TaskId], *, limit: int) -> Sequence[ArtifactUse]:
        """By any of these tasks."""
        wanted = set(ids)
        return [use for use in self._all if use.task.id in wanted][:limit]


def _newest_of(found: Sequence[T], limit: int) -> tuple[T, ...]:
    return tuple(sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)[:limit])


def _newest(runs: Iterable[Run]) -> Run | None:
    return max(runs, key=lambda run: (run.created_at, run.id), default=None)


def _named_by(record: TaskRecord) -> set[TaskKey]:
    """The task itself, those around it, and the one that its outcome names."""
    named: set[str] = set()
    key = record.key
    while key:
        named |= {key, key.rpartition("[")[0]}
        key = TaskKey(key.rpartition("/")[0])
    match record.outcome:
        case UpstreamUnavailable(task=task):
            named.add(task)
        case Failure(task=str() as failed):
            named.add(failed)
        case _:
            pass
    return {TaskKey(name) for name in named}
