"""Blocks of a pipeline function: conditions, loops, and scopes with an exit task."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, ClassVar, Self

from wherry.dsl import graph, tracing
from wherry.dsl.channels import Channel, Collected, ConditionExpression, LoopItemChannel, source_of
from wherry.dsl.graph import Comparison, LoopItem, LoopItemKey, Source
from wherry.dsl.tasks import PipelineTask
from wherry.dsl.tracing import OpenGroup, Trace
from wherry.dsl.value_types import ASSUMED, ArtifactType, Kind, ParameterType, item_type, type_of_constant
from wherry.errors import PipelineTopologyError


class Block:
    """A group of tasks, opened by ``with``."""

    waits_as: ClassVar[str]
    """What ``task.after(block)`` calls it."""

    def __init__(self, prefix: str, kind: Callable[[], graph.GroupKind], name: str | None) -> None:
        self._word = type(self).__name__
        self._trace = tracing.required(f"dsl.{self._word}")
        self._group = OpenGroup(prefix, 0, kind, display_name=name or "", word=self._word)

    def __init_subclass__(cls) -> None:
        cls.waits_as = cls.__name__

    @property
    def name(self) -> str:
        """Name of the group in the pipeline, such as ``for-loop-2``."""
        return self._group.name

    @property
    def display_name(self) -> str | None:
        """Name that people see, if one was given."""
        return self._group.display_name or None

    def __enter__(self) -> Any:
        self._open()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._trace.leave()

    def _open(self) -> None:
        self._group.number = self._trace.next_number()
        self._trace.enter(self._group)


class ExitHandler(Block):
    """Runs ``exit_task`` when all tasks of the block have ended, however they ended.

    Args:
        exit_task: A task without dependencies. It may take a `PipelineTaskFinalStatus`.
        name: Name that people see.
    """

    def __init__(self, exit_task: PipelineTask, name: str | None = None) -> None:
        super().__init__("exit-handler", lambda: graph.ExitScope(exit_task.freeze()), name)
        if not isinstance(exit_task, PipelineTask):
            raise PipelineTopologyError(
                f"dsl.ExitHandler takes a task, not {exit_task!r}.", hint="Pass the task itself."
            )
        producers = [c.task_name for c in exit_task.channel_inputs if not isinstance(c, LoopItemChannel)]
        if exit_task.dependent_tasks or any(producers):
            raise PipelineTopologyError(
                f"The exit task '{exit_task.name}' depends on other tasks.",
                hint="Give it constants and inputs of the pipeline only; PipelineTaskFinalStatus says how the block ended.",
            )
        self.exit_task = exit_task
        exit_task.is_exit_handler = True
        self._trace.take_out(exit_task)


class _ConditionBlock(Block):
    """What If, Elif and Else share."""

    def __init__(self, comparisons: tuple[Comparison, ...], name: str | None) -> None:
        super().__init__("condition", lambda: graph.Condition(comparisons, self._word), name)
        self._comparisons = comparisons
        self._group.comparisons = comparisons


class If(_ConditionBlock):
    """Runs the block if a comparison holds.

    Args:
        condition: A comparison such as ``task.output == "x"``, with ``==``, ``!=``, ``<``, ``<=``, ``>`` or ``>=``. One
            side at least must be a value of the pipeline.
        name: Name that people see.
    """

    def __init__(self, condition: object, name: str | None = None) -> None:
        super().__init__((_comparison(condition, type(self).__name__),), name)


class Condition(If):
    """Old name of `If`."""

    def __enter__(self) -> Any:
        warnings.warn("dsl.Condition is deprecated; use dsl.If.", DeprecationWarning, stacklevel=2)
        return super().__enter__()


class Elif(_ConditionBlock):
    """Runs the block if a comparison holds and none before it in the chain does. Follows If or Elif.

    Args:
        condition: As for `If`.
        name: Name that people see.
    """

    def __init__(self, condition: object, name: str | None = None) -> None:
        before = _chain_so_far(tracing.required("dsl.Elif"), "Elif")
        super().__init__((*_none_of(before), _comparison(condition, "Elif")), name)

    def __enter__(self) -> Self:
        _open_branches(self._trace)
        self._open()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._trace.leave()
        self._trace.leave()  # the group of the branches: tasks that follow are not part of it


class Else(_ConditionBlock):
    """Runs the block if no comparison before it in the chain holds. Follows If or Elif.

    Args:
        name: Name that people see.
    """

    def __init__(self, name: str | None = None) -> None:
        before = _chain_so_far(tracing.required("dsl.Else"), "Else")
        super().__init__(_none_of(before), name)

    def __enter__(self) -> Self:
        _open_branches(self._trace)
        self._open()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._trace.leave()
        self._trace.leave()


class ParallelFor(Block):
    """Runs the block once per item; the ``with`` statement gives the item.

    Args:
        items: A list (not empty), or a value of the pipeline that is a list of parameters or artifacts. If items are
            dicts, ``item.key`` is the value under a key.
        name: Name that people see.
        parallelism: Most iterations at once. Default: no limit.
    """

    def __init__(self, items: Any, name: str | None = None, parallelism: int | None = None) -> None:
        limit = parallelism or 0
        if limit < 0:
            raise PipelineTopologyError(
                f"The parallelism of dsl.ParallelFor is {limit}; expected 0 (no limit) or more."
            )
        super().__init__("for-loop", lambda: graph.Loop(self._item, self._raw, limit), name)
        self._raw: Any = None
        if isinstance(items, Channel):
            self._item = _item_of_source(source_of(items))
        else:
            self._raw = _checked_items(items)
            self._item = _item_of_list(self._raw, self._trace.next_number())

    def __enter__(self) -> Any:
        self._open()
        return LoopItemChannel(self._item)


def _comparison(condition: object, word: str) -> Comparison:
    if isinstance(condition, ConditionExpression):
        return condition.comparison
    if isinstance(condition, bool):
        raise PipelineTopologyError(
            f"dsl.{word} got the constant {condition}.",
            hint="Compare an output of a task or an input of the pipeline, such as 'task.output == 1'.",
        )
    raise PipelineTopologyError(
        f"dsl.{word} takes a comparison, not {condition!r}.", hint="Write it as 'task.output == True'."
    )


def _chain_so_far(trace: Trace, word: str) -> tuple[Comparison, ...]:
    """The comparisons of the chain that a new Elif or Else continues, each as the author wrote it."""
    groups = trace.innermost.groups
    last = groups[-1] if groups else None
    if last is not None and last.prefix == "condition-branches":
        last = last.groups[-1]
    if last is None or last.word not in {"If", "Condition", "Elif"}:
        raise PipelineTopologyError(
            f"dsl.{word} does not follow a dsl.If or dsl.Elif.",
            hint=f"Put 'with dsl.{word}' right after the block it belongs to.",
        )
    return tuple(comparison.changed(negated=False) for comparison in last.comparisons)


def _none_of(comparisons: tuple[Comparison, ...]) -> tuple[Comparison, ...]:
    return tuple(comparison.changed(negated=True) for comparison in comparisons)


def _open_branches(trace: Trace) -> None:
    """Enter the group that holds the chain, made when the first Elif or Else comes."""
    last = trace.innermost.groups[-1]
    if last.prefix == "condition-branches":
        trace.reenter(last)
        return
    # The If had no group around it so far. Group and If get the numbers they would have if it had been there first.
    branches = OpenGroup("condition-branches", last.number, graph.Branches)
    last.number = trace.next_number()
    trace.wrap_last(branches)


def _checked_items(items: Any) -> list[Any]:
    if isinstance(items, Collected):
        raise PipelineTopologyError("dsl.ParallelFor cannot loop over dsl.Collected.", hint="Pass it through a task.")
    if not isinstance(items, list | tuple):
        raise PipelineTopologyError(
            f"dsl.ParallelFor takes a list or a value of the pipeline, not {items!r}.", hint="Pass a list."
        )
    if not items:
        raise PipelineTopologyError("dsl.ParallelFor got an empty list.", hint="Give it at least one item.")
    return list(items)


def _item_of_source(items: Source) -> LoopItem:
    if isinstance(items, graph.CollectedOutput):
        raise PipelineTopologyError("dsl.ParallelFor cannot loop over dsl.Collected.", hint="Pass it through a task.")
    name = f"{items.name}-loop-item"
    match items.type:
        case ArtifactType(is_list=False):
            raise PipelineTopologyError(
                f"dsl.ParallelFor got '{items.full_name}', a single artifact.", hint="Loop over a list of artifacts."
            )
        case ArtifactType() as artifacts:
            return LoopItem(name, artifacts.changed(is_list=False), items)
        case ParameterType() as parameter:
            if parameter.kind is not Kind.LIST and not isinstance(items, LoopItemKey):
                raise PipelineTopologyError(
                    f"dsl.ParallelFor got '{items.full_name}', which is {parameter}, not a list.",
                    hint="Loop over a parameter that is declared as a list.",
                )
            return LoopItem(name, item_type(parameter), items)


def _item_of_list(items: list[Any], number: int) -> LoopItem:
    name = f"loop-item-param-{number}"
    if not all(isinstance(item, dict) for item in items):
        return LoopItem(name, _joint_type([type_of_constant(item) for item in items]))
    keys = dict.fromkeys(key for item in items for key in item)
    types = tuple((key, _joint_type([type_of_constant(item[key]) for item in items if key in item])) for key in keys)
    return LoopItem(name, ParameterType(Kind.STRUCT), key_types=types)


def _joint_type(types: list[ParameterType | None]) -> ParameterType:
    kinds = {found.kind for found in types if found is not None}
    if None in types or not kinds:
        return ASSUMED
    if kinds == {Kind.NUMBER_INTEGER, Kind.NUMBER_DOUBLE}:
        return ParameterType(Kind.NUMBER_DOUBLE)
    return ParameterType(kinds.pop()) if len(kinds) == 1 else ASSUMED
