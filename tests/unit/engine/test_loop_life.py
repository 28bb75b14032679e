"""Cancelling, retrying, restarting and recovering runs, on a whole engine with fakes."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from wherry.errors import NotRetriableError, StaleOwnerError, StoreUnavailableError
from wherry.model.outcomes import Failure, FailureReason, Fault
from wherry.model.runs import RunEventKind
from wherry.settings import EngineSettings
from wherry.testing.engine_room import EngineRoom, finish, in_room, play, until
from wherry.testing.fake_launcher import FakeTask, TaskFailure
from wherry.testing.pipelines import (
    const,
    dag,
    exit_handler,
    exit_task,
    loop,
    out,
    pipeline,
    retries,
    scope,
    task,
)


async def forever(_task: FakeTask) -> None:
    """Run until stopped."""
    await asyncio.Event().wait()


# -- retries of a task ------------------------------------------------------------------------------------------------


def failing(times: int, failure: Failure | None = None) -> Any:
    """An act that fails the first ``times`` times."""
    tries = []

    def act(task: FakeTask) -> dict[str, int]:
        tries.append(task.key)
        if len(tries) <= times:
            if failure is not None:
                raise TaskFailure(failure)
            raise ValueError("not yet")
        return {"Output": len(tries)}

    return act


LOST = Failure(fault=Fault.INFRASTRUCTURE, reason=FailureReason.LOST, message="gone")


def test_a_task_tries_again_as_often_as_its_policy_says() -> None:
    story = play(pipeline(task("t", makes=["Output"], retry=retries(2))), failing(2))

    assert story.output("t") == 3
    assert [(one.number, one.state.value) for one in story.attempts] == [(1, "FAILED"), (2, "FAILED"), (3, "SUCCEEDED")]


def test_a_task_without_a_policy_fails_at_once() -> None:
    story = play(pipeline(task("t")), failing(1))

    assert story.states == {"t": "FAILED"}
    assert len(story.attempts) == 1


def test_the_pause_between_tries_grows_by_the_factor_up_to_the_longest() -> None:
    story = play(pipeline(task("t", retry=retries(3, backoff="10s", factor=3.0, longest="20s"))), failing(3))

    starts = [one.created_at for one in story.attempts]
    assert [(after - before) // 1_000_000 for before, after in itertools.pairwise(starts)] == [10, 20, 20]


def test_lost_attempts_have_a_budget_of_their_own() -> None:
    story = play(pipeline(task("t", makes=["Output"])), failing(3, LOST))

    assert story.output("t") == 4
    assert story.run.state.value == "SUCCEEDED"


def test_a_task_fails_when_too_many_attempts_are_lost() -> None:
    story = play(
        pipeline(task("t")), failing(9, LOST), settings=EngineSettings(max_parallel_tasks=4, infrastructure_retries=1)
    )

    assert story.states == {"t": "FAILED"}
    assert len(story.attempts) == 2


def test_a_launch_that_is_refused_counts_as_lost() -> None:
    async def body(room: EngineRoom) -> Any:
        engine = room.engine()
        room.launcher.refuses = ["no space left"]
        await engine.start()
        run_id = await room.submit(engine, pipeline(task("t")))
        await finish(engine, run_id)
        await engine.stop()
        return await room.story(run_id)

    story = in_room(lambda _: None, body)

    assert [(one.state.value, one.failure and one.failure.message) for one in story.attempts] == [
        ("FAILED", "no space left"),
        ("SUCCEEDED", None),
    ]


# -- cancelling -------------------------------------------------------------------------------------------------------


def cancelled(package: Any, act: Any = forever, *, running: int = 1) -> Any:
    """The story of a run that is cancelled as soon as so many of its attempts run and no other does."""

    async def body(room: EngineRoom) -> Any:
        engine = room.engine()
        await engine.start()
        run_id = await room.submit(engine, package)
        await until(lambda: len(room.host.running) == running and not room.host.results)
        await engine.request_cancel(run_id, by="bob")
        await finish(engine, run_id)
        await engine.stop()
        return await room.story(run_id)

    return in_room(act, body)


def test_cancelling_stops_what_runs_and_drops_what_waits() -> None:
    story = cancelled(pipeline(task("a"), task("b", after=["a"]), dag("d", task("c"))), running=2)

    assert story.run.state.value == "CANCELED"
    assert story.states == {"a": "CANCELED", "b": "CANCELED", "d": "CANCELED", "d/c": "CANCELED"}
    assert story.tasks["b"].outcome.by == "bob"
    assert [one.state.value for one in story.attempts] == ["CANCELED", "CANCELED"]


def test_exit_tasks_still_run_when_a_run_is_cancelled() -> None:
    async def act(task: FakeTask) -> None:
        if task.key == "root/a" or "handler" in task.key:
            await forever(task)

    story = cancelled(pipeline(exit_handler(1, task("a"), task("b", after=["a"])), exit_task("bye", 1)), act)

    assert story.run.state.value == "CANCELED"
    assert story.states == {
        "exit-handler-1": "CANCELED",
        "exit-handler-1/a": "CANCELED",
        "exit-handler-1/b": "CANCELED",
        "bye": "SUCCEEDED",
    }


def test_a_loop_starts_no_further_iteration_when_the_run_is_cancelled() -> None:
    story = cancelled(pipeline(loop("for-loop-1", task("t"), items=[1, 2, 3], parallelism=1)))

    assert story.states == {"for-loop-1": "CANCELED", "for-loop-1[0]/t": "CANCELED"}


def test_a_task_that_waits_for_its_next_attempt_is_not_tried_again_when_the_run_is_cancelled() -> None:
    async def act(task: FakeTask) -> None:
        if task.key == "root/flaky":
            raise ValueError("not yet")
        if task.key == "root/long":
            await forever(task)

    package = pipeline(task("flaky", retry=retries(5, backoff="3600s")), task("first"), task("long", after=["first"]))
    story = cancelled(package, act)

    assert story.states == {"flaky": "CANCELED", "first": "SUCCEEDED", "long": "CANCELED"}


def test_cancelling_a_run_that_has_ended_changes_nothing() -> None:
    async def body(room: EngineRoom) -> Any:
        story = await room.play(pipeline(task("t")))
        engine = room.engine()
        await engine.start()
        await engine.request_cancel(story.run.id, by="bob")
        await asyncio.sleep(1)
        await engine.stop()
        return await room.story(story.run.id)

    assert in_room(lambda _: None, body).run.state.value == "SUCCEEDED"


# -- restarting -------------------------------------------------------------------------------------------------------


def interrupted(package: Any, act: Any, between: Any = lambda _room: None) -> Any:
    """The story of a run whose engine is stopped once something runs, and started again after ``between``."""

    async def body(room: EngineRoom) -> Any:
        first = room.engine()
        await first.start()
        run_id = await room.submit(first, package)
        await until(lambda: bool(room.host.running))
        await first.stop()
        between(room)
        second = room.engine()
        await second.start()
        await finish(second, run_id)
        await second.stop()
        return await room.story(run_id)

    return in_room(act, body)


class Gate:
    """An act that waits until the gate is opened; ``first`` tasks only."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.runs: list[str] = []

    async def __call__(self, task: FakeTask) -> dict[str, int]:
        self.runs.append(task.key)
        if task.key.endswith("slow"):
            await self.open.wait()
        return {"Output": 1}


