"""Values against their declared types, inside a run and at its border."""

import json

import pytest

from wherry.errors import InvalidArgumentError, SpecError
from wherry.ir.spec import (
    ComponentInputsSpec,
    ComponentSpec,
    DagSpec,
    InputArtifactSpec,
    InputParameterSpec,
    Json,
    ParameterType,
    PipelineInfo,
    PipelineSpec,
)
from wherry.ir.types import check_arguments, coerce_parameter, parameter_text, parse_argument, root_inputs

T = ParameterType


def coerced(value: Json, kind: ParameterType) -> Json:
    return coerce_parameter(value, InputParameterSpec(parameter_type=kind), name="rows")


def pipeline(artifact: InputArtifactSpec | None = None, **parameters: InputParameterSpec) -> PipelineSpec:
    inputs = ComponentInputsSpec(parameters=parameters, artifacts={"data": artifact} if artifact else {})
    root = ComponentSpec(dag=DagSpec(), input_definitions=inputs)
    return PipelineSpec(pipeline_info=PipelineInfo(name="p"), root=root, schema_version="2.1.0")


ROWS = InputParameterSpec(parameter_type=T.NUMBER_INTEGER)
TITLE = InputParameterSpec(parameter_type=T.STRING, default_value="none", is_optional=True)
NOTE = InputParameterSpec(parameter_type=T.STRING, is_optional=True)


@pytest.mark.parametrize(
    ("value", "kind", "result"),
    [
        (3, T.NUMBER_INTEGER, 3),
        (3.0, T.NUMBER_INTEGER, 3),
        (2**60 + 1, T.NUMBER_INTEGER, 2**60 + 1),
        (3, T.NUMBER_DOUBLE, 3.0),
        (0.1, T.NUMBER_DOUBLE, 0.1),
        (True, T.BOOLEAN, True),
        ([1, "a"], T.LIST, [1, "a"]),
        ((1,), T.LIST, [1]),
        ({"a": 1}, T.STRUCT, {"a": 1}),
        ({"state": "FAILED"}, T.TASK_FINAL_STATUS, {"state": "FAILED"}),
        ("a", T.STRING, "a"),
        (3.0, T.STRING, "3"),
        (False, T.STRING, "false"),
        ([1, {"b": None}], T.STRING, '[1,{"b":null}]'),
        (None, T.PARAMETER_TYPE_ENUM_UNSPECIFIED, None),
        ([None], T.PARAMETER_TYPE_ENUM_UNSPECIFIED, [None]),
    ],
)
def test_a_value_becomes_one_of_the_declared_type(value: Json, kind: ParameterType, result: Json) -> None:
    assert (coerced(value, kind), type(coerced(value, kind))) == (result, type(result))


