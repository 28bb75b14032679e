"""Pass 3, ``punch``: what every group must be given from outside, because something inside it uses it.

A group is a component of its own in the IR and sees nothing of the tasks around it: a value from outside comes in
through an input of every group on the way.
"""

from __future__ import annotations

from collections.abc import Mapping

from wherry.compiler.scopes import Scopes
from wherry.dsl.graph import Condition, Group, Loop, LoopItem, LoopItemKey, Root, Source

Needs = dict[str, dict[Source, None]]


def punch(root: Group, scopes: Scopes) -> Mapping[str, Mapping[Source, None]]:
    """For every group but the root, the sources it must be given, in the order of their first use."""
    needs: Needs = {group.name: {} for group in root.walk()}

    def visit(group: Group, conditions: tuple[Source, ...]) -> bool:
        """Returns whether there is a task in or below ``group``."""
        match group.kind:
            case Condition(comparisons):
                operands = tuple(source for comparison in comparisons for source in comparison.sources())
                for operand in operands:
                    _bring_in(operand, group.name, scopes, needs)
                    needs[group.name][operand] = None
                conditions = (*conditions, *operands)
            case Loop(item) if item.items is not None:
                _bring_in(item.items, group.name, scopes, needs, inclusive=False)
            case _:
                pass
        has_tasks = bool(group.tasks)
        for inner in group.groups:
            has_tasks |= visit(inner, conditions)
        for task in group.tasks:
            for source in task.sources():
                _bring_in(source, task.name, scopes, needs)
        if has_tasks and not isinstance(group.kind, Root):
            # KFP hands the operands of a condition on to every group inside it, used or not.
            for operand in conditions:
                _bring_in(operand, group.name, scopes, needs)
        return has_tasks

    visit(root, ())
    return needs


def _bring_in(source: Source, consumer: str, scopes: Scopes, needs: Needs, *, inclusive: bool = True) -> None:
    """Note ``source`` for every group from where it is made down to ``consumer``, itself included if it is a group."""
    path = scopes.path(consumer)
    if consumer not in scopes.groups or not inclusive:
        path = path[:-1]
    for depth in range(1, len(path)):
        seen = _as_seen_from(source, path[:depth], scopes)
        if seen is None or (seen.producer is not None and _is_made_inside(seen, path[depth], scopes)):
            continue
        needs[path[depth]][seen] = None


def _as_seen_from(source: Source, above: tuple[str, ...], scopes: Scopes) -> Source | None:
    """What stands for ``source`` in the innermost of the groups ``above``; None if it is made further in."""
    match source:
        case LoopItemKey(item):
            return _as_seen_from(item, above, scopes)
        case LoopItem(items=items):
            if any(scopes.defines(group, source) for group in above):
                return source
            return None if items is None else _as_seen_from(items, above, scopes)
        case _:
            return source


def _is_made_inside(source: Source, group: str, scopes: Scopes) -> bool:
    """Whether the task that makes ``source`` stands in ``group``; a loop's item comes from its loop, not from a task."""
    if isinstance(source, LoopItem) or source.producer is None:
        return False
    return group in scopes.path(source.producer)[:-1]