def test_a_running_attempt_is_found_again_and_not_started_twice() -> None:
    gate = Gate()

    story = interrupted(
        pipeline(task("slow", makes=["Output"]), task("next", reads={"x": out("slow")})),
        gate,
        lambda _: gate.open.set(),
    )

    assert story.states == {"slow": "SUCCEEDED", "next": "SUCCEEDED"}
    assert gate.runs == ["root/slow", "root/next"]


def test_a_result_that_came_while_no_engine_ran_is_published() -> None:
    gate = Gate()

    async def body(room: EngineRoom) -> Any:
        first = room.engine()
        await first.start()
        run_id = await room.submit(first, pipeline(task("slow", makes=["Output"])))
        await until(lambda: bool(room.host.running))
        await first.stop()
        gate.open.set()
        await until(lambda: not room.host.running)
        second = room.engine()
        await second.start()
        await finish(second, run_id)
        await second.stop()
        return await room.story(run_id), room.host

    story, host = in_room(gate, body)

    assert story.output("slow") == 1
    assert host.results == {}


def test_an_attempt_whose_host_died_is_lost_and_started_anew() -> None:
    gate = Gate()

    def die(room: EngineRoom) -> None:
        room.host.die()
        gate.open.set()

    story = interrupted(pipeline(task("slow", makes=["Output"])), gate, die)

    assert [(one.number, one.state.value) for one in story.attempts] == [(1, "FAILED"), (2, "SUCCEEDED")]
    assert story.attempts[0].failure.reason is FailureReason.LOST


