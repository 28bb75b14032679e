"""Comparisons as CEL."""

from __future__ import annotations

import pytest

from wherry.compiler.conditions import IncomparableError, condition_text
from wherry.dsl.graph import Comparison, PipelineInput, TaskOutput
from wherry.dsl.value_types import ArtifactType, Kind, ParameterType

N = PipelineInput("n", ParameterType(Kind.NUMBER_INTEGER))
X = TaskOutput("half", "Output", ParameterType(Kind.NUMBER_DOUBLE))
TEXT = PipelineInput("text", ParameterType(Kind.STRING))
FLAG = PipelineInput("flag", ParameterType(Kind.BOOLEAN))

N_CEL = "int(inputs.parameter_values['pipelinechannel--n'])"
X_CEL = "inputs.parameter_values['pipelinechannel--half-Output']"
TEXT_CEL = "inputs.parameter_values['pipelinechannel--text']"
FLAG_CEL = "inputs.parameter_values['pipelinechannel--flag']"


@pytest.mark.parametrize(
    ("left", "right", "wanted"),
    [
        (N, 1, f"{N_CEL} == 1"),
        (N, 0.5, f"double({N_CEL}) == 0.5"),
        (X, 1, f"{X_CEL} == double(1)"),
        (X, N, f"{X_CEL} == double({N_CEL})"),
        (TEXT, "a", f"{TEXT_CEL} == 'a'"),
        (TEXT, 1, f"{TEXT_CEL} == '1'"),
        (TEXT, True, f"{TEXT_CEL} == 'true'"),
        (TEXT, N, f"{TEXT_CEL} == string({N_CEL})"),
        ("a", TEXT, f"'a' == {TEXT_CEL}"),
        (TEXT, "it's\n\\", f"{TEXT_CEL} == 'it\\'s\\n\\\\'"),
        (FLAG, True, f"{FLAG_CEL} == true"),
        (FLAG, 0, f"{FLAG_CEL} == false"),
        (FLAG, 2, f"{FLAG_CEL} == true"),
    ],
)
def test_operands_get_a_joint_type(left, right, wanted):
    assert condition_text((Comparison("==", left, right),)) == wanted


def test_several_comparisons_are_joined_and_may_be_negated():
    comparisons = (Comparison("<", N, 1, negated=True), Comparison(">=", N, 2))

    assert condition_text(comparisons) == f"!({N_CEL} < 1) && {N_CEL} >= 2"


@pytest.mark.parametrize(
    ("operand", "shown"),
    [
        (None, "None"),
        ([1], r"\[1\]"),
        (PipelineInput("data", ArtifactType("system.Dataset", "0.0.1")), "'data' of type system.Dataset@0.0.1"),
        (PipelineInput("rows", ParameterType(Kind.LIST)), "'rows' of type LIST"),
    ],
)
def test_what_cannot_be_compared_is_named(operand, shown):
    with pytest.raises(IncomparableError, match=f"A condition compares {shown}"):
        condition_text((Comparison("==", N, operand),))


def test_a_number_of_the_pipeline_is_not_compared_with_a_bool():
    with pytest.raises(IncomparableError, match="compares the number 'n' with a bool"):
        condition_text((Comparison("==", N, FLAG),))
