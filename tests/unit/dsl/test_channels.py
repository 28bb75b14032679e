"""Values of a pipeline cannot be used as if they were there already."""

from __future__ import annotations

import pytest

from wherry import dsl
from wherry.dsl.channels import PipelineValueError, source_of
from wherry.dsl.graph import LoopItem, LoopItemKey
from wherry.dsl.value_types import ASSUMED, Kind, ParameterType


@dsl.component(base_image="i")
def say(text: str) -> str:
    return text


def traced(body):
    """Run ``body`` inside a pipeline with one text and one list as inputs."""

    def pipeline(text: str, rows: list):
        say(text="so that there is a task")
        body(text, rows)

    return dsl.pipeline(pipeline)


def test_if_over_a_value_is_refused():
    def body(text, _rows):
        assert text

    with pytest.raises(PipelineValueError, match=r"dsl\.If"):
        traced(body)


def test_if_over_a_comparison_is_refused():
    def body(text, _rows):
        assert text == "a"

    with pytest.raises(PipelineValueError, match=r"with dsl\.If\(a == b\)"):
        traced(body)


def test_a_for_loop_over_a_value_is_refused():
    def body(_text, rows):
        list(rows)

    with pytest.raises(PipelineValueError, match=r"dsl\.ParallelFor"):
        traced(body)


def items_of(items):
    found = []

    def body(_text, _rows):
        with dsl.ParallelFor(items) as item:
            found.append(item)
            say(text="in the loop")

    traced(body)
    return found[0]


def test_keys_of_raw_items_have_types_of_their_own():
    item = items_of([{"C": 1, "solver": "a", "x": None}, {"C": 0.5, "solver": "b", "x": 1}])

    source = source_of(item)

    assert isinstance(source, LoopItem)
    assert dict(source.key_types) == {
        "C": ParameterType(Kind.NUMBER_DOUBLE),
        "solver": ParameterType(Kind.STRING),
        "x": ASSUMED,
    }


def test_a_key_may_have_the_name_of_anything():
    item = items_of([{"name": "a", "pattern": "b", "full_name": "c"}])

    keys = [source_of(channel) for channel in (item.name, item.pattern, item["full_name"])]

    assert [key.key for key in keys if isinstance(key, LoopItemKey)] == ["name", "pattern", "full_name"]


def test_an_unknown_key_is_refused_with_the_known_ones():
    item = items_of([{"a": 1}, {"b": 2}])

    with pytest.raises(
        AttributeError, match="no item of the loop has the key 'c'; there are 'a', 'b'".replace("no", "No", 1)
    ):
        _ = item.c


def test_items_that_are_no_dicts_have_no_keys():
    item = items_of([1, 2])

    with pytest.raises(AttributeError, match="NUMBER_INTEGER, not dicts"):
        _ = item.c