def test_an_attempt_that_was_recorded_and_never_launched_is_launched_under_the_same_id() -> None:
    gate = Gate()
    gate_ids = []

    def forget(room: EngineRoom) -> None:
        gate_ids.extend(room.host.running)
        for running in room.host.running.values():
            if running is not None:
                running.cancel()
        room.host.running.clear()
        gate.open.set()

    story = interrupted(pipeline(task("slow", makes=["Output"])), gate, forget)

    assert [one.id for one in story.attempts] == gate_ids
    assert story.states == {"slow": "SUCCEEDED"}


def test_a_run_that_is_being_cancelled_goes_on_being_cancelled_after_a_restart() -> None:
    async def act(task: FakeTask) -> None:
        if task.key.endswith("/a"):
            await forever(task)

    async def body(room: EngineRoom) -> Any:
        first = room.engine()
        await first.start()
        package = pipeline(exit_handler(1, task("a"), task("b", after=["a"])), exit_task("bye", 1))
        run_id = await room.submit(first, package)
        await until(lambda: bool(room.host.running))
        room.host.stop = lambda _: None  # type: ignore[method-assign]  the host is slow to obey
        await first.request_cancel(run_id, by="bob")
        await asyncio.sleep(1)
        await first.stop()
        del room.host.stop
        second = room.engine()
        await second.start()
        await finish(second, run_id)
        await second.stop()
        return await room.story(run_id)

    story = in_room(act, body)

    assert story.run.state.value == "CANCELED"
    assert story.states == {
        "exit-handler-1": "CANCELED",
        "exit-handler-1/a": "CANCELED",
        "exit-handler-1/b": "CANCELED",
        "bye": "SUCCEEDED",
    }
    assert story.tasks["exit-handler-1/a"].outcome.by == "bob"


def test_an_attempt_that_was_to_be_stopped_and_is_gone_is_cancelled() -> None:
    async def body(room: EngineRoom) -> Any:
        first = room.engine()
        await first.start()
        run_id = await room.submit(first, pipeline(task("t")))
        await until(lambda: bool(room.host.running))
        room.host.stop = lambda _: None  # type: ignore[method-assign]  the host is slow to obey
        await first.request_cancel(run_id, by="bob")
        await asyncio.sleep(1)
        await first.stop()
        room.host.die()
        second = room.engine()
        await second.start()
        await finish(second, run_id)
        await second.stop()
        return await room.story(run_id)

    story = in_room(forever, body)

    assert (story.run.state.value, story.outcomes) == ("CANCELED", {"t": "cancelled"})
    assert [one.state.value for one in story.attempts] == ["FAILED"]


def test_a_pause_before_the_next_attempt_survives_a_restart() -> None:
    act = failing(1)

    async def body(room: EngineRoom) -> Any:
        first = room.engine()
        await first.start()
        run_id = await room.submit(first, pipeline(task("t", retry=retries(1, backoff="100s"))))
        await until(lambda: RunEventKind.ATTEMPT_ENDED in {one.kind for one in room.store._events.values()})
        await first.stop()
        second = room.engine()
        await second.start()
        await finish(second, run_id)
        await second.stop()
        return await room.story(run_id)

    story = in_room(act, body)

    assert [one.number for one in story.attempts] == [1, 2]
    assert story.attempts[1].created_at - story.attempts[0].ended_at == 100_000_000


def test_a_loop_is_taken_up_where_it_was() -> None:
    gate = Gate()
    package = pipeline(
        loop(
            "for-loop-1",
            task("quick", cached=False),
            task("slow", after=["quick"], makes=["Output"], cached=False),
            items=[1, 2, 3],
            parallelism=2,
            gives={"o": [("slow", "Output")]},
        ),
        gives={"o": [("for-loop-1", "o")]},
    )

    story = interrupted(package, gate, lambda _: gate.open.set())

    assert story.tasks["root"].outputs.parameters == {"o": [1, 1, 1]}
    assert len(gate.runs) == 6


