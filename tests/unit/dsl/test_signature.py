"""What a signature declares."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from wherry import dsl
from wherry.dsl.signature import read_interface
from wherry.dsl.value_types import ArtifactType, Kind, ParameterType
from wherry.errors import ComponentSignatureError


class Scores(NamedTuple):
    auc: float
    report: dsl.Markdown


def train(data: dsl.Input[dsl.Dataset], c: float, model: dsl.Output[dsl.Model], label: str | None = None) -> Scores:
    """Train a model.

    Args:
        data: What to train on.
        c: Inverse of
            the regularisation.

    Returns:
        auc: Area under the curve.
    """
    raise NotImplementedError((data, c, model, label))


def test_inputs_and_outputs_are_told_apart():
    interface = read_interface(train)

    assert {name: spec.type for name, spec in interface.inputs.items()} == {
        "data": ArtifactType("system.Dataset", "0.0.1"),
        "c": ParameterType(Kind.NUMBER_DOUBLE),
        "label": ParameterType(Kind.STRING),
    }
    assert {name: spec.type for name, spec in interface.outputs.items()} == {
        "model": ArtifactType("system.Model", "0.0.1"),
        "auc": ParameterType(Kind.NUMBER_DOUBLE),
        "report": ArtifactType("system.Markdown", "0.0.1"),
    }


def test_descriptions_come_from_the_docstring():
    interface = read_interface(train)

    assert interface.description == "Train a model."
    assert interface.inputs["c"].description == "Inverse of\nthe regularisation."
    assert interface.outputs["auc"].description == "Area under the curve."


def test_a_default_makes_an_input_optional_even_none():
    interface = read_interface(train)

    assert [(spec.optional, spec.default) for spec in interface.inputs.values()] == [(False, None)] * 2 + [(True, None)]


def test_annotations_written_as_texts_are_resolved_where_they_were_written():
    class Local(dsl.Artifact):
        schema_title = "system.Local"

    def inside(a: dsl.Input[Local], b: list[int] | None = None):
        raise NotImplementedError((a, b))

    interface = read_interface(inside)

    assert inside.__annotations__["a"] == "dsl.Input[Local]"
    assert interface.inputs["a"].type == ArtifactType("system.Local", "0.0.1")
    assert interface.inputs["b"].type == ParameterType(Kind.LIST, ParameterType(Kind.NUMBER_INTEGER))


def test_a_default_of_another_type_is_refused():
    def wrong(n: int = "1"):  # type: ignore[assignment]  # this is what is refused
        raise NotImplementedError(n)

    with pytest.raises(ComponentSignatureError, match="is NUMBER_INTEGER, but its default is '1' of type str"):
        read_interface(wrong)


def test_a_type_the_ir_does_not_have_is_named():
    def wrong(n: complex):
        raise NotImplementedError(n)

    with pytest.raises(ComponentSignatureError, match="parameter 'n' of 'wrong' has the annotation complex"):
        read_interface(wrong)
