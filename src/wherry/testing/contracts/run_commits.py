"""What every run store does with one turn of the engine."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import msgspec
import pytest

from wherry.errors import NotFoundError, StaleOwnerError, WherryBugError
from wherry.model.artifacts import LinkKind
from wherry.model.identity import ArtifactId, Micros, RunId
from wherry.model.outcomes import Failure, FailureReason, Fault, Succeeded
from wherry.model.runs import (
    AttemptEnd,
    CacheEntry,
    Run,
    RunChanges,
    RunError,
    RunEvent,
    RunEventKind,
    RunUpdate,
    TaskRecord,
)
from wherry.model.states import AttemptState, RuntimeState
from wherry.ports import NewRun, RunStore
from wherry.testing.records import (
    SOON,
    artifact,
    attempt,
    end,
    entry,
    event,
    execution,
    key_of,
    link,
    new_run,
    task,
    task_update,
)

T = TypeVar("T")

FAILED = RuntimeState.FAILED
RUNNING = RuntimeState.RUNNING
SUCCEEDED = RuntimeState.SUCCEEDED


def run_async(story: Coroutine[Any, Any, T]) -> T:
    """Run a story in a loop of its own."""
    return asyncio.run(story)


class Held(msgspec.Struct, frozen=True):
    """A run that an owner has claimed, and a store to tell it to."""

    store: RunStore
    run: Run
    token: int

    async def turn(self, **changes: Any) -> None:
        """Commit one turn."""
        await self.store.commit([self.changes(**changes)])

    def changes(self, **changes: Any) -> RunChanges:
        """One turn about this run."""
        return RunChanges(run_id=self.run.id, generation=self.run.generation, token=self.token, **changes)

    async def ended(self, state: RuntimeState = FAILED) -> None:
        """Start and end the run."""
        await self.turn(run=RunUpdate(state=RUNNING))
        await self.turn(run=RunUpdate(state=state, finished_at=SOON))

    async def rows(self) -> tuple[Sequence[TaskRecord], Sequence[Any], Sequence[Any], Sequence[RunEvent]]:
        """What a refused turn must not have changed."""
        return (
            await self.store.tasks(self.run.id),
            await self.store.attempts(self.run.id),
            await self.store.links(self.run.id),
            await self.store.events(self.run.id),
        )


async def claimed(store: RunStore, new: NewRun | None = None) -> Held:
    """A store with one claimed run."""
    created = await store.create_run(new or new_run())
    owner = await store.open_owner("engine")
    await store.claim_runs(owner, limit=100)
    return Held(store, created, owner.token)


class RunCommitsContract(ABC):
    """The part of the run store's suite that is about `RunStore.commit`."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> RunStore:
        """An empty store."""

    def test_a_turn_is_read_back_as_it_was_written(self, store: RunStore) -> None:
        async def story() -> tuple[Any, ...]:
            held = await claimed(store)
            running = task(held.run, "train")
            tried = attempt(held.run, "train", held.token)
            await held.turn(tasks_created=(running,), attempts_created=(tried,), events=(event(held.run, 2),))
            return running, tried, await store.snapshot(held.run.id)

        running, tried, snapshot = run_async(story())

        assert (snapshot.tasks, snapshot.attempts, snapshot.last_seq) == ((running,), (tried,), 2)

    def test_every_value_of_a_task_survives(self, store: RunStore) -> None:
        async def story() -> tuple[TaskRecord, TaskRecord]:
            held = await claimed(store)
            full = msgspec.structs.replace(
                task(held.run, "trän", state=FAILED, reads={"data": ("a", "b")}),
                outcome=Failure(
                    fault=Fault.USER, reason=FailureReason.RAISED, message="no\nrows", exit_code=1, task=key_of("x")
                ),
                iteration_index=3,
                iteration_count=4,
                started_at=Micros(SOON + 1),
                ended_at=Micros(SOON + 2),
                base_key="b",
                fingerprint="f1:c",
                fingerprint_parts={"executor": "e"},
                cache_note="nothing like it has run",
            )
            await held.turn(tasks_created=(full,))
            return full, (await store.tasks(held.run.id))[0]

        wrote, read = run_async(story())

        assert read == wrote

    def test_numbers_stay_what_they_were(self, store: RunStore) -> None:
        parameters = {"int": 1, "float": 1.0, "big": 2**53 + 1, "nested": [{"none": None}], "text": "ü\u0000'\""}

        read = run_async(store.create_run(new_run(parameters=parameters))).parameters

        assert repr(read) == repr(parameters)

    def test_tasks_come_in_the_order_of_their_creation(self, store: RunStore) -> None:
        async def story() -> list[str]:
            held = await claimed(store)
            await held.turn(tasks_created=(task(held.run, "z"), task(held.run, "a")))
            await held.turn(tasks_created=(task(held.run, "m"),))
            return [each.name for each in await store.tasks(held.run.id)]

        assert run_async(story()) == ["z", "a", "m"]

    def test_a_task_moves_if_its_state_is_the_one_seen(self, store: RunStore) -> None:
        async def story() -> Sequence[TaskRecord]:
            held = await claimed(store)
            before = task(held.run, "train")
            await held.turn(tasks_created=(before,))
            await held.turn(tasks_updated=(task_update(before, done(held.run)),))
            return await store.tasks(held.run.id)

        assert [(each.state, each.outcome) for each in run_async(story())] == [(SUCCEEDED, Succeeded())]

    def test_a_task_that_moved_meanwhile_refuses_the_turn(self, store: RunStore) -> None:
        async def story() -> None:
            held = await claimed(store)
            before = task(held.run, "train")
            await held.turn(tasks_created=(before,))
            await held.turn(tasks_updated=(task_update(before, done(held.run)),))
            await refused(held, tasks_updated=(task_update(before, done(held.run)),))

        run_async(story())

    def test_an_update_of_a_task_without_a_row_refuses_the_turn(self, store: RunStore) -> None:
        async def story() -> None:
            held = await claimed(store)
            await refused(held, tasks_updated=(task_update(task(held.run, "train"), done(held.run)),))

        run_async(story())

    def test_exactly_one_end_of_an_attempt_is_let_in(self, store: RunStore) -> None:
        async def story() -> list[AttemptState]:
            held = await claimed(store)
            tried = attempt(held.run, "train", held.token)
            await held.turn(tasks_created=(task(held.run, "train"),), attempts_created=(tried,))
            await held.turn(attempts_ended=(end(tried),))
            await refused(held, attempts_ended=(end(tried, AttemptState.FAILED),))
            return [each.state for each in await store.attempts(held.run.id)]

        assert run_async(story()) == [AttemptState.SUCCEEDED]

    def test_an_attempt_ends_with_its_reason_and_its_handle(self, store: RunStore) -> None:
        async def story() -> tuple[Any, ...]:
            held = await claimed(store)
            tried = attempt(held.run, "train", held.token)
            await held.turn(tasks_created=(task(held.run, "train"),), attempts_created=(tried,))
            failure = Failure(fault=Fault.INFRASTRUCTURE, reason=FailureReason.LOST, message="gone")
            over = AttemptEnd(
                id=tried.id,
                state=AttemptState.FAILED,
                ended_at=SOON,
                started_at=None,
                failure=failure,
                handle={"launcher": "process", "pid": 7},
            )
            await held.turn(attempts_ended=(over,))
            read = (await store.attempts(held.run.id))[0]
            return failure, (read.failure, read.handle, read.started_at, read.ended_at)

        failure, read = run_async(story())

        assert read == (failure, {"launcher": "process", "pid": 7}, None, SOON)

    def test_a_second_attempt_with_the_same_number_refuses_the_turn(self, store: RunStore) -> None:
        async def story() -> None:
            held = await claimed(store)
            first = attempt(held.run, "train", held.token)
            await held.turn(tasks_created=(task(held.run, "train"),), attempts_created=(first,))
            await refused(held, attempts_created=(attempt(held.run, "train", held.token, attempt_id="other"),))

        run_async(story())

    def test_a_second_task_with_the_same_key_refuses_the_turn(self, store: RunStore) -> None:
        async def story() -> None:
            held = await claimed(store)
            await held.turn(tasks_created=(task(held.run, "train"),))
            await refused(held, tasks_created=(task(held.run, "train"),))

        run_async(story())

    def test_a_refused_turn_changes_nothing(self, store: RunStore) -> None:
        async def story() -> tuple[Any, Any]:
            held = await claimed(store)
            before = task(held.run, "train")
            await held.turn(tasks_created=(before,))
            rows = await held.rows()
            await refused(
                held,
                run=RunUpdate(state=RUNNING),
                tasks_created=(task(held.run, "other"),),
                attempts_created=(attempt(held.run, "other", held.token),),
                artifacts=(artifact("a"),),
                links=(link(held.run, "other", LinkKind.OUTPUT, "a"),),
                cache_entries=(entry(held.run, "other"),),
                events=(event(held.run, 9),),
            )
            gone = await store.artifacts([ArtifactId("a")]), await store.find_reusable("default", ["base"])
            state = (await store.get_run(held.run.id)).state
            return (rows, ({}, {}), RuntimeState.PENDING), (await held.rows(), gone, state)

        expected, found = run_async(story())

        assert found == expected

    def test_a_refused_run_takes_the_other_runs_of_the_turn_with_it(self, store: RunStore) -> None:
        async def story() -> Sequence[TaskRecord]:
            await store.create_run(new_run("run-0002"))
            held = await claimed(store)
            other = Held(store, (await store.get_run(RunId("run-0002"))), held.token)
            fine = other.changes(tasks_created=(task(other.run, "train"),))
            with pytest.raises(WherryBugError):
                await store.commit([fine, held.changes(events=(event(held.run, 9),))])
            return await store.tasks(other.run.id)

        assert run_async(story()) == ()

    def test_one_turn_may_speak_of_several_runs(self, store: RunStore) -> None:
        async def story() -> list[RuntimeState]:
            await store.create_run(new_run("run-0002"))
            held = await claimed(store)
            other = Held(store, (await store.get_run(RunId("run-0002"))), held.token)
            await store.commit([each.changes(run=RunUpdate(state=RUNNING)) for each in (held, other)])
            return [run.state for run in await store.list_runs()]

        assert run_async(story()) == [RUNNING, RUNNING]

    def test_a_stale_owner_is_refused_and_writes_nothing(self, store: RunStore) -> None:
        async def story() -> Any:
            held = await claimed(store)
            rows = await held.rows()
            await store.claim_runs(await store.open_owner("successor"), limit=1)
            with pytest.raises(StaleOwnerError, match="run-0001"):
                await held.turn(tasks_created=(task(held.run, "train"),), events=(event(held.run, 2),))
            return rows == await held.rows()

        assert run_async(story())

    def test_a_run_that_was_never_claimed_takes_no_turn(self, store: RunStore) -> None:
        async def story() -> None:
            created = await store.create_run(new_run())
            owner = await store.open_owner("engine")
            with pytest.raises(WherryBugError):
                await Held(store, created, owner.token).turn(run=RunUpdate(state=RUNNING))

        run_async(story())

    def test_a_run_that_does_not_exist_takes_no_turn(self, store: RunStore) -> None:
        async def story() -> None:
            owner = await store.open_owner("engine")
            with pytest.raises(NotFoundError, match="run-0001"):
                await Held(store, new_run().run, owner.token).turn(run=RunUpdate(state=RUNNING))

        run_async(story())

    def test_a_run_keeps_what_an_update_leaves_out(self, store: RunStore) -> None:
        async def story() -> Run:
            held = await claimed(store)
            await held.turn(run=RunUpdate(state=RUNNING, started_at=SOON))
            error = RunError(message="task 'train' failed", task=key_of("train"))
            await held.turn(run=RunUpdate(state=FAILED, finished_at=Micros(SOON + 5), error=error))
            return await store.get_run(held.run.id)

        run = run_async(story())

        assert (run.state, run.started_at, run.finished_at) == (FAILED, SOON, SOON + 5)
        assert run.error == RunError(message="task 'train' failed", task=key_of("train"))

    def test_a_run_that_ended_does_not_move_again(self, store: RunStore) -> None:
        async def story() -> None:
            held = await claimed(store)
            await held.ended()
            await refused(held, run=RunUpdate(state=RUNNING))

        run_async(story())

    @pytest.mark.parametrize("seq", [1, 3], ids=["a repeated number", "a gap"])
    def test_events_must_continue_the_history(self, store: RunStore, seq: int) -> None:
        async def story() -> None:
            held = await claimed(store)
            await refused(held, events=(event(held.run, seq),))

        run_async(story())

    def test_events_are_read_from_behind_a_number(self, store: RunStore) -> None:
        async def story() -> list[list[int]]:
            held = await claimed(store)
            await held.turn(events=tuple(event(held.run, seq) for seq in range(2, 8)))
            pages = [
                await store.events(held.run.id),
                await store.events(held.run.id, after=5),
                await store.events(held.run.id, after=2, limit=2),
                await store.events(held.run.id, after=7),
            ]
            return [[each.seq for each in page] for page in pages]

        assert run_async(story()) == [[1, 2, 3, 4, 5, 6, 7], [6, 7], [3, 4], []]

    def test_an_event_is_read_as_it_was_written(self, store: RunStore) -> None:
        async def story() -> tuple[RunEvent, RunEvent]:
            held = await claimed(store)
            wrote = RunEvent(
                run_id=held.run.id,
                seq=2,
                at=SOON,
                kind=RunEventKind.TASK_ENDED,
                task=key_of("train"),
                body={"state": "FAILED", "n": [1, None]},
            )
            await held.turn(events=(wrote,))
            return wrote, (await store.events(held.run.id, after=1))[0]

        wrote, read = run_async(story())

        assert read == wrote

    def test_a_snapshot_brings_the_artifacts_that_tasks_name(self, store: RunStore) -> None:
        async def story() -> list[ArtifactId]:
            held = await claimed(store)
            for change in execution(held.run, "load", held.token, writes=("raw", "report")):
                await store.commit([change])
            await store.commit([execution(held.run, "train", held.token, reads=("raw",))[0]])
            return [each.id for each in (await store.snapshot(held.run.id)).artifacts]

        assert run_async(story()) == ["raw", "report"]

    def test_a_link_that_is_there_already_stays(self, store: RunStore) -> None:
        async def story() -> int:
            held = await claimed(store)
            for change in execution(held.run, "load", held.token, writes=("raw",)):
                await store.commit([change])
            again = link(held.run, "load", LinkKind.OUTPUT, "raw", port="out0")
            await held.turn(links=(again,))
            return len(await store.links(held.run.id))

        assert run_async(story()) == 1

    def test_a_link_to_an_artifact_without_a_row_refuses_the_turn(self, store: RunStore) -> None:
        async def story() -> None:
            held = await claimed(store)
            await refused(
                held,
                tasks_created=(task(held.run, "train"),),
                links=(link(held.run, "train", LinkKind.INPUT, "absent"),),
            )

        run_async(story())

    def test_a_digest_is_filled_in_once(self, store: RunStore) -> None:
        async def story() -> str | None:
            held = await claimed(store)
            for change in execution(held.run, "load", held.token, writes=("raw",)):
                await store.commit([change])
            await store.set_digest(ArtifactId("raw"), "sha256:aa")
            await store.set_digest(ArtifactId("raw"), "sha256:bb")
            return (await store.artifacts([ArtifactId("raw")]))[ArtifactId("raw")].digest

        assert run_async(story()) == "sha256:aa"

    def test_reusable_executions_come_newest_first(self, store: RunStore) -> None:
        async def story() -> dict[str, list[str]]:
            held = await claimed(store)
            names = [f"t{index:02}" for index in range(25)]
            for name in names:
                await held.turn(
                    tasks_created=(task(held.run, name),),
                    attempts_created=(attempt(held.run, name, held.token),),
                    cache_entries=(entry(held.run, name),),
                )
            await held.turn(cache_entries=(entry(held.run, "t00", base_key="other", attempt_id="x"),))
            found = await store.find_reusable("default", ["base", "other", "none"])
            return {key: [each.task.removeprefix("root/") for each in entries] for key, entries in found.items()}

        newest = [f"t{index:02}" for index in range(24, 4, -1)]

        assert run_async(story()) == {"base": newest, "other": ["t00"]}

    def test_another_namespace_reuses_nothing(self, store: RunStore) -> None:
        async def story() -> tuple[Any, Any]:
            held = await claimed(store)
            await held.turn(tasks_created=(task(held.run, "train"),), cache_entries=(entry(held.run, "train"),))
            return await store.find_reusable("theirs", ["base"]), await store.nearest(
                "theirs", "comp-train", "attrition"
            )

        assert run_async(story()) == ({}, None)

    def test_the_nearest_execution_is_the_newest_of_the_component_in_the_pipeline(self, store: RunStore) -> None:
        async def story() -> list[CacheEntry | None]:
            held = await claimed(store)
            other = Held(store, await store.create_run(new_run("run-0002", pipeline="churn")), held.token + 1)
            await store.claim_runs(await store.open_owner("engine"), limit=10)
            mine = Held(store, held.run, other.token)
            for index, each in enumerate((mine, mine, other)):
                name = f"t{index}"
                made = msgspec.structs.replace(entry(each.run, name), component="comp-train")
                await each.turn(tasks_created=(task(each.run, name),), cache_entries=(made,))
            return [
                await store.nearest("default", "comp-train", "attrition"),
                await store.nearest("default", "comp-train", "churn"),
                await store.nearest("default", "comp-load", "churn"),
            ]

        found = run_async(story())

        assert [each and each.task for each in found] == ["root/t1", "root/t2", None]


def done(run: Run) -> TaskRecord:
    """Task ``train``, ended well."""
    return task(run, "train", state=SUCCEEDED, outcome=Succeeded())


async def refused(held: Held, **changes: Any) -> None:
    """Assert that a turn is refused as a bug."""
    with pytest.raises(WherryBugError):
        await held.turn(**changes)
