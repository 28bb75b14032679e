"""SQLite and the store in memory answer alike, whatever they are told and in whatever order."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from wherry.errors import WherryError
from wherry.model.artifacts import LinkKind, Registration
from wherry.model.experiments import default_experiment_id
from wherry.model.identity import ArtifactId, ExperimentId, Micros, RunId
from wherry.model.listing import Direction, ListQuery, Moment, Operation, Predicate
from wherry.model.outcomes import Kept, Succeeded
from wherry.model.pipelines import DeletePolicy, PipelineUpdate
from wherry.model.runs import RunChanges, RunRequestKind, RunUpdate
from wherry.model.states import AttemptState, RuntimeState
from wherry.ports import Owner
from wherry.store import StoreMode, open_store
from wherry.testing.contracts.page_store import PageStores
from wherry.testing.memory_pages import MemoryPageStore
from wherry.testing.records import (
    NAMESPACE,
    SOON,
    artifact,
    attempt,
    end,
    entry,
    event,
    experiment,
    link,
    new_run,
    pipeline,
    pipeline_version,
    task,
    task_update,
)

RUNS = [RunId(f"run-{number}") for number in range(2)]
TASKS = ["load", "train"]
ARTIFACTS = [ArtifactId(f"data-{number}") for number in range(3)]

runs, tasks, artifacts = st.sampled_from(RUNS), st.sampled_from(TASKS), st.sampled_from(ARTIFACTS)
owners, generations = st.integers(0, 2), st.sampled_from([1, 1, 1, 2])
kinds = st.sampled_from(list(LinkKind))
states = st.sampled_from([RuntimeState.RUNNING, RuntimeState.SUCCEEDED, RuntimeState.FAILED])

parts = st.one_of(
    st.tuples(st.just("move"), states),
    st.tuples(st.just("start"), tasks, st.integers(1, 2)),
    st.tuples(st.just("end"), tasks, st.integers(1, 2), st.sampled_from([AttemptState.SUCCEEDED, AttemptState.FAILED])),
    st.tuples(st.just("update"), tasks),
    st.tuples(st.just("artifact"), artifacts),
    st.tuples(st.just("link"), tasks, kinds, artifacts),
    st.tuples(st.just("register"), st.sampled_from(["churn", "best"]), artifacts),
    st.tuples(st.just("cache"), tasks),
    st.tuples(st.just("event"), st.sampled_from([0, 0, 0, 1])),
)
experiments, pipelines = st.sampled_from(["churn", "other", "Default"]), st.sampled_from(["churn", "other"])
names = st.sampled_from(["v1", "v2"])
tags = st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["1", "2"]), max_size=2)
keys = st.sampled_from(
    [
        "id",
        "name",
        "display_name",
        "created_at",
        "state",
        "storage_state",
        "namespace",
        "experiment_id",
        "finished_at",
        "tags.a",
        "type",
        "x",
    ]
)
values = st.one_of(
    st.sampled_from(["run-1", "churn", "n", "FAILED", "ARCHIVED", "1", "%", ""]),
    st.sampled_from([0, SOON // 1_000_000, Moment(SOON)]),
    st.sampled_from([("run-0", "churn"), (0,), ()]),
)
predicates = st.builds(Predicate, key=keys, operation=st.sampled_from(list(Operation)), value=values)
queries = st.builds(
    ListQuery,
    filters=st.lists(predicates, max_size=2).map(tuple),
    sort_by=st.one_of(st.just(""), keys),
    direction=st.sampled_from(list(Direction)),
    page_size=st.integers(1, 3),
)
listed = st.sampled_from(["runs", "experiments", "pipelines", "versions", "tasks", "artifacts", "links"])

steps = st.one_of(
    st.tuples(st.just("create in"), runs, experiments),
    st.tuples(st.just("experiment"), experiments),
    st.tuples(st.just("experiment does"), st.sampled_from(["archive", "unarchive", "delete"]), experiments),
    st.tuples(st.just("run does"), st.sampled_from(["archive", "unarchive", "delete"]), runs),
    st.tuples(st.just("pipeline"), pipelines, tags, st.booleans()),
    st.tuples(st.just("version"), pipelines, names, st.integers(0, 2), tags),
    st.tuples(st.just("update"), pipelines, st.builds(PipelineUpdate, tags=st.one_of(st.none(), tags))),
    st.tuples(st.just("forget"), pipelines, st.sampled_from(list(DeletePolicy))),
    st.tuples(st.just("forget version"), pipelines, names),
    st.tuples(st.just("list"), listed, queries),
    st.tuples(st.just("create"), runs, st.sampled_from([None, "k"])),
    st.tuples(st.just("claim"), owners, st.integers(1, 2)),
    st.tuples(st.just("renew"), owners),
    st.tuples(st.just("turn"), runs, owners, generations, st.lists(parts, max_size=6)),
    st.tuples(st.just("request"), runs),
    st.tuples(st.just("crash"), runs),
    st.tuples(st.just("retry"), runs, generations),
)


class Teller:
    """Tells one store a story."""

    def __init__(self, store: PageStores) -> None:
        self.store = store
        self.owners: list[Owner] = []

    async def tell(self, story: list[Any]) -> list[Any]:
        self.owners = [await self.store.open_owner(f"engine {number}") for number in range(3)]
        # Most stories are about runs that somebody holds.
        beginning = [("create", RUNS[0], None), ("claim", 0, 2)]
        answers = [await outcome(self.step(step)) for step in (*beginning, *story)]
        return [*answers, await self.everything()]

    async def step(self, step: tuple[Any, ...]) -> Any:
        match step:
            case "create", run_id, key:
                return await self.store.create_run(new_run(run_id, key=key))
            case "claim", owner, limit:
                return await self.store.claim_runs(self.owners[owner], limit=limit)
            case "renew", owner:
                return await self.store.renew(self.owners[owner], RUNS)
            case "turn", run_id, owner, generation, chosen:
                return await self.store.commit([await self.turn(run_id, self.owners[owner].token, generation, chosen)])
            case "request", run_id:
                return await self.store.request(run_id, RunRequestKind.CANCEL, by="ann", now=SOON)
            case "crash", run_id:
                return await self.store.count_crash(run_id, error="x", now=SOON)
            case "retry", run_id, seen:
                run = new_run(run_id).run
                kept = task(run, "load", state=RuntimeState.SUCCEEDED, outcome=Kept(generation=seen))
                moved = _of_generation(kept, seen + 1)
                return await self.store.open_generation(run_id, seen=seen, kept=[moved], by="bob", now=SOON)
        return await self.catalogue_step(step)

    async def catalogue_step(self, step: tuple[Any, ...]) -> Any:
        by: Any = {"by": "ann", "now": SOON}
        match step:
            case "create in", run_id, name:
                return await self.store.create_run(new_run(run_id, experiment_id=experiment(name).id))
            case "experiment", name:
                return await self.store.create_experiment(experiment(name))
            case "experiment does", what, name:
                return await getattr(self.store, f"{what}_experiment")(_experiment_id(name), **by)
            case "run does", what, run_id:
                return await getattr(self.store, f"{what}_run")(run_id, **by)
            case "pipeline", name, tags, with_version:
                first = pipeline_version(of=name) if with_version else None
                return await self.store.create_pipeline(pipeline(name, tags=tags), first)
            case "version", of, name, at, tags:
                made = pipeline_version(name, of=of, at=at, tags=tags, spec=name.encode())
                return await self.store.create_pipeline_version(made)
            case "update", name, update:
                return await self.store.update_pipeline(pipeline(name).id, update, **by)
            case "forget", name, policy:
                return await self.store.delete_pipeline(pipeline(name).id, policy, **by)
            case "forget version", of, name:
                return await self.store.delete_pipeline_version(pipeline_version(name, of=of).version.id, **by)
            case "list", what, query:
                return await self.listed(what, query)
        raise AssertionError(step)

    async def listed(self, what: str, query: ListQuery) -> list[Any]:
        """Every page of a list."""
        found = []
        following: ListQuery | None = query
        while following is not None:
            page = await self.page(what, following)
            found.append(page)
            following = msgspec.structs.replace(query, after=page.next) if page.next else None
        return found

    async def page(self, what: str, query: ListQuery) -> Any:
        match what:
            case "runs":
                return await self.store.find_runs(query)
            case "experiments":
                return await self.store.find_experiments(query)
            case "pipelines":
                return await self.store.find_pipelines(query)
            case "versions":
                return await self.store.find_pipeline_versions(pipeline().id, query)
            case "tasks":
                return await self.store.find_tasks(RUNS[0], query)
            case "artifacts":
                return await self.store.find_artifacts(query)
            case "links":
                return await self.store.find_links(query, run_ids=RUNS[:1])
        raise AssertionError(what)

    async def turn(self, run_id: RunId, token: int, generation: int, chosen: list[Any]) -> RunChanges:
        run = _of_generation(new_run(run_id).run, generation)
        seq = len(await self.store.events(run_id))
        changes: dict[str, Any] = {}

        def add(field: str, value: Any) -> None:
            changes[field] = (*changes.get(field, ()), value)

        for part in chosen:
            match part:
                case "move", state:
                    changes["run"] = RunUpdate(state=state, finished_at=Micros(SOON + 1))
                case "start", name, number:
                    add("tasks_created", task(run, name))
                    add("attempts_created", attempt(run, name, token, number=number))
                case "end", name, number, state:
                    add("attempts_ended", end(attempt(run, name, token, number=number), state))
                case "update", name:
                    done = task(run, name, state=RuntimeState.SUCCEEDED, outcome=Succeeded())
                    add("tasks_updated", task_update(task(run, name), done))
                case "artifact", name:
                    add("artifacts", artifact(name))
                case "link", name, kind, artifact_id:
                    add("links", link(run, name, kind, artifact_id))
                case "register", name, artifact_id:
                    asked = Registration(namespace=NAMESPACE, name=name, artifact_id=artifact_id)
                    add("registrations", asked)
                case "cache", name:
                    add("cache_entries", entry(run, name))
                case "event", gap:
                    seq += 1
                    add("events", event(run, seq + gap))
        return RunChanges(run_id=run_id, generation=generation, token=token, **changes)

    async def everything(self) -> list[Any]:
        store = self.store
        return [
            *[await outcome(store.snapshot(run_id)) for run_id in RUNS],
            *[await store.events(run_id) for run_id in RUNS],
            *[await outcome(store.links(run_id, generation)) for run_id in RUNS for generation in (1, 2)],
            *[await outcome(store.tasks(run_id, generation)) for run_id in RUNS for generation in (1, 2)],
            await store.artifacts(ARTIFACTS),
            *[await store.model_versions(NAMESPACE, name) for name in ("churn", "best")],
            *[await outcome(store.upstream(artifact_id)) for artifact_id in ARTIFACTS],
            *[await outcome(store.downstream(artifact_id, max_hops=1)) for artifact_id in ARTIFACTS],
            await store.find_reusable(NAMESPACE, ["base"]),
            await store.pending_requests(RUNS),
            await store.list_runs(),
            await store.state_history(RUNS),
            *[
                await self.page(what, ListQuery())
                for what in ("runs", "experiments", "pipelines", "artifacts", "links")
            ],
            *[await outcome(store.latest_pipeline_version(pipeline(name).id)) for name in ("churn", "other")],
            *[await outcome(store.spec(f"sha256-of-{name}")) for name in ("spec", "v1", "v2")],
            *await self.pages(),
        ]

    async def pages(self) -> list[Any]:
        store = self.store
        return [
            *[await outcome(store.run_view(run_id)) for run_id in RUNS],
            *[
                await outcome(store.task_view(run_id, task(_of_generation(new_run(run_id).run, generation), name).id))
                for run_id in RUNS
                for generation in (1, 2)
                for name in TASKS
            ],
            *[await outcome(store.run_results(run_id, ["system.Dataset"], limit=2)) for run_id in RUNS],
            *[await outcome(store.artifact_view(artifact_id)) for artifact_id in ARTIFACTS],
            *[
                await outcome(store.lineage_view(one, of_run=of_run, upstream=True, downstream=True, hops=2, limit=4))
                for one, of_run in (*((one, False) for one in ARTIFACTS), *((one, True) for one in RUNS))
            ],
            await store.model_views(NAMESPACE, limit=1),
            *[await store.model_view(NAMESPACE, name, limit=2) for name in ("churn", "best")],
            await store.find_run_summaries(ListQuery(), pipeline_id=pipeline().id),
            await store.find_run_summaries(ListQuery()),
            await store.find_pipeline_summaries(ListQuery()),
            await store.find_experiment_summaries(ListQuery()),
            *[await store.search(text, namespace=NAMESPACE, limit=2) for text in ("RUN", "churn", "data-", "%")],
        ]


async def outcome(call: Coroutine[Any, Any, Any]) -> Any:
    """What a call returned, or the kind of error it raised."""
    try:
        return await call
    except WherryError as error:
        return type(error)


def _experiment_id(name: str) -> ExperimentId:
    return default_experiment_id(NAMESPACE) if name == "Default" else experiment(name).id


def _of_generation(record: Any, generation: int) -> Any:
    return msgspec.structs.replace(record, generation=generation)


async def told_to_sqlite(folder: Path, story: list[Any]) -> list[Any]:
    store = open_store(folder, mode=StoreMode.READ_WRITE)
    try:
        return await Teller(store).tell(story)
    finally:
        await store.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=25))
def test_both_stores_answer_alike(story: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        of_sqlite = asyncio.run(told_to_sqlite(Path(folder), story))

    assert of_sqlite == asyncio.run(Teller(MemoryPageStore()).tell(story))
