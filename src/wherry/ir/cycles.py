"""Cycles in a graph of names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping


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
        path: dict[str, Iterator[str]] = {start: iter(edges[start])}
        while path:
            name, following = next(reversed(path.items()))
            for target in following:
                if target in path:
                    names = list(path)
                    return (*names[names.index(target) :], target)
                if target in edges and target not in finished:
                    path[target] = iter(edges[target])
                    break
            else:
                finished.add(name)
                del path[name]
    return ()
