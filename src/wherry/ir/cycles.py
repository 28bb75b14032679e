"""Cycles in a graph of names."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def find_cycle(edges: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The names along one cycle, first and last the same; empty if there is none.

    Linear in names and edges, and not recursive: a chain may be as long as memory allows.

    Args:
        edges: For every name those it points to. Names that are no key are ignored.
    """
    finished: set[str] = set()
    for start in edges:
        if start in finished:
            continue
        path = [start]
        on_path = {start}
        following = [iter(edges[start])]
        while path:
            for target in following[-1]:
                if target in on_path:
                    return (*path[path.index(target) :], target)
                if target in edges and target not in finished:
                    path.append(target)
                    on_path.add(target)
                    following.append(iter(edges[target]))
                    break
            else:
                following.pop()
                done = path.pop()
                on_path.remove(done)
                finished.add(done)
    return ()