# -- retrying a run ---------------------------------------------------------------------------------------------------


def retried(package: Any, act: Any) -> Any:
    """The stories of both generations of a run that fails and is retried."""

    async def body(room: EngineRoom) -> Any:
        first = await room.play(package)
        engine = room.engine()
        await engine.start()
        await engine.retry(first.run.id)
        await finish(engine, first.run.id)
        await engine.stop()
        return first, await room.story(first.run.id)

    return in_room(act, body)


def test_a_retry_keeps_what_succeeded_and_runs_the_rest_again() -> None:
    broken = [True]

    def act(task: FakeTask) -> dict[str, int]:
        if task.key == "root/b" and broken:
            broken.clear()
            raise ValueError("once")
        return {"Output": task.parameters.get("x", 0) + 1}

    parts = [
        task("a", makes=["Output"], cached=False),
        task("b", reads={"x": out("a")}, makes=["Output"], cached=False),
        task("c", reads={"x": out("b")}, makes=["Output"], cached=False),
    ]
    first, second = retried(pipeline(*parts), act)

    assert first.states == {"a": "SUCCEEDED", "b": "FAILED", "c": "SKIPPED"}
    assert second.outcomes == {"a": "kept", "b": "succeeded", "c": "succeeded"}
    assert (second.run.generation, second.output("c")) == (2, 3)


def test_a_retry_keeps_the_iterations_that_succeeded() -> None:
    broken = [True]

    def act(task: FakeTask) -> dict[str, int]:
        if task.parameters["x"] == 2 and broken:
            broken.clear()
            raise ValueError("once")
        return {"Output": task.parameters["x"]}

    each = loop(
        "for-loop-1",
        task("t", reads={"x": scope("item")}, makes=["Output"], cached=False),
        items=[1, 2, 3],
        gives={"o": [("t", "Output")]},
    )
    _, second = retried(pipeline(each, gives={"o": [("for-loop-1", "o")]}), act)

    assert second.outcomes == {
        "for-loop-1": "succeeded",
        "for-loop-1[0]/t": "kept",
        "for-loop-1[1]/t": "succeeded",
        "for-loop-1[2]/t": "kept",
    }
    assert second.tasks["root"].outputs.parameters == {"o": [1, 2, 3]}


def test_an_exit_task_runs_again_in_a_retry() -> None:
    broken = [True]

    def act(task: FakeTask) -> None:
        if task.key.endswith("/a") and broken:
            broken.clear()
            raise ValueError("once")

    package = pipeline(exit_handler(1, task("a", cached=False)), exit_task("bye", 1, cached=False))
    _, second = retried(package, act)

    assert second.outcomes == {"exit-handler-1": "succeeded", "exit-handler-1/a": "succeeded", "bye": "succeeded"}


def test_a_run_that_has_not_ended_cannot_be_retried() -> None:
    async def body(room: EngineRoom) -> Any:
        engine = room.engine()
        await engine.start()
        run_id = await room.submit(engine, pipeline(task("t")))
        await until(lambda: bool(room.host.running))
        with pytest.raises(NotRetriableError):
            await engine.retry(run_id)
        await engine.stop()

    in_room(forever, body)


# -- trouble ----------------------------------------------------------------------------------------------------------


def test_no_run_suffers_from_a_database_that_is_away_for_a_while() -> None:
    async def body(room: EngineRoom) -> Any:
        commit, outages = room.store.commit, [1, 2, 3, 4]

        async def flaky(changes: Any) -> Any:
            if outages:
                outages.pop()
                raise StoreUnavailableError("away")
            return await commit(changes)

        room.store.commit = flaky  # type: ignore[method-assign]  an outage
        return await room.play(pipeline(task("a"), task("b", after=["a"])))

    assert in_room(lambda _: None, body).run.state.value == "SUCCEEDED"


