"""The state machine of one run: events in, decisions out. Pure, and incremental.

Work per event is O(degree of the task): a scope (the root, a DAG task, one iteration of a loop) holds for each of its
tasks how many before it have not ended. Scopes are made when they are entered and dropped when they end, so that a
loop costs what its running iterations cost.

The machine knows nothing of attempts, inputs or the cache: it decides *when* a task is due and what its end means for
others. What a task does in between is the loop's, and comes back as `Entered` or `Ended`. The same events rebuild
the same machine; so do the same rows, replayed from the start (see docs/explanation/semantics.md).
"""

from __future__ import annotations

import enum
from collections import deque
from typing import Final, TypeAlias, assert_never

import msgspec

from wherry.engine.plan import DagPlan, DagWork, RunPlan, TaskPlan, WaitsFor
from wherry.errors import WherryBugError
from wherry.model.identity import ROOT, TaskKey, child, iteration


class End(enum.Enum):
    """How a task ended, as far as others care."""

    OUTPUTS = "outputs"  # succeeded, reused or kept: what is behind it can go on
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOT_TRIGGERED = "not-triggered"  # its condition was false, or a task before it had no outputs


# -- events -----------------------------------------------------------------------------------------------------------


class Begin(msgspec.Struct, frozen=True):
    """The run starts, or its replay does."""


class Entered(msgspec.Struct, frozen=True):
    """A DAG task's inputs are resolved and its condition holds: its own tasks may start."""

    task: TaskKey
    iterations: int | None = None
    """How many, for a loop; None for any other."""
    started: int = 0
    """In a replay: iterations below this number have rows and are started whatever else happened since."""


class Ended(msgspec.Struct, frozen=True):
    """A task that was due has ended."""

    task: TaskKey
    end: End


class Cancel(msgspec.Struct, frozen=True):
    """The run is to be cancelled."""


Event: TypeAlias = Begin | Entered | Ended | Cancel


# -- decisions --------------------------------------------------------------------------------------------------------


class Due(msgspec.Struct, frozen=True):
    """Everything the task waits for has ended as it should: resolve it. Answered by Entered or Ended."""

    task: TaskKey


class Skip(msgspec.Struct, frozen=True):
    """The task has ended without having started, because ``because`` ended without outputs."""

    task: TaskKey
    because: TaskKey


class Drop(msgspec.Struct, frozen=True):
    """The task has ended without having started, because the run is cancelled."""

    task: TaskKey


class Stop(msgspec.Struct, frozen=True):
    """The run is cancelled: stop the task, which was due. Answered by Ended."""

    task: TaskKey


class EndIteration(msgspec.Struct, frozen=True):
    """All tasks of one iteration of a loop have ended."""

    loop: TaskKey
    index: int
    end: End


class EndDag(msgspec.Struct, frozen=True):
    """All tasks of a DAG task, all iterations of a loop, or the whole run (the root) have ended, and so has it."""

    task: TaskKey
    end: End
    failed: TaskKey | None = None
    """The task inside whose failure made this one fail: the first in the order of iterations and names."""


Decision: TypeAlias = Due | Skip | Drop | Stop | EndIteration | EndDag


# -- the machine ------------------------------------------------------------------------------------------------------


class Place(msgspec.Struct, frozen=True):
    """Where a task stands."""

    plan: TaskPlan
    scope: TaskKey
    """The DAG task around it, or one iteration of a loop."""
    parent: TaskKey | None
    """The DAG or loop task around it; None for the root."""
    iteration: int | None
    """Of the innermost loop around it."""
    shielded: bool
    """It goes on when the run is cancelled: it is an exit task, or inside one."""


_NOTHING_INSIDE: Final = -1
"""Stands for a task's number where an empty scope ends: through the queue as well, so that nothing recurses."""


class _Scope:
    """Tasks of one DAG, once entered."""

    __slots__ = ("dag", "due", "ends", "index", "key", "left", "owner", "shielded", "unmet")

    def __init__(self, dag: DagPlan, key: TaskKey, owner: TaskKey, index: int | None, *, shielded: bool) -> None:
        self.dag = dag
        self.key = key
        self.owner = owner
        self.index = index
        self.shielded = shielded
        self.unmet = [len(task.upstream) for task in dag.tasks]
        self.ends: list[End | None] = [None] * len(dag.tasks)
        self.due = bytearray(len(dag.tasks))
        self.left = len(dag.tasks)

    def state(self) -> tuple[object, ...]:
        return (self.dag.name, self.owner, self.index, self.shielded, self.unmet, self.ends, bytes(self.due), self.left)


class _Loop:
    """A loop, once entered."""

    __slots__ = ("count", "failed", "limit", "next", "running", "stopped", "worst")

    def __init__(self, count: int, limit: int) -> None:
        self.count = count
        self.limit = limit or count
        self.next = 0
        self.running = 0
        self.stopped = False
        self.worst = End.OUTPUTS
        self.failed: tuple[int, TaskKey] | None = None

    def state(self) -> tuple[object, ...]:
        return (self.count, self.limit, self.next, self.running, self.stopped, self.worst, self.failed)


