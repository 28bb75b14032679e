"""Where kfp 2.17.0 refuses a right pipeline or compiles it wrongly, wherry does what the documentation says.

Each case shows what kfp does, so that a change there is noticed.
"""

from __future__ import annotations

import pytest

from wherry.compiler import compile_package
from wherry.ir.validate import validate

HEAD = """\
from typing import List

from kfp import dsl


@dsl.component(base_image="i")
def say(text: str) -> str:
    return text


@dsl.component(base_image="i")
def half(x: float) -> float:
    return x / 2


@dsl.component(base_image="i")
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component(base_image="i")
def total(numbers: list) -> int:
    return sum(numbers)


@dsl.component(base_image="i")
def texts() -> List[str]:
    return ["a"]


@dsl.component(base_image="i")
def flip() -> bool:
    return True


"""

REFUSED_BY_KFP = {
    "items are dicts with values of several types": """
@dsl.pipeline
def p():
    with dsl.ParallelFor([{"C": 0.1, "solver": "lbfgs", "n": 1}, {"C": 1, "solver": "saga", "n": 2}]) as item:
        half(x=item.C)
        say(text=item.solver)
        add(a=item.n)
""",
    "the key of an item crosses the border of a condition": """
@dsl.pipeline
def p():
    with dsl.ParallelFor([{"a": "x", "b": "y"}]) as item:
        with dsl.If(item.a == "x"):
            say(text=item.b)
""",
    "a condition around a loop, and one in it": """
@dsl.pipeline
def p(n: int = 1):
    with dsl.If(n == 1):
        with dsl.ParallelFor([{"a": "x"}]) as item:
            with dsl.If(item.a == "x"):
                say(text=item.a)
""",
    "one dsl.Collected for two tasks": """
@dsl.pipeline
def p() -> list:
    with dsl.ParallelFor([1, 2]) as x:
        summed = add(a=x)
    everything = dsl.Collected(summed.output)
    total(numbers=everything)
    total(numbers=everything)
    return everything
""",
    "annotations as texts": """
@dsl.component(base_image="i")
def later(x: "int", y: "List[str]" = None) -> "int":
    return x


@dsl.pipeline
def p():
    later(x=1)
""",
    "a union with None": """
@dsl.component(base_image="i")
def maybe(x: int | None = None):
    pass


@dsl.pipeline
def p(text: str | None = None):
    maybe()
""",
    "a key called name": """
@dsl.pipeline
def p(rows: list):
    with dsl.ParallelFor([{"name": "a"}]) as item:
        say(text=item.name)
""",
    "the default of an input, where failures are ignored": """
@dsl.pipeline
def p():
    add(a=1).after(say(text="a")).ignore_upstream_failure()
""",
}


def compiled(body, both, tmp_path):
    path = tmp_path / "right.py"
    path.write_text(HEAD + body.strip("\n") + "\n", encoding="utf-8")
    return both(path)


@pytest.mark.parametrize("reason", REFUSED_BY_KFP)
def test_kfp_refuses_it_and_wherry_compiles_it(reason, both, tmp_path):
    source = compiled(REFUSED_BY_KFP[reason], both, tmp_path)

    with pytest.raises(Exception):  # noqa: B017, PT011  AssertionError and worse
        source.compile("kfp")

    assert validate(compile_package(source.load("wherry").p)) == ()


def specs(body, both, tmp_path):
    source = compiled(body, both, tmp_path)
    kfp = source.compile("kfp")["p"].spec
    return kfp, compile_package(source.load("wherry").p).spec


def test_the_key_of_an_item_in_a_text_comes_from_the_item(both, tmp_path):
    kfp, ours = specs(
        """
@dsl.pipeline
def p():
    with dsl.ParallelFor([{"a": "x"}]) as item:
        say(text=f"value {item.a}")
""",
        both,
        tmp_path,
    )

    name = "pipelinechannel--loop-item-param-1-subvar-a"
    dangling = kfp.root.dag.tasks["for-loop-2"].inputs.parameters[name]
    assert dangling.component_input_parameter == "loop-item-param-1-subvar-a"
    assert "loop-item-param-1-subvar-a" not in kfp.root.input_definitions.parameters
    task = ours.components["comp-for-loop-2"].dag.tasks["say"]
    assert task.inputs.parameters[name].component_input_parameter == "pipelinechannel--loop-item-param-1"
    assert task.inputs.parameters[name].parameter_expression_selector == 'parseJson(string_value)["a"]'