def test_a_run_that_another_owner_has_taken_is_forgotten() -> None:
    async def body(room: EngineRoom) -> Any:
        engine = room.engine()
        await engine.start()
        run_id = await room.submit(engine, pipeline(task("t")))
        await until(lambda: bool(room.host.running))
        other = await room.store.open_owner("another")
        await room.store.claim_runs(other, limit=9)
        commits = []
        commit = room.store.commit

        async def watch(changes: Any) -> Any:
            commits.append(changes)
            return await commit(changes)

        room.store.commit = watch  # type: ignore[method-assign]  to see what is refused
        await engine.request_cancel(run_id, by="bob")
        await until(lambda: bool(commits))
        with pytest.raises(StaleOwnerError):
            await commit(commits[0])
        await asyncio.sleep(60)
        await engine.stop()
        return len(commits), (await room.store.get_run(run_id)).state.value

    assert in_room(forever, body) == (1, "RUNNING")


def test_a_run_that_crashes_the_engine_is_set_aside_and_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    async def body(room: EngineRoom) -> Any:
        engine = room.engine()
        await engine.start()

        def explode(container: Any) -> Any:
            if "poison" in container.command:
                raise RuntimeError("a bug of ours")
            return {}

        engine._normalise = explode
        poisoned = await room.submit(engine, pipeline(task("poison")))
        fine = await room.submit(engine, pipeline(task("t")))
        await finish(engine, fine)
        await finish(engine, poisoned)
        await engine.stop()
        return await room.store.get_run(poisoned), await room.store.get_run(fine)

    poisoned, fine = in_room(lambda _: None, body)

    assert fine.state.value == "SUCCEEDED"
    assert (poisoned.state.value, poisoned.crashes) == ("FAILED", 3)
    assert "RuntimeError: a bug of ours" in poisoned.error.message
    assert "engine.run.crashed" in caplog.text


def test_slots_are_shared_between_runs() -> None:
    async def body(room: EngineRoom) -> Any:
        engine = room.engine()
        await engine.start()
        wide = pipeline(*(task(f"t{number}") for number in range(9)))
        await room.submit(engine, wide)
        await room.submit(engine, wide)
        await until(lambda: len(room.host.running) == 4)
        await engine.stop()
        return sorted(request.run_id for request in room.host.launched)

    assert in_room(forever, body) == ["run-0001", "run-0001", "run-0002", "run-0002"]


def test_a_follower_of_an_ended_run_is_told_nothing_and_let_go() -> None:
    async def body(room: EngineRoom) -> Any:
        story = await room.play(pipeline(task("t")))
        engine = room.engine()
        await engine.start()
        told = await finish(engine, story.run.id)
        await engine.stop()
        return told

    assert in_room(lambda _: None, body) == []


def test_progress_and_warnings_reach_the_follower() -> None:
    async def act(task: FakeTask) -> None:
        task.progress("installing pandas")
        task.warn("another Python than asked for")
        await asyncio.sleep(0)

    async def body(room: EngineRoom) -> Any:
        engine = room.engine()
        await engine.start()
        run_id = await room.submit(engine, pipeline(task("t")))
        told = await finish(engine, run_id)
        await engine.stop()
        return [getattr(one, "message", None) or one.body.get("message") for one in told]

    told = in_room(act, body)
    assert "installing pandas" in told
    assert "another Python than asked for" in told


def test_draining_lets_what_runs_finish_and_starts_nothing_more() -> None:
    gate = Gate()

    async def body(room: EngineRoom) -> Any:
        engine = room.engine()
        await engine.start()
        run_id = await room.submit(engine, pipeline(task("slow", makes=["Output"]), task("next", after=["slow"])))
        await until(lambda: bool(room.host.running))
        draining = asyncio.ensure_future(engine.drain())
        await asyncio.sleep(1)
        gate.open.set()
        await draining
        await engine.stop()
        return await room.story(run_id)

    assert in_room(gate, body).states == {"slow": "SUCCEEDED"}


def test_a_timeout_is_passed_on_to_the_launcher() -> None:
    story = play(pipeline(task("t", timeout_seconds=5)), forever)

    assert story.tasks["t"].outcome.reason is FailureReason.TIMED_OUT


def test_constants_are_typed_by_their_input() -> None:
    story = play(
        pipeline(task("t", reads={"x": const(3.0)}, makes=["Output"])), lambda task: {"Output": task.parameters["x"]}
    )

    assert story.output("t") == 3
