"""Pass 1, ``index``: where every group and task stands in the tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wherry.dsl.graph import Group, Loop, LoopItem
from wherry.errors import PipelineTopologyError


@dataclass(frozen=True)
class Scopes:
    """The tree of groups, by name."""

    groups: Mapping[str, Group]
    paths: Mapping[str, tuple[str, ...]]
    """For each group and task the names from the root down to itself."""

    def diverge(self, upstream: str, downstream: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The parts of the two paths that are not shared.

        If the paths are (root, G1, G2, a) and (root, G1, b), this is ((G2, a), (b,)): G2 and b stand side by side.
        """
        first, second = self.path(upstream), self.path(downstream)
        shared = 0
        for left, right in zip(first, second, strict=False):
            if left != right:
                break
            shared += 1
        return first[shared:], second[shared:]

    def path(self, name: str) -> tuple[str, ...]:
        """Names from the root down to ``name``.

        Raises:
            PipelineTopologyError: There is no such group or task, or it is an exit task.
        """
        found = self.paths.get(name)
        if found is None:
            raise PipelineTopologyError(
                f"Nothing can depend on '{name}': it is not a task or block of the pipeline's body.",
                hint="An exit task runs last; its outputs cannot be used.",
            )
        return found

    def parent(self, name: str) -> str:
        """The group that holds ``name``."""
        return self.paths[name][-2]

    def defines(self, group: str, item: LoopItem) -> bool:
        """Whether ``group`` is the loop that ``item`` belongs to."""
        kind = self.groups[group].kind
        return isinstance(kind, Loop) and kind.item == item


def index(root: Group) -> Scopes:
    """Index the tree below ``root``."""
    groups: dict[str, Group] = {}
    paths: dict[str, tuple[str, ...]] = {}

    def visit(group: Group, above: tuple[str, ...]) -> None:
        path = (*above, group.name)
        groups[group.name] = group
        paths[group.name] = path
        for inner in group.groups:
            visit(inner, path)
        for task in group.tasks:
            paths[task.name] = (*path, task.name)

    visit(root, ())
    return Scopes(groups, paths)