def test_a_loop_in_a_condition_does_not_need_its_own_item_from_outside(both, tmp_path):
    kfp, ours = specs(
        """
@dsl.pipeline
def p(n: int = 1):
    with dsl.If(n == 1):
        with dsl.ParallelFor([{"a": "x"}]) as item:
            say(text=item.a)
""",
        both,
        tmp_path,
    )

    assert (
        "pipelinechannel--loop-item-param-2-subvar-a" in kfp.components["comp-condition-1"].input_definitions.parameters
    )
    assert list(ours.components["comp-condition-1"].input_definitions.parameters) == ["pipelinechannel--n"]


def test_a_task_after_an_open_chain_of_branches_is_not_a_branch(both, tmp_path):
    kfp, ours = specs(
        """
@dsl.pipeline
def p(n: int = 1):
    with dsl.If(n == 1):
        say(text="1")
    with dsl.Elif(n == 2):
        say(text="2")
    say(text="after")
""",
        both,
        tmp_path,
    )

    assert "say-3" in kfp.components["comp-condition-branches-1"].dag.tasks
    assert set(ours.root.dag.tasks) == {"condition-branches-1", "say-3"}


def test_a_text_in_a_condition_is_quoted(both, tmp_path):
    kfp, ours = specs(
        """
@dsl.pipeline
def p(text: str):
    with dsl.If(text == "it's a \\\\ backslash"):
        say(text="1")
""",
        both,
        tmp_path,
    )

    operand = "inputs.parameter_values['pipelinechannel--text']"
    assert kfp.root.dag.tasks["condition-1"].trigger_policy.condition == f"{operand} == 'it's a \\ backslash'"
    assert ours.root.dag.tasks["condition-1"].trigger_policy.condition == f"{operand} == 'it\\'s a \\\\ backslash'"


def test_one_is_true(both, tmp_path):
    kfp, ours = specs(
        """
@dsl.pipeline
def p():
    with dsl.If(flip().output == 1):
        say(text="1")
""",
        both,
        tmp_path,
    )

    operand = "inputs.parameter_values['pipelinechannel--flip-Output']"
    assert kfp.root.dag.tasks["condition-1"].trigger_policy.condition == f"{operand} == false"
    assert ours.root.dag.tasks["condition-1"].trigger_policy.condition == f"{operand} == true"


def test_a_number_is_compared_with_a_text_as_text(both, tmp_path):
    kfp, ours = specs(
        """
@dsl.pipeline
def p(n: int):
    with dsl.If(n == "1"):
        say(text="1")
""",
        both,
        tmp_path,
    )

    operand = "int(inputs.parameter_values['pipelinechannel--n'])"
    quoted = operand.replace("'", "'")
    assert kfp.root.dag.tasks["condition-1"].trigger_policy.condition == f"'{quoted}' == '1'"
    assert ours.root.dag.tasks["condition-1"].trigger_policy.condition == f"string({operand}) == '1'"


def test_a_loop_waits_for_its_list_even_if_no_task_uses_the_item(both, tmp_path):
    kfp, ours = specs(
        """
@dsl.pipeline
def p():
    with dsl.ParallelFor(texts().output):
        say(text="1")
""",
        both,
        tmp_path,
    )

    assert list(kfp.root.dag.tasks["for-loop-1"].dependent_tasks) == []
    assert ours.root.dag.tasks["for-loop-1"].dependent_tasks == ("texts",)


def test_a_task_waits_for_the_task_that_makes_its_limit(both, tmp_path):
    kfp, ours = specs(
        """
@dsl.pipeline
def p():
    say(text="a").set_cpu_limit(say(text="2").output)
""",
        both,
        tmp_path,
    )

    assert list(kfp.root.dag.tasks["say"].dependent_tasks) == []
    assert ours.root.dag.tasks["say"].dependent_tasks == ("say-2",)


def test_the_type_of_a_list_is_no_hindrance_for_its_use_in_a_text(both, tmp_path):
    kfp, ours = specs(
        """
@dsl.pipeline
def p():
    say(text=f"all: {texts().output}")
""",
        both,
        tmp_path,
    )

    wrong = kfp.root.dag.tasks["say"].inputs.parameters["text"].runtime_value.constant.string_value
    assert wrong == "all: {{channel:task=texts;name=Output;type=typing.List[str];}}"
    right = ours.root.dag.tasks["say"].inputs.parameters["text"].runtime_value.constant
    assert right == "all: {{$.inputs.parameters['pipelinechannel--texts-Output']}}"


def test_an_input_whose_name_is_part_of_another_reaches_the_inner_group(both, tmp_path):
    kfp, ours = specs(
        """
@dsl.pipeline
def p(a: str, data: List[str]):
    with dsl.ParallelFor(data) as item:
        with dsl.If(item == "x"):
            say(text=a)
""",
        both,
        tmp_path,
    )

    assert "pipelinechannel--a" not in kfp.components["comp-condition-2"].input_definitions.parameters
    assert "pipelinechannel--a" in ours.components["comp-condition-2"].input_definitions.parameters
