"""What is remembered while a pipeline function runs: the open groups, the tasks so far, the names given out."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from wherry.dsl import graph
from wherry.dsl.names import NameRegister
from wherry.errors import AuthoringError, PipelineTopologyError


class TaskBuilder(Protocol):
    """A task whose settings may still change."""

    name: str

    def freeze(self) -> graph.Task:
        """The task as it is now."""
        ...


class KindBuilder(Protocol):
    """Makes the kind of a group when the trace ends."""

    def __call__(self) -> graph.GroupKind:
        """The kind, with all that the author has set by then."""
        ...


@dataclass(eq=False)
class OpenGroup:
    """A group that may still grow."""

    prefix: str
    number: int
    kind: KindBuilder
    display_name: str = ""
    parent: OpenGroup | None = None
    groups: list[OpenGroup] = field(default_factory=list)
    tasks: dict[str, TaskBuilder] = field(default_factory=dict)
    word: str = ""
    """The class that the author wrote: If, Elif, Else, ParallelFor, ExitHandler; empty for a group of branches."""
    comparisons: tuple[graph.Comparison, ...] = ()
    """Of a condition."""
    oneofs: int = 0
    """How many dsl.OneOf have been made of a group of branches."""

    @property
    def name(self) -> str:
        """Such as ``for-loop-2``. Two groups may swap numbers while they are open."""
        return f"{self.prefix}-{self.number}" if self.number else self.prefix

    def freeze(self) -> graph.Group:
        """The group as it is now."""
        return graph.Group(
            name=self.name,
            kind=self.kind(),
            groups=tuple(group.freeze() for group in self.groups),
            tasks=tuple(task.freeze() for task in self.tasks.values()),
            display_name=self.display_name,
        )


class Trace:
    """One pipeline function while it runs."""

    def __init__(self, name: str) -> None:
        self.root = OpenGroup("pipeline", 0, graph.Root)
        self.name = name
        self.references: dict[str, graph.Source] = {}
        """Patterns that stand for a source inside a text, filled when a channel is turned into text."""
        self._open = [self.root]
        self._names = NameRegister()
        self._group_of_task: dict[str, OpenGroup] = {}
        self._last_number = 0

    @property
    def innermost(self) -> OpenGroup:
        """The group that the next task joins."""
        return self._open[-1]

    @property
    def has_tasks(self) -> bool:
        """Whether any task has been placed."""
        return bool(self._group_of_task)

    def next_number(self) -> int:
        """Groups and raw loop items share one counter, as in KFP: their names are part of the IR."""
        self._last_number += 1
        return self._last_number

    def enter(self, group: OpenGroup) -> None:
        """Open ``group`` inside the innermost one."""
        group.parent = self.innermost
        self.innermost.groups.append(group)
        self._open.append(group)

    def reenter(self, group: OpenGroup) -> None:
        """Open the last group of the innermost one again."""
        self._open.append(group)

    def wrap_last(self, group: OpenGroup) -> None:
        """Put ``group`` around the last group of the innermost one, and open it."""
        last = self.innermost.groups.pop()
        self.enter(group)
        last.parent = group
        group.groups.append(last)

    def leave(self) -> None:
        """Close the innermost group."""
        self._open.pop()

    def claim_task_name(self, wanted: str) -> str:
        """A name that no task of this pipeline has."""
        return self._names.take(wanted or "task")

    def add_task(self, task: TaskBuilder) -> None:
        """Place ``task`` in the innermost group."""
        self.innermost.tasks[task.name] = task
        self._group_of_task[task.name] = self.innermost

    def take_out(self, task: TaskBuilder) -> None:
        """Take ``task`` out of its group: it is the exit task of a scope."""
        self._group_of_task[task.name].tasks.pop(task.name, None)

    def branches_parent(self, branches: str) -> OpenGroup:
        """The group that holds the group of branches of this name."""
        waiting = [self.root]
        while waiting:
            group = waiting.pop()
            if any(inner.name == branches for inner in group.groups):
                return group
            waiting += group.groups
        raise PipelineTopologyError(f"'{branches}' is not part of the pipeline '{self.name}'.")

    def group_of(self, task: str) -> OpenGroup:
        """The group that ``task`` was placed in."""
        if task not in self._group_of_task:
            raise PipelineTopologyError(
                f"Task '{task}' is not part of the pipeline '{self.name}'.",
                hint="Use outputs only inside the pipeline function that made them.",
            )
        return self._group_of_task[task]


_current: contextvars.ContextVar[Trace | None] = contextvars.ContextVar("wherry_trace", default=None)


def current() -> Trace | None:
    """The pipeline that is traced now, if any."""
    return _current.get()


def required(what: str) -> Trace:
    """The pipeline that is traced now.

    Raises:
        PipelineTopologyError: There is none; ``what`` names what was used outside.
    """
    trace = _current.get()
    if trace is None:
        raise PipelineTopologyError(
            f"{what} was used outside a pipeline.",
            hint="Use it inside a function decorated with @dsl.pipeline.",
        )
    return trace


@contextlib.contextmanager
def tracing(name: str) -> Iterator[Trace]:
    """Trace a pipeline in the body of the ``with``.

    Raises:
        AuthoringError: Another pipeline is being traced.
    """
    if (outer := _current.get()) is not None:
        raise AuthoringError(
            f"Pipeline '{name}' is defined inside pipeline '{outer.name}'.",
            hint="Define it at the top of the module, and call it inside the other one.",
        )
    trace = Trace(name)
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)