class Schedule:
    """The state machine of one run.

    Args:
        plan: What the run consists of.
        resumes_cancelled: For the replay of a run that is being cancelled: the tasks that have ended cancelled. They
            were dropped whatever happened before them since, and no iteration starts that has no rows. Apply
            `Cancel` once the rows are replayed. None: the run is not being cancelled.
    """

    def __init__(self, plan: RunPlan, *, resumes_cancelled: frozenset[TaskKey] | None = None) -> None:
        self._plan = plan
        self._scopes: dict[TaskKey, _Scope] = {}
        self._loops: dict[TaskKey, _Loop] = {}
        self._due: dict[TaskKey, tuple[_Scope, int]] = {}
        self._just_ended: dict[TaskKey, tuple[_Scope, int]] = {}
        self._closing = resumes_cancelled is not None
        self._dropped = resumes_cancelled or frozenset()
        self._ended: End | None = None

    @property
    def ended(self) -> End | None:
        """How the run ended; None while it has not."""
        return self._ended

    def place(self, task: TaskKey) -> Place:
        """Where a task stands that is due, or that the decisions of the last event ended. KeyError for any other."""
        scope, index = self._due.get(task) or self._just_ended[task]
        plan = scope.dag.tasks[index]
        return Place(plan, scope.key, scope.owner, scope.index, scope.shielded or plan.is_exit_task)

    def is_due(self, task: TaskKey) -> bool:
        """Whether the task has started, or may, and has not ended."""
        return task in self._due

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Schedule):
            return NotImplemented
        return self.state() == other.state()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def state(self) -> object:
        """Everything the machine remembers, as values that compare."""
        return (
            {key: scope.state() for key, scope in self._scopes.items()},
            {key: loop.state() for key, loop in self._loops.items()},
            sorted(self._due),
            self._ended,
        )

    def apply(self, event: Event) -> list[Decision]:
        """Take one event; return what follows from it, in the order in which it is to be done."""
        self._just_ended.clear()
        out: list[Decision] = []
        ends: deque[tuple[_Scope, int, End]] = deque()
        match event:
            case Ended():
                scope, index = self._due.pop(event.task)
                ends.append((scope, index, event.end))
            case Entered():
                self._enter(event, out, ends)
            case Begin():
                self._open(_Scope(self._plan.root, ROOT, ROOT, None, shielded=False), out, ends)
            case Cancel():
                self._cancel(out, ends)
            case _:
                assert_never(event)
        while ends:
            self._end(*ends.popleft(), out, ends)
        return out

    # Every method below appends its decisions to ``out`` and the ends that follow to ``ends``: a cascade through a
    # long chain, or up a deep nest, is a loop and no recursion.

    def _enter(self, event: Entered, out: list[Decision], ends: deque[tuple[_Scope, int, End]]) -> None:
        scope, index = self._due[event.task]
        task = scope.dag.tasks[index]
        if not isinstance(task.work, DagWork):
            raise WherryBugError(f"task '{event.task}' was entered and is no DAG")
        if event.iterations is None:
            dag = self._plan.dags[task.work.dag]
            inner = _Scope(dag, event.task, event.task, scope.index, shielded=scope.shielded or task.is_exit_task)
            self._open(inner, out, ends)
            return
        self._loops[event.task] = loop = _Loop(event.iterations, task.loop.parallelism if task.loop else 0)
        loop.limit = max(loop.limit, event.started)
        self._start_iterations(event.task, loop, event.started, out, ends)
        loop.limit = (task.loop.parallelism if task.loop else 0) or event.iterations
        self._check_loop(event.task, loop, out, ends)

    def _start_iterations(
        self, key: TaskKey, loop: _Loop, recorded: int, out: list[Decision], ends: deque[tuple[_Scope, int, End]]
    ) -> None:
        outer, index = self._due[key]
        task = outer.dag.tasks[index]
        assert isinstance(task.work, DagWork)  # noqa: S101  `_enter` made the loop for nothing else
        dag = self._plan.dags[task.work.dag]
        shielded = outer.shielded or task.is_exit_task
        while loop.next < loop.count and loop.running < loop.limit:
            closed = loop.stopped or (self._closing and not shielded)
            if closed and loop.next >= recorded:
                return
            number = loop.next
            loop.next += 1
            loop.running += 1
            self._open(_Scope(dag, iteration(key, number), key, number, shielded=shielded), out, ends)

    def _open(self, scope: _Scope, out: list[Decision], ends: deque[tuple[_Scope, int, End]]) -> None:
        self._scopes[scope.key] = scope
        for index, unmet in enumerate(scope.unmet):
            if unmet == 0:
                self._make_due(scope, index, out)
        if scope.left == 0:
            ends.append((scope, _NOTHING_INSIDE, End.OUTPUTS))

    def _make_due(self, scope: _Scope, index: int, out: list[Decision]) -> None:
        key = child(scope.key, scope.dag.tasks[index].name)
        scope.due[index] = 1
        self._due[key] = (scope, index)
        out.append(Due(key))

    def _end(
        self,
        scope: _Scope,
        index: int,
        end: End,
        out: list[Decision],
        ends: deque[tuple[_Scope, int, End]],
    ) -> None:
        if index != _NOTHING_INSIDE:
            scope.ends[index] = end
            scope.due[index] = 0
            scope.left -= 1
            for after in scope.dag.tasks[index].downstream:
                scope.unmet[after] -= 1
                if scope.unmet[after] == 0 and scope.ends[after] is None:
                    self._decide(scope, after, out, ends)
        if scope.left == 0:
            self._end_scope(scope, out, ends)

    def _decide(self, scope: _Scope, index: int, out: list[Decision], ends: deque[tuple[_Scope, int, End]]) -> None:
        """Everything before the task has ended."""
        task = scope.dag.tasks[index]
        if task.waits_for is WaitsFor.OUTPUTS:
            key = child(scope.key, task.name)
            before = [(scope.ends[number], number) for number in task.upstream]
            if key in self._dropped or any(end is End.CANCELLED for end, _ in before):
                self._just_ended[key] = (scope, index)
                out.append(Drop(key))
                ends.append((scope, index, End.CANCELLED))
                return
            for end, number in before:
                if end is not End.OUTPUTS:
                    because = child(scope.key, scope.dag.tasks[number].name)
                    self._just_ended[key] = (scope, index)
                    out.append(Skip(key, because))
                    ends.append((scope, index, End.NOT_TRIGGERED))
                    return
        self._make_due(scope, index, out)

    def _end_scope(self, scope: _Scope, out: list[Decision], ends: deque[tuple[_Scope, int, End]]) -> None:
        del self._scopes[scope.key]
        end, failed = _outcome(scope)
        if scope.owner == ROOT and scope.key == ROOT:
            self._ended = end
            out.append(EndDag(ROOT, end, failed))
            return
        loop = self._loops.get(scope.owner)
        if loop is None:
            self._end_dag(scope.owner, end, failed, out, ends)
            return
        index = scope.index or 0
        out.append(EndIteration(scope.owner, index, end))
        loop.running -= 1
        if end is End.FAILED:
            loop.worst = End.FAILED
            if failed is not None and (loop.failed is None or index < loop.failed[0]):
                loop.failed = (index, failed)
        elif end is End.CANCELLED and loop.worst is End.OUTPUTS:
            loop.worst = End.CANCELLED
        loop.stopped = loop.stopped or end is not End.OUTPUTS
        self._start_iterations(scope.owner, loop, 0, out, ends)
        self._check_loop(scope.owner, loop, out, ends)

    def _check_loop(self, key: TaskKey, loop: _Loop, out: list[Decision], ends: deque[tuple[_Scope, int, End]]) -> None:
        if loop.running == 0 and key in self._loops and (loop.next >= loop.count or loop.stopped or self._closing):
            del self._loops[key]
            worst = loop.worst
            if worst is End.OUTPUTS and loop.next < loop.count:
                worst = End.CANCELLED
            self._end_dag(key, worst, loop.failed[1] if loop.failed else None, out, ends)

    def _end_dag(
        self,
        key: TaskKey,
        end: End,
        failed: TaskKey | None,
        out: list[Decision],
        ends: deque[tuple[_Scope, int, End]],
    ) -> None:
        outer, index = self._just_ended[key] = self._due.pop(key)
        out.append(EndDag(key, end, failed))
        ends.append((outer, index, end))

    def _cancel(self, out: list[Decision], ends: deque[tuple[_Scope, int, End]]) -> None:
        """Drop what waits, stop what is due; exit tasks, and what is inside them, go on."""
        self._closing = True
        dropped: list[tuple[_Scope, int]] = []
        for scope in self._scopes.values():
            if scope.shielded:
                continue
            for task in scope.dag.tasks:
                index = task.index
                if task.is_exit_task or scope.ends[index] is not None:
                    continue
                key = child(scope.key, task.name)
                if not scope.due[index]:
                    scope.ends[index] = End.CANCELLED
                    self._just_ended[key] = (scope, index)
                    out.append(Drop(key))
                    dropped.append((scope, index))
                elif key not in self._scopes and key not in self._loops:
                    out.append(Stop(key))
        ends.extend((scope, index, End.CANCELLED) for scope, index in dropped)


def _outcome(scope: _Scope) -> tuple[End, TaskKey | None]:
    """How a scope ended, from its tasks. An exit task's failure is its own."""
    worst = End.OUTPUTS
    for task, end in zip(scope.dag.tasks, scope.ends, strict=True):
        if end is End.FAILED and not task.is_exit_task:
            return End.FAILED, child(scope.key, task.name)
        if end is End.CANCELLED:
            worst = End.CANCELLED
    return worst, None
