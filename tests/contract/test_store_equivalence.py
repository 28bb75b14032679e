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
from wherry.model.identity import ArtifactId, Micros, RunId
from wherry.model.outcomes import Kept, Succeeded
from wherry.model.runs import RunChanges, RunRequestKind, RunUpdate
from wherry.model.states import AttemptState, RuntimeState
from wherry.ports import Owner
from wherry.store import StoreMode, open_store
from wherry.testing.contracts.metadata_store import Stores
from wherry.testing.memory_store import MemoryRunStore
from wherry.testing.records import (
    NAMESPACE,
    SOON,
    artifact,
    attempt,
    end,
    entry,
    event,
    link,
    new_run,
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
steps = st.one_of(
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

    def __init__(self, store: Stores) -> None:
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
        raise AssertionError(step)

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
        ]


async def outcome(call: Coroutine[Any, Any, Any]) -> Any:
    """What a call returned, or the kind of error it raised."""
    try:
        return await call
    except WherryError as error:
        return type(error)


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

    assert of_sqlite == asyncio.run(Teller(MemoryRunStore()).tell(story))
