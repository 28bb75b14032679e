"""Pass 2, ``surface``: what groups must hand out, for dsl.Collected and dsl.OneOf.

A value made inside a loop leaves it through an output of every group between producer and consumer. After this pass no
task takes a `CollectedOutput` any more: it takes an output of the group that stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wherry.compiler.scopes import Scopes
from wherry.dsl.graph import (
    Branches,
    CollectedOutput,
    Condition,
    ExitScope,
    Group,
    Literal,
    Loop,
    OneOfOutput,
    Source,
    Task,
    TaskOutput,
)
from wherry.dsl.names import injected_input
from wherry.dsl.value_types import ValueType
from wherry.errors import PipelineTopologyError


@dataclass(frozen=True)
class HandedOut:
    """An output of a group: of one task or group inside it, or of whichever of several ran."""

    choices: tuple[TaskOutput, ...]
    type: ValueType
    is_one_of: bool = False


@dataclass(frozen=True)
class Surfaced:
    """The tree with resolved sources, and outputs of its groups, by group and name."""

    root: Group
    outputs: Mapping[str, Source]
    handed_out: Mapping[str, Mapping[str, HandedOut]]


def surface(root: Group, outputs: Mapping[str, Source], scopes: Scopes) -> Surfaced:
    """Resolve every dsl.Collected and dsl.OneOf.

    Raises:
        PipelineTopologyError: A collected value is not in a loop that the consumer is outside of.
    """
    handed_out: dict[str, dict[str, HandedOut]] = {}
    new_root = _rewritten(root, scopes, handed_out)
    resolved = {name: _resolve_returned(source, root.name, scopes, handed_out) for name, source in outputs.items()}
    return Surfaced(new_root, resolved, handed_out)


def _rewritten(group: Group, scopes: Scopes, handed_out: dict[str, dict[str, HandedOut]]) -> Group:
    _note_one_ofs(_own_sources(group), scopes, handed_out)
    return group.changed(
        groups=tuple(_rewritten(inner, scopes, handed_out) for inner in group.groups),
        tasks=tuple(_rewritten_task(task, scopes, handed_out) for task in group.tasks),
    )


def _own_sources(group: Group) -> Iterable[Source]:
    match group.kind:
        case Condition(comparisons):
            return [source for comparison in comparisons for source in comparison.sources()]
        case Loop(item) if item.items is not None:
            return [item.items]
        case _:
            return ()


def _rewritten_task(task: Task, scopes: Scopes, handed_out: dict[str, dict[str, HandedOut]]) -> Task:
    sources = list(task.sources())
    if not any(isinstance(source, CollectedOutput | OneOfOutput) for source in sources):
        return task
    _note_one_ofs(sources, scopes, handed_out)
    arguments: dict[str, Any] = {}
    for name, argument in task.arguments.items():
        match argument:
            case CollectedOutput():
                arguments[name] = _collect(argument, task.name, scopes, handed_out)
            case Literal(value, references):
                resolved = {
                    pattern: _collect(source, task.name, scopes, handed_out)
                    if isinstance(source, CollectedOutput)
                    else source
                    for pattern, source in references.items()
                }
                arguments[name] = Literal(value, resolved)
            case _:
                arguments[name] = argument
    return task.changed(arguments=arguments)


def _collect(
    collected: CollectedOutput, consumer: str, scopes: Scopes, handed_out: dict[str, dict[str, HandedOut]]
) -> TaskOutput:
    upstream, _ = scopes.diverge(collected.producer, consumer)
    between = upstream[:-1]
    _check_fan_in(collected, f"task '{consumer}'", between, scopes)
    return _hand_out(collected, between, handed_out)


def _resolve_returned(source: Source, root: str, scopes: Scopes, handed_out: dict[str, dict[str, HandedOut]]) -> Source:
    match source:
        case CollectedOutput():
            between = tuple(name for name in scopes.path(source.producer)[:-1] if name != root)
            _check_fan_in(source, "the pipeline's return", between, scopes)
            return _hand_out(source, between, handed_out)
        case OneOfOutput():
            _note_one_ofs([source], scopes, handed_out)
            return source
        case _:
            return source


def _hand_out(
    collected: CollectedOutput, between: tuple[str, ...], handed_out: dict[str, dict[str, HandedOut]]
) -> TaskOutput:
    """Hand a collected output through ``between``, from the inside out; return what it is called at the outside."""
    name = injected_input(collected.full_name)
    inner = TaskOutput(collected.producer, collected.name, collected.type)
    for group in reversed(between):
        handed_out.setdefault(group, {})[name] = HandedOut((inner,), collected.type)
        inner = TaskOutput(group, name, collected.type)
    return inner


def _check_fan_in(collected: CollectedOutput, consumer: str, between: tuple[str, ...], scopes: Scopes) -> None:
    kinds = [scopes.groups[name].kind for name in between]
    if not any(isinstance(kind, Loop) for kind in kinds):
        raise PipelineTopologyError(
            f"dsl.Collected of '{collected.full_name}' is used by {consumer}, but task '{collected.producer}' is not in a "
            "dsl.ParallelFor that the user is outside of.",
            hint="Use dsl.Collected after the loop's block, or pass the output itself inside it.",
        )
    if not isinstance(kinds[0], Loop):
        word = {Condition: "If", ExitScope: "ExitHandler", Branches: "If"}[type(kinds[0])]
        raise PipelineTopologyError(
            f"dsl.Collected of '{collected.full_name}' is used by {consumer}, but the loop is inside a dsl.{word} block "
            "that the user is outside of: it may not run at all.",
            hint=f"Move the use into the dsl.{word} block.",
        )
    if any(isinstance(kind, Branches) for kind in kinds):
        raise PipelineTopologyError(
            f"dsl.Collected of '{collected.full_name}' comes from a branch with dsl.Elif or dsl.Else inside the loop, which "
            "cannot hand out single values.",
            hint="Use dsl.OneOf over the branches, in a task of the loop, and collect that task's output.",
        )


def _note_one_ofs(sources: Iterable[Source], scopes: Scopes, handed_out: dict[str, dict[str, HandedOut]]) -> None:
    for source in sources:
        if not isinstance(source, OneOfOutput) or source.name in handed_out.get(source.producer, {}):
            continue
        choices = []
        for choice in source.choices:
            condition = scopes.parent(choice.producer)
            name = injected_input(choice.full_name)
            handed_out.setdefault(condition, {})[name] = HandedOut((choice,), choice.type)
            choices.append(TaskOutput(condition, name, choice.type))
        handed_out.setdefault(source.producer, {})[source.name] = HandedOut(tuple(choices), source.type, is_one_of=True)
