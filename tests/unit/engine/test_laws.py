"""What holds for every pipeline, every outcome, every order of events and every crash."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from wherry.engine.plan import DagWork, RunPlan
from wherry.engine.planning import plan_run
from wherry.engine.schedule import (
    Begin,
    Cancel,
    Decision,
    Drop,
    Due,
    End,
    EndDag,
    Ended,
    Entered,
    Event,
    Schedule,
    Skip,
    Stop,
)
from wherry.testing.engine_room import EngineRoom, Story, finish, in_room
from wherry.testing.fake_launcher import FakeTask
from wherry.testing.pipelines import Task, dag, exit_handler, exit_task, loop, pipeline, task

# -- random pipelines -------------------------------------------------------------------------------------------------


@st.composite
def bodies(draw: Any, depth: int = 2, limits: tuple[int, ...] = (0,)) -> list[Task]:
    """The tasks of a DAG, each after some of those before it."""
    tasks: list[Task] = []
    for number in range(draw(st.integers(1, 4))):
        names = [one.name for one in tasks]
        after = draw(st.lists(st.sampled_from(names), max_size=3, unique=True)) if names else []
        fields = {"after": after, "waits_for_end": draw(st.integers(0, 4)) == 0, "cached": False}
        kinds = ["task", "task", "task", "dag", "loop", "condition", "exit"] if depth else ["task"]
        name = f"t{number}"
        match draw(st.sampled_from(kinds)):
            case "task":
                tasks.append(task(name, **fields))
            case "dag":
                tasks.append(dag(name, *draw(bodies(depth - 1, limits)), **fields))
            case "condition":
                truth = draw(st.sampled_from(["1 == 1", "1 == 2"]))
                tasks.append(dag(name, *draw(bodies(depth - 1, limits)), condition=truth, **fields))
            case "loop":
                items = list(range(draw(st.integers(0, 3))))
                limit = draw(st.sampled_from(limits))
                body = draw(bodies(depth - 1, limits))
                tasks.append(loop(name, *body, items=items, parallelism=limit, **fields))
            case _:
                tasks.append(exit_handler(number, *draw(bodies(depth - 1, limits)), after=after))
                tasks.append(exit_task(f"bye-{number}", number, cached=False))
    return tasks


class World:
    """Answers the machine's decisions: conditions hold if they say ``1 == 1``, leaves end as they are told.

    Args:
        plan: of the run.
        seed: decides which leaves fail.
        rows: what is recorded of tasks, for a replay.
    """

    def __init__(self, plan: RunPlan, seed: int, rows: dict[str, Any] | None = None, **options: Any) -> None:
        self.machine = Schedule(plan, **options)
        self.seed = seed
        self.rows: dict[str, Any] = dict(rows or {})
        self.due: list[str] = []
        self.running: list[str] = []
        self.stopping: list[str] = []
        self.shielded: set[str] = set()
        self.ends: dict[str, End] = {}

    def outcome(self, key: str) -> End:
        """A third of the leaves fail: which ones depends on the key and the seed alone."""
        return End.FAILED if random.Random(f"{key} {self.seed}").random() < 0.33 else End.OUTPUTS

    def feed(self, event: Event) -> list[Decision]:
        """Apply an event, and whatever follows at once."""
        told: list[Decision] = []
        events = [event]
        while events:
            for decision in self.machine.apply(events.pop(0)):
                told.append(decision)
                events += self.take(decision)
        return told

    def take(self, decision: Decision) -> Iterable[Event]:
        match decision:
            case Due(task=key):
                self.due.append(key)
                if self.machine.place(key).shielded:
                    self.shielded.add(key)
                return self.answer(key)
            case Skip(task=key):
                self.ends[key] = self.rows[key] = End.NOT_TRIGGERED
            case Drop(task=key):
                self.ends[key] = self.rows[key] = End.CANCELLED
            case Stop(task=key):
                self.stopping.append(key)
                self.running.remove(key)
            case EndDag(task=key, end=end):
                self.ends[key] = self.rows[key] = end
            case _:
                pass
        return []

    def answer(self, key: str) -> Iterable[Event]:
        plan = self.machine.place(key).plan
        row = self.rows.get(key)
        if isinstance(row, End):
            self.ends[key] = row
            return [Ended(key, row)]
        if plan.condition == "1 == 2":
            return [self.end(key, End.NOT_TRIGGERED)]
        if isinstance(plan.work, DagWork):
            self.rows[key] = "entered"
            count = len(eval(plan.loop.items.text)) if plan.loop else None  # noqa: S307  the strategy wrote it
            begun = [int(one[len(key) + 1 :].partition("]")[0]) for one in self.rows if one.startswith(f"{key}[")]
            return [Entered(key, count, max(begun, default=-1) + 1)]
        self.rows[key] = "running"
        self.running.append(key)
        return []

    def end(self, key: str, end: End) -> Ended:
        self.ends[key] = self.rows[key] = end
        return Ended(key, end)

    def step(self, pick: random.Random) -> list[Decision]:
        """One of the running leaves ends."""
        key = pick.choice(sorted([*self.running, *self.stopping]))
        if key in self.stopping:
            self.stopping.remove(key)
            return self.feed(self.end(key, End.CANCELLED))
        self.running.remove(key)
        return self.feed(self.end(key, self.outcome(key)))

    def play(self, pick: random.Random, steps: int | None = None) -> None:
        """Go on to the end, or so many steps."""
        while (self.running or self.stopping) and steps != 0:
            self.step(pick)
            steps = None if steps is None else steps - 1


def started(package: Any, seed: int) -> World:
    world = World(plan_run(package), seed)
    world.feed(Begin())
    return world


# -- the oracle -------------------------------------------------------------------------------------------------------


def expected(tasks: Iterable[Task], scope: str, world: World, ends: dict[str, End]) -> End:
    """How a DAG ends, task by task in order, as slowly and plainly as can be said."""
    handlers = {one.name for one in tasks if one.name.startswith("exit-handler-")}
    worst = End.OUTPUTS
    for one in tasks:  # each stands behind what it waits for
        key = f"{scope}/{one.name}"
        before = [ends[f"{scope}/{name}"] for name in one.after]
        if (not one.waits_for_end and any(end is not End.OUTPUTS for end in before)) or one.condition == "1 == 2":
            ends[key] = End.NOT_TRIGGERED
        elif one.items is not None:
            inner = [expected(one.body or (), f"{key}[{number}]", world, ends) for number in range(len(one.items))]
            ends[key] = End.FAILED if End.FAILED in inner else End.OUTPUTS
        elif one.body is not None:
            ends[key] = expected(one.body, key, world, ends)
        else:
            ends[key] = world.outcome(key)
        is_exit_task = one.waits_for_end and any(name in handlers for name in one.after)
        if ends[key] is End.FAILED and not is_exit_task:
            worst = End.FAILED
    return worst


SEEDS = st.integers(0, 1 << 30)


@settings(max_examples=100, deadline=None)
@given(bodies(), SEEDS, SEEDS)
def test_every_run_ends_as_its_outcomes_say_whatever_the_order(tasks: list[Task], seed: int, order: int) -> None:
    world = started(pipeline(*tasks), seed)
    world.play(random.Random(order))

    ends: dict[str, End] = {}
    whole = expected(tasks, "root", world, ends)
    assert world.machine.ended is whole
    assert world.ends == {**ends, "root": whole}


@settings(max_examples=50, deadline=None)
@given(bodies(limits=(0, 1, 2)), SEEDS, SEEDS)
def test_a_task_is_due_at_most_once_and_every_run_ends(tasks: list[Task], seed: int, order: int) -> None:
    world = started(pipeline(*tasks), seed)
    world.play(random.Random(order))

    assert world.machine.ended is not None
    assert len(world.due) == len(set(world.due))


@settings(max_examples=50, deadline=None)
@given(bodies(limits=(0, 1, 2)), SEEDS, SEEDS)
def test_decisions_do_not_depend_on_the_order_of_a_spec(tasks: list[Task], seed: int, order: int) -> None:
    shuffled = list(tasks)
    random.Random(order).shuffle(shuffled)
    one, other = World(plan_run(pipeline(*tasks)), seed), World(plan_run(pipeline(*shuffled)), seed)

    assert one.feed(Begin()) == other.feed(Begin())
    pick, same = random.Random(order), random.Random(order)
    while one.running:
        assert one.step(pick) == other.step(same)


@settings(max_examples=100, deadline=None)
@given(bodies(limits=(0, 1, 2)), SEEDS, SEEDS, st.integers(0, 12))
def test_the_rows_rebuild_the_machine_at_any_point(tasks: list[Task], seed: int, order: int, steps: int) -> None:
    lived = started(pipeline(*tasks), seed)
    lived.play(random.Random(order), steps)

    rebuilt = World(plan_run(pipeline(*tasks)), seed, lived.rows)
    rebuilt.feed(Begin())
    assert rebuilt.machine == lived.machine


@settings(max_examples=100, deadline=None)
@given(bodies(limits=(0, 1, 2)), SEEDS, SEEDS, st.integers(0, 12), st.integers(0, 6))
def test_the_rows_rebuild_the_machine_of_a_run_that_is_being_cancelled(
    tasks: list[Task], seed: int, order: int, steps: int, more: int
) -> None:
    pick = random.Random(order)
    lived = started(pipeline(*tasks), seed)
    lived.play(pick, steps)
    if lived.machine.ended is not None:
        return
    lived.feed(Cancel())
    lived.play(pick, more)

    dropped = frozenset(key for key, row in lived.rows.items() if row is End.CANCELLED)
    rebuilt = World(plan_run(pipeline(*tasks)), seed, lived.rows, resumes_cancelled=dropped)
    rebuilt.feed(Begin())
    rebuilt.feed(Cancel())
    assert rebuilt.machine == lived.machine
    assert sorted(rebuilt.stopping) == sorted(lived.stopping)


@settings(max_examples=100, deadline=None)
@given(bodies(limits=(0, 1, 2)), SEEDS, SEEDS, st.integers(0, 12))
def test_a_cancelled_run_ends_and_starts_nothing_but_exit_tasks(
    tasks: list[Task], seed: int, order: int, steps: int
) -> None:
    pick = random.Random(order)
    world = started(pipeline(*tasks), seed)
    world.play(pick, steps)
    if world.machine.ended is not None:
        return
    before = len(world.due)
    world.feed(Cancel())
    world.play(pick)

    assert world.machine.ended is not None
    assert set(world.due[before:]) <= world.shielded


# -- the whole engine -------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone, right after a commit."""


