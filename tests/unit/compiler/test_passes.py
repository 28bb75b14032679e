"""The passes, each on a small graph made by hand."""

from __future__ import annotations

import pytest

from wherry.compiler.dependencies import depend
from wherry.compiler.hole_punching import punch
from wherry.compiler.scopes import index
from wherry.compiler.surfacing import HandedOut, surface
from wherry.dsl.graph import (
    CollectedOutput,
    Comparison,
    ComponentDefinition,
    Condition,
    Container,
    Group,
    Interface,
    Literal,
    Loop,
    LoopItem,
    LoopItemKey,
    PipelineInput,
    Root,
    Task,
    TaskOutput,
    TaskSettings,
)
from wherry.dsl.value_types import PLAIN_LIST, Kind, ParameterType
from wherry.errors import PipelineTopologyError

STRING = ParameterType(Kind.STRING)
TEXT = PipelineInput("text", STRING)
ROWS = PipelineInput("rows", PLAIN_LIST)
COMPONENT = ComponentDefinition("c", Interface({}, {}), Container("i"))


def task(name, *sources, after=()):
    arguments = {f"x{number}": source for number, source in enumerate(sources)}
    return Task(name, COMPONENT, arguments, TaskSettings(), tuple(after))


def out(name):
    return TaskOutput(name, "Output", STRING)


def root(*groups, tasks=()):
    return Group("pipeline", Root(), groups, tuple(tasks))


def loop(name, item, *groups, tasks=(), raw=None):
    return Group(name, Loop(item, raw), groups, tuple(tasks))


def condition(name, source, *groups, tasks=()):
    return Group(name, Condition((Comparison("==", source, "a"),)), groups, tuple(tasks))


def needs(tree):
    return {
        name: [source.full_name for source in sources] for name, sources in punch(tree, index(tree)).items() if sources
    }


def test_a_value_from_outside_comes_through_every_group_on_the_way():
    inner = condition("condition-2", TEXT, tasks=[task("b", out("a"))])
    tree = root(condition("condition-1", TEXT, inner), tasks=[task("a")])

    assert needs(tree) == {"condition-1": ["text", "a-Output"], "condition-2": ["text", "a-Output"]}


def test_a_value_made_inside_a_group_does_not_come_from_outside():
    tree = root(condition("condition-1", TEXT, tasks=[task("a"), task("b", out("a"))]))

    assert needs(tree) == {"condition-1": ["text"]}


def test_outside_the_loop_its_list_is_needed_and_inside_its_item():
    item = LoopItem("rows-loop-item", STRING, ROWS)
    inside = condition("condition-3", TEXT, tasks=[task("a", LoopItemKey(item, "k", STRING))])
    tree = root(condition("condition-1", TEXT, loop("for-loop-2", item, inside)))

    found = needs(tree)

    assert found["condition-1"] == ["text", "rows"]
    assert set(found["for-loop-2"]) == {"rows", "text"}
    assert set(found["condition-3"]) == {"text", "rows-loop-item"}


def test_the_item_of_a_raw_list_is_needed_inside_the_loop_only():
    item = LoopItem("loop-item-param-1", STRING)
    inside = condition("condition-3", LoopItemKey(item, "k", STRING), tasks=[task("a")])
    tree = root(condition("condition-0", TEXT, loop("for-loop-2", item, inside, raw=[{"k": "a"}])))

    found = needs(tree)

    assert found["condition-0"] == ["text"]
    assert found["for-loop-2"] == ["text"]
    assert set(found["condition-3"]) == {"loop-item-param-1", "loop-item-param-1-subvar-k", "text"}


def test_a_value_in_a_text_is_brought_in_as_well():
    tree = root(
        condition("condition-1", TEXT, tasks=[task("b", Literal("{{x}}", {"{{x}}": out("a")}))]), tasks=[task("a")]
    )

    assert needs(tree) == {"condition-1": ["text", "a-Output"]}


def waits(tree):
    return {name: sorted(names) for name, names in depend(tree, index(tree)).items()}


def test_a_task_waits_for_what_it_uses_and_for_what_it_is_told_to():
    tree = root(tasks=[task("a"), task("b"), task("c", out("a"), after=["b"])])

    assert waits(tree) == {"c": ["a", "b"]}


def test_groups_wait_for_each_other_where_they_stand_side_by_side():
    item = LoopItem("loop-item-param-1", STRING)
    tree = root(
        loop("for-loop-2", item, tasks=[task("a")], raw=["x"]),
        condition("condition-3", TEXT, tasks=[task("b", after=["a"])]),
    )

    assert waits(tree) == {"condition-3": ["for-loop-2"]}


def test_a_group_waits_for_the_operand_of_its_condition():
    tree = root(condition("condition-1", out("a"), tasks=[task("b")]), tasks=[task("a")])

    assert waits(tree) == {"condition-1": ["a"]}


def test_an_output_cannot_leave_a_condition():
    tree = root(condition("condition-1", TEXT, tasks=[task("a")]), tasks=[task("b", out("a"))])

    with pytest.raises(PipelineTopologyError, match=r"'b' depends on task 'a' inside a dsl\.If block"):
        waits(tree)


def test_nothing_waits_for_what_it_is_part_of():
    tree = root(condition("condition-1", TEXT, tasks=[task("a", after=["condition-1"])]))

    with pytest.raises(PipelineTopologyError, match="which it is part of"):
        waits(tree)


def test_nothing_waits_for_a_task_that_is_not_there():
    with pytest.raises(PipelineTopologyError, match="Nothing can depend on 'gone'"):
        waits(root(tasks=[task("a", after=["gone"])]))


def test_a_collected_output_leaves_the_loops_one_by_one():
    outer, inner = LoopItem("loop-item-param-1", STRING), LoopItem("loop-item-param-3", STRING)
    collected = CollectedOutput(out("a"), PLAIN_LIST)
    loops = loop("for-loop-2", outer, loop("for-loop-4", inner, tasks=[task("a")], raw=["x"]), raw=["y"])
    tree = root(loops, tasks=[task("b", collected)])

    surfaced = surface(tree, {}, index(tree))

    name = "pipelinechannel--a-Output"
    assert surfaced.root.tasks[0].arguments == {"x0": TaskOutput("for-loop-2", name, PLAIN_LIST)}
    assert surfaced.handed_out == {
        "for-loop-4": {name: HandedOut((TaskOutput("a", "Output", PLAIN_LIST),), PLAIN_LIST)},
        "for-loop-2": {name: HandedOut((TaskOutput("for-loop-4", name, PLAIN_LIST),), PLAIN_LIST)},
    }


def test_a_collected_output_inside_the_loop_is_refused():
    item = LoopItem("loop-item-param-1", STRING)
    tree = root(
        loop("for-loop-2", item, tasks=[task("a"), task("b", CollectedOutput(out("a"), PLAIN_LIST))], raw=["x"])
    )

    with pytest.raises(PipelineTopologyError, match=r"is not in a dsl\.ParallelFor that the user is outside of"):
        surface(tree, {}, index(tree))
