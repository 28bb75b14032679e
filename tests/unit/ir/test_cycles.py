"""Cycles are found and named, however long the way."""

import pytest

from wherry.ir.cycles import find_cycle


@pytest.mark.parametrize(
    ("edges", "cycle"),
    [
        ({}, ()),
        ({"a": ["b"], "b": []}, ()),
        ({"a": ["a"]}, ("a", "a")),
        ({"a": ["b"], "b": ["a"]}, ("a", "b", "a")),
        ({"x": ["a"], "a": ["b"], "b": ["c"], "c": ["b"]}, ("b", "c", "b")),
        ({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, ()),
        ({"a": ["elsewhere"]}, ()),
    ],
)
def test_a_cycle_is_named_by_its_members(edges: dict[str, list[str]], cycle: tuple[str, ...]) -> None:
    assert find_cycle(edges) == cycle


def test_a_long_chain_is_walked_without_recursion() -> None:
    chain = {str(n): [str(n + 1)] for n in range(100_000)}

    assert find_cycle(chain) == ()
    assert len(find_cycle({**chain, "100000": ["0"]})) == 100_002