def dying(room: EngineRoom, commits: int) -> None:
    """Kill the engine after so many commits, before it acts on the last of them."""
    commit, left = room.store.commit, [commits]

    async def last(changes: Any) -> Any:
        result = await commit(changes)
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        return result

    room.store.commit = last  # type: ignore[method-assign]  the process dies here


def story_of(tasks: list[Task], seed: int, kills: list[int]) -> Story:
    """Play a run whose engine is killed again and again."""
    world = World(plan_run(pipeline(*tasks)), seed)

    def act(one: FakeTask) -> None:
        if world.outcome(one.key) is End.FAILED:
            raise ValueError("it is told to fail")

    async def body(room: EngineRoom) -> Story:
        run_id = None
        for commits in [*kills, None]:
            engine = room.engine()
            room.store.commit = type(room.store).commit.__get__(room.store)  # type: ignore[method-assign]  alive again
            if commits is not None:
                dying(room, commits)
            await engine.start()
            run_id = run_id or await room.submit(engine, pipeline(*tasks))
            with contextlib.suppress(Killed):
                await finish(engine, run_id)
            for one in engine._tasks:
                one.cancel()
            await asyncio.gather(*engine._tasks, return_exceptions=True)
            await room.launcher.close()
        assert run_id is not None
        return await room.story(run_id)

    story: Story = in_room(act, body)
    return story


STATES = {
    "SUCCEEDED": End.OUTPUTS,
    "FAILED": End.FAILED,
    "SKIPPED": End.NOT_TRIGGERED,
}


@settings(max_examples=40, deadline=None)
@given(bodies(), SEEDS, st.lists(st.integers(1, 6), max_size=4))
def test_a_run_ends_as_its_outcomes_say_however_often_the_engine_is_killed(
    tasks: list[Task], seed: int, kills: list[int]
) -> None:
    logging.disable(logging.CRITICAL)  # an engine that is killed says so
    try:
        story = story_of(tasks, seed, kills)
    finally:
        logging.disable(logging.NOTSET)

    ends: dict[str, End] = {}
    whole = expected(tasks, "root", World(plan_run(pipeline(*tasks)), seed), ends)
    assert STATES[story.run.state.value] is whole
    assert {f"root/{key}": STATES[state] for key, state in story.states.items()} == ends
    assert [one.number for one in story.attempts] == [1] * len(story.attempts)
    assert [event.seq for event in story.events] == list(range(1, len(story.events) + 1))
