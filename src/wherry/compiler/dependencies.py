"""Pass 4, ``depend``: which tasks and groups wait for which of their neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wherry.compiler.scopes import Scopes
from wherry.dsl.graph import Branches, Condition, ExitScope, Group, Loop, Source
from wherry.errors import PipelineTopologyError


def depend(root: Group, scopes: Scopes) -> Mapping[str, set[str]]:
    """For every task and group, the neighbours it waits for.

    If a task in one group uses an output from another group, the groups stand side by side somewhere above the two;
    there one waits for the other.

    Raises:
        PipelineTopologyError: Something depends on a task inside a block that it is outside of.
    """
    waits: dict[str, set[str]] = {}

    def note(consumer: str, producers: Iterable[str], *, is_data: bool) -> None:
        for producer in producers:
            upstream, downstream = scopes.diverge(producer, consumer)
            if not upstream or not downstream:
                raise PipelineTopologyError(
                    f"'{consumer}' waits for '{producer}', which it is part of.",
                    hint="Wait for tasks outside the block.",
                )
            if len(upstream) > 1:
                _check_border(consumer, producer, scopes.groups[upstream[0]], is_data=is_data)
            waits.setdefault(downstream[0], set()).add(upstream[0])

    def visit(group: Group, conditions: tuple[Source, ...]) -> None:
        match group.kind:
            case Condition(comparisons):
                operands = tuple(source for comparison in comparisons for source in comparison.sources())
                note(group.name, _producers(operands), is_data=True)
                conditions = (*conditions, *operands)
            case Loop(item) if item.items is not None:
                note(group.name, _producers([item.items]), is_data=True)
            case _:
                pass
        for task in group.tasks:
            note(task.name, _producers(task.sources()), is_data=True)
            note(task.name, task.after, is_data=False)
        for inner in group.groups:
            visit(inner, conditions)

    visit(root, ())
    return waits


def _producers(sources: Iterable[Source]) -> dict[str, None]:
    return {source.producer: None for source in sources if source.producer is not None}


def _check_border(consumer: str, producer: str, group: Group, *, is_data: bool) -> None:
    """``group`` holds ``producer`` and not ``consumer``."""
    match group.kind:
        case Loop() if is_data:
            word, hint = "ParallelFor", "Use dsl.Collected(task.output), or move the task into the loop."
        case Branches() if is_data:
            word, hint = "If", "Use dsl.OneOf over an output of each branch."
        case Condition(word=word):
            hint = f"Move the task into the dsl.{word} block, or use dsl.OneOf over outputs of If and Else."
        case ExitScope():
            word, hint = (
                "ExitHandler",
                "Move the task into the dsl.ExitHandler block, or wait for the block by after().",
            )
        case _:
            return
    raise PipelineTopologyError(
        f"Task '{consumer}' depends on task '{producer}' inside a dsl.{word} block that it is outside of.", hint=hint
    )
