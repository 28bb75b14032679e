"""Which tasks the retry of a run keeps. Pure.

A task is kept if it ended with outputs and everything that it depends on, however far up, is kept too: what would run
again might make something else. A task that waits for the end of others, however they end, is never kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec

from wherry.engine.plan import DagPlan, DagWork, RunPlan, TaskPlan, WaitsFor
from wherry.model.identity import ROOT, TaskId, TaskKey
from wherry.model.outcomes import Kept, has_outputs
from wherry.model.runs import TaskRecord
from wherry.model.states import RuntimeState

_ITERATION = re.compile(r"\[\d+\]$")


def kept_rows(plan: RunPlan, records: Iterable[TaskRecord], new_id: Callable[[], TaskId]) -> tuple[TaskRecord, ...]:
    """The first rows of the next generation, in the order of the old ones.

    Args:
        plan: of the run.
        records: all rows of the generation that has ended.
        new_id: gives a fresh task id.
    """
    rows = {record.key: record for record in records}
    keeper = _Keeper(plan, rows)
    return tuple(
        msgspec.structs.replace(
            record,
            generation=record.generation + 1,
            id=new_id(),
            state=RuntimeState.SKIPPED,
            outcome=record.outcome if isinstance(record.outcome, Kept) else Kept(generation=record.generation),
        )
        for record in rows.values()
        if record.key != ROOT and keeper.keeps(record.key)
    )


class _Keeper:
    def __init__(self, plan: RunPlan, rows: dict[TaskKey, TaskRecord]) -> None:
        self._plan = plan
        self._rows = rows
        self._known: dict[TaskKey, bool] = {}
        self._scopes: dict[TaskKey, tuple[DagPlan | None, dict[str, int]]] = {}

    def keeps(self, key: TaskKey) -> bool:
        """Decide for a task; without recursion, since a chain may be long."""
        stack = [key]
        while stack:
            one = stack[-1]
            if one in self._known:
                stack.pop()
                continue
            needs = self._needs(one)
            if needs is None:
                self._known[one] = False
                continue
            open_ = [need for need in needs if need not in self._known]
            if open_:
                stack += open_
                continue
            self._known[one] = all(self._known[need] for need in needs)
        return self._known[key]

    def _needs(self, key: TaskKey) -> list[TaskKey] | None:
        """What has to be kept for ``key`` to be; None if it is not, whatever else is."""
        row = self._rows.get(key)
        scope, task = self._place(key)
        if row is None or row.outcome is None or not has_outputs(row.outcome):
            return None
        if task is None or task.waits_for is WaitsFor.END:
            return None
        dag, _ = self._scopes[scope]
        assert dag is not None  # noqa: S101  the task was found in it
        return [
            *(TaskKey(f"{scope}/{dag.tasks[number].name}") for number in task.upstream),
            *self._needs_of_scope(scope),
        ]

    def _needs_of_scope(self, scope: TaskKey) -> list[TaskKey]:
        """The scope's own inputs must be the same: everything before the DAG or loop task around it is kept."""
        owner = TaskKey(_ITERATION.sub("", scope))
        if owner == ROOT:
            return []
        outer, task = self._place(owner)
        if task is None:
            return [owner]
        dag, _ = self._scopes[outer]
        assert dag is not None  # noqa: S101  the task was found in it
        upstream = [TaskKey(f"{outer}/{dag.tasks[number].name}") for number in task.upstream]
        if task.waits_for is WaitsFor.END:
            # Nothing inside is kept: name a task that certainly is not.
            return [TaskKey(f"{owner}/")]
        return [*upstream, *self._needs_of_scope(outer)]

    def _place(self, key: TaskKey) -> tuple[TaskKey, TaskPlan | None]:
        scope, _, name = key.rpartition("/")
        dag, numbers = self._scope(TaskKey(scope))
        if dag is None or name not in numbers:
            return TaskKey(scope), None
        return TaskKey(scope), dag.tasks[numbers[name]]

    def _scope(self, scope: TaskKey) -> tuple[DagPlan | None, dict[str, int]]:
        found = self._scopes.get(scope)
        if found is None:
            dag = self._dag(scope)
            numbers = {task.name: task.index for task in dag.tasks} if dag is not None else {}
            found = self._scopes[scope] = (dag, numbers)
        return found

    def _dag(self, scope: TaskKey) -> DagPlan | None:
        owner = TaskKey(_ITERATION.sub("", scope))
        if owner == ROOT:
            return self._plan.root
        if not owner:
            return None
        _, task = self._place(owner)
        if task is None or not isinstance(task.work, DagWork):
            return None
        return self._plan.dags[task.work.dag]