@pytest.mark.parametrize(
    ("value", "kind", "says"),
    [
        ("3", T.NUMBER_INTEGER, "input 'rows' is NUMBER_INTEGER and takes a whole number, got the text '3'"),
        (2.5, T.NUMBER_INTEGER, "input 'rows' is NUMBER_INTEGER and takes a whole number, got 2.5"),
        (True, T.NUMBER_INTEGER, "input 'rows' is NUMBER_INTEGER and takes a whole number, got true"),
        (True, T.NUMBER_DOUBLE, "input 'rows' is NUMBER_DOUBLE and takes a number, got true"),
        (10**400, T.NUMBER_DOUBLE, "input 'rows' is NUMBER_DOUBLE and takes a number, got 1" + "0" * 79),
        (float("inf"), T.NUMBER_DOUBLE, "input 'rows' is NUMBER_DOUBLE and takes a number, got inf"),
        (1, T.BOOLEAN, "input 'rows' is BOOLEAN and takes true or false, got 1"),
        ("[1]", T.LIST, "input 'rows' is LIST and takes a list, got the text '[1]'"),
        ([1], T.STRUCT, "input 'rows' is STRUCT and takes a mapping, got a list"),
        (None, T.STRING, "input 'rows' is STRING and takes a text, got null"),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(value: Json, kind: ParameterType, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        coerced(value, kind)

    assert caught.value.message == says


def test_null_passes_where_the_input_is_optional() -> None:
    assert coerce_parameter(None, NOTE, name="note") is None


def test_a_value_must_be_one_of_the_literals() -> None:
    spec = InputParameterSpec(parameter_type=T.NUMBER_INTEGER, literals=(1, 2))

    assert coerce_parameter(2, spec, name="n") == 2
    with pytest.raises(SpecError, match="input 'n' is 3, and only 1, 2 are allowed"):
        coerce_parameter(3, spec, name="n")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"), (-0.5, "-0.5"), (1e20, "1" + "0" * 20), (1e-7, "0.0000001"), (1e300, "1" + "0" * 300),
        (0.1, "0.1"), (2**70, str(2**70)), (True, "true"), (None, ""), ("a b", "a b"),
        ({"b": 1, "a": ["ü"]}, '{"a":["ü"],"b":1}'),
    ],
)  # fmt: skip
def test_a_value_as_text_has_the_form_of_kfps_launcher(value: Json, text: str) -> None:
    assert parameter_text(value) == text


def test_arguments_come_back_with_their_declared_types_and_no_defaults() -> None:
    assert json.dumps(check_arguments(pipeline(rows=ROWS, title=TITLE), {"rows": 3.0})) == '{"rows": 3}'


def test_root_inputs_are_arguments_then_defaults_then_null() -> None:
    spec = pipeline(rows=ROWS, title=TITLE, note=NOTE)

    assert root_inputs(spec, {"rows": 3}) == {"rows": 3, "title": "none", "note": None}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"rows": 1, "titel": "x"}, "pipeline 'p' has no parameter 'titel'.\n  hint: Did you mean 'title'?"),
        ({"rows": 1, "zzz": "x"}, "pipeline 'p' has no parameter 'zzz'.\n  hint: The parameters here are 'rows', 'title'."),
        ({}, "parameter 'rows' has no value and no default.\n  hint: Give it a whole number."),
        ({"rows": "3"}, "parameter 'rows' is NUMBER_INTEGER and takes a whole number, got the text '3'."),
        ({"rows": 1, "title": 3}, "parameter 'title' is STRING and takes a text, got 3."),
        ({"rows": 1, "title": "a\0"}, "parameter 'title' holds a text with a NUL character or half of a surrogate pair."),
        ({"rows": float("nan")}, "parameter 'rows' holds nan, which is no finite number."),
        ({"rows": {1}}, "parameter 'rows' holds a set, which is no JSON value."),
        (
            {"rows": "a", "title": 1},
            ("parameter 'rows' is NUMBER_INTEGER and takes a whole number, got the text 'a'; "
            "parameter 'title' is STRING and takes a text, got 1."),
        ),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_are_all_named(arguments: dict[str, Json], says: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        check_arguments(pipeline(rows=ROWS, title=TITLE), arguments)

    assert str(caught.value) == says


def test_a_pipeline_that_needs_an_artifact_cannot_be_run_by_itself() -> None:
    with pytest.raises(InvalidArgumentError, match="the pipeline needs an artifact 'data'"):
        check_arguments(pipeline(artifact=InputArtifactSpec()), {})


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("12", T.NUMBER_INTEGER, 12),
        (" -3 ", T.NUMBER_INTEGER, -3),
        ("1e-3", T.NUMBER_DOUBLE, 0.001),
        ("2", T.NUMBER_DOUBLE, 2.0),
        ("True", T.BOOLEAN, True),
        ("false", T.BOOLEAN, False),
        ("012", T.STRING, "012"),
        ("", T.STRING, ""),
        ('["a", 1]', T.LIST, ["a", 1]),
        ('{"a": [true]}', T.STRUCT, {"a": [True]}),
    ],
)
def test_a_typed_text_means_a_value_of_the_declared_type(text: str, kind: ParameterType, value: Json) -> None:
    parsed = parse_argument(text, kind, name="p")

    assert (parsed, type(parsed)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("soon", T.NUMBER_INTEGER), ("2.5", T.NUMBER_INTEGER), ("1_0", T.NUMBER_INTEGER), ("", T.NUMBER_INTEGER),
        ("9" * 5000, T.NUMBER_INTEGER), ("nan", T.NUMBER_DOUBLE), ("x", T.NUMBER_DOUBLE), ("1", T.BOOLEAN),
        ("a,b", T.LIST), ('{"a": 1}', T.LIST), ("[NaN]", T.LIST), ("[" * 100_000, T.LIST), ("[1]", T.STRUCT),
    ],
)  # fmt: skip
def test_a_text_of_another_type_is_refused_with_an_example(text: str, kind: ParameterType) -> None:
    with pytest.raises(InvalidArgumentError, match=f"parameter 'seconds' is {kind.value} and takes") as caught:
        parse_argument(text, kind, name="seconds")

    assert caught.value.hint.startswith("Write it like seconds=")
